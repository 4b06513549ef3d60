/* sql.h - every SQL statement that writes the store, each prepared once, and
 * the few calls to bind and run them. Values reach SQL as bound parameters
 * only. One handle, one thread. */
#ifndef RUAD_SQL_H
#define RUAD_SQL_H
#include "err.h"
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* The middle of the period of report AS r, and its UTC day, as
 * ruad_daily_day() has them. */
#define RUAD_SQL_MIDDLE "(r.begin_epoch + (r.end_epoch - r.begin_epoch) / 2)"
#define RUAD_SQL_DAY \
	"((" RUAD_SQL_MIDDLE " - (" RUAD_SQL_MIDDLE \
	" % 86400 + 86400) % 86400) / 86400)"

/* Whether a domain is another, or below it. */
#define RUAD_SQL_BELOW(name, domain) \
	"(" name " = " domain " OR substr(" name ", -length(" domain \
	") - 1) = '.' || " domain ")"

/* The sums that domain_day has, over daily AS y. */
#define RUAD_SQL_DAY_SUMS \
	"coalesce(sum(y.messages), 0) AS messages," \
	" coalesce(sum(iif(y.dkim = 1 OR y.spf = 1, y.messages, 0)), 0)" \
	"  AS messages_pass," \
	" coalesce(sum(iif(y.dkim = 2 AND y.spf = 2, y.messages, 0)), 0)" \
	"  AS messages_fail," \
	" coalesce(sum(iif(y.disposition IN (1, 2), y.messages, 0)), 0)" \
	"  AS disposition_none," \
	" coalesce(sum(iif(y.disposition = 3, y.messages, 0)), 0)" \
	"  AS disposition_quarantine," \
	" coalesce(sum(iif(y.disposition = 4, y.messages, 0)), 0)" \
	"  AS disposition_reject"

enum ruad_sql_id {
	/* the transaction, and one delivery within it */
	RUAD_SQL_BEGIN,
	RUAD_SQL_COMMIT,
	RUAD_SQL_ROLLBACK,
	RUAD_SQL_DATA_VERSION,
	RUAD_SQL_USER_VERSION,
	/* dictionaries */
	RUAD_SQL_FIND_REPORTER,
	RUAD_SQL_ADD_REPORTER,
	RUAD_SQL_FIND_DOMAIN,
	RUAD_SQL_ADD_DOMAIN,
	RUAD_SQL_SET_ORG_DOMAIN,
	RUAD_SQL_FIND_SOURCE,
	RUAD_SQL_ADD_SOURCE,
	RUAD_SQL_FIND_AUTH_SET,
	RUAD_SQL_ADD_AUTH_SET,
	RUAD_SQL_ADD_AUTH_RESULT,
	RUAD_SQL_FIND_REASON_SET,
	RUAD_SQL_ADD_REASON_SET,
	RUAD_SQL_ADD_REASON,
	/* the mail and what was refused */
	RUAD_SQL_FIND_MAIL,
	RUAD_SQL_ADD_MAIL,
	RUAD_SQL_ADD_RAW,
	RUAD_SQL_FIND_QUARANTINE,
	RUAD_SQL_ADD_QUARANTINE,
	/* the same mail read again, and taking things out of quarantine */
	RUAD_SQL_RENEW_MAIL,
	RUAD_SQL_PRUNE_MAIL,
	RUAD_SQL_LAST_MAIL,
	RUAD_SQL_DROP_RAW,
	RUAD_SQL_LIST_QUARANTINE,
	RUAD_SQL_RENEW_QUARANTINE,
	RUAD_SQL_FIND_QUARANTINED,
	RUAD_SQL_DROP_QUARANTINE,
	/* domains that we answer for, and pins */
	RUAD_SQL_FIND_REGISTERED,
	RUAD_SQL_ADD_REGISTERED,
	RUAD_SQL_DROP_REGISTERED,
	RUAD_SQL_IGNORE,
	RUAD_SQL_DROP_IGNORED,
	RUAD_SQL_FIND_PIN,
	RUAD_SQL_ADD_PIN,
	RUAD_SQL_DROP_PIN,
	/* what DNS had for them */
	RUAD_SQL_TOUCH_HISTORY,
	RUAD_SQL_ADD_HISTORY,
	RUAD_SQL_SET_LABEL,
	RUAD_SQL_DROP_LABEL,
	RUAD_SQL_ADD_SENDER_NAME,
	RUAD_SQL_DROP_SENDER_NAMES,
	RUAD_SQL_LABELS_TO_DOMAINS,
	RUAD_SQL_LABELS_TO_NAMES,
	RUAD_SQL_SET_PTR,
	RUAD_SQL_SET_GEO,
	/* the report */
	RUAD_SQL_FIND_REPORT,
	RUAD_SQL_FIND_CONFLICT,
	RUAD_SQL_FIND_READING,
	RUAD_SQL_FIND_OVERLAP,
	RUAD_SQL_PUT_REPORT,
	RUAD_SQL_ADD_CONFLICT,
	RUAD_SQL_ADD_ERROR,
	RUAD_SQL_ADD_RAW_WORD,
	RUAD_SQL_ADD_REFUSED_ROW,
	RUAD_SQL_ADD_RECORD,
	RUAD_SQL_ADD_DAILY,
	/* replacing a report */
	RUAD_SQL_COUNT_RECORDS,
	RUAD_SQL_KEEP_CONFLICT,
	RUAD_SQL_DROP_CONFLICT,
	RUAD_SQL_COUNT_DAILY,
	RUAD_SQL_SUBTRACT_DAILY,
	RUAD_SQL_CHECK_DAILY,
	RUAD_SQL_PRUNE_DAILY,
	RUAD_SQL_CHECK_DAY,
	RUAD_SQL_CLEAR_DAY,
	RUAD_SQL_RECOUNT_DAY,
	RUAD_SQL_ADD_DOMAIN_DAY,
	RUAD_SQL_DROP_DOMAIN_DAY,
	RUAD_SQL_RECOUNT_DOMAIN_DAY,
	RUAD_SQL_DROP_RECORDS,
	RUAD_SQL_DROP_RAW_WORDS,
	RUAD_SQL_DROP_REFUSED_ROWS,
	RUAD_SQL_DROP_ERRORS,
	/* expiry: from domain to domain; what is old, from (?2, ?3) on, as two
	 * numbers to go on from, about what it costs and something more */
	RUAD_SQL_NEXT_REPORT_DOMAIN,
	RUAD_SQL_NEXT_DAILY_DOMAIN,
	RUAD_SQL_OLD_RECORDS,
	RUAD_SQL_OLD_QUARANTINE,
	RUAD_SQL_OLD_RAW,
	RUAD_SQL_OLD_DAY,
	RUAD_SQL_OLD_REPORT,
	RUAD_SQL_OLD_MAIL,
	RUAD_SQL_OLD_SOURCE,
	RUAD_SQL_TAKE_SOURCE,
	RUAD_SQL_SOME_RECORDS,
	RUAD_SQL_TAKE_RECORDS,
	RUAD_SQL_TAKE_RAW_WORDS,
	RUAD_SQL_SOME_DAILY,
	RUAD_SQL_TAKE_DAILY,
	RUAD_SQL_TAKE_FROM_DAY,
	RUAD_SQL_PRUNE_DAY,
	RUAD_SQL_DROP_REPORT,
	RUAD_SQL_COUNT
};

struct ruad_sql {
	sqlite3 *db; /* owned */
	sqlite3_stmt *stmt[RUAD_SQL_COUNT]; /* owned */
};

/* Prepare all statements on q->db, which has the current schema. */
RUAD_NODISCARD enum ruad_status ruad_sql_prepare(struct ruad_sql *q,
    struct ruad_err *err);

/* Finalise the statements and close q->db. */
void ruad_sql_close(struct ruad_sql *q);

/* Tell what went wrong in the last call on `db`, which returned the SQLite
 * code rc, and what to do about it. RUAD_BAD: not a database, or a damaged
 * one; RUAD_LIMIT: it was stopped; RUAD_TEMP: all else. db may be NULL. */
enum ruad_status ruad_sql_fail(sqlite3 *db, int rc, struct ruad_err *err);

/* The same of a file that could not even be opened. */
enum ruad_status ruad_sql_fail_open(sqlite3 *db, const char *path, int rc,
    struct ruad_err *err);

/* A statement whose parameters are being bound, from left to right. Texts and
 * bytes are borrowed until it has run. */
struct ruad_bound {
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int column; /* of the last parameter that was bound */
	int rc; /* the first failure */
};

struct ruad_bound ruad_sql_bind(struct ruad_sql *q, enum ruad_sql_id id);
void ruad_sql_int(struct ruad_bound *b, int64_t value);
void ruad_sql_key(struct ruad_bound *b, int64_t key); /* 0: NULL */
void ruad_sql_text(struct ruad_bound *b, const char *text); /* NULL: NULL */
void ruad_sql_bytes(struct ruad_bound *b, const void *bytes, size_t len);

/* Run statements, constants of ours, whose rows are of no interest; or the one
 * number that one gives. Both fail like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_sql_exec(sqlite3 *db, const char *sql,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_sql_exec_int(sqlite3 *db, const char *sql,
    int *out, struct ruad_err *err);

/* Run a statement that returns no row; fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_sql_run(struct ruad_bound *b,
    struct ruad_err *err);

/* Run a statement and read the first n columns of its first row, all of them
 * integers, into out; zeros where it has no row. */
RUAD_NODISCARD enum ruad_status ruad_sql_get(struct ruad_bound *b, int64_t *out,
    int n, struct ruad_err *err);

/* Step a statement of many rows; the columns are read from b->stmt. RUAD_OK:
 * there is a row; RUAD_END: no more. Who ends before that resets b->stmt. */
RUAD_NODISCARD enum ruad_status ruad_sql_next(struct ruad_bound *b,
    struct ruad_err *err);

/* Run a statement without parameters. */
RUAD_NODISCARD enum ruad_status ruad_sql_do(struct ruad_sql *q,
    enum ruad_sql_id id, struct ruad_err *err);

#endif
