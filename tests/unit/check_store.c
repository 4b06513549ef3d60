/* check_store.c - the store: opening, identity and outcome of reports, the
 * roll-up, quarantine, and what happens when writing fails. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "check_main.h"
#include "fault_vfs.h"
#include "look.h"
#include "make_report.h"
#include "rig.h"
#include "store.h"
#include "temp_dir.h"

static char path[200];
static const struct ruad_store_settings first_stays = { .busy_msecs = 5000 };
static const struct ruad_store_settings last_stays = { .busy_msecs = 5000,
	.conflict_last = true };
static const struct ruad_store_settings no_wait = { .busy_msecs = 0 };

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

static void
run(const char *sql)
{
	look_run(path, sql);
}

static const char *
ask(const char *sql)
{
	return look_ask(path, sql);
}

static int
ask_int(const char *sql)
{
	return look_ask_int(path, sql);
}

static void
check_store(void)
{
	look_check(path);
}

/* Put one delivery, which is freed, and tell its outcome. */
static enum ruad_outcome
put(struct ruad_store *s, struct ruad_delivery *d)
{
	struct ruad_err err = { 0 };
	enum ruad_status st = ruad_store_put(s, &d, 1, &err);
	enum ruad_outcome outcome = d->outcome;

	ck_assert_int_eq(st, outcome == RUAD_ERROR ? RUAD_TEMP : RUAD_OK);
	ruad_delivery_free(&d);
	return outcome;
}

static enum ruad_outcome
put_report(struct ruad_store *s, unsigned number, const struct make_report *m)
{
	return put(s, make_delivery(number, m));
}

static off_t
size_of(const char *suffix)
{
	char name[220];
	struct stat sb;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &sb) == 0 ? sb.st_size : -1;
}

START_TEST(open_new)
{
	struct ruad_store *s;
	struct stat sb;

	umask(0);
	s = rig_open_store(path, &first_stays);
	ck_assert_int_eq(stat(path, &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0640);
	ck_assert_int_eq(ask_int("PRAGMA user_version"),
	    ruad_store_schema_version());
	ck_assert_int_eq(ask_int("PRAGMA application_id"), 0x52554144);
	ck_assert_str_eq(ask("PRAGMA journal_mode"), "wal");
	ck_assert_int_eq(ask_int("PRAGMA auto_vacuum"), 2);
	ruad_store_close(&s);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(size_of("-wal"), -1);
	check_store();
}
END_TEST

START_TEST(open_respects_umask)
{
	struct ruad_store *s;
	struct stat sb;

	umask(077);
	s = rig_open_store(path, &first_stays);
	ck_assert_int_eq(stat(path, &sb), 0);
	ck_assert_int_eq(sb.st_mode & 0777, 0600);
	ruad_store_close(&s);
}
END_TEST

START_TEST(open_again_changes_nothing)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	int version, schema;

	put_report(s, 1, &(struct make_report){ .records = 3 });
	ruad_store_close(&s);
	schema = ask_int("PRAGMA schema_version");
	version = ask_int("PRAGMA user_version");
	s = rig_open_store(path, &first_stays);
	ruad_store_close(&s);
	ck_assert_int_eq(ask_int("PRAGMA schema_version"), schema);
	ck_assert_int_eq(ask_int("PRAGMA user_version"), version);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 3);
}
END_TEST

/* Files that are none of ours are refused, and not touched. */
static const struct {
	const char *sql; /* NULL: a text file */
	const char *text; /* part of the error */
} foreign[] = {
	{ "CREATE TABLE t (x)", "another program" },
	{ "PRAGMA application_id = 1; CREATE TABLE t (x)", "another program" },
	{ "PRAGMA application_id = 1; CREATE TABLE t (x); DROP TABLE t",
	    "another program" },
	{ "PRAGMA user_version = 1; CREATE TABLE t (x); DROP TABLE t",
	    "another program" },
	{ NULL, "not a store" },
};

START_TEST(open_foreign)
{
	struct ruad_store *s;
	struct ruad_err err = { 0 };
	char before[64], after[64];
	int fd;

	if (foreign[_i].sql != NULL)
		run(foreign[_i].sql);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	if (foreign[_i].sql == NULL)
		ck_assert_int_gt(dprintf(fd, "%0200d not a database\n", 1),
		    200);
	ck_assert_int_eq(pread(fd, before, sizeof(before), 0), sizeof(before));
	ck_assert_int_eq(ruad_store_open(path, &first_stays, &s, &err),
	    RUAD_BAD);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(err.code, RUAD_OUR_STORE);
	ck_assert_ptr_nonnull(strstr(err.text, foreign[_i].text));
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_int_eq(pread(fd, after, sizeof(after), 0), sizeof(after));
	ck_assert_mem_eq(before, after, sizeof(before));
	close(fd);
}
END_TEST

START_TEST(open_newer)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct ruad_err err = { 0 };
	char version[20];

	ruad_store_close(&s);
	run("PRAGMA user_version = 4711");
	ck_assert_int_eq(ruad_store_open(path, &first_stays, &s, &err),
	    RUAD_BAD);
	snprintf(version, sizeof(version), " %d:", ruad_store_schema_version());
	ck_assert_ptr_nonnull(strstr(err.text, " 4711,"));
	ck_assert_ptr_nonnull(strstr(err.text, version));
	ck_assert_int_eq(ask_int("PRAGMA user_version"), 4711);
}
END_TEST

START_TEST(open_no_directory)
{
	struct ruad_store *s;
	struct ruad_err err = { 0 };

	temp_dir_path(path, "none/store.db");
	ck_assert_int_eq(ruad_store_open(path, &first_stays, &s, &err),
	    RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_STORE);
	ck_assert_ptr_nonnull(strstr(err.text, "directory"));
}
END_TEST

START_TEST(open_needs_wal)
{
	struct ruad_store *s;
	struct ruad_err err = { 0 };

	ck_assert_int_eq(ruad_store_open(":memory:", &first_stays, &s, &err),
	    RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_STORE);
}
END_TEST

/* Programs that are started at the same time meet a file that is not there. */
START_TEST(open_together)
{
	enum { PROGRAMS = 4 };
	struct ruad_store *s;
	struct ruad_err err;
	char id[12];
	int i, status, start[2];

	ck_assert_int_eq(pipe(start), 0);
	for (i = 0; i < PROGRAMS; i++) {
		if (fork() != 0)
			continue;
		close(start[1]);
		if (read(start[0], id, 1) != 0 ||
		    ruad_store_open(path, &first_stays, &s, &err) != RUAD_OK) {
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		snprintf(id, sizeof(id), "%d", i);
		_exit(put_report(s, (unsigned)i,
			  &(struct make_report){ .id = id, .records = 5 }) !=
		    RUAD_STORED);
	}
	close(start[1]);
	for (i = 0; i < PROGRAMS; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(ask_int("SELECT count(*) FROM report"), PROGRAMS);
	check_store();
}
END_TEST

/* Another program writes just when the write-ahead log has to be set up, which
 * is the one thing that SQLite's own waiting does not cover. */
START_TEST(open_waits)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	char ready;
	int fd[2], status;
	sqlite3 *db;

	ruad_store_close(&s);
	run("PRAGMA journal_mode = DELETE");
	ck_assert_int_eq(pipe(fd), 0);
	if (fork() == 0) {
		db = open_other();
		look_run_on(db, "BEGIN IMMEDIATE");
		if (write(fd[1], "", 1) != 1)
			_exit(1);
		sqlite3_sleep(200);
		look_run_on(db, "ROLLBACK");
		sqlite3_close(db);
		_exit(0);
	}
	ck_assert_int_eq(read(fd[0], &ready, 1), 1);
	s = rig_open_store(path, &first_stays);
	ruad_store_close(&s);
	ck_assert_int_gt(wait(&status), 0);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(stored_report)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct ruad_delivery *d = make_delivery(1,
	    &(struct make_report){ .records = 40,
		.messages = 7,
		.ip_step = 3 });

	ruad_warn(&d->items->report->warnings, RUAD_MIME_RECOVERED);
	ck_assert_int_eq(ruad_store_put(s, &d, 1, NULL), RUAD_OK);
	ck_assert_int_eq(d->outcome, RUAD_STORED);
	ck_assert_int_eq(d->items->outcome, RUAD_STORED);
	ck_assert_int_eq(d->items->report_key, 1);
	ck_assert_int_eq(d->code, RUAD_CODE_NONE);
	ck_assert_ptr_null(d->text);
	ruad_delivery_free(&d);
	ck_assert_str_eq(
	    ask("SELECT org_name || '|' || report_id || '|' || policy_domain"
		" || '|' || begin_utc || '|' || p || '|' || adkim || '|' ||"
		" coalesce(sp, '-') || '|' || pct || '|' || dialect || '|' ||"
		" records || '|' || messages || '|' || rows_refused || '|' ||"
		" warnings || '|' || trust || '|' || part FROM v_report"),
	    "Receiver Inc|1|example.com|2023-11-14T22:13:20Z|reject|r|-|100|D1"
	    "|40|280|1|MIME_RECOVERED ROW_DISPOSITION|off"
	    "|part 1: r.zip: r.xml");
	ck_assert_str_eq(
	    ask("SELECT source_ip || '|' || messages || '|' || dmarc || '|' ||"
		" header_from || '|' || dkim_alignment || '|' ||"
		" coalesce(reasons, '-') FROM v_record WHERE row_no = 2"),
	    "0.0.0.3|7|pass|mail.example.com|relaxed|-");
	ck_assert_str_eq(ask("SELECT source_ip FROM v_record WHERE row_no = "
			     "16"),
	    "2001:db8::2d");
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_record"
				 " WHERE reasons = 'mailing_list'"),
	    4);
	ck_assert_str_eq(
	    ask("SELECT group_concat(domain || '/' || coalesce(selector, '-')"
		" || '/' || result || '/' || alignment || '/' ||"
		" coalesce(result_raw, '-')) FROM v_auth WHERE row_no = 2"),
	    "example.com/s0/pass/relaxed/-,other.example/-/fail/none/"
	    "hardfail");
	ck_assert_int_eq(ask_int("SELECT count(*) FROM auth_set"), 3);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM reason_set"), 1);
	ck_assert_int_eq(ask_int(
			     "SELECT count(*) FROM record"
			     " WHERE auth_set_key IS NULL AND row_no % 4 = 1"),
	    10);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM v_daily"), 280);
	ck_assert_str_eq(ask("SELECT max(day) FROM v_daily"), "2023-11-15");
	ck_assert_str_eq(ask("SELECT word FROM raw_word WHERE field = "
			     "'disposition'"),
	    "monitor");
	ck_assert_str_eq(ask("SELECT code FROM refused_row"), "ROW_IP");
	ck_assert_str_eq(ask("SELECT text FROM report_error"),
	    "no reply from 2001:db8::1");
	ck_assert_str_eq(ask("SELECT mail_from FROM mail"), "");
	ck_assert_int_eq(ask_int("SELECT count(*) FROM raw"), 0);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* The organizational domain becomes known after the name. */
START_TEST(org_domain_later)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct make_report m = { .records = 10 };
	struct ruad_delivery *d = make_delivery(1, &m);

	d->items->report->names[0].org_domain = NULL;
	ck_assert_int_eq(put(s, d), RUAD_STORED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM domain WHERE"
				 " name = 'example.com'"
				 " AND org_domain IS NULL"),
	    1);
	m.id = "2";
	ck_assert_int_eq(put_report(s, 2, &m), RUAD_STORED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM domain WHERE"
				 " name = 'example.com'"
				 " AND org_domain = 'example.com'"),
	    1);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* One report after another into a store; what becomes of each. */
static const struct {
	struct make_report report;
	enum ruad_outcome first, last; /* with conflict = first, last */
	bool overlap;
	int records; /* of the last report of its identity, in the store */
	int records_last;
} series[] = {
	{ { .records = 20, .ip_step = 1 }, RUAD_STORED, RUAD_STORED, false, 20,
	    20 },
	/* the same */
	{ { .records = 20, .ip_step = 1 }, RUAD_DUPLICATE, RUAD_DUPLICATE,
	    false, 20, 20 },
	/* other content */
	{ { .records = 30, .ip_step = 2, .messages = 5, .content = 1 },
	    RUAD_CONFLICT, RUAD_CONFLICT, false, 20, 30 },
	/* the other content again, and the first again */
	{ { .records = 30, .ip_step = 2, .messages = 5, .content = 1 },
	    RUAD_DUPLICATE, RUAD_DUPLICATE, false, 20, 30 },
	{ { .records = 20, .ip_step = 1 }, RUAD_DUPLICATE, RUAD_DUPLICATE,
	    false, 20, 30 },
	/* a third content */
	{ { .records = 7, .content = 2 }, RUAD_CONFLICT, RUAD_CONFLICT, false,
	    20, 7 },
	/* each part of the identity on its own makes another report */
	{ { .records = 20, .id = "2" }, RUAD_STORED, RUAD_STORED, true, 20,
	    20 },
	{ { .records = 20, .org = "Other" }, RUAD_STORED, RUAD_STORED, false,
	    20, 20 },
	{ { .records = 20, .domain = "example.net" }, RUAD_STORED, RUAD_STORED,
	    false, 20, 20 },
	{ { .records = 20, .begin = 1700000001, .end = 1700086399 },
	    RUAD_STORED, RUAD_STORED, true, 20, 20 },
	{ { .records = 20, .end = 1700086400 }, RUAD_STORED, RUAD_STORED, true,
	    20, 20 },
	/* the name of the reporter in other letters is the same name */
	{ { .records = 20, .org = "RECEIVER INC" }, RUAD_DUPLICATE,
	    RUAD_DUPLICATE, false, 20, 7 },
	/* periods that touch do not overlap, one second more does */
	{ { .records = 20, .org = "Other", .begin = 1700086399 }, RUAD_STORED,
	    RUAD_STORED, false, 20, 20 },
	{ { .records = 20,
	      .org = "Other",
	      .begin = 1699990000,
	      .end = 1700000000 },
	    RUAD_STORED, RUAD_STORED, false, 20, 20 },
	{ { .records = 20,
	      .org = "Other",
	      .begin = 1699980000,
	      .end = 1699990001 },
	    RUAD_STORED, RUAD_STORED, true, 20, 20 },
	/* a long one that holds others */
	{ { .records = 20,
	      .org = "Other",
	      .begin = 1699000000,
	      .end = 1702000000 },
	    RUAD_STORED, RUAD_STORED, true, 20, 20 },
	/* before the epoch */
	{ { .records = 3, .begin = -200000, .end = -190000 }, RUAD_STORED,
	    RUAD_STORED, false, 3, 3 },
	/* no record at all */
	{ { .records = 0, .domain = "empty.example" }, RUAD_STORED, RUAD_STORED,
	    false, 0, 0 },
};

static void
put_in_series(struct ruad_store *s, unsigned i, enum ruad_outcome want,
    int want_records)
{
	struct ruad_delivery *d = make_delivery(i, &series[i].report);
	struct ruad_item *item = d->items;
	char sql[100];
	bool stored = want == RUAD_STORED;

	ck_assert_int_eq(ruad_store_put(s, &d, 1, NULL), RUAD_OK);
	ck_assert_msg(d->outcome == want, "%u: want %s, have %s", i,
	    ruad_outcome_word(want), ruad_outcome_word(d->outcome));
	ck_assert_int_ne(item->report_key, 0);
	ck_assert_int_eq(item->code,
	    stored                      ? RUAD_CODE_NONE
		: want == RUAD_CONFLICT ? RUAD_REP_DUP_CONFLICT
					: RUAD_REP_DUP_EXACT);
	ck_assert_int_eq(item->text == NULL, stored);
	if (stored)
		ck_assert_msg(ruad_warned(&item->report->warnings,
				  RUAD_REP_OVERLAP) == series[i].overlap,
		    "%u: overlap", i);
	snprintf(sql, sizeof(sql),
	    "SELECT records FROM v_report WHERE report_key = %d",
	    (int)item->report_key);
	ck_assert_int_eq(ask_int(sql), want_records);
	ruad_delivery_free(&d);
	check_store();
}

START_TEST(put_series)
{
	bool last = _i == 1;
	struct ruad_store *s =
	    rig_open_store(path, last ? &last_stays : &first_stays);
	unsigned i;

	for (i = 0; i < COUNT(series); i++)
		put_in_series(s, i, last ? series[i].last : series[i].first,
		    last ? series[i].records_last : series[i].records);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM conflict"), 2);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_report"
				 " WHERE warnings LIKE '%REP_OVERLAP%'"),
	    5);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* Where the records of the first are gone, the last cannot replace it. */
START_TEST(replace_expired)
{
	struct ruad_store *s = rig_open_store(path, &last_stays);
	struct make_report m = { .records = 9 };

	put_report(s, 1, &m);
	run("PRAGMA foreign_keys = ON; DELETE FROM record WHERE row_no > 4");
	m.content = 1;
	ck_assert_int_eq(put_report(s, 2, &m), RUAD_CONFLICT);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 4);
	ck_assert_int_eq(ask_int("SELECT sum(messages) FROM daily"), 9);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM conflict"), 1);
	ruad_store_close(&s);
}
END_TEST

/* With its original. */
static struct ruad_delivery *
with_raw(struct ruad_delivery *d)
{
	d->raw = malloc(5);
	ck_assert_ptr_nonnull(d->raw);
	memcpy(d->raw, "<raw>", 5);
	d->raw_bytes = 5;
	return d;
}

/* The same mail again, and the same report in another mail: no write. */
START_TEST(duplicate_writes_nothing)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct make_report m = { .records = 50, .ip_step = 1 };
	sqlite3 *db = open_other();
	off_t wal;
	int i, pages = -1, moved = -1;

	put_report(s, 1, &m);
	wal = size_of("-wal");
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(put_report(s, 1, &m), RUAD_DUPLICATE);
		ck_assert_int_eq(put_report(s, 2, &m), RUAD_DUPLICATE);
		ck_assert_int_eq(put(s, with_raw(make_delivery(3, &m))),
		    RUAD_DUPLICATE);
	}
	ck_assert_int_eq(size_of("-wal"), wal);
	look_run_on(db, "SELECT * FROM mail");
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &pages,
	    &moved);
	ck_assert_int_eq(size_of("-wal"), 0);
	ck_assert_int_eq(put_report(s, 3, &m), RUAD_DUPLICATE);
	ck_assert_int_eq(size_of("-wal"), 0);
	sqlite3_close(db);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 1);
	ruad_store_close(&s);
	check_store();
}
END_TEST

START_TEST(same_report_twice_in_a_mail)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct make_report m = { .records = 5 };
	struct ruad_delivery *d[2] = { make_delivery(1, &m),
		make_delivery(2, &m) };

	add_report(d[0], &m);
	ck_assert_int_eq(ruad_store_put(s, d, 2, NULL), RUAD_OK);
	ck_assert_int_eq(d[0]->outcome, RUAD_STORED);
	ck_assert_int_eq(d[0]->items->outcome, RUAD_STORED);
	ck_assert_int_eq(d[0]->items->next->outcome, RUAD_DUPLICATE);
	ck_assert_int_eq(d[1]->outcome, RUAD_DUPLICATE);
	ruad_delivery_free(&d[0]);
	ruad_delivery_free(&d[1]);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 1);
	ruad_store_close(&s);
	check_store();
}
END_TEST

static struct ruad_delivery *
refused_mail(unsigned number)
{
	struct ruad_delivery *d = make_mail(number);

	add_refusal(d, RUAD_XML_DTD, "part 1: a.xml");
	add_refusal(d, RUAD_XML_DTD, "part 2: b.xml");
	add_refusal(d, RUAD_MAIL_NO_REPORT, NULL)->outcome = RUAD_NOT_A_REPORT;
	return with_raw(d);
}

START_TEST(quarantine)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	off_t wal;
	int i;

	ck_assert_int_eq(put(s, refused_mail(1)), RUAD_REFUSED);
	wal = size_of("-wal");
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(put(s, refused_mail(1)), RUAD_REFUSED);
	ck_assert_int_eq(size_of("-wal"), wal);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_quarantine"), 3);
	ck_assert_str_eq(
	    ask("SELECT outcome || '|' || code || '|' || text || '|' ||"
		" part || '|' || bytes || '|' || queue_id FROM v_quarantine"
		" LIMIT 1 OFFSET 1"),
	    "refused|XML_DTD|the XML has a document type declaration"
	    "|part 2: b.xml|99|4QF1");
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_quarantine"
				 " WHERE outcome = 'not-a-report'"),
	    1);
	ck_assert_str_eq(ask("SELECT CAST(data AS TEXT) FROM raw"), "<raw>");
	/* another mail with the same faults is another case */
	ck_assert_int_eq(put(s, refused_mail(2)), RUAD_REFUSED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_quarantine"), 6);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* A report that is read but refused by a rule stays out of the store. */
START_TEST(refused_by_rule)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct ruad_delivery *d =
	    make_delivery(1, &(struct make_report){ .records = 5 });

	d->items->outcome = RUAD_REFUSED;
	d->items->code = RUAD_REP_FOREIGN_DOMAIN;
	add_report(d, &(struct make_report){ .records = 6, .id = "2" });
	ck_assert_int_eq(ruad_store_put(s, &d, 1, NULL), RUAD_OK);
	ck_assert_int_eq(d->outcome, RUAD_STORED);
	ck_assert_int_eq(d->items->outcome, RUAD_REFUSED);
	ck_assert_int_eq(d->items->report_key, 0);
	ruad_delivery_free(&d);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 6);
	ck_assert_str_eq(ask("SELECT code || '|' || text FROM quarantine"),
	    "REP_FOREIGN_DOMAIN|the policy domain is not registered");
	ruad_store_close(&s);
	check_store();
}
END_TEST

START_TEST(mail_without_items)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);

	ck_assert_int_eq(put(s, make_mail(1)), RUAD_NOT_A_REPORT);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 0);
	ruad_store_close(&s);
}
END_TEST

/* A delivery that cannot be stored, among others that can. It brings sets that
 * the later ones have too: their keys went with it. */
START_TEST(poison_in_a_batch)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct ruad_delivery *d[5];
	char id[12];
	unsigned i;

	for (i = 0; i < COUNT(d); i++) {
		snprintf(id, sizeof(id), "%u", i);
		d[i] = make_delivery(i,
		    &(struct make_report){ .id = id,
			.records = 15,
			.auth_sets = i == 0 ? 1 : 14 - i,
			.broken = i == 1 });
	}
	ck_assert_int_eq(ruad_store_put(s, d, COUNT(d), NULL), RUAD_OK);
	for (i = 0; i < COUNT(d); i++) {
		ck_assert_int_eq(d[i]->outcome,
		    i == 1 ? RUAD_ERROR : RUAD_STORED);
		if (i == 1)
			ck_assert_int_eq(d[i]->code, RUAD_OUR_STORE);
		ruad_delivery_free(&d[i]);
	}
	ck_assert_int_eq(ask_int("SELECT count(*) FROM report"), 4);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), 4);
	ck_assert_int_eq(ask_int("SELECT count(DISTINCT selector) FROM v_auth"
				 " JOIN v_report USING (report_key)"
				 " WHERE report_id = '2'"),
	    12);
	/* alone it is the whole transaction */
	ck_assert_int_eq(put_report(s, 9,
			     &(struct make_report){ .id = "10",
				 .records = 2,
				 .broken = true }),
	    RUAD_ERROR);
	ruad_store_close(&s);
	check_store();
}
END_TEST

START_TEST(locked)
{
	struct ruad_store *s = rig_open_store(path, &no_wait);
	struct make_report m = { .records = 5 };
	struct ruad_delivery *d[2] = { make_delivery(1, &m),
		make_delivery(2, &m) };
	struct ruad_err err = { 0 };
	sqlite3 *db = open_other();

	look_run_on(db, "BEGIN IMMEDIATE");
	ck_assert_int_eq(ruad_store_put(s, d, 2, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_BUSY);
	ck_assert_int_eq(d[0]->outcome, RUAD_ERROR);
	ck_assert_int_eq(d[0]->code, RUAD_OUR_BUSY);
	ck_assert_int_eq(d[1]->outcome, RUAD_ERROR);
	ck_assert_ptr_nonnull(strstr(d[1]->text, "locked"));
	ruad_delivery_free(&d[0]);
	ruad_delivery_free(&d[1]);
	look_run_on(db, "ROLLBACK");
	sqlite3_close(db);
	ck_assert_int_eq(put_report(s, 1, &m), RUAD_STORED);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* Keys that are remembered may be gone when another program has written. */
START_TEST(other_program_writes)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct make_report m = { .records = 20, .ip_step = 1 };

	ck_assert_int_eq(put_report(s, 1, &m), RUAD_STORED);
	run("PRAGMA foreign_keys = ON; DELETE FROM report; DELETE FROM mail;"
	    "DELETE FROM daily; DELETE FROM domain_day; DELETE FROM auth_set; "
	    "DELETE FROM reason_set;"
	    "DELETE FROM source; DELETE FROM domain; DELETE FROM reporter");
	ck_assert_int_eq(put_report(s, 1, &m), RUAD_STORED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_record"), 20);
	run("PRAGMA user_version = 4711");
	m.id = "2";
	ck_assert_int_eq(put_report(s, 1, &m), RUAD_ERROR);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* The store's own handle, seen when it is opened. */
static sqlite3 *store_db;

static int
see_db(sqlite3 *db, const char **text, const struct sqlite3_api_routines *api)
{
	(void)text;
	(void)api;
	store_db = db;
	return SQLITE_OK;
}

/* A report of the future is refused; but where mail of the future is there, too,
 * it is the clock that is wrong, and the mail has to come again. */
START_TEST(clock_behind)
{
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct make_report one = { .records = 1 };
	struct ruad_delivery *d = make_delivery(1, &one);
	int64_t ahead = _i == 1 ? 86400 : 60;

	d->received_epoch = (int64_t)time(NULL) + ahead;
	ck_assert_int_eq(put(s, d), RUAD_STORED);
	d = make_mail(2);
	d->received_epoch = (int64_t)time(NULL);
	if (_i == 2) { /* the clock has been set right since */
		d->queue_id = "4XyZ";
		d->received_epoch -= 31536000;
	}
	add_refusal(d, RUAD_REP_RANGE_FUTURE, NULL);
	add_report(d, &(struct make_report){ .id = "2", .records = 1 });
	ck_assert_int_eq(ruad_store_put(s, &d, 1, NULL),
	    _i == 0 ? RUAD_OK : RUAD_TEMP);
	if (_i == 0) {
		ck_assert_int_eq(d->outcome, RUAD_STORED);
	} else {
		ck_assert_int_eq(d->outcome, RUAD_ERROR);
		ck_assert_int_eq(d->code, RUAD_OUR_CLOCK);
		ck_assert_ptr_nonnull(strstr(d->text, "set the clock right"));
	}
	ruad_delivery_free(&d);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM mail"), _i == 0 ? 2 : 1);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM quarantine"),
	    _i == 0 ? 1 : 0);
	check_store();
	ruad_store_close(&s);
}
END_TEST

START_TEST(page_limit)
{
	struct ruad_store *s;
	struct ruad_delivery *d[3];
	struct make_report small = { .records = 1 };
	struct make_report large = { .id = "2",
		.records = 3000,
		.ip_step = 1,
		.auth_sets = 50 };
	char sql[60];
	unsigned i;

	sqlite3_auto_extension((void (*)(void))see_db);
	s = rig_open_store(path, &first_stays);
	sqlite3_cancel_auto_extension((void (*)(void))see_db);
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %d",
	    ask_int("PRAGMA page_count") + 20);
	look_run_on(store_db, sql);
	d[0] = make_delivery(1, &small);
	d[1] = make_delivery(2, &large);
	d[2] = make_delivery(3, &(struct make_report){ .id = "3" });
	ck_assert_int_eq(ruad_store_put(s, d, COUNT(d), NULL), RUAD_OK);
	ck_assert_int_eq(d[0]->outcome, RUAD_STORED);
	ck_assert_int_eq(d[1]->outcome, RUAD_ERROR);
	ck_assert_int_eq(d[1]->code, RUAD_OUR_STORE);
	ck_assert_ptr_nonnull(strstr(d[1]->text, "full"));
	ck_assert_int_eq(d[2]->outcome, RUAD_STORED);
	for (i = 0; i < COUNT(d); i++)
		ruad_delivery_free(&d[i]);
	check_store();
	ck_assert_int_eq(put_report(s, 2, &large), RUAD_ERROR);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM report"), 2);
	look_run_on(store_db, "PRAGMA max_page_count = 1000000");
	ck_assert_int_eq(put_report(s, 2, &large), RUAD_STORED);
	ck_assert_int_eq(ask_int("SELECT count(*) FROM record"), 3001);
	ruad_store_close(&s);
	check_store();
}
END_TEST

/* A batch of three while the nth write fails: each is stored whole, and said
 * to be, or not at all; afterwards all goes on. False: nothing failed. */
static bool
put_with_fault(unsigned nth, int rc, bool stay)
{
	struct make_report m[3] = { { .id = "1", .records = 30, .ip_step = 1 },
		{ .id = "2", .records = 2000, .ip_step = 7, .auth_sets = 40 },
		{ .id = "3", .records = 5 } };
	struct ruad_store *s = rig_open_store(path, &first_stays);
	struct ruad_delivery *d[3];
	struct ruad_err err = { 0 };
	bool failed = false;
	unsigned i, calls;
	char sql[80];

	look_run_on(store_db, "PRAGMA cache_size = 20");
	for (i = 0; i < COUNT(d); i++)
		d[i] = make_delivery(i, &m[i]);
	fault_vfs_fail(nth, rc, stay);
	if (ruad_store_put(s, d, COUNT(d), &err) != RUAD_OK) {
		ck_assert_int_eq(err.code, RUAD_OUR_STORE);
		failed = true;
	}
	calls = fault_vfs_calls();
	fault_vfs_fail(0, SQLITE_OK, false);
	check_store();
	for (i = 0; i < COUNT(d); i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM v_report WHERE report_id = %u",
		    i + 1);
		ck_assert_int_eq(ask_int(sql),
		    d[i]->outcome == RUAD_STORED ? 1 : 0);
		ruad_delivery_free(&d[i]);
		ck_assert_int_ne(put_report(s, i, &m[i]), RUAD_ERROR);
	}
	ck_assert_int_eq(ask_int("SELECT count(*) FROM v_record"), 2035);
	ruad_store_close(&s);
	check_store();
	ck_assert_int_eq(unlink(path), 0);
	return failed || calls >= nth;
}

static const struct {
	int rc;
	bool stay;
} faults[] = {
	{ SQLITE_FULL, false },
	{ SQLITE_FULL, true },
	{ SQLITE_IOERR_WRITE, false },
	{ SQLITE_IOERR_FSYNC, true },
};

START_TEST(failing_disk)
{
	unsigned nth;

	fault_vfs_install();
	sqlite3_auto_extension((void (*)(void))see_db);
	/* Every write at first, then some of many that are alike. */
	for (nth = 1; put_with_fault(nth, faults[_i].rc, faults[_i].stay);
	     nth += nth < 6 ? 1 : nth / 3)
		;
	ck_assert_uint_gt(nth, 100);
}
END_TEST

static Suite *
store_suite(void)
{
	Suite *s = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, new_path, NULL);
	tcase_add_test(tc, open_new);
	tcase_add_test(tc, open_respects_umask);
	tcase_add_test(tc, open_again_changes_nothing);
	add_rows(tc, open_foreign, foreign);
	tcase_add_test(tc, open_newer);
	tcase_add_test(tc, open_no_directory);
	tcase_add_test(tc, open_needs_wal);
	tcase_add_test(tc, open_together);
	tcase_add_test(tc, open_waits);
	tcase_add_test(tc, stored_report);
	tcase_add_test(tc, org_domain_later);
	tcase_add_loop_test(tc, put_series, 0, 2);
	tcase_add_test(tc, replace_expired);
	tcase_add_test(tc, duplicate_writes_nothing);
	tcase_add_test(tc, same_report_twice_in_a_mail);
	tcase_add_test(tc, quarantine);
	tcase_add_test(tc, refused_by_rule);
	tcase_add_test(tc, mail_without_items);
	tcase_add_test(tc, poison_in_a_batch);
	tcase_add_test(tc, locked);
	tcase_add_test(tc, other_program_writes);
	tcase_add_loop_test(tc, clock_behind, 0, 3);
	tcase_add_test(tc, page_limit);
	add_rows(tc, failing_disk, faults);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return run_suite(store_suite());
}
