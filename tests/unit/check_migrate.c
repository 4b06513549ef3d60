/* check_migrate.c - a store of each released schema comes to the version of
 * today with all its rows, and its views keep every column. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "look.h"
#include "migrations.h"
#include "query.h"
#include "store.h"
#include "temp_dir.h"

static char path[200];
static const struct ruad_store_settings settings = { .busy_msecs = 1000 };

static void
new_path(void)
{
	temp_dir_enter();
	temp_dir_path(path, "store.db");
}

static sqlite3 *
open_other(void)
{
	return look_open(path);
}

/* All that a statement gives, as text that the caller frees. */
static char *
dump(sqlite3 *db, const char *sql)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	sqlite3_stmt *stmt;
	int rc;

	ck_assert_ptr_nonnull(to);
	rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	ck_assert_msg(rc == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(stmt); i++)
			fprintf(to, "%s|",
			    sqlite3_column_type(stmt, i) == SQLITE_NULL
				? "NULL"
				: (const char *)sqlite3_column_text(stmt, i));
		fputc('\n', to);
	}
	ck_assert_msg(rc == SQLITE_DONE, "%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	ck_assert_int_eq(fclose(to), 0);
	return text;
}

/* What must be the same before and after: each table of version 1, and each
 * view of the interface with the columns that it promises. */
static const struct same {
	const char *name, *sql;
} same[] = {
	{ "reporter", "SELECT * FROM reporter ORDER BY 1" },
	{ "domain", "SELECT * FROM domain ORDER BY 1" },
	{ "source",
	    "SELECT source_key, hex(ip), ip_text, ptr, asn, as_org,"
	    " country, sender FROM source ORDER BY 1" },
	{ "mail",
	    "SELECT mail_key, hex(digest), is_mail, received_epoch,"
	    " bytes, queue_id, message_id, mail_from, header_from,"
	    " subject, file_name, forwarded, trust, trust_domain,"
	    " trust_by FROM mail ORDER BY 1" },
	{ "raw", "SELECT mail_key, hex(data) FROM raw ORDER BY 1" },
	{ "report",
	    "SELECT report_key, reporter_key, policy_domain_key,"
	    " report_id, begin_epoch, end_epoch, mail_key,"
	    " received_epoch, org_name, org_email,"
	    " extra_contact_info, generator, p, sp, np, adkim, aspf,"
	    " pct, fo, testing, discovery_method, dialect, version,"
	    " namespace, part, records, messages, messages_pass,"
	    " rows_refused, warnings, hex(content_hash)"
	    " FROM report ORDER BY 1" },
	{ "report_error", "SELECT * FROM report_error ORDER BY 1, 2" },
	{ "raw_word", "SELECT * FROM raw_word ORDER BY 1, 2, 3, 4" },
	{ "refused_row", "SELECT * FROM refused_row ORDER BY 1, 2" },
	{ "conflict",
	    "SELECT report_key, hex(content_hash), mail_key,"
	    " received_epoch, records, messages FROM conflict"
	    " ORDER BY 1, 2" },
	{ "auth_set", "SELECT auth_set_key, hex(digest) FROM auth_set" },
	{ "auth_result", "SELECT * FROM auth_result ORDER BY 1, 2" },
	{ "reason_set", "SELECT reason_set_key, hex(digest) FROM reason_set" },
	{ "reason", "SELECT * FROM reason ORDER BY 1, 2" },
	{ "record", "SELECT * FROM record ORDER BY 1, 2" },
	{ "daily", "SELECT * FROM daily" },
	{ "quarantine",
	    "SELECT quarantine_key, mail_key, outcome, code,"
	    " text, part, bytes FROM quarantine ORDER BY 1" },
	{ "v_report",
	    "SELECT report_key, org_name, org_email, report_id,"
	    " policy_domain, begin_epoch, end_epoch, begin_utc, end_utc, p,"
	    " sp, np, adkim, aspf, pct, fo, testing, discovery_method,"
	    " dialect, records, messages, messages_pass, rows_refused,"
	    " warnings, trust, received_utc, extra_contact_info, generator,"
	    " version, namespace, part, trust_domain, queue_id, message_id"
	    " FROM v_report ORDER BY 1" },
	{ "v_record",
	    "SELECT report_key, row_no, policy_domain, org_name, begin_utc,"
	    " end_utc, source_ip, messages, disposition, dkim, spf, dmarc,"
	    " header_from, envelope_from, envelope_to, dkim_alignment,"
	    " spf_alignment, reasons FROM v_record ORDER BY 1, 2" },
	{ "v_auth",
	    "SELECT report_key, row_no, method, domain, selector, scope,"
	    " result, alignment, human_result FROM v_auth"
	    " ORDER BY 1, 2, position" },
	{ "v_daily",
	    "SELECT day, policy_domain, header_from, source_ip, disposition,"
	    " dkim, spf, dkim_alignment, spf_alignment, messages, reports"
	    " FROM v_daily ORDER BY 1, 2, 3, 4" },
	{ "v_source",
	    "SELECT source_ip, first_day, last_day, messages, messages_pass,"
	    " ptr, asn, as_org, country, sender FROM v_source ORDER BY 1" },
	{ "v_quarantine",
	    "SELECT quarantine_key, received_utc, queue_id, message_id,"
	    " mail_from, outcome, code, text, bytes, part, subject, file_name"
	    " FROM v_quarantine ORDER BY 1" },
};

/* Something in each table of version 1. */
static const char rows_of_1[] =
    "INSERT INTO reporter VALUES (1, 'a reporter', 'A Reporter'),"
    " (2, 'other.example', 'other.example');"
    "INSERT INTO domain VALUES (1, 'example.com', 'example.com', 0),"
    " (2, 'mail.example.com', 'example.com', 0), (3, '', NULL, 0),"
    " (4, 'not a domain', NULL, 1);"
    "INSERT INTO source VALUES"
    " (1, x'00000000000000000000ffffc0000201', '192.0.2.1', 'a.example',"
    "  64500, 'An AS', 'XX', 'A sender'),"
    " (2, x'20010db8000000000000000000000001', '2001:db8::1', NULL, NULL,"
    "  NULL, NULL, NULL);"
    "INSERT INTO mail VALUES"
    " (1, randomblob(32), 1, 1700000000, 1234, '4XyZ', '<1@a.example>', '',"
    "  'a.example', 'Report domain: example.com', NULL, 0, 'pass',"
    "  'a.example', 'mx.example'),"
    " (2, randomblob(32), 0, 1700000001, 99, NULL, NULL, NULL, NULL, NULL,"
    "  'b.xml', 0, 'off', NULL, NULL),"
    " (3, randomblob(32), 1, 1700000002, 5000, 'q3', NULL, 'x@y.example',"
    "  NULL, NULL, NULL, 1, 'fail', 'y.example', 'mx.example');"
    "INSERT INTO raw VALUES (1, x'789c030000000001'), (3, x'00ff');"
    "INSERT INTO report VALUES"
    " (5, 1, 1, 'id 1', 1700000000, 1700086399, 1, 1700100000, 'A Reporter',"
    "  'r@a.example', 'https://a.example', 'maker 1.0', 3, 2, 1, 1, 2, 100,"
    "  '1:d', 2, 1, 4, '1.0', 'urn:x', 'part 2: a.xml.gz', 2, 7, 5, 1,"
    "  'REP_SPAN ROW_DOMAIN', randomblob(32)),"
    " (9, 2, 1, 'id 2', 1700086400, 1700172799, 2, 1700200000,"
    "  'other.example', NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, 0, 0,"
    "  2, NULL, NULL, NULL, 1, 1, 0, 0, '', randomblob(32));"
    "INSERT INTO report_error VALUES (5, 0, 'an error'), (5, 1, 'another');"
    "INSERT INTO raw_word VALUES (5, 0, 'p', 'Reject'), (5, 2, 'dkim', 'x');"
    "INSERT INTO refused_row VALUES (5, 3, 'ROW_IP', 'row 3: no address');"
    "INSERT INTO conflict VALUES (5, randomblob(32), 3, 1700000002, 4, 8);"
    "INSERT INTO auth_set VALUES (1, randomblob(16));"
    "INSERT INTO auth_result VALUES"
    " (1, 0, 1, 1, 's1', 0, 2, NULL, 'all well'),"
    " (1, 1, 2, 2, NULL, 1, 3, 'hardfail', NULL);"
    "INSERT INTO reason_set VALUES (1, randomblob(16));"
    "INSERT INTO reason VALUES (1, 0, 5, NULL, 'a list'),"
    " (1, 1, 1, 'arc', NULL);"
    "INSERT INTO record VALUES"
    " (5, 1, 1, 5, 1, 1, 2, 0, 2, 0, 1, 3, NULL, 1, 1),"
    " (5, 2, 2, 2, 4, 2, 2, 3, 0, 0, 4, NULL, 2, NULL, NULL),"
    " (9, 1, 1, 1, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL);"
    "INSERT INTO daily VALUES"
    " (1, 19676, 1, 1, 1, 1, 2, 2, 0, 5, 1),"
    " (1, 19676, 4, 2, 4, 2, 2, 0, 0, 2, 1),"
    " (1, 19677, 1, 1, 0, 0, 0, 0, 0, 1, 1);"
    "INSERT INTO quarantine VALUES"
    " (3, 3, 'refused', 'XML_DTD', 'a DTD', 'part 2', 400),"
    " (8, 3, 'not-a-report', 'MAIL_BOUNCE', 'a bounce', NULL, 5000);";

/* A store as the first version left it, open in another program. */
static sqlite3 *
make_version_1(void)
{
	sqlite3 *db = open_other();

	look_run_on(db,
	    "PRAGMA auto_vacuum = INCREMENTAL;"
	    "PRAGMA journal_mode = WAL; BEGIN");
	look_run_on(db, ruad_migrations[0]);
	look_run_on(db,
	    "PRAGMA application_id = 0x52554144;"
	    "PRAGMA user_version = 1; COMMIT");
	look_run_on(db, rows_of_1);
	return db;
}

static void
dump_all(sqlite3 *db, char *text[COUNT(same)])
{
	for (size_t i = 0; i < COUNT(same); i++)
		text[i] = dump(db, same[i].sql);
}

static int
version_of(sqlite3 *db)
{
	char *text = dump(db, "PRAGMA user_version");
	int version = atoi(text);

	free(text);
	return version;
}

static void
expect(sqlite3 *db, const char *sql, const char *want)
{
	char *got = dump(db, sql);

	ck_assert_msg(strcmp(got, want) == 0, "%s: %s", sql, got);
	free(got);
}

START_TEST(from_1)
{
	char *before[COUNT(same)], *after[COUNT(same)];
	sqlite3 *db = make_version_1();
	struct ruad_store *s;
	struct ruad_err err;

	dump_all(db, before);
	sqlite3_close(db);
	ck_assert_msg(ruad_store_open(path, &settings, &s, &err) == RUAD_OK,
	    "%s", err.text);
	ruad_store_close(&s);
	db = open_other();
	ck_assert_int_eq(version_of(db), ruad_store_schema_version());
	dump_all(db, after);
	for (size_t i = 0; i < COUNT(same); i++) {
		ck_assert_msg(before[i][0] != '\0', "%s was empty",
		    same[i].name);
		ck_assert_msg(strcmp(before[i], after[i]) == 0,
		    "%s: before:\n%safter:\n%s", same[i].name, before[i],
		    after[i]);
		free(before[i]);
		free(after[i]);
	}
	expect(db, "PRAGMA integrity_check", "ok|\n");
	expect(db, "PRAGMA foreign_key_check", "");
	sqlite3_close(db);
}
END_TEST

/* A migrated file is like a new one, but for its rows. */
START_TEST(same_schema)
{
	static const char sql[] =
	    "SELECT type, name, tbl_name, sql FROM sqlite_schema"
	    " WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
	sqlite3 *db = make_version_1();
	char *migrated, *fresh;
	struct ruad_store *s;
	struct ruad_err err;

	sqlite3_close(db);
	ck_assert_int_eq(ruad_store_open(path, &settings, &s, &err), RUAD_OK);
	ruad_store_close(&s);
	db = open_other();
	migrated = dump(db, sql);
	sqlite3_close(db);
	temp_dir_path(path, "fresh.db");
	ck_assert_int_eq(ruad_store_open(path, &settings, &s, &err), RUAD_OK);
	ruad_store_close(&s);
	db = open_other();
	fresh = dump(db, sql);
	sqlite3_close(db);
	ck_assert_str_eq(migrated, fresh);
	free(migrated);
	free(fresh);
}
END_TEST

START_TEST(keys_are_not_given_twice)
{
	sqlite3 *db = make_version_1();
	struct ruad_store *s;
	struct ruad_err err;

	sqlite3_close(db);
	ck_assert_int_eq(ruad_store_open(path, &settings, &s, &err), RUAD_OK);
	ruad_store_close(&s);
	db = open_other();
	look_run_on(db,
	    "DELETE FROM quarantine;"
	    "INSERT INTO quarantine (mail_key, outcome, code, text,"
	    " bytes) VALUES (3, 'refused', 'XML_DTD', 'x', 1)");
	expect(db, "SELECT quarantine_key FROM quarantine", "9|\n");
	sqlite3_close(db);
}
END_TEST

/* By what v_report says of a mail that passed, without a pin and with one. */
START_TEST(trusted)
{
	sqlite3 *db = make_version_1();
	struct ruad_store *s;
	struct ruad_err err;

	sqlite3_close(db);
	ck_assert_int_eq(ruad_store_open(path, &settings, &s, &err), RUAD_OK);
	ruad_store_close(&s);
	db = open_other();
	expect(db, "SELECT report_key, trusted FROM v_report ORDER BY 1",
	    "5|1|\n9|0|\n");
	look_run_on(db,
	    "INSERT INTO reporter_domain VALUES"
	    " ('a reporter', 'b.example', 'A Reporter', 0)");
	expect(db, "SELECT trusted FROM v_report WHERE report_key = 5", "0|\n");
	look_run_on(db,
	    "INSERT INTO reporter_domain VALUES"
	    " ('a reporter', 'example', 'A Reporter', 0)");
	expect(db, "SELECT trusted FROM v_report WHERE report_key = 5", "1|\n");
	look_run_on(db,
	    "DELETE FROM reporter_domain WHERE domain = 'example';"
	    "INSERT INTO reporter_domain VALUES"
	    " ('a reporter', '.example', 'A Reporter', 0),"
	    " ('a reporter', 'xample', 'A Reporter', 0)");
	expect(db, "SELECT trusted FROM v_report WHERE report_key = 5", "0|\n");
	sqlite3_close(db);
}
END_TEST

/* A migration that fails changes nothing. */
START_TEST(all_or_nothing)
{
	char *before[COUNT(same)], *after[COUNT(same)];
	sqlite3 *db = make_version_1();
	struct ruad_store *s;
	struct ruad_err err;

	/* The last statement of the migration cannot succeed. */
	look_run_on(db, "CREATE TABLE reporter_domain (x)");
	dump_all(db, before);
	sqlite3_close(db);
	ck_assert_int_ne(ruad_store_open(path, &settings, &s, &err), RUAD_OK);
	ck_assert_ptr_null(s);
	db = open_other();
	ck_assert_int_eq(version_of(db), 1);
	dump_all(db, after);
	for (size_t i = 0; i < COUNT(same); i++) {
		ck_assert_str_eq(before[i], after[i]);
		free(before[i]);
		free(after[i]);
	}
	expect(db,
	    "SELECT count(*) FROM sqlite_schema"
	    " WHERE name = 'registered_domain'",
	    "0|\n");
	sqlite3_close(db);
}
END_TEST

/* Both numbers are in the text. */
static void
expect_numbers(const struct ruad_err *err, int has)
{
	char want[40];

	snprintf(want, sizeof(want), "version %d", has);
	ck_assert_msg(strstr(err->text, want) != NULL, "%s", err->text);
	snprintf(want, sizeof(want), "%d:", ruad_store_schema_version());
	ck_assert_msg(strstr(err->text, want) != NULL, "%s", err->text);
}

START_TEST(newer_is_refused)
{
	sqlite3 *db = make_version_1();
	struct ruad_query *q;
	struct ruad_store *s;
	struct ruad_err err;

	look_run_on(db, "PRAGMA user_version = 99");
	sqlite3_close(db);
	ck_assert_int_eq(ruad_store_open(path, &settings, &s, &err), RUAD_BAD);
	expect_numbers(&err, 99);
	ck_assert_int_eq(ruad_query_open(path, 0, &q, &err), RUAD_BAD);
	expect_numbers(&err, 99);
	db = open_other();
	ck_assert_int_eq(version_of(db), 99);
	sqlite3_close(db);
}
END_TEST

/* Who only reads does not upgrade. */
START_TEST(older_is_not_read)
{
	sqlite3 *db = make_version_1();
	struct ruad_query *q;
	struct ruad_err err;

	sqlite3_close(db);
	ck_assert_int_eq(ruad_query_open(path, 0, &q, &err), RUAD_BAD);
	expect_numbers(&err, 1);
	db = open_other();
	ck_assert_int_eq(version_of(db), 1);
	sqlite3_close(db);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("migrate");
	TCase *tc = tcase_create("migrate");

	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, new_path, NULL);
	tcase_add_test(tc, from_1);
	tcase_add_test(tc, same_schema);
	tcase_add_test(tc, keys_are_not_given_twice);
	tcase_add_test(tc, trusted);
	tcase_add_test(tc, all_or_nothing);
	tcase_add_test(tc, newer_is_refused);
	tcase_add_test(tc, older_is_not_read);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
