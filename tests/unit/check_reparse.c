/* check_reparse.c - stored reports read back, compared with their originals,
 * and replaced; the roll-up stays that of the records. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "look.h"
#include "report_load.h"
#include "rig.h"
#include "temp_dir.h"

static struct rig rig;
static char text[4000]; /* what differed */

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

static void
expect(const char *sql, const char *want)
{
	look_expect(rig.path, sql, want);
}

static enum ruad_again_outcome
compare(int64_t report_key, bool apply)
{
	return rig_compare(&rig, report_key, apply, text, sizeof(text)).outcome;
}

/* Report 1, and report 2 of another reporter on the same day, which shares
 * some groups of the roll-up with it. */
static const struct rig_mail first = { .from = "reporter.example",
	.rows = { { "192.0.2.1", 5, NULL, NULL },
	    { "192.0.2.2", 7, "reject", NULL },
	    { "192.0.2.3", 1, "monitor", "hardfail" } } };
static const struct rig_mail second = { .from = "reporter.example",
	.org = "Other",
	.rows = { { "192.0.2.1", 50, "reject", NULL },
	    { "192.0.2.2", 70, "reject", NULL },
	    { "192.0.2.9", 1, NULL, NULL } } };

static void
put_both(void)
{
	ck_assert_int_eq(rig_put(&rig, &first), RUAD_STORED);
	ck_assert_int_eq(rig_put(&rig, &second), RUAD_STORED);
	look_check(rig.path);
}

START_TEST(same)
{
	put_both();
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(compare(2, true), RUAD_AGAIN_SAME);
	ck_assert_int_eq(compare(3, true), RUAD_AGAIN_GONE);
	look_check(rig.path);
}
END_TEST

/* What somebody does to report 1, and what is told of it. */
static const struct tampering {
	const char *sql, *told;
} tamperings[] = {
	{ "UPDATE record SET messages = 999 WHERE report_key = 1"
	  " AND row_no = 1",
	    "1 messages: 999 -> 5\n" },
	/* Into a group that report 2 has, too. */
	{ "UPDATE record SET disposition = 4 WHERE report_key = 1"
	  " AND row_no = 1",
	    "1 disposition: reject -> none\n" },
	{ "UPDATE record SET source_key = 2, disposition = 4"
	  " WHERE report_key = 1 AND row_no = 1",
	    "1 source_ip: 192.0.2.2 -> 192.0.2.1\n"
	    "1 disposition: reject -> none\n" },
	/* The content hash does not cover what is worked out. */
	{ "UPDATE record SET dkim_alignment = 0 WHERE report_key = 1"
	  " AND row_no = 2",
	    "2 dkim_alignment: none -> strict\n" },
	{ "UPDATE record SET header_from_key = NULL WHERE report_key = 1"
	  " AND row_no = 2",
	    "2 header_from: - -> example.com\n" },
	{ "UPDATE record SET auth_set_key = NULL WHERE report_key = 1"
	  " AND row_no = 2",
	    "2 auth_results: - -> dkim=pass example.com/s\n" },
	{ "DELETE FROM record WHERE report_key = 1 AND row_no = 2",
	    "0 records: 2 -> 3\n2 row: - -> 192.0.2.2\n" },
	{ "INSERT INTO record SELECT report_key, 4, source_key, messages,"
	  " disposition, dkim, spf, derived, dkim_alignment, spf_alignment,"
	  " header_from_key, envelope_from_key, envelope_to_key,"
	  " auth_set_key, reason_set_key FROM record WHERE report_key = 1"
	  " AND row_no = 2",
	    "0 records: 4 -> 3\n4 row: 192.0.2.2 -> -\n" },
	{ "UPDATE report SET org_email = 'x', p = 3, pct = NULL"
	  " WHERE report_key = 1",
	    "0 org_email: x -> r@reporter.example\n0 p: reject -> none\n"
	    "0 pct: - -> 100\n" },
	{ "UPDATE report SET messages_pass = 0 WHERE report_key = 1",
	    "0 messages_pass: 0 -> 13\n" },
	{ "UPDATE report SET warnings = 'REP_SPAN NO_SUCH_CODE'"
	  " WHERE report_key = 1",
	    NULL },
	{ "DELETE FROM raw_word WHERE report_key = 1 AND field = 'disposition'",
	    "3 disposition: - -> monitor\n" },
	{ "INSERT INTO refused_row VALUES (1, 9, 'ROW_IP', 'row 9: no')",
	    "9 ROW_IP: row 9: no -> -\n" },
	{ "INSERT INTO report_error VALUES (1, 0, 'oh')",
	    "0 errors: oh -> -\n" },
	/* The program of then understood who and what in another way. */
	{ "UPDATE report SET report_id = 'x' WHERE report_key = 1",
	    "0 report_id: x -> 1\n" },
	{ "UPDATE report SET reporter_key = 2, org_name = 'Other',"
	  " report_id = 'x' WHERE report_key = 1",
	    "0 org_name: Other -> Reporter\n0 report_id: x -> 1\n" },
};

START_TEST(tampered)
{
	const struct tampering *t = &tamperings[_i];

	put_both();
	look_run(rig.path, t->sql);
	ck_assert_int_eq(compare(1, false), RUAD_AGAIN_DIFFERS);
	if (t->told != NULL)
		ck_assert_str_eq(text, t->told);
	/* Looking changes nothing. */
	ck_assert_int_eq(compare(1, false), RUAD_AGAIN_DIFFERS);
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	ck_assert_int_eq(compare(1, false), RUAD_AGAIN_SAME);
	ck_assert_int_eq(compare(2, false), RUAD_AGAIN_SAME);
	expect("SELECT group_concat(report_key) FROM report", "1,2");
	expect("SELECT received_epoch || ' ' || mail_key FROM report"
	       " WHERE report_key = 1",
	    "1700100000 1");
	look_check(rig.path);
}
END_TEST

/* Time or domain were understood in another way: it counts for another day. */
START_TEST(moved)
{
	put_both();
	look_run(rig.path,
	    "INSERT INTO domain (name) VALUES ('old.example');"
	    "UPDATE report SET begin_epoch = begin_epoch - 864000,"
	    " end_epoch = end_epoch - 864000, policy_domain_key ="
	    " (SELECT domain_key FROM domain WHERE name = 'old.example'),"
	    " content_hash = zeroblob(32) WHERE report_key = 1;"
	    "DELETE FROM daily;"
	    "INSERT INTO daily SELECT r.policy_domain_key,"
	    " (r.begin_epoch + (r.end_epoch - r.begin_epoch) / 2) / 86400,"
	    " c.header_from_key, c.source_key, c.disposition, c.dkim, c.spf,"
	    " c.dkim_alignment, c.spf_alignment, sum(c.messages),"
	    " count(DISTINCT report_key) FROM record AS c"
	    " JOIN report AS r USING (report_key)"
	    " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;" LOOK_RECOUNT_DAYS);
	look_check(rig.path);
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
	expect("SELECT count(DISTINCT day) FROM daily", "1");
	look_check(rig.path);
}
END_TEST

/* Records of the other report have been expired, and the roll-up knows more
 * than they tell: what has not been changed can be taken out of it exactly. */
START_TEST(beside_expired)
{
	put_both();
	look_run(rig.path, "DELETE FROM report WHERE report_key = 2");
	look_run(rig.path,
	    "UPDATE report SET org_email = 'x' WHERE report_key = 1");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	expect("SELECT sum(messages) FROM daily", "134");
}
END_TEST

/* And what has been changed cannot: nothing is done. */
START_TEST(kept)
{
	struct ruad_again_result result;
	const char *const sql = _i == 0
	    ? "DELETE FROM report WHERE report_key = 2"
	    : "DELETE FROM record WHERE report_key = 2";

	put_both();
	look_run(rig.path, sql);
	look_run(rig.path,
	    "UPDATE record SET messages = 999 WHERE report_key = 1"
	    " AND row_no = 1");
	result = rig_compare(&rig, 1, true, text, sizeof(text));
	ck_assert_int_eq(result.outcome, RUAD_AGAIN_KEPT);
	ck_assert_str_ne(result.text, "");
	expect("SELECT sum(messages) FROM daily", "134");
	expect("SELECT messages FROM record WHERE report_key = 1"
	       " AND row_no = 1",
	    "999");
}
END_TEST

/* Both have been changed, one after the other is put right. */
START_TEST(both_tampered)
{
	static const char *const order[][2] = { { "1", "2" }, { "2", "1" } };

	put_both();
	look_run(rig.path,
	    "UPDATE record SET messages = 999 WHERE report_key = 1"
	    " AND row_no = 1;"
	    "DELETE FROM record WHERE report_key = 2 AND row_no = 1");
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(compare(atoi(order[_i][i]), true),
		    RUAD_AGAIN_REPLACED);
	look_check(rig.path);
}
END_TEST

/* Warnings that speak of the store as it was stay. */
START_TEST(warnings_of_the_store)
{
	struct rig_mail m = first;

	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	m.id = "2";
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT count(*) FROM report"
	       " WHERE instr(warnings, 'REP_OVERLAP')",
	    "1");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
	ck_assert_int_eq(compare(2, true), RUAD_AGAIN_SAME);
	look_run(rig.path, "UPDATE report SET org_email = 'x'");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	ck_assert_int_eq(compare(2, true), RUAD_AGAIN_REPLACED);
	expect("SELECT report_key FROM report"
	       " WHERE instr(warnings, 'REP_OVERLAP')",
	    "2");
}
END_TEST

/* A copy that was a conflict is none once the report reads like it. */
START_TEST(conflict_ends)
{
	put_both();
	look_run(rig.path,
	    "INSERT INTO conflict SELECT 1, content_hash, 2, 1, 3, 13"
	    " FROM report WHERE report_key = 1;"
	    "UPDATE report SET content_hash = zeroblob(32)"
	    " WHERE report_key = 1");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	expect("SELECT count(*) FROM conflict", "0");
	look_check(rig.path);
}
END_TEST

/* Two reports of one identity in a mail: the first is stored. */
START_TEST(twice_in_a_mail)
{
	struct rig_mail m = first, other = first;
	char more[4000], *xml;

	other.rows[0].messages = 6;
	xml = rig_xml(&other);
	snprintf(more, sizeof(more),
	    "Content-Type: text/xml; name=\"s.xml\"\n\n%s", xml);
	free(xml);
	m.more = more;
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT count(*) FROM conflict", "1");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
	look_run(rig.path, "UPDATE report SET content_hash = zeroblob(32)");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	expect("SELECT messages FROM record WHERE row_no = 1", "5");
	look_check(rig.path);
}
END_TEST

START_TEST(refused_by_now)
{
	put_both();
	rig.set.limits.records = 1;
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REFUSED);
	expect("SELECT count(*) FROM record WHERE report_key = 1", "3");
}
END_TEST

/* The rules of the site are not about reading. */
START_TEST(rules_do_not_count)
{
	static const char *const domains[] = { "other.example" };

	put_both();
	rig.set.domains = domains;
	rig.set.domain_count = 1;
	rig.set.require_auth = RUAD_REQUIRE_AUTH_ENFORCE;
	rig.set.registered_only = true;
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
}
END_TEST

START_TEST(no_original)
{
	put_both();
	look_run(rig.path,
	    "DELETE FROM raw WHERE mail_key = 1;"
	    "UPDATE raw SET data = x'00'");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_NO_ORIGINAL);
	ck_assert_int_eq(compare(2, true), RUAD_AGAIN_NO_ORIGINAL);
	look_check(rig.path);
}
END_TEST

/* The report of its mail is stored under another key already. */
START_TEST(not_found)
{
	put_both();
	look_run(rig.path,
	    "UPDATE report SET mail_key = 2 WHERE report_key = 1;"
	    "UPDATE report SET mail_key = 1 WHERE report_key = 2");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_NOT_FOUND);
}
END_TEST

START_TEST(trust_differs)
{
	static const char *const ids[] = { "mx.example" };
	struct rig_mail m = first;

	m.auth = "dmarc=pass header.from=reporter.example";
	ck_assert_int_eq(rig_put(&rig, &m), RUAD_STORED);
	expect("SELECT trust FROM v_report", "off");
	rig.set.trust.authserv_ids = ids;
	rig.set.trust.authserv_id_count = 1;
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	ck_assert_str_eq(text,
	    "0 trust: off -> pass\n"
	    "0 trust_domain: - -> reporter.example\n");
	expect("SELECT trust FROM v_report", "pass");
	/* Where nobody looks, what is known stays. */
	rig.set.trust.authserv_id_count = 0;
	rig_again(&rig);
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_SAME);
	look_run(rig.path, "UPDATE report SET org_email = 'x'");
	ck_assert_int_eq(compare(1, true), RUAD_AGAIN_REPLACED);
	expect("SELECT trust FROM v_report", "pass");
}
END_TEST

/* A report is read back as what its hash was taken of. */
START_TEST(load)
{
	struct ruad_budget small = { .max = 1000 };
	struct ruad_loaded l;
	struct ruad_err err;
	int64_t key;
	sqlite3 *db;

	put_both();
	db = look_open(rig.path);
	ck_assert_int_eq(ruad_report_load(db, 1, NULL, &l, &err), RUAD_OK);
	ck_assert(l.intact);
	ck_assert_uint_eq(l.report->records, 3);
	ck_assert_str_eq(l.report->org_key, "reporter");
	ck_assert_str_eq(ruad_report_text(l.report, l.report->policy_domain),
	    "example.com");
	ck_assert_int_eq(l.place.received_epoch, RIG_RECEIVED);
	ck_assert_int_eq(ruad_report_find(db, l.report, &key, &err), RUAD_OK);
	ck_assert_int_eq(key, 1);
	ruad_loaded_free(&l);
	ck_assert_int_eq(ruad_report_load(db, 9, NULL, &l, &err), RUAD_END);
	ck_assert_ptr_null(l.report);
	ck_assert_int_eq(ruad_report_load(db, 1, &small, &l, &err), RUAD_TEMP);
	ck_assert_ptr_null(l.report);
	ck_assert_uint_eq(small.used, 0);
	look_run_on(db,
	    "UPDATE record SET messages = messages + 1"
	    " WHERE report_key = 1 AND row_no = 3");
	ck_assert_int_eq(ruad_report_load(db, 1, NULL, &l, &err), RUAD_OK);
	ck_assert(!l.intact);
	ruad_loaded_free(&l);
	sqlite3_close(db);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reparse");
	TCase *tc = tcase_create("reparse");

	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, same);
	add_rows(tc, tampered, tamperings);
	tcase_add_test(tc, moved);
	tcase_add_test(tc, beside_expired);
	tcase_add_loop_test(tc, kept, 0, 2);
	tcase_add_loop_test(tc, both_tampered, 0, 2);
	tcase_add_test(tc, warnings_of_the_store);
	tcase_add_test(tc, conflict_ends);
	tcase_add_test(tc, twice_in_a_mail);
	tcase_add_test(tc, refused_by_now);
	tcase_add_test(tc, rules_do_not_count);
	tcase_add_test(tc, no_original);
	tcase_add_test(tc, not_found);
	tcase_add_test(tc, trust_differs);
	tcase_add_test(tc, load);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
