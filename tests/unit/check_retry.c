/* check_retry.c - mails of the quarantine read again, things dropped from it,
 * and what registered domains and pins change. */
#include <stdio.h>
#include <string.h>
#include "amend.h"
#include "check_main.h"
#include "look.h"
#include "rig.h"
#include "temp_dir.h"

static struct rig rig;

static void
set_up(void)
{
	temp_dir_enter();
	rig_begin(&rig);
}

static void
tear_down(void)
{
	rig_end(&rig);
}

/* What a statement gives must be this, as text. */
static void
expect(const char *sql, const char *want)
{
	look_expect(rig.path, sql, want);
}

static const struct rig_mail two_rows = { .from = "reporter.example",
	.rows = { { "192.0.2.1", 5, NULL, NULL },
	    { "192.0.2.2", 7, "reject", NULL } } };
static const struct rig_mail bare_two_rows = {
	.rows = { { "192.0.2.1", 5, NULL, NULL },
	    { "192.0.2.2", 7, "reject", NULL } }
};

/* Refused because of a limit, which is raised then. */
static void
raise_limit(const struct rig_mail *m)
{
	bool bare = m->from == NULL;
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, m), RUAD_REFUSED);
	expect("SELECT code FROM quarantine", "XML_LIMIT");
	rig.set.limits.records = 2;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_STORED);
	expect("SELECT count(*) FROM quarantine", "0");
	expect("SELECT received_epoch FROM report", "1700100000");
	expect("SELECT received_epoch FROM mail", "1700100000");
	expect("SELECT queue_id FROM mail", bare ? "(nothing)" : RIG_QUEUE_ID);
	expect("SELECT mail_from FROM mail",
	    bare ? "(nothing)" : RIG_MAIL_FROM);
	expect("SELECT file_name FROM mail",
	    bare ? RIG_FILE_NAME : "(nothing)");
	expect("SELECT sum(messages) FROM record", "12");
	expect("SELECT count(*) FROM mail", "1");
	expect("SELECT count(*) FROM raw", "1");
	look_check(rig.path);
}

START_TEST(limit_raised)
{
	raise_limit(&two_rows);
}
END_TEST

START_TEST(limit_raised_bare)
{
	raise_limit(&bare_two_rows);
}
END_TEST

/* Without keep_raw, an original is only kept while something is refused. */
START_TEST(original_goes)
{
	enum ruad_outcome outcome;

	rig.set.keep_raw = false;
	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	expect("SELECT count(*) FROM raw", "1");
	rig.set.limits.records = 2;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_STORED);
	expect("SELECT count(*) FROM raw", "0");
	look_check(rig.path);
}
END_TEST

/* What is still refused keeps its key and gets the reason of today. */
START_TEST(still_bad)
{
	struct rig_mail m = two_rows;
	enum ruad_outcome outcome;

	m.rows[2] = m.rows[0];
	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_REFUSED);
	look_run(rig.path, "UPDATE quarantine SET quarantine_key = 17");
	rig.set.limits.records = 1000;
	rig.set.limits.span_secs = 10;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_REFUSED);
	expect("SELECT quarantine_key || code FROM quarantine",
	    "17REP_SPAN_HUGE");
	expect("SELECT text LIKE '%long%' OR text LIKE '%days%' OR"
	       " text LIKE '%second%' FROM quarantine",
	    "1");
	expect("SELECT count(*) FROM raw", "1");
	expect("SELECT count(*) FROM report", "0");
	/* And once more, which changes nothing. */
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	expect("SELECT count(*) FROM quarantine", "1");
	look_check(rig.path);
}
END_TEST

/* A good report beside a bad one: the bad one is stored later. */
START_TEST(good_beside_bad)
{
	char more[3000], *xml;
	struct rig_mail m = two_rows, other = { .id = "2" };
	enum ruad_outcome outcome;

	for (int i = 0; i < 3; i++)
		other.rows[i] = two_rows.rows[0];
	xml = rig_xml(&other);
	snprintf(more, sizeof(more),
	    "Content-Type: text/xml; name=\"s.xml\"\n\n%s", xml);
	free(xml);
	m.more = more;
	rig.set.limits.records = 2;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT count(*) FROM report", "1");
	expect("SELECT count(*) FROM quarantine", "1");
	rig.set.limits.records = 3;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_STORED);
	expect("SELECT count(*) FROM report", "2");
	expect("SELECT group_concat(DISTINCT mail_key) FROM report", "1");
	expect("SELECT count(*) FROM quarantine", "0");
	look_check(rig.path);
}
END_TEST

/* Meanwhile another mail has brought the same report. */
START_TEST(duplicate)
{
	struct rig_mail m = two_rows;
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_REFUSED);
	rig.set.limits.records = 2;
	m.from = "other.example";
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_DUPLICATE);
	expect("SELECT count(*) FROM quarantine", "0");
	/* Nothing is left of the first mail. */
	expect("SELECT group_concat(mail_key) FROM mail", "2");
	expect("SELECT group_concat(mail_key) FROM raw", "2");
	look_check(rig.path);
}
END_TEST

/* Meanwhile a report of this identity has come with other content. */
START_TEST(conflict)
{
	struct rig_mail m = two_rows;
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_REFUSED);
	rig.set.limits.records = 2;
	m.rows[0].messages = 6;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_CONFLICT);
	expect("SELECT count(*) FROM quarantine", "0");
	expect("SELECT mail_key || ' ' || messages FROM conflict", "1 12");
	expect("SELECT sum(messages) FROM record", "13");
	look_check(rig.path);
}
END_TEST

/* Another program read this mail in another way: no contradiction. */
START_TEST(another_reading)
{
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_STORED);
	look_run(rig.path, "UPDATE report SET content_hash = zeroblob(32)");
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_DUPLICATE);
	expect("SELECT count(*) FROM conflict", "0");
}
END_TEST

START_TEST(no_original)
{
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	look_run(rig.path, "DELETE FROM raw");
	rig.set.limits.records = 2;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_END);
	expect("SELECT count(*) FROM quarantine", "1");
	ck_assert_int_eq(rig_retry(&rig, 99, &outcome), RUAD_END);
}
END_TEST

static const char *const damages[] = {
	"UPDATE raw SET data = x''",
	"UPDATE raw SET data = x'00'",
	"UPDATE raw SET data = substr(data, 1, length(data) - 20)",
	/* another mail in its place, cut to fit or not */
	"UPDATE raw SET data = x'789c030000000001'",
	"UPDATE mail SET bytes = bytes - 1",
	"UPDATE mail SET digest = zeroblob(32)",
};

START_TEST(damaged_original)
{
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	look_run(rig.path, damages[_i]);
	rig.set.limits.records = 2;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_BAD);
	expect("SELECT code FROM quarantine", "XML_LIMIT");
	expect("SELECT count(*) FROM report", "0");
}
END_TEST

START_TEST(too_large_by_now)
{
	enum ruad_outcome outcome;

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	rig.set.limits.message_bytes = 100;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_LIMIT);
	expect("SELECT code FROM quarantine", "XML_LIMIT");
}
END_TEST

/* Whoever looks again sees what the mail itself says of its trust. */
START_TEST(trust_of_today)
{
	static const char *const ids[] = { "mx.example" };
	struct rig_mail m = two_rows;
	enum ruad_outcome outcome;

	m.auth = "dmarc=pass header.from=reporter.example";
	rig.set.require_auth = RUAD_REQUIRE_AUTH_ENFORCE;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_REFUSED);
	expect("SELECT code FROM quarantine", "REP_UNAUTHENTICATED");
	expect("SELECT trust FROM mail", "off");
	rig.set.trust.authserv_ids = ids;
	rig.set.trust.authserv_id_count = 1;
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_STORED);
	expect("SELECT trust || ' ' || trust_domain || ' ' || trust_by"
	       " FROM mail",
	    "pass reporter.example mx.example");
	expect("SELECT trusted FROM v_report", "1");
}
END_TEST

START_TEST(registered)
{
	struct ruad_err err = { 0 };
	enum ruad_outcome outcome;

	rig.set.keep_raw = false;
	rig.set.registered_only = true;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	expect("SELECT code FROM quarantine", "REP_FOREIGN_DOMAIN");
	expect("SELECT count(*) FROM raw", "1");
	expect("SELECT count(*) FROM report", "0");
	/* Neither a longer name nor a part of a label covers it. */
	ck_assert_int_eq(ruad_amend_register(rig.store, "a.example.com", NULL,
			     1, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_amend_register(rig.store, "ample.com", NULL, 1,
			     &err),
	    RUAD_OK);
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_REFUSED);
	expect("SELECT count(*) FROM quarantine", "1");
	ck_assert_int_eq(ruad_amend_register(rig.store, "com", "all of it", 1,
			     &err),
	    RUAD_OK);
	ck_assert_int_eq(rig_retry(&rig, 1, &outcome), RUAD_OK);
	ck_assert_int_eq(outcome, RUAD_STORED);
	expect("SELECT count(*) FROM quarantine", "0");
	expect("SELECT count(*) FROM raw", "0");
	look_check(rig.path);
}
END_TEST

START_TEST(register_and_forget)
{
	struct ruad_err err = { 0 };

	ck_assert_int_eq(ruad_amend_register(rig.store, "example.com", "a", 5,
			     &err),
	    RUAD_OK);
	/* Once more: the time stays, and the note unless there is another. */
	ck_assert_int_eq(ruad_amend_register(rig.store, "example.com", NULL, 6,
			     &err),
	    RUAD_OK);
	expect("SELECT name || since_epoch || note FROM registered_domain",
	    "example.com5a");
	ck_assert_int_eq(ruad_amend_register(rig.store, "example.com", "b", 7,
			     &err),
	    RUAD_OK);
	expect("SELECT since_epoch || note FROM registered_domain", "5b");
	ck_assert_int_eq(ruad_amend_unregister(rig.store, "example.com", &err),
	    RUAD_OK);
	expect("SELECT count(*) FROM registered_domain", "0");
	ck_assert_int_eq(ruad_amend_unregister(rig.store, "example.com", &err),
	    RUAD_END);
}
END_TEST

/* A mail with this result, for an organisation that is pinned to
 * reporter.example. */
static const struct pin_row {
	const char *org, *from, *auth;
	bool warned, trusted;
} pin_rows[] = {
	{ "Reporter", "reporter.example",
	    "dmarc=pass header.from=reporter.example", false, true },
	{ "Reporter", "mail.reporter.example",
	    "dmarc=pass header.from=mail.reporter.example", false, true },
	{ " reporter ", "reporter.example",
	    "dkim=pass header.d=reporter.example", false, true },
	{ "Reporter", "notreporter.example",
	    "dmarc=pass header.from=notreporter.example", true, false },
	{ "Reporter", "reporter.example",
	    "dmarc=fail header.from=reporter.example", true, false },
	{ "Reporter", "reporter.example", NULL, true, false },
	/* a bare report: no mail vouches for it */
	{ "Reporter", NULL, NULL, true, false },
	{ "Another", "another.example",
	    "dmarc=pass header.from=another.example", false, true },
	{ "Another", "another.example", NULL, false, false },
};

START_TEST(pins)
{
	static const char *const ids[] = { "mx.example" };
	const struct pin_row *p = &pin_rows[_i];
	struct rig_mail m = two_rows;
	struct ruad_err err = { 0 };

	rig.set.trust.authserv_ids = ids;
	rig.set.trust.authserv_id_count = 1;
	ck_assert_int_eq(ruad_amend_pin(rig.store, "REPORTER",
			     "reporter.example", 1, &err),
	    RUAD_OK);
	m.org = p->org;
	m.from = p->from;
	m.auth = p->auth;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT instr(warnings, 'REP_PIN') > 0 FROM v_report",
	    p->warned ? "1" : "0");
	expect("SELECT trusted FROM v_report", p->trusted ? "1" : "0");
}
END_TEST

START_TEST(unpin)
{
	struct ruad_err err = { 0 };

	ck_assert_int_eq(ruad_amend_pin(rig.store, "A  B", "a.example", 1,
			     &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_amend_pin(rig.store, "a b", "b.example", 1, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_amend_pin(rig.store, "a b", "b.example", 2, &err),
	    RUAD_OK);
	expect("SELECT group_concat(org_key || domain || since_epoch)"
	       " FROM reporter_domain",
	    "a ba.example1,a bb.example1");
	ck_assert_int_eq(ruad_amend_unpin(rig.store, "A b", "c.example", &err),
	    RUAD_END);
	ck_assert_int_eq(ruad_amend_unpin(rig.store, "A b", "a.example", &err),
	    RUAD_OK);
	expect("SELECT count(*) FROM reporter_domain", "1");
	ck_assert_int_eq(ruad_amend_unpin(rig.store, "A b", NULL, &err),
	    RUAD_OK);
	expect("SELECT count(*) FROM reporter_domain", "0");
}
END_TEST

START_TEST(drop)
{
	struct ruad_err err = { 0 };

	rig.set.limits.records = 1;
	ck_assert_int_eq(rig_put(&rig, &two_rows), RUAD_REFUSED);
	ck_assert_int_eq(ruad_amend_drop(rig.store, 2, true, &err), RUAD_END);
	ck_assert_int_eq(ruad_amend_drop(rig.store, 1, true, &err), RUAD_OK);
	expect("SELECT count(*) FROM mail", "0");
	expect("SELECT count(*) FROM raw", "0");
	expect("SELECT count(*) FROM quarantine", "0");
	look_check(rig.path);
}
END_TEST

/* The mail also brought a report; row of _i: whether originals are kept. */
START_TEST(drop_beside_good)
{
	struct rig_mail m = two_rows;
	struct ruad_err err = { 0 };

	m.more = "Content-Type: text/xml; name=\"s.xml\"\n\n<feedback>";
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT count(*) FROM quarantine", "1");
	ck_assert_int_eq(ruad_amend_drop(rig.store, 1, _i != 0, &err), RUAD_OK);
	expect("SELECT count(*) FROM quarantine", "0");
	expect("SELECT count(*) FROM report", "1");
	expect("SELECT count(*) FROM raw", _i != 0 ? "1" : "0");
	look_check(rig.path);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("retry");
	TCase *tc = tcase_create("retry");

	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, limit_raised);
	tcase_add_test(tc, limit_raised_bare);
	tcase_add_test(tc, original_goes);
	tcase_add_test(tc, still_bad);
	tcase_add_test(tc, good_beside_bad);
	tcase_add_test(tc, duplicate);
	tcase_add_test(tc, conflict);
	tcase_add_test(tc, another_reading);
	tcase_add_test(tc, no_original);
	add_rows(tc, damaged_original, damages);
	tcase_add_test(tc, too_large_by_now);
	tcase_add_test(tc, trust_of_today);
	tcase_add_test(tc, registered);
	tcase_add_test(tc, register_and_forget);
	add_rows(tc, pins, pin_rows);
	tcase_add_test(tc, unpin);
	tcase_add_test(tc, drop);
	tcase_add_loop_test(tc, drop_beside_good, 0, 2);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
