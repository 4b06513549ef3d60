/* look.c - see look.h. */
#include "look.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

sqlite3 *
look_open(const char *path)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	return db;
}

void
look_run_on(sqlite3 *db, const char *sql)
{
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
}

void
look_run(const char *path, const char *sql)
{
	sqlite3 *db = look_open(path);

	look_run_on(db, sql);
	sqlite3_close(db);
}

const char *
look_ask(const char *path, const char *sql)
{
	static char answer[300];
	sqlite3 *db = look_open(path);
	sqlite3_stmt *stmt;
	const unsigned char *text;

	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	text = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_text(stmt, 0)
						: NULL;
	snprintf(answer, sizeof(answer), "%s",
	    text != NULL ? (const char *)text : "(nothing)");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

void
look_expect(const char *path, const char *sql, const char *want)
{
	const char *got = look_ask(path, sql);

	ck_assert_msg(strcmp(got, want) == 0, "%s: %s", sql, got);
}

int
look_ask_int(const char *path, const char *sql)
{
	return atoi(look_ask(path, sql));
}

/* The roll-up, from the records. */
#define DAILY_WANTED \
	"SELECT r.policy_domain_key," \
	" CAST(floor((r.begin_epoch + (r.end_epoch - r.begin_epoch) / 2)" \
	"   / 86400.0) AS INTEGER)," \
	" coalesce(c.header_from_key, r.policy_domain_key), c.source_key," \
	" c.disposition, c.dkim, c.spf, c.dkim_alignment, c.spf_alignment," \
	" sum(c.messages), count(DISTINCT c.report_key)" \
	" FROM record AS c JOIN report AS r USING (report_key)" \
	" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"

void
look_check(const char *path)
{
	static const struct {
		const char *sql, *want;
	} truths[] = {
		{ "PRAGMA integrity_check", "ok" },
		{ "PRAGMA foreign_key_check", "(nothing)" },
		{ "SELECT count(*) FROM (SELECT * FROM daily "
		  "EXCEPT " DAILY_WANTED ")",
		    "0" },
		{ "SELECT count(*) FROM (" DAILY_WANTED
		  " EXCEPT SELECT * FROM daily)",
		    "0" },
		{ LOOK_DAYS_WANTED
		    " SELECT count(*) FROM (SELECT * FROM domain_day"
		    " EXCEPT SELECT * FROM wanted)",
		    "0" },
		{ LOOK_DAYS_WANTED " SELECT count(*) FROM (SELECT * FROM wanted"
				   " EXCEPT SELECT * FROM domain_day)",
		    "0" },
		{ "SELECT count(*) FROM report AS r WHERE"
		  " records <> (SELECT count(*) FROM record"
		  "   WHERE report_key = r.report_key)"
		  " OR messages <> coalesce((SELECT sum(messages)"
		  "   FROM record WHERE report_key = r.report_key), 0)"
		  " OR messages_pass <> coalesce((SELECT sum(messages)"
		  "   FROM v_record WHERE report_key = r.report_key"
		  "   AND dmarc = 'pass'), 0)",
		    "0" },
		{ "SELECT count(*) FROM mail AS m WHERE NOT EXISTS"
		  " (SELECT 1 FROM report WHERE mail_key = m.mail_key)"
		  " AND NOT EXISTS (SELECT 1 FROM conflict"
		  "   WHERE mail_key = m.mail_key)"
		  " AND NOT EXISTS (SELECT 1 FROM quarantine"
		  "   WHERE mail_key = m.mail_key)",
		    "0" },
	};

	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++)
		ck_assert_msg(strcmp(look_ask(path, truths[i].sql),
				  truths[i].want) == 0,
		    "%s: %s", truths[i].sql, look_ask(path, truths[i].sql));
}
