/* check_expire.c - what is too old leaves the store in bounded steps, between
 * which others can write; the roll-up stays exact. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "expire.h"
#include "look.h"
#include "make_report.h"
#include "sql.h"
#include "rig.h"
#include "store.h"
#include "temp_dir.h"

/* The middle of a report that begins at midnight is on the same day. */
#define DAY INT64_C(19000)
#define AT(day) ((day)*86400)

static char path[200];
static struct ruad_store *store;
static const struct ruad_store_settings settings = { .busy_msecs = 5000 };
/* What the daemon would be, if it could not wait at all. */
static const struct ruad_store_settings no_wait = { .busy_msecs = 0 };

static struct ruad_expire_settings
nothing(void)
{
	return (struct ruad_expire_settings){ .records_day = INT64_MIN,
		.raw_epoch = INT64_MIN,
		.quarantine_epoch = INT64_MIN,
		.daily_day = INT64_MIN,
		.mail_epoch = INT64_MIN };
}

static void
set_up(void)
{
	temp_dir_enter();
	temp_dir_path(path, "store.db");
	store = rig_open_store(path, &settings);
}

static void
tear_down(void)
{
	ruad_store_close(&store);
}

static int
ask_int(const char *sql)
{
	return look_ask_int(path, sql);
}

static enum ruad_outcome
put_into(struct ruad_store *s, struct ruad_delivery *d)
{
	struct ruad_err err = { 0 };
	enum ruad_outcome outcome;

	ck_assert_msg(ruad_store_put(s, &d, 1, &err) == RUAD_OK, "%s",
	    err.text);
	outcome = d->outcome;
	ruad_delivery_free(&d);
	return outcome;
}

/* A mail received at the end of the day of its report, with its original. */
static struct ruad_delivery *
mail_of_day(unsigned number, const struct make_report *m, int64_t day)
{
	struct make_report dated = *m;
	struct ruad_delivery *d;
	char id[20];

	snprintf(id, sizeof(id), "%u", number);
	dated.id = id;
	dated.begin = AT(day);
	d = make_delivery(number, &dated);
	d->received_epoch = AT(day + 1);
	d->raw = malloc(5000);
	ck_assert_ptr_nonnull(d->raw);
	memset(d->raw, (int)number, 5000);
	d->raw_bytes = 5000;
	return d;
}

static void
put(unsigned number, const struct make_report *m, int64_t day)
{
	ck_assert_int_eq(put_into(store, mail_of_day(number, m, day)),
	    RUAD_STORED);
}

static struct ruad_expire *
begin(const struct ruad_expire_settings *set)
{
	struct ruad_expire *e;
	struct ruad_err err = { 0 };

	ck_assert_msg(ruad_expire_new(store, set, &e, &err) == RUAD_OK, "%s",
	    err.text);
	return e;
}

static bool
step(struct ruad_expire *e, int64_t rows)
{
	struct ruad_err err = { 0 };
	enum ruad_status st = ruad_expire_step(e, rows, &err);

	ck_assert_msg(st == RUAD_OK || st == RUAD_END, "%s", err.text);
	return st == RUAD_OK;
}

/* All of it; the totals. What a dry run counts is the same. */
static struct ruad_expire_totals
expire(const struct ruad_expire_settings *set)
{
	struct ruad_expire *e = begin(set);
	struct ruad_expire_totals totals, counted;
	struct ruad_err err;

	ck_assert_int_eq(ruad_expire_count(e, &err), RUAD_OK);
	counted = *ruad_expire_totals(e);
	ruad_expire_free(&e);
	e = begin(set);
	while (step(e, 10))
		;
	totals = *ruad_expire_totals(e);
	ruad_expire_free(&e);
	for (int i = 0; i < RUAD_EXPIRE_RAW + 1; i++)
		ck_assert_int_eq(counted.rows[i], totals.rows[i]);
	ck_assert_int_eq(counted.raw_bytes, totals.raw_bytes);
	return totals;
}

static const struct make_report of_ten = { .records = 10, .ip_step = 1 };
static const struct make_report of_many = { .records = 1000, .ip_step = 1 };
static const struct make_report elsewhere = { .records = 10,
	.ip_step = 1,
	.domain = "other.example" };

/* Records and nothing else; those of the limit's own day stay. */
START_TEST(records)
{
	struct ruad_expire_settings set = nothing();
	struct ruad_expire_totals t;

	put(1, &of_ten, DAY - 1);
	put(2, &of_many, DAY - 2);
	put(3, &elsewhere, DAY - 1);
	put(4, &of_ten, DAY);
	set.records_day = DAY;
	t = expire(&set);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_RECORDS], 1020);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 10);
	ck_assert_int_eq(ask_int("SELECT min(report_key) FROM record"), 4);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM daily"), 1030);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM report"), 4);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM raw"), 4);
	/* What has been counted is known, and not counted again. */
	ck_assert_int_eq(put_into(store, mail_of_day(1, &of_ten, DAY - 1)),
	    RUAD_DUPLICATE);
	ck_assert_int_eq(put_into(store, mail_of_day(2, &of_many, DAY - 2)),
	    RUAD_DUPLICATE);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM daily"), 1030);
	ck_assert_int_eq(expire(&set).rows[RUAD_EXPIRE_RECORDS], 0);
}
END_TEST

/* No step takes more than it may, and after each of them another program finds
 * the store free at once, and sees less. */
START_TEST(bounded)
{
	struct ruad_store *daemon = rig_open_store(path, &no_wait);
	struct ruad_expire_settings set = nothing();
	int left, before = 1020;
	struct ruad_expire *e;
	unsigned steps = 0;

	put(1, &of_many, DAY - 1);
	put(2, &of_ten, DAY - 1);
	put(3, &of_ten, DAY - 1);
	set.records_day = DAY;
	e = begin(&set);
	for (; step(e, 50); steps++) {
		left = ask_int("SELECT count(*) FROM record"
			       " WHERE report_key <= 3");
		ck_assert_int_lt(left, before);
		ck_assert_int_le(before - left, 50);
		before = left;
		ck_assert_int_eq(put_into(daemon,
				     mail_of_day(10 + steps, &of_ten, DAY)),
		    RUAD_STORED);
	}
	ck_assert_int_eq(before, 0);
	ck_assert_int_ge(steps, 1020 / 50);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM daily"),
	    1020 + (int)steps * 10);
	ruad_expire_free(&e);
	ruad_store_close(&daemon);
}
END_TEST

/* Interrupted in the midst of a report: the next one goes on. Meanwhile the
 * store is locked: nothing has changed, and nothing is skipped. */
START_TEST(interrupted)
{
	struct ruad_expire_settings set = nothing();
	struct ruad_expire *e;
	struct ruad_err err;
	sqlite3 *db;

	ruad_store_close(&store);
	store = rig_open_store(path, &no_wait);
	put(1, &of_many, DAY - 1);
	set.records_day = DAY;
	e = begin(&set);
	ck_assert(step(e, 100));
	db = look_open(path);
	look_run_on(db, "BEGIN IMMEDIATE");
	ck_assert_int_eq(ruad_expire_step(e, 100, &err), RUAD_TEMP);
	look_run_on(db, "ROLLBACK");
	sqlite3_close(db);
	ck_assert(step(e, 100));
	ck_assert_int_eq(ruad_expire_totals(e)->rows[RUAD_EXPIRE_RECORDS], 200);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 800);
	ruad_expire_free(&e);
	e = begin(&set);
	while (step(e, 100))
		;
	ck_assert_int_eq(ruad_expire_totals(e)->rows[RUAD_EXPIRE_RECORDS], 800);
	ruad_expire_free(&e);
}
END_TEST

START_TEST(one_domain)
{
	struct ruad_expire_settings set = nothing();
	struct ruad_expire_totals t;
	struct ruad_expire *e;
	struct ruad_err err;

	put(1, &of_ten, DAY - 1);
	put(2, &elsewhere, DAY - 1);
	set.records_day = set.daily_day = DAY;
	set.raw_epoch = set.mail_epoch = AT(DAY + 9);
	set.domain = "other.example";
	t = expire(&set);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_RECORDS], 10);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_RAW], 1);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_REPORTS], 1);
	ck_assert_int_eq(ask_int("SELECT group_concat(report_key)"
				 " FROM report"),
	    1);
	ck_assert_int_eq(ask_int("SELECT group_concat(mail_key) FROM raw"), 1);
	look_check(path);
	set.domain = "none.example";
	ck_assert_int_eq(ruad_expire_new(store, &set, &e, &err), RUAD_END);
}
END_TEST

/* Originals by the time of arrival, but for those of what is in quarantine,
 * which have a limit of their own. */
START_TEST(originals)
{
	struct ruad_expire_settings set = nothing();
	struct ruad_delivery *d = make_mail(3);
	struct ruad_expire_totals t;

	put(1, &of_ten, DAY - 2);
	put(2, &of_ten, DAY - 1);
	add_refusal(d, RUAD_XML_DTD, "x.xml");
	d->received_epoch = AT(DAY - 1);
	d->raw = malloc(100);
	ck_assert_ptr_nonnull(d->raw);
	memset(d->raw, 'x', 100);
	d->raw_bytes = 100;
	put_into(store, d);
	set.raw_epoch = AT(DAY - 1) + 1;
	t = expire(&set);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_RAW], 1);
	ck_assert_int_gt(t.raw_bytes, 0);
	ck_assert_int_eq(ask_int("SELECT min(mail_key) FROM raw"), 2);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM raw"), 2);
	set.quarantine_epoch = set.raw_epoch;
	t = expire(&set);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_QUARANTINE], 1);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM quarantine"), 0);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 2);
	look_check(path);
}
END_TEST

/* The roll-up, its reports, and the mails of which nothing is left. */
START_TEST(all)
{
	struct ruad_expire_settings set = nothing();
	struct make_report other = of_ten;
	struct ruad_delivery *d;
	struct ruad_expire_totals t;

	put(1, &of_many, DAY - 2);
	put(2, &elsewhere, DAY - 1);
	put(3, &of_ten, DAY);
	/* A mail whose only trace is that it contradicts report 1. */
	other = of_many;
	other.content = 1;
	other.id = "1";
	other.begin = AT(DAY - 2);
	d = make_delivery(4, &other);
	d->received_epoch = AT(DAY - 1);
	ck_assert_int_eq(put_into(store, d), RUAD_CONFLICT);
	set.records_day = set.daily_day = DAY;
	set.mail_epoch = AT(DAY);
	t = expire(&set);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_RECORDS], 1010);
	ck_assert_int_eq(t.rows[RUAD_EXPIRE_REPORTS], 2);
	ck_assert_int_eq(ask_int("SELECT min(day) FROM daily"), (int)DAY);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 1);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM raw"), 1);
	look_check(path);
	/* It is forgotten, so that it could come back. */
	put(1, &of_many, DAY - 2);
	look_check(path);
}
END_TEST

/* A source goes with the last that speaks of it, and may come back while others
 * hold what they know of the store. */
START_TEST(sources)
{
	struct ruad_expire_settings set = nothing();
	struct ruad_store *daemon = rig_open_store(path, &settings);
	int64_t gone;
	int before;

	put_into(daemon, mail_of_day(1, &of_many, DAY - 2));
	put_into(daemon, mail_of_day(2, &of_ten, DAY));
	before = ask_int("SELECT count(*) FROM source");
	set.records_day = DAY;
	set.sources = true;
	ck_assert_int_eq(expire(&set).rows[RUAD_EXPIRE_SOURCES], 0);
	set.daily_day = DAY;
	gone = expire(&set).rows[RUAD_EXPIRE_SOURCES];
	ck_assert_int_gt(gone, 0);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM source"), before - gone);
	ck_assert_int_eq(ask_int(
			     "SELECT count(DISTINCT source_key) FROM record"),
	    before - gone);
	ck_assert_int_eq(put_into(daemon, mail_of_day(1, &of_many, DAY - 2)),
	    RUAD_STORED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM source"), before);
	look_check(path);
	ruad_store_close(&daemon);
}
END_TEST

/* Free pages leave the file. */
START_TEST(shrinks)
{
	struct ruad_expire_settings set = nothing();
	int64_t left = 1, before;
	struct ruad_err err;

	for (unsigned i = 1; i <= 60; i++)
		put(i, &of_ten, DAY - 1);
	before = ask_int("PRAGMA page_count");
	set.records_day = set.daily_day = DAY;
	set.mail_epoch = set.raw_epoch = AT(DAY + 9);
	expire(&set);
	ck_assert_int_gt(ask_int("PRAGMA freelist_count"), 60);
	while (left > 0)
		ck_assert_int_eq(ruad_store_shrink(store, &left, &err),
		    RUAD_OK);
	ck_assert_int_lt(ask_int("PRAGMA page_count"), before - 60);
	look_check(path);
}
END_TEST

/* No statement of the expiry reads a large table from its beginning. */
START_TEST(by_index)
{
	struct ruad_sql *sql = ruad_store_sql(store);

	for (int id = RUAD_SQL_NEXT_REPORT_DOMAIN; id <= RUAD_SQL_DROP_REPORT;
	     id++) {
		char text[4000];
		sqlite3_stmt *stmt;

		snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s",
		    sqlite3_sql(sql->stmt[id]));
		ck_assert_int_eq(sqlite3_prepare_v2(sql->db, text, -1, &stmt,
				     NULL),
		    SQLITE_OK);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			const char *plan =
			    (const char *)sqlite3_column_text(stmt, 3);

			ck_assert_msg(strncmp(plan, "SCAN", 4) != 0 ||
				strstr(plan, "subquery") != NULL,
			    "%s: %s", text, plan);
			ck_assert_msg(strstr(plan, "TEMP B-TREE") == NULL,
			    "%s: %s", text, plan);
		}
		sqlite3_finalize(stmt);
	}
}
END_TEST

static Suite *
expire_suite(void)
{
	Suite *s = suite_create("expire");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, records);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, one_domain);
	tcase_add_test(tc, originals);
	tcase_add_test(tc, all);
	tcase_add_test(tc, sources);
	tcase_add_test(tc, shrinks);
	tcase_add_test(tc, by_index);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(expire_suite());
}
