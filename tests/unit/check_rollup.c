/* check_rollup.c - the roll-ups of the console: that they are the sums of the
 * records, counted by other SQL, and stay so whatever changes. */
#include "rollup.h"
#include <stdio.h>
#include <string.h>
#include "amend.h"
#include "check_main.h"
#include "look.h"
#include "make_report.h"
#include "query.h"
#include "store.h"
#include "temp_dir.h"

#define DAY INT64_C(86400)
#define BEGIN INT64_C(1700006400) /* 2023-11-15T00:00:00Z, a Wednesday */
#define BEGIN_DAY (BEGIN / DAY)

static const struct ruad_ready_limits ready = { .day_percent = 80,
	.reporters = 1,
	.fail_share = 10,
	.fail_messages = 50,
	.new_days = 2,
	.unknown_share = 50,
	.unknown_messages = 100 };

static char path[200], web[200];
static struct ruad_store *store;
static struct ruad_orgdom *orgdom;
static struct ruad_rollup *rollup;
static unsigned mails;

static void
put(const struct make_report *m)
{
	struct ruad_delivery *d = make_delivery(mails, m);

	d->received_epoch = BEGIN + mails++;
	ck_assert_int_eq(ruad_store_put(store, &d, 1, NULL), RUAD_OK);
	ck_assert_int_eq(d->outcome, RUAD_STORED);
	ruad_delivery_free(&d);
}

static const struct make_report usual[] = {
	{ .domain = "a.example",
	    .id = "1",
	    .begin = BEGIN,
	    .records = 60,
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
};

static void
set_up(void)
{
	static const struct ruad_store_settings set = { .busy_msecs = 5000 };
	struct ruad_rollup_settings s = { .path = web,
		.store = path,
		.bounds = { .ready = ready,
		    .days_quarantine = 3,
		    .days_reject = 3 } };

	temp_dir_enter();
	temp_dir_path(path, "store.db");
	temp_dir_path(web, "web.db");
	mails = 0;
	ck_assert_int_eq(ruad_store_open(path, &set, &store, NULL), RUAD_OK);
	for (size_t i = 0; i < COUNT(usual); i++)
		put(&usual[i]);
	ck_assert_int_eq(ruad_orgdom_open(NULL, &orgdom, NULL), RUAD_OK);
	s.orgdom = orgdom;
	ck_assert_int_eq(ruad_rollup_open(&s, &rollup, NULL), RUAD_OK);
}

static void
tear_down(void)
{
	ruad_rollup_close(&rollup);
	ruad_orgdom_close(&orgdom);
	ruad_store_close(&store);
}

/* Count what is to be counted; how many days that was. */
static int
count(bool thorough)
{
	struct ruad_err err = { 0 };
	enum ruad_status st = ruad_rollup_look(rollup, thorough, &err);
	int steps = 0;

	ck_assert_msg(st == RUAD_OK, "%s", err.text);
	while ((st = ruad_rollup_step(rollup, &err)) == RUAD_OK)
		steps++;
	ck_assert_msg(st == RUAD_END, "%s", err.text);
	return steps;
}

/* The first column of a statement over both databases. */
static const char *
ask(const char *sql)
{
	static char answer[300];
	sqlite3 *db = look_open(web);
	sqlite3_stmt *stmt;
	char attach[300];

	snprintf(attach, sizeof(attach), "ATTACH '%s' AS store", path);
	look_run_on(db, attach);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	answer[0] = '\0';
	if (sqlite3_step(stmt) == SQLITE_ROW)
		snprintf(answer, sizeof(answer), "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

/* Both must have the same rows. */
static void
same(const char *one, const char *other)
{
	char sql[4000];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM (SELECT * FROM (%s EXCEPT %s) UNION ALL"
	    " SELECT * FROM (%s EXCEPT %s))",
	    one, other, other, one);
	ck_assert_msg(strcmp(ask(sql), "0") == 0, "%s", sql);
	snprintf(sql, sizeof(sql), "SELECT count(*) > 0 FROM (%s)", one);
	ck_assert_msg(strcmp(ask(sql), "1") == 0, "empty: %s", sql);
}

#define RECORDS \
	"FROM record AS c JOIN report AS r ON r.report_key = c.report_key"

/* All tables against the records. The periods of the reports are whole days. */
static void
check_sums(void)
{
	same("SELECT domain_key, day, sum(messages),"
	     " sum(messages) FILTER (WHERE class = 0),"
	     " sum(messages) FILTER (WHERE disposition = 4)"
	     " FROM roll_day GROUP BY 1, 2",
	    "SELECT r.policy_domain_key, r.begin_epoch / 86400,"
	    " sum(c.messages),"
	    " sum(c.messages) FILTER (WHERE c.dkim = 1 OR c.spf = 1),"
	    " sum(c.messages) FILTER (WHERE c.disposition = 4) " RECORDS
	    " GROUP BY 1, 2");
	same("SELECT domain_key, day, source_key, sum(messages), sum(failed)"
	     " FROM roll_source GROUP BY 1, 2, 3",
	    "SELECT r.policy_domain_key, r.begin_epoch / 86400, c.source_key,"
	    " sum(c.messages), sum(iif(c.dkim = 2 AND c.spf = 2, c.messages,"
	    " 0)) " RECORDS " GROUP BY 1, 2, 3");
	same("SELECT domain_key, day, class, sum(messages) FROM roll_sender"
	     " GROUP BY 1, 2, 3",
	    "SELECT domain_key, day, class, sum(messages) FROM roll_day"
	    " GROUP BY 1, 2, 3");
	same("SELECT domain_key, day, class, sum(messages), sum(refused)"
	     " FROM roll_tally GROUP BY 1, 2, 3",
	    "SELECT domain_key, day, class, sum(messages), sum(refused)"
	    " FROM roll_source GROUP BY 1, 2, 3");
	same("SELECT domain_key, day, method, auth_domain_key, sum(first)"
	     " FROM roll_auth WHERE auth_domain_key IS NOT NULL"
	     " GROUP BY 1, 2, 3, 4",
	    "SELECT k, day, method, domain_key, sum(messages) FROM (SELECT"
	    " DISTINCT r.policy_domain_key AS k, r.begin_epoch / 86400 AS day,"
	    " c.report_key, c.row_no, a.method, a.domain_key, c.messages"
	    " " RECORDS " JOIN auth_result AS a"
	    " ON a.auth_set_key = c.auth_set_key) GROUP BY 1, 2, 3, 4");
	same("SELECT domain_key, day, reporter_key, reports, messages,"
	     " last_received FROM roll_report",
	    "SELECT policy_domain_key, begin_epoch / 86400, reporter_key,"
	    " count(*), sum(messages), max(received_epoch) FROM report"
	    " GROUP BY 1, 2, 3");
}

START_TEST(rollup_counts)
{
	ck_assert_int_eq(count(true), 3);
	check_sums();
	ck_assert_int_eq(count(true), 0);
}
END_TEST

static int64_t
version(void)
{
	return strtoll(ask("SELECT number FROM roll_state"
			   " WHERE name = 'version'"),
	    NULL, 10);
}

START_TEST(rollup_follows)
{
	static const struct make_report late = { .domain = "a.example",
		.id = "5",
		.begin = BEGIN + DAY,
		.records = 20,
		.first_ip = 0xc0000231,
		.ip_step = 1 };
	int64_t before;

	count(true);
	before = version();
	ck_assert_int_eq(count(false), 0);
	ck_assert_int_eq(version(), before);
	put(&late);
	ck_assert_int_eq(count(false), 1);
	ck_assert_int_gt(version(), before);
	check_sums();
	/* A day that is gone, and rows that others have changed. */
	look_run(path,
	    "DELETE FROM daily WHERE policy_domain_key ="
	    " (SELECT domain_key FROM domain WHERE name = 'b.example')");
	look_run(path, "DELETE FROM report WHERE report_id = '3'");
	look_run(path, "UPDATE record SET messages = 7 WHERE report_key = 1");
	look_run(path,
	    "DELETE FROM daily; INSERT INTO daily SELECT r.policy_domain_key,"
	    " r.begin_epoch / 86400, coalesce(c.header_from_key,"
	    " r.policy_domain_key), c.source_key, c.disposition, c.dkim, c.spf,"
	    " c.dkim_alignment, c.spf_alignment, sum(c.messages), 1 " RECORDS
	    " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9");
	ck_assert_int_eq(count(false), 0);
	ck_assert_int_ge(count(true), 2);
	check_sums();
}
END_TEST

/* The sums of a rehearsal, as text. */
static const char *
sums_of(const struct ruad_rehearsal *r)
{
	static char text[2][300];
	static int n;
	char *to = text[n++ % 2];
	const struct ruad_rehearsal_sums *s = &r->sums;

	snprintf(to, sizeof(text[0]),
	    "%lld: %lld %lld %lld %lld %lld, hit %lld %lld %lld, %lld %lld %zu"
	    " facts %lld %lld %lld %lld %lld",
	    (long long)s->messages, (long long)s->class[0],
	    (long long)s -> class[1], (long long)s -> class[2],
	    (long long)s -> class[3], (long long)s -> class[4],
	    (long long)s -> hit[1], (long long)s -> hit[2],
	    (long long)s -> hit[3], (long long)s -> spared,
	    (long long)s -> dkim_only, r -> sender_count,
	    (long long)r -> facts.report_days, (long long)r->facts.reporters,
	    (long long)r->facts.history_days, (long long)r->facts.mine_fail,
	    (long long)r->facts.large_unknown);
	return to;
}

static const struct {
	enum ruad_policy p;
	enum ruad_mode adkim, aspf;
} policies[] = {
	{ RUAD_POLICY_NONE, RUAD_MODE_RELAXED, RUAD_MODE_RELAXED },
	{ RUAD_POLICY_QUARANTINE, RUAD_MODE_RELAXED, RUAD_MODE_RELAXED },
	{ RUAD_POLICY_REJECT, RUAD_MODE_STRICT, RUAD_MODE_RELAXED },
	{ RUAD_POLICY_REJECT, RUAD_MODE_STRICT, RUAD_MODE_STRICT },
};

/* The roll-ups give what the records give. */
START_TEST(rollup_rehearse)
{
	const struct ruad_rehearse_ask policy = {
		.policy = { .p = policies[_i].p,
		    .adkim = policies[_i].adkim,
		    .aspf = policies[_i].aspf }
	};
	struct ruad_rehearsal_ask asked = { .domain = "a.example",
		.first_day = BEGIN_DAY,
		.last_day = BEGIN_DAY + 1,
		.days = 2,
		.policy = &policy,
		.limits = &ready,
		.orgdom = orgdom };
	struct ruad_rehearsal from_records, from_rolls;
	struct ruad_senders senders;
	struct ruad_query *q;
	sqlite3 *db;

	ck_assert_int_eq(ruad_sender_label(store, "a.example", "192.0.2.0/24",
			     RUAD_LABEL_MINE, NULL, BEGIN, NULL),
	    RUAD_OK);
	count(true);
	ck_assert_int_eq(ruad_query_open(path, 5000, &q, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_senders_open(ruad_query_handle(q), "a.example",
			     &senders, NULL),
	    RUAD_OK);
	asked.senders = &senders;
	ck_assert_int_eq(ruad_rehearsal_read(ruad_query_handle(q), &asked,
			     &from_records, NULL),
	    RUAD_OK);
	ck_assert_int_eq(ruad_roll_open(web, path, RUAD_ROLL_READ, &db, NULL),
	    RUAD_OK);
	ck_assert_int_eq(ruad_roll_rehearse(db, &asked, &from_rolls, NULL),
	    RUAD_OK);
	ck_assert_str_eq(sums_of(&from_rolls), sums_of(&from_records));
	ruad_rehearsal_free(&from_records);
	ruad_rehearsal_free(&from_rolls);
	ruad_senders_close(&senders);
	ruad_roll_close(&db);
	ruad_query_close(&q);
}
END_TEST

START_TEST(rollup_label)
{
	char before[300], name[300], sql[600];

	count(true);
	snprintf(name, sizeof(name), "%s",
	    ask("SELECT n.name FROM roll_sender AS f JOIN roll_name AS n"
		" ON n.sender_id = f.sender_id JOIN domain AS d"
		" ON d.domain_key = n.domain_key WHERE d.name = 'a.example'"
		" AND f.class BETWEEN 1 AND 3 ORDER BY n.sender_id LIMIT 1"));
	ck_assert_str_ne(name, "");
	snprintf(before, sizeof(before), "%s",
	    ask("SELECT group_concat(class || ':' || messages) FROM"
		" (SELECT * FROM roll_day ORDER BY 1, 2, 3, 4, 5, 6)"));
	ck_assert_int_eq(ruad_sender_label(store, "a.example", name,
			     RUAD_LABEL_FORWARDER, NULL, BEGIN, NULL),
	    RUAD_OK);
	ck_assert_int_eq(count(false), 0);
	check_sums();
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM roll_sender AS f JOIN roll_name AS n"
	    " ON n.sender_id = f.sender_id WHERE n.name = '%s'"
	    " AND f.domain_key = 1 AND f.class IN (2, 3)",
	    name);
	ck_assert_str_eq(ask(sql), "0");
	/* Counting anew keeps it. */
	look_run(web, "DELETE FROM roll_print");
	ck_assert_int_gt(count(true), 0);
	ck_assert_str_eq(ask(sql), "0");
	ck_assert_int_eq(ruad_sender_label(store, "a.example", name,
			     RUAD_LABEL_NONE, NULL, BEGIN, NULL),
	    RUAD_OK);
	count(false);
	ck_assert_str_eq(ask("SELECT group_concat(class || ':' || messages)"
			     " FROM (SELECT * FROM roll_day"
			     " ORDER BY 1, 2, 3, 4, 5, 6)"),
	    before);
	check_sums();
}
END_TEST

START_TEST(rollup_judge)
{
	int64_t before;

	count(true);
	ck_assert_int_eq(ruad_rollup_judge(rollup, BEGIN_DAY + 3, NULL),
	    RUAD_OK);
	ck_assert_str_eq(ask("SELECT count(*) FROM roll_ready"), "2");
	before = version();
	ck_assert_int_eq(ruad_rollup_judge(rollup, BEGIN_DAY + 3, NULL),
	    RUAD_OK);
	ck_assert_int_eq(version(), before);
	ck_assert_int_eq(ruad_rollup_judge(rollup, BEGIN_DAY + 4, NULL),
	    RUAD_OK);
	ck_assert_int_gt(version(), before);
	/* A registration is seen, and changes what is said. */
	before = version();
	ck_assert_int_eq(ruad_amend_register(store, "a.example", NULL, BEGIN,
			     NULL),
	    RUAD_OK);
	count(false);
	ck_assert_int_gt(version(), before);
}
END_TEST

/* The store is never locked: another program writes it all the while. */
START_TEST(rollup_beside_writer)
{
	sqlite3 *writer = look_open(path);

	look_run_on(writer, "BEGIN IMMEDIATE");
	ck_assert_int_eq(count(true), 3);
	ck_assert_int_eq(ruad_rollup_judge(rollup, BEGIN_DAY + 3, NULL),
	    RUAD_OK);
	ck_assert_int_eq(ruad_rollup_mark(rollup, "a.example", NULL, true,
			     NULL),
	    RUAD_OK);
	look_run_on(writer, "COMMIT");
	sqlite3_close(writer);
	check_sums();
}
END_TEST

/* Files that are not there or not ours. */
START_TEST(rollup_open)
{
	struct ruad_err err = { 0 };
	char none[200];
	sqlite3 *db;

	temp_dir_path(none, "none.db");
	ck_assert_int_ne(ruad_roll_open(web, none, RUAD_ROLL_READ, &db, &err),
	    RUAD_OK);
	ck_assert_str_ne(err.text, "");
	ck_assert_ptr_null(db);
	ck_assert_int_ne(ruad_roll_open(none, path, RUAD_ROLL_READ, &db, &err),
	    RUAD_OK);
	ck_assert_ptr_null(db);
	/* Another layout is made anew, and what people said stays. */
	count(true);
	look_run(web,
	    "INSERT INTO domain_mark VALUES ('a.example', 'Shop', 0);"
	    "UPDATE roll_state SET number = 0 WHERE name = 'layout'");
	ck_assert_int_eq(ruad_roll_open(web, path, RUAD_ROLL_WRITE, &db, &err),
	    RUAD_OK);
	ruad_roll_close(&db);
	ck_assert_str_eq(ask("SELECT count(*) FROM roll_day"), "0");
	ck_assert_str_eq(ask("SELECT count(*) FROM domain_mark"), "1");
	ck_assert_int_eq(count(true), 3);
	check_sums();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rollup");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, rollup_counts);
	tcase_add_test(tc, rollup_follows);
	add_rows(tc, rollup_rehearse, policies);
	tcase_add_test(tc, rollup_label);
	tcase_add_test(tc, rollup_judge);
	tcase_add_test(tc, rollup_beside_writer);
	tcase_add_test(tc, rollup_open);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
