/* check_view.c - what pages show, without HTTP: rows of SQL as JSON, answers that
 * are kept, and views of a store that were counted by other SQL. */
#include "view.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answers.h"
#include "check_main.h"
#include "look.h"
#include "make_report.h"
#include "rollup.h"
#include "rows.h"
#include "store.h"
#include "temp_dir.h"

#define DAY INT64_C(86400)
#define BEGIN INT64_C(1700006400) /* 2023-11-15T00:00:00Z, a Wednesday */
#define BEGIN_DAY (BEGIN / DAY)

static const struct ruad_roll_bounds bounds = { .ready = { .day_percent = 80,
						    .reporters = 1,
						    .fail_share = 10,
						    .fail_messages = 50,
						    .new_days = 2,
						    .unknown_share = 50,
						    .unknown_messages = 100 },
	.days_quarantine = 3,
	.days_reject = 3 };

static char path[200], web[200];
static struct ruad_view view;

static void
fill(void)
{
	static const struct ruad_store_settings set = { .busy_msecs = 5000 };
	struct ruad_store *store;

	ck_assert_int_eq(ruad_store_open(path, &set, &store, NULL), RUAD_OK);
	for (unsigned i = 0; i < 20; i++) {
		const struct make_report m = { .domain = "a.example",
			.id = (const char[]){ (char)('a' + i), '\0' },
			.begin = BEGIN + (i / 2) * DAY,
			.records = 30,
			.messages = 1 + i,
			.first_ip = 0xc0000201,
			.ip_step = 1 };
		struct ruad_delivery *d = make_delivery(i, &m);

		d->received_epoch = m.begin + DAY;
		ck_assert_int_eq(ruad_store_put(store, &d, 1, NULL), RUAD_OK);
		ruad_delivery_free(&d);
	}
	ruad_store_close(&store);
}

static void
set_up(void)
{
	struct ruad_rollup_settings set = { .path = web,
		.store = path,
		.bounds = bounds };
	struct ruad_orgdom *orgdom;
	struct ruad_rollup *r;

	temp_dir_enter();
	temp_dir_path(path, "store.db");
	temp_dir_path(web, "web.db");
	fill();
	ck_assert_int_eq(ruad_orgdom_open(NULL, &orgdom, NULL), RUAD_OK);
	set.orgdom = orgdom;
	ck_assert_int_eq(ruad_rollup_open(&set, &r, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_rollup_look(r, true, NULL), RUAD_OK);
	while (ruad_rollup_step(r, NULL) == RUAD_OK)
		;
	ruad_rollup_close(&r);
	ruad_orgdom_close(&orgdom);
	view = (struct ruad_view){ .bounds = &bounds,
		.domain = "a.example",
		.now_epoch = BEGIN + 10 * DAY + DAY / 2,
		.first_day = BEGIN_DAY,
		.last_day = BEGIN_DAY + 10 };
	ck_assert_int_eq(ruad_roll_open(web, path, RUAD_ROLL_READ, &view.db,
			     NULL),
	    RUAD_OK);
}

static void
tear_down(void)
{
	ruad_roll_close(&view.db);
}

/* The numbers of a column of all rows. */
static json_int_t
sum_of(const json_t *rows, size_t column)
{
	json_int_t sum = 0;

	for (size_t i = 0; i < json_array_size(rows); i++)
		sum += json_integer_value(
		    json_array_get(json_array_get(rows, i), column));
	return sum;
}

static const struct {
	enum ruad_view_bucket bucket;
	size_t rows;
	const char *first;
} buckets[] = {
	{ RUAD_VIEW_DAY, 11, "2023-11-15" }, /* the last day is empty */
	{ RUAD_VIEW_WEEK, 2, "2023-11-13" },
	{ RUAD_VIEW_MONTH, 1, "2023-11-01" },
};

START_TEST(view_timeline)
{
	json_int_t all = look_ask_int(path, "SELECT sum(messages) FROM record");
	json_int_t pass = look_ask_int(path,
	    "SELECT sum(messages) FROM record WHERE dkim = 1 OR spf = 1");
	const json_t *rows;
	json_t *o = NULL;

	ck_assert_int_eq(ruad_view_timeline(&view, buckets[_i].bucket,
			     RUAD_VIEW_CLASS, &o, NULL),
	    RUAD_OK);
	rows = json_object_get(o, "rows");
	ck_assert_uint_eq(json_array_size(rows), buckets[_i].rows);
	ck_assert_str_eq(json_string_value(
			     json_array_get(json_array_get(rows, 0), 0)),
	    buckets[_i].first);
	ck_assert_int_eq(sum_of(rows, 1), all);
	ck_assert_int_eq(sum_of(rows, 2), pass);
	json_decref(o);
	for (int by = RUAD_VIEW_DISPOSITION; by <= RUAD_VIEW_ALIGNED; by++) {
		json_int_t parts = 0;

		ck_assert_int_eq(ruad_view_timeline(&view, buckets[_i].bucket,
				     (enum ruad_view_by)by, &o, NULL),
		    RUAD_OK);
		rows = json_object_get(o, "rows");
		for (size_t c = 2; c < 6; c++)
			parts += sum_of(rows, c);
		ck_assert_int_eq(parts, all);
		json_decref(o);
	}
}
END_TEST

START_TEST(view_overview)
{
	json_t *o = NULL, *sums;

	ck_assert_int_eq(ruad_view_overview(&view, &o, NULL), RUAD_OK);
	sums = json_object_get(o, "sums");
	ck_assert_int_eq(json_integer_value(json_object_get(sums, "messages")),
	    look_ask_int(path, "SELECT sum(messages) FROM record"));
	ck_assert_ptr_nonnull(
	    json_object_get(json_object_get(o, "ready"), "conditions"));
	json_decref(o);
	/* A domain that nobody knows has one, too, with nothing in it. */
	view.domain = "none.example";
	ck_assert_int_eq(ruad_view_overview(&view, &o, NULL), RUAD_OK);
	ck_assert_str_eq(json_string_value(
			     json_object_get(json_object_get(o, "reports"),
				 "answer")),
	    "none");
	json_decref(o);
	ck_assert_int_eq(ruad_view_domain(&view, &o, NULL), RUAD_END);
}
END_TEST

START_TEST(view_senders)
{
	static const char *const groups[] = { "sender", "ip", "asn" };
	const struct ruad_view_page all = { .limit = -1 };
	json_int_t want =
	    look_ask_int(path, "SELECT sum(messages) FROM record");

	for (size_t i = 0; i < COUNT(groups); i++) {
		struct ruad_view_senders asked = { .group = groups[i] };
		struct ruad_view_list list;
		json_int_t sum = 0;
		json_t *rows = NULL;

		ck_assert_int_eq(ruad_view_senders(&view, &asked, &all, &list,
				     NULL),
		    RUAD_OK);
		ck_assert_int_eq(ruad_json_all(view.db, list.sql, list.args,
				     &rows, NULL),
		    RUAD_OK);
		for (size_t n = 0; n < json_array_size(rows); n++)
			sum += json_integer_value(
			    json_object_get(json_array_get(rows, n),
				"messages"));
		ck_assert_int_eq(sum, want);
		json_decref(rows);
		ruad_view_list_free(&list);
		/* Only columns that there are. */
		asked.sort = "messages; DROP TABLE report";
		ck_assert_int_eq(ruad_view_senders(&view, &asked, &all, &list,
				     NULL),
		    RUAD_BAD);
	}
}
END_TEST

START_TEST(rows_json)
{
	json_t *args =
	    json_pack("{s:s, s:i, s:b}", "t", "a'b\"", "n", 7, "y", 1);
	json_t *o = NULL;
	char *text;

	ck_assert_int_eq(ruad_json_first(view.db,
			     "SELECT :t AS t, :n AS n, :y AS \"y?\","
			     " :none AS none, 1.5 AS r,"
			     " CAST(x'61ff62' AS TEXT) AS bad",
			     args, &o, NULL),
	    RUAD_OK);
	text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
	ck_assert_str_eq(text,
	    "{\"bad\":\"a\\uFFFDb\",\"n\":7,\"none\":null,\"r\":1.5,"
	    "\"t\":\"a'b\\\"\",\"y\":true}");
	free(text);
	json_decref(o);
	ck_assert_int_eq(ruad_json_first(view.db, "SELECT 1 WHERE 0", args, &o,
			     NULL),
	    RUAD_OK);
	ck_assert_uint_eq(json_object_size(o), 0);
	json_decref(o);
	ck_assert_int_ne(ruad_json_all(view.db, "SELECT none FROM none", args,
			     &o, NULL),
	    RUAD_OK);
	ck_assert_ptr_null(o);
	json_decref(args);
}
END_TEST

/* Kept for one version; what is too large is not. */
START_TEST(answers_kept)
{
	struct ruad_answers *a = ruad_answers_new();
	char *large = calloc(1, 1024 * 1024), *found, key[20];
	size_t len = 0;

	ck_assert_ptr_null(ruad_answers_find(a, "k", 1, &len));
	ruad_answers_keep(a, "k", 1, "one", 3);
	found = ruad_answers_find(a, "k", 1, &len);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(found, "one", 3);
	free(found);
	ck_assert_ptr_null(ruad_answers_find(a, "k", 2, &len));
	ruad_answers_keep(a, "k", 2, "other", 5);
	ck_assert_ptr_null(ruad_answers_find(a, "k", 1, &len));
	ruad_answers_keep(a, "large", 1, large, 1024 * 1024);
	ck_assert_ptr_null(ruad_answers_find(a, "large", 1, &len));
	/* However many come. */
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ruad_answers_keep(a, key, 1, large, 100 * 1024);
	}
	free(large);
	ruad_answers_free(&a);
	ck_assert_ptr_null(a);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("view");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	add_rows(tc, view_timeline, buckets);
	tcase_add_test(tc, view_overview);
	tcase_add_test(tc, view_senders);
	tcase_add_test(tc, rows_json);
	tcase_add_test(tc, answers_kept);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
