/* check_query.c - questions to a store: opening, rows, filters, and that each
 * is answered by indexes. What the answers should be is counted from the
 * records by other SQL. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check_main.h"
#include "make_report.h"
#include "query.h"
#include "rig.h"
#include "store.h"
#include "temp_dir.h"

#define DAY INT64_C(86400)
#define BEGIN INT64_C(1700006400) /* 2023-11-15T00:00:00Z */

static char path[200];
static sqlite3 *seen_db; /* of the last handle that was opened */

static void
new_path(void)
{
	temp_dir_enter();
	temp_dir_path(path, "store.db");
}

static int
see_db(sqlite3 *db, const char **text, const void *api)
{
	(void)text;
	(void)api;
	seen_db = db;
	return SQLITE_OK;
}

static void
fill(const struct make_report *reports, size_t count)
{
	static const struct ruad_store_settings set = { .busy_msecs = 5000 };
	struct ruad_store *s = rig_open_store(path, &set);
	struct ruad_delivery *d;

	for (unsigned i = 0; i < count; i++) {
		d = make_delivery(i, &reports[i]);
		d->received_epoch = BEGIN + i;
		ck_assert_int_eq(ruad_store_put(s, &d, 1, NULL), RUAD_OK);
		ck_assert_int_eq(d->outcome, RUAD_STORED);
		ruad_delivery_free(&d);
	}
	ruad_store_close(&s);
}

/* Three domains, three days, two reporters; one report without a record. */
static const struct make_report usual[] = {
	{ .domain = "a.example",
	    .id = "1",
	    .begin = BEGIN,
	    .records = 40,
	    .first_ip = 0xc0000201,
	    .ip_step = 1 },
	{ .domain = "a.example",
	    .id = "2",
	    .begin = BEGIN + DAY,
	    .records = 40,
	    .messages = 3,
	    .first_ip = 0xc0000211,
	    .ip_step = 1 },
	{ .domain = "b.example",
	    .org = "Other  Reporter",
	    .id = "3",
	    .begin = BEGIN + 2 * DAY,
	    .records = 7,
	    .messages = 100,
	    .first_ip = 0xc0000201 },
	{ .domain = "a.example",
	    .org = "Other  Reporter",
	    .id = "4",
	    .begin = BEGIN,
	    .records = 10,
	    .messages = 10,
	    .first_ip = 0xc0000201 },
	{ .domain = "empty.example", .id = "5", .begin = BEGIN },
};

static void
usual_store(void)
{
	new_path();
	fill(usual, COUNT(usual));
}

static void
run(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* All rows of a statement, as "a|b;c|d;". */
static const char *
ask_sql(const char *sql)
{
	static char answer[30000];
	size_t len = 0;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	answer[0] = '\0';
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++) {
			const char *t =
			    (const char *)sqlite3_column_text(stmt, i);

			len +=
			    (size_t)snprintf(answer + len, sizeof(answer) - len,
				"%s%s", i > 0 ? "|" : "", t != NULL ? t : "");
		}
		len +=
		    (size_t)snprintf(answer + len, sizeof(answer) - len, ";");
		ck_assert_uint_lt(len, sizeof(answer));
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

static struct ruad_query *
open_query(void)
{
	struct ruad_query *q;
	struct ruad_err err = { 0 };

	ck_assert_msg(ruad_query_open(path, 5000, &q, &err) == RUAD_OK, "%s",
	    err.text);
	return q;
}

/* The named columns of all rows, in the same form. */
static const char *
ask(struct ruad_query *q, enum ruad_question question,
    const struct ruad_filter *f, const char *const *columns)
{
	static char answer[30000];
	size_t len = 0;
	struct ruad_rows *rows;
	struct ruad_err err = { 0 };
	enum ruad_status st;

	st = ruad_query_ask(q, question, f, &rows, &err);
	ck_assert_msg(st == RUAD_OK, "%s", err.text);
	answer[0] = '\0';
	while ((st = ruad_rows_next(rows, &err)) == RUAD_OK) {
		for (int i = 0; columns[i] != NULL; i++) {
			const char *t = ruad_rows_text(rows, columns[i]);

			ck_assert(ruad_rows_has(rows, columns[i]));
			ck_assert(
			    ruad_rows_is_null(rows, columns[i]) == (t == NULL));
			len +=
			    (size_t)snprintf(answer + len, sizeof(answer) - len,
				"%s%s", i > 0 ? "|" : "", t != NULL ? t : "");
		}
		len +=
		    (size_t)snprintf(answer + len, sizeof(answer) - len, ";");
		ck_assert_uint_lt(len, sizeof(answer));
	}
	ck_assert_msg(st == RUAD_END, "%s", err.text);
	return answer;
}

static const char *const summary_columns[] = { "policy_domain", "messages",
	"messages_pass", "messages_fail", "disposition_none",
	"disposition_quarantine", "disposition_reject", "sources", "reporters",
	"reports", "first_day", "last_day", NULL };

/* The same from the records. */
#define SUMMARY(where) \
	"WITH c AS (SELECT v.*, date(p.begin_epoch + 43200, 'unixepoch')" \
	"  AS day FROM v_record AS v JOIN v_report AS p USING (report_key))" \
	" SELECT r.policy_domain, coalesce((SELECT sum(messages) FROM c" \
	"  WHERE c.policy_domain = r.policy_domain " where "), 0) AS n," \
	" coalesce((SELECT sum(messages) FROM c WHERE dmarc = 'pass'" \
	"  AND c.policy_domain = r.policy_domain " where "), 0)," \
	" coalesce((SELECT sum(messages) FROM c WHERE dmarc = 'fail'" \
	"  AND c.policy_domain = r.policy_domain " where "), 0)," \
	" coalesce((SELECT sum(messages) FROM c WHERE disposition IN" \
	"  ('none', 'pass')" \
	"  AND c.policy_domain = r.policy_domain " where "), 0)," \
	" coalesce((SELECT sum(messages) FROM c WHERE disposition =" \
	"  'quarantine'" \
	"  AND c.policy_domain = r.policy_domain " where "), 0)," \
	" coalesce((SELECT sum(messages) FROM c WHERE disposition = 'reject'" \
	"  AND c.policy_domain = r.policy_domain " where "), 0)," \
	" (SELECT count(DISTINCT source_ip) FROM c" \
	"  WHERE c.policy_domain = r.policy_domain " where ")," \
	" count(DISTINCT r.org_name), count(*)," \
	" (SELECT min(day) FROM c" \
	"  WHERE c.policy_domain = r.policy_domain " where ")," \
	" (SELECT max(day) FROM c" \
	"  WHERE c.policy_domain = r.policy_domain " where ")" \
	" FROM (SELECT *, date(begin_epoch + 43200, 'unixepoch') AS day" \
	"  FROM v_report) AS r WHERE true " where \
	" GROUP BY r.policy_domain ORDER BY n DESC, r.policy_domain"

START_TEST(summary)
{
	struct ruad_query *q = open_query();
	struct ruad_filter f = RUAD_FILTER_ALL;
	char wanted[4000];

	snprintf(wanted, sizeof(wanted), "%s", ask_sql(SUMMARY("")));
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, summary_columns), wanted);
	ck_assert_ptr_nonnull(strstr(wanted, "empty.example|0|"));

	f.domain = "a.example";
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, summary_columns),
	    ask_sql(SUMMARY("AND policy_domain = 'a.example'")));
	f.domain = NULL;
	f.since = BEGIN + DAY;
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, summary_columns),
	    ask_sql(SUMMARY("AND day >= '2023-11-16'")));
	f.until = BEGIN + 2 * DAY;
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, summary_columns),
	    ask_sql(SUMMARY("AND day = '2023-11-16'")));
	f.domain = "none.example";
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, summary_columns), "");
	ruad_query_close(&q);
}
END_TEST

/* 9999 of 10000 is not 100 %. */
START_TEST(summary_percent)
{
	static const char *const columns[] = { "pass_percent", NULL };
	struct ruad_query *q;
	struct ruad_filter f = RUAD_FILTER_ALL;

	f.domain = "a.example";
	run("DELETE FROM daily; DELETE FROM domain_day;"
	    "INSERT INTO daily SELECT policy_domain_key, 19000,"
	    " policy_domain_key, 1, 1, 1, 1, 2, 2, 9999, 1 FROM report"
	    " WHERE report_key = 1;"
	    "INSERT INTO daily SELECT policy_domain_key, 19000,"
	    " policy_domain_key, 1, 1, 2, 2, 0, 0, 1, 1 FROM report"
	    " WHERE report_key = 1;"
	    "INSERT INTO domain_day SELECT policy_domain_key, 19000, 10000,"
	    " 9999, 1, 10000, 0, 0, 1, 0, 0, 0 FROM report"
	    " WHERE report_key = 1");
	q = open_query();
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, columns), "99.9;");
	f.since = 0;
	ck_assert_str_eq(ask(q, RUAD_ASK_SUMMARY, &f, columns), "99.9;");
	ruad_query_close(&q);
}
END_TEST

START_TEST(sources)
{
	static const char *const columns[] = { "source_ip", "messages",
		"messages_pass", "messages_fail", "last_day", NULL };
	static const char sql[] =
	    "SELECT v.source_ip, sum(v.messages) AS n,"
	    " sum(CASE WHEN dmarc = 'pass' THEN v.messages ELSE 0 END),"
	    " sum(CASE WHEN dmarc = 'fail' THEN v.messages ELSE 0 END) AS f,"
	    " date(max(p.begin_epoch) + 43200, 'unixepoch')"
	    " FROM v_record AS v JOIN v_report AS p USING (report_key)"
	    " JOIN source AS s ON s.ip_text = v.source_ip"
	    " WHERE v.policy_domain = 'a.example' GROUP BY v.source_ip"
	    " ORDER BY f DESC, n DESC, s.ip";
	struct ruad_query *q = open_query();
	struct ruad_filter f = RUAD_FILTER_ALL;
	char wanted[4000];
	const char *got;

	f.domain = "a.example";
	snprintf(wanted, sizeof(wanted), "%s", ask_sql(sql));
	ck_assert_str_eq(ask(q, RUAD_ASK_SOURCES, &f, columns), wanted);
	f.limit = 1;
	got = ask(q, RUAD_ASK_SOURCES, &f, columns);
	*(strchr(wanted, ';') + 1) = '\0';
	ck_assert_str_eq(got, wanted);
	ruad_query_close(&q);
}
END_TEST

START_TEST(source_names)
{
	static const char *const columns[] = { "source_ip", "header_from",
		NULL };
	static const struct make_report one = { .domain = "c.example",
		.id = "9",
		.begin = BEGIN,
		.records = 7,
		.first_ip = 0xc0000263 };
	struct ruad_filter f = RUAD_FILTER_ALL;
	struct ruad_query *q;

	new_path();
	fill(&one, 1);
	q = open_query();
	f.domain = "c.example";
	/* The name of most messages first. */
	ck_assert_ptr_nonnull(strstr(ask(q, RUAD_ASK_SOURCES, &f, columns),
	    "192.0.2.99|c.example "));
	ruad_query_close(&q);
}
END_TEST

static const struct {
	struct ruad_filter filter;
	const char *ids;
} lists[] = {
	{ RUAD_FILTER_ALL, "5;4;3;2;1;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .limit = 2 }, "5;4;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .domain = "a.example" },
	    "4;2;1;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .domain = "x.example" },
	    "" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .reporter = "er rep" },
	    "" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .reporter = "other" },
	    "4;3;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .reporter = "' OR 1" },
	    "" },
	{ { .since = BEGIN + DAY, .until = INT64_MAX }, "3;2;" },
	/* what is granted, with all below it, and nothing that ends alike */
	{ { .since = INT64_MIN,
	      .until = INT64_MAX,
	      .grants = "[\"b.example\",\"empty.example\"]" },
	    "5;3;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .grants = "[\"example\"]" },
	    "5;4;3;2;1;" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .grants = "[\"xample\"]" },
	    "" },
	{ { .since = INT64_MIN, .until = INT64_MAX, .grants = "[]" }, "" },
	/* by how much passes, and from a row on */
	{ { .since = INT64_MIN,
	      .until = INT64_MAX,
	      .outcomes = 1 << RUAD_SHARE_EMPTY },
	    "5;" },
	{ { .since = INT64_MIN,
	      .until = INT64_MAX,
	      .outcomes = 1 << RUAD_SHARE_SOME | 1 << RUAD_SHARE_EMPTY },
	    "5;4;3;2;1;" },
	{ { .since = INT64_MIN,
	      .until = INT64_MAX,
	      .after_epoch = BEGIN + 2,
	      .after_key = 3,
	      .limit = 1 },
	    "2;" },
	{ { .since = INT64_MIN, .until = BEGIN + DAY }, "5;4;1;" },
	{ { .since = BEGIN + DAY,
	      .until = BEGIN + 2 * DAY,
	      .domain = "a.example",
	      .reporter = "receiver",
	      .limit = 5 },
	    "2;" },
	/* the middle of the period */
	{ { .since = BEGIN + DAY / 2, .until = BEGIN + DAY / 2 }, "" },
	{ { .since = BEGIN + DAY / 2 - 1, .until = BEGIN + DAY / 2 },
	    "5;4;1;" },
};

START_TEST(reports)
{
	static const char *const columns[] = { "report_id", NULL };
	struct ruad_query *q = open_query();

	ck_assert_str_eq(ask(q, RUAD_ASK_REPORTS, &lists[_i].filter, columns),
	    lists[_i].ids);
	/* Once more with the statement that is there already. */
	ck_assert_str_eq(ask(q, RUAD_ASK_REPORTS, &lists[_i].filter, columns),
	    lists[_i].ids);
	ruad_query_close(&q);
}
END_TEST

START_TEST(report)
{
	static const char *const columns[] = { "report_id", "policy_domain",
		"records", "rows_refused", "raw_words", "refused_rows",
		"errors", "conflicts", NULL };
	struct ruad_query *q;
	struct ruad_filter f = RUAD_FILTER_ALL;

	run("INSERT INTO raw_word VALUES (3, 1, 'disposition', 'moni\"tor');"
	    "INSERT INTO refused_row VALUES (3, 20, 'ROW_IP', 'no address');"
	    "INSERT INTO report_error VALUES (3, 7, 'late');"
	    "DELETE FROM report_error WHERE report_key = 3 AND text <> 'late'");
	q = open_query();
	f.report_key = 3;
	ck_assert_ptr_nonnull(
	    strstr(ask(q, RUAD_ASK_REPORT, &f, columns), "3|b.example|7|"));
	ck_assert_ptr_nonnull(strstr(ask(q, RUAD_ASK_REPORT, &f, columns),
	    "{\"row_no\":1,\"field\":\"disposition\","
	    "\"word\":\"moni\\\"tor\"}"));
	ck_assert_ptr_nonnull(strstr(ask(q, RUAD_ASK_REPORT, &f, columns),
	    "{\"row_no\":20,\"code\":\"ROW_IP\",\"text\":\"no address\"}"));
	ck_assert_ptr_nonnull(
	    strstr(ask(q, RUAD_ASK_REPORT, &f, columns), "|[\"late\"]|[];"));
	f.report_key = 99;
	ck_assert_str_eq(ask(q, RUAD_ASK_REPORT, &f, columns), "");
	ruad_query_close(&q);
}
END_TEST

START_TEST(records)
{
	static const char *const columns[] = { "row_no", "source_ip",
		"messages", "disposition", "dkim", "spf", "dmarc",
		"header_from", "reasons", NULL };
	static const char *const auth[] = { "auth_results", NULL };
	struct ruad_query *q = open_query();
	struct ruad_filter f = RUAD_FILTER_ALL;

	f.report_key = 4;
	ck_assert_str_eq(ask(q, RUAD_ASK_RECORDS, &f, columns),
	    ask_sql("SELECT row_no, source_ip, messages, disposition, dkim,"
		    " spf, dmarc, header_from, reasons FROM v_record"
		    " WHERE report_key = 4 ORDER BY row_no"));
	ck_assert_str_eq(ask(q, RUAD_ASK_RECORDS, &f, auth),
	    ask_sql("SELECT (SELECT json_group_array(json_object("
		    "'method', method, 'domain', domain, 'selector', selector,"
		    " 'scope', scope, 'result', result, 'alignment', alignment,"
		    " 'human_result', human_result)) FROM v_auth AS a"
		    " WHERE a.report_key = c.report_key"
		    " AND a.row_no = c.row_no) FROM record AS c"
		    " WHERE report_key = 4 ORDER BY row_no"));
	ruad_query_close(&q);
}
END_TEST

/* The largest group of failing records, and nothing of other domains. */
START_TEST(failure)
{
	static const char *const columns[] = { "messages", "of_messages",
		"method", "result", NULL };
	struct ruad_query *q;
	struct ruad_filter f = RUAD_FILTER_ALL;

	run("UPDATE record SET dkim = 1, spf = 1;"
	    "UPDATE record SET dkim = 2, spf = 2, messages = row_no,"
	    " header_from_key = NULL, reason_set_key = NULL, source_key ="
	    " (SELECT source_key FROM source WHERE ip_text = '192.0.2.1')"
	    " WHERE report_key = 1 AND row_no <= 4;"
	    "UPDATE record SET dkim = 2, spf = 2, messages = 1000"
	    " WHERE report_key = 3");
	q = open_query();
	f.domain = "a.example";
	f.source_key = atoi(ask_sql(
	    "SELECT source_key FROM source WHERE ip_text = '192.0.2.1'"));
	/* Row 1 has no results, rows 2 to 4 have three different sets. */
	ck_assert_str_eq(ask(q, RUAD_ASK_FAILURE, &f, columns),
	    "4|10|1|2;4|10|2|3;");
	f.domain = "b.example";
	ck_assert_ptr_nonnull(
	    strstr(ask(q, RUAD_ASK_FAILURE, &f, columns), "|7000|"));
	f.since = BEGIN + 10 * DAY;
	ck_assert_str_eq(ask(q, RUAD_ASK_FAILURE, &f, columns), "");
	ruad_query_close(&q);
}
END_TEST

START_TEST(failure_without_results)
{
	static const char *const columns[] = { "messages", "method", NULL };
	struct ruad_query *q;
	struct ruad_filter f = RUAD_FILTER_ALL;

	run("UPDATE record SET dkim = 1, spf = 1;"
	    "UPDATE record SET dkim = 2, spf = 2, messages = 5,"
	    " auth_set_key = NULL WHERE report_key = 1 AND row_no = 1");
	q = open_query();
	f.domain = "a.example";
	f.source_key = atoi(ask_sql("SELECT source_key FROM record"
				    " WHERE report_key = 1 AND row_no = 1"));
	ck_assert_str_eq(ask(q, RUAD_ASK_FAILURE, &f, columns), "5|;");
	ruad_query_close(&q);
}
END_TEST

/* Set the n-th filter. */
static void
set_filter(struct ruad_filter *f, unsigned n)
{
	static const unsigned char
	    first[16] = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2 };
	static const unsigned char last[16] = { [10] = 0xff,
		[11] = 0xff,
		[12] = 192,
		[14] = 2,
		[15] = 255 };

	switch (n) {
	case 1:
		f->header_from = "a.example";
		f->dispositions = 1 << 4;
		f->dmarc = 1 << 2;
		break;
	case 2:
		f->ip_first = first;
		f->ip_last = last;
		break;
	case 3:
		f->reporter = "other";
		f->trusted = true;
		f->spf = f->dkim = 1 << 1;
		break;
	case 4:
		f->selector = "s1";
		f->dkim_domain = "a.example";
		f->spf_domain = "";
		break;
	case 5: /* what the console adds */
		f->grants = "[\"example\"]";
		f->outcomes = 1 << RUAD_SHARE_SOME;
		f->odd = true;
		f->after_epoch = f->after_key = f->after_row = 1;
		break;
	case 6: /* all together */
		for (unsigned i = 1; i < n; i++)
			set_filter(f, i);
		f->until = BEGIN + 3 * DAY;
		break;
	}
}

/* Large tables are never read whole, whatever is asked for. */
START_TEST(plans)
{
	static const char *const big[] = { "record", "c", "daily", "y",
		"report", "r", "mail", "m", "source", "s" };
	struct ruad_filter f = RUAD_FILTER_ALL;
	struct ruad_query *q;
	struct ruad_rows *rows;
	sqlite3_stmt *stmt = NULL;
	static char sql[RUAD_QUESTION_BYTES + 100];
	char line[100];

	ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))see_db),
	    SQLITE_OK);
	q = open_query();
	sqlite3_reset_auto_extension();
	f.domain = _i % 2 == 0 ? "a.example" : NULL;
	f.since = _i / 2 % 2 == 0 ? BEGIN : INT64_MIN;
	f.before = _i / 2 % 2 == 0 ? BEGIN - 3 * DAY : 0;
	set_filter(&f, (unsigned)_i / 4);
	/* A list of all reports without a limit is what it says. */
	f.limit = 10;
	for (int n = 0; n < RUAD_ASK_COUNT; n++) {
		/* Sources are always those of one domain. */
		if (n >= RUAD_ASK_SOURCES && n <= RUAD_ASK_SPF_DOMAINS &&
		    f.domain == NULL)
			continue;
		/* Reading reports again, and counting them by reporter, takes
		 * a walk through them; never through their records. */
		if (n == RUAD_ASK_REPORT_KEYS || n == RUAD_ASK_REPORTERS ||
		    n == RUAD_ASK_CADENCE)
			continue;
		ck_assert_int_eq(ruad_query_ask(q, (enum ruad_question)n, &f,
				     &rows, NULL),
		    RUAD_OK);
	}
	while ((stmt = sqlite3_next_stmt(seen_db, stmt)) != NULL) {
		const char *plan;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
		    sqlite3_sql(stmt));
		plan = ask_sql(sql);
		for (size_t i = 0; i < COUNT(big); i++) {
			snprintf(line, sizeof(line), "|SCAN %s;", big[i]);
			/* The days of a domain are few. */
			if (strcmp(big[i], "y") == 0 &&
			    strstr(sql, "domain_day AS y") != NULL)
				continue;
			/* The few records of a source, by their name. */
			if (strcmp(big[i], "c") == 0 &&
			    strstr(plan, "recent;") != NULL)
				continue;
			ck_assert_msg(strstr(plan, line) == NULL,
			    "%s in the plan of %s", line, sqlite3_sql(stmt));
			/* By an index whole is still whole, but for the newest
			 * reports. */
			snprintf(line, sizeof(line), "|SCAN %s USING", big[i]);
			ck_assert_msg(strstr(plan, line) == NULL ||
				strstr(plan, "report_by_received") != NULL,
			    "%s in the plan of %s", line, sqlite3_sql(stmt));
		}
	}
	ruad_query_close(&q);
}
END_TEST

/* What is written while the handle is open is not seen. */
START_TEST(snapshot)
{
	static const char *const columns[] = { "report_id", NULL };
	struct ruad_filter f = RUAD_FILTER_ALL;
	struct ruad_query *q = open_query();

	run("DELETE FROM record; DELETE FROM report WHERE report_key > 1");
	ck_assert_str_eq(ask(q, RUAD_ASK_REPORTS, &f, columns), "5;4;3;2;1;");
	ruad_query_close(&q);
	q = open_query();
	ck_assert_str_eq(ask(q, RUAD_ASK_REPORTS, &f, columns), "1;");
	ruad_query_close(&q);
}
END_TEST

static enum ruad_status
try_open(struct ruad_err *err)
{
	struct ruad_query *q = (struct ruad_query *)1;
	enum ruad_status st = ruad_query_open(path, 0, &q, err);

	ck_assert((st == RUAD_OK) == (q != NULL));
	ruad_query_close(&q);
	return st;
}

static void
put_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(open_bad)
{
	char text[5000];
	struct ruad_err err;

	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_int_eq(access(path, F_OK), -1);

	put_file("");
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "empty"));

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put_file(text);
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "not a store"));

	unlink(path);
	run("CREATE TABLE t (x)");
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "not a store"));

	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	ck_assert_ptr_nonnull(strstr(err.text, "not a file"));
}
END_TEST

START_TEST(open_versions)
{
	struct ruad_err err;
	char wanted[100];

	run("PRAGMA user_version = 9999");
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
	snprintf(wanted, sizeof(wanted),
	    "9999, but this program knows only "
	    "versions up to %d",
	    ruad_store_schema_version());
	ck_assert_ptr_nonnull(strstr(err.text, wanted));
	run("PRAGMA user_version = 0");
	ck_assert_int_eq(try_open(&err), RUAD_BAD);
}
END_TEST

START_TEST(open_damaged)
{
	int fd = open(path, O_WRONLY);
	struct ruad_err err = { 0 };
	char junk[4096];

	/* All after the first page. */
	memset(junk, 0xa5, sizeof(junk));
	for (int page = 1; page < 8; page++)
		ck_assert_int_eq(pwrite(fd, junk, sizeof(junk),
				     page * (off_t)sizeof(junk)),
		    sizeof(junk));
	close(fd);
	if (try_open(&err) != RUAD_OK)
		ck_assert_int_eq(err.status, RUAD_BAD);
}
END_TEST

START_TEST(open_locked)
{
	struct ruad_err err;
	sqlite3 *db;

	/* Whoever holds the file for itself keeps readers out. */
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
			     "PRAGMA locking_mode = EXCLUSIVE;"
			     "BEGIN EXCLUSIVE; DELETE FROM raw",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(try_open(&err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_BUSY);
	sqlite3_close(db);
	ck_assert_int_eq(try_open(&err), RUAD_OK);
}
END_TEST

/* In a directory where nothing can be created, and with a name that an URI
 * would take apart. */
START_TEST(open_read_only)
{
	char dir[200], file[200];
	struct ruad_err err;

	if (geteuid() == 0)
		return;
	temp_dir_path(dir, "d");
	temp_dir_path(file, "d/a%20b?c#d.db");
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	ck_assert_int_eq(rename(path, file), 0);
	ck_assert_int_eq(chmod(dir, 0500), 0);
	strcpy(path, file);
	ck_assert_msg(try_open(&err) == RUAD_OK, "%s", err.text);
	ck_assert_int_eq(chmod(dir, 0700), 0);
}
END_TEST

static TCase *
add_case(Suite *s, const char *name, void (*set_up)(void))
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, set_up, NULL);
	suite_add_tcase(s, tc);
	return tc;
}

int
main(void)
{
	Suite *s = suite_create("query");
	TCase *tc = add_case(s, "questions", usual_store);

	tcase_add_test(tc, summary);
	tcase_add_test(tc, summary_percent);
	tcase_add_test(tc, sources);
	tcase_add_test(tc, source_names);
	add_rows(tc, reports, lists);
	tcase_add_test(tc, report);
	tcase_add_test(tc, records);
	tcase_add_test(tc, failure);
	tcase_add_test(tc, failure_without_results);
	tcase_add_loop_test(tc, plans, 0, 28);
	tcase_add_test(tc, snapshot);
	tcase_add_test(tc, open_versions);
	tcase_add_test(tc, open_damaged);
	tcase_add_test(tc, open_locked);
	tcase_add_test(tc, open_read_only);
	tc = add_case(s, "nothing", new_path);
	tcase_add_test(tc, open_bad);
	return run_suite(s);
}
