/* look.h - what other programs see in a store, and do to it. A failure ends the
 * test. */
#ifndef LOOK_H
#define LOOK_H
#include <sqlite3.h>

/* A handle of another program, which the caller closes. */
sqlite3 *look_open(const char *path);

/* Run statements on such a handle; or on one that is opened for them. */
void look_run_on(sqlite3 *db, const char *sql);
void look_run(const char *path, const char *sql);

/* The first column of the first row as a text, valid until the next call;
 * "(nothing)" where there is none or it is NULL. */
const char *look_ask(const char *path, const char *sql);
/* The same must be this. */
void look_expect(const char *path, const char *sql, const char *want);

int look_ask_int(const char *path, const char *sql);

/* What look_ask() gives must be this. */
void look_expect(const char *path, const char *sql, const char *want);

/* The file is sound, the roll-up is that of the records, and so are the totals
 * of the reports; there is no mail that left nothing. */
void look_check(const char *path);

/* The table `wanted`: what domain_day has to hold. */
#define LOOK_DAYS_WANTED \
	"WITH x AS (SELECT policy_domain_key AS k," \
	"  CAST(floor((begin_epoch + (end_epoch - begin_epoch) / 2)" \
	"   / 86400.0) AS INTEGER) AS day, count(*), sum(rows_refused)," \
	"  max(end_epoch), max(received_epoch) FROM report GROUP BY 1, 2)," \
	" y AS (SELECT x.k, x.day, total(messages) AS messages," \
	"  total(messages * (dkim = 1 OR spf = 1))," \
	"  total(messages * (dkim = 2 AND spf = 2))," \
	"  total(messages * (disposition = 1 OR disposition = 2))," \
	"  total(messages * (disposition = 3))," \
	"  total(messages * (disposition = 4))" \
	"  FROM x LEFT JOIN daily AS a" \
	"  ON a.policy_domain_key = x.k AND a.day = x.day GROUP BY 1, 2)," \
	" wanted AS (SELECT * FROM y NATURAL JOIN x)"

/* For tests that change the other tables by hand. */
#define LOOK_RECOUNT_DAYS \
	"DELETE FROM domain_day; INSERT INTO domain_day " LOOK_DAYS_WANTED \
	" SELECT * FROM wanted;"

#endif
