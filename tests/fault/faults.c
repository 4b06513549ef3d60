/* faults.c - what happens when this host fails: the Nth allocation, the Nth
 * read, the Nth call of SQLite, the Nth write to the store, for N from 1 until
 * none fails any more. Each time it must be said that it may be tried again,
 * nothing may be stored by halves, and nothing may be lost of what is tried
 * again. Leaks are for the sanitizer to find. TAP on standard output. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "corpus.h"
#include "dump.h"
#include "fault.h"
#include "fault_vfs.h"
#include "invariant.h"
#include "store.h"
#include "temp_dir.h"

#define PIECE 700u /* mails arrive in pieces of this size */

/* Cases that go different ways. */
static const char *const cases[] = { "m02-nested-multipart",
	"m07-inline-flowed", "m10-good-and-damaged", "m11-forwarded-base64",
	"m11-forwarded-octets", "m20-no-boundary", "m25-file-names",
	"c03-members", "c08-gzip-in-zip", "c13-encrypted", "c20-bomb-layers",
	"x06-utf-16-le-bom", "x09-latin-1-bytes", "x09-declared-gb2312",
	"x11-second-broken", "x14-bare-brackets", "x18-internal", "a1-rfc9990",
	"a5-dkim-result", "a5-reason", "f42-made", "f43-unusable", "f44-error",
	"f62-refused", "f64-forms", "a7-conflict", "b8-failure-report",
	"g-pass" };

/* Cases to store: rows, results, reasons, raw words, errors, refused rows;
 * several reports, a duplicate, a conflict; refused ones. */
static const char *const stored_cases[] = { "a1-rfc9990", "a5-reason",
	"a5-verdict", "f44-error", "f62-refused", "m10-same-twice",
	"m10-good-and-damaged", "a7-conflict" };

static struct corpus_case *corpus;
static size_t corpus_count;
static unsigned points, failures;

static void
point(bool ok, const char *name, const char *what, unsigned n)
{
	printf("%sok %u - %s: %s: N to %u\n", ok ? "" : "not ", ++points, name,
	    what, n);
	fflush(stdout);
	failures += !ok;
}

static const struct corpus_case *
find_case(const char *name)
{
	size_t i;

	for (i = 0; i < corpus_count; i++)
		if (strcmp(corpus[i].name, name) == 0)
			return &corpus[i];
	fprintf(stderr, "%s: no such case\n", name);
	abort();
}

/* Receive a case as the daemon does, in pieces and through the spool. */
static enum ruad_status
receive(const struct corpus_case *c, struct ruad_delivery **out,
    struct ruad_err *err)
{
	struct ruad_mail_settings set = { .spool_dir = ".",
		.memory_bytes = PIECE,
		.message_bytes = 1 << 20 };
	struct ruad_mail *mail = NULL;
	size_t at, n;
	enum ruad_status st = ruad_mail_new(&set, CORPUS_RECEIVED, &mail, err);

	*out = NULL;
	for (at = 0; st == RUAD_OK && at < c->in_len; at += n) {
		n = c->in_len - at < PIECE ? c->in_len - at : PIECE;
		st = ruad_mail_append(mail, c->in + at, n, err);
	}
	if (st == RUAD_OK)
		st = ruad_mail_set_queue_id(mail, "4Xy1Z2");
	if (st != RUAD_OK)
		ruad_fail(err, st, RUAD_OUR_MEMORY, "cannot set the queue id");
	if (st == RUAD_OK)
		st = ruad_ingest_read(corpus_ingest(), mail, out, err);
	ruad_mail_free(&mail);
	return st;
}

/* The same with a failure: it must say so, or not matter. */
static bool
is_right(enum ruad_status st, const struct ruad_delivery *d,
    const struct ruad_err *err, const char *want)
{
	char *got;
	bool same;

	if (st != RUAD_OK)
		return st == RUAD_TEMP && d == NULL && *err->text != '\0' &&
		    ruad_code_class(err->code) == RUAD_CLASS_OURS;
	got = dump_delivery_text(d);
	same = strcmp(got, want) == 0;
	if (!same)
		printf("# got:\n%s", got);
	free(got);
	return same;
}

static void
test_reading(const struct corpus_case *c, enum fault_kind kind,
    const char *what)
{
	struct ruad_delivery *d;
	struct ruad_err err;
	enum ruad_status st;
	unsigned n = 0, calls;
	bool ok;
	char *want;

	if (receive(c, &d, &err) != RUAD_OK)
		abort();
	want = dump_delivery_text(d);
	ruad_delivery_free(&d);
	do {
		memset(&err, 0, sizeof(err));
		fault_arm(kind, ++n);
		st = receive(c, &d, &err);
		calls = fault_disarm();
		ok = is_right(st, d, &err, want);
		if (!ok)
			printf("# the %u. fails: status %d, %s\n", n, st,
			    err.text);
		ruad_delivery_free(&d);
	} while (ok && calls >= n);
	point(ok, c->name, what, n - 1);
	free(want);
}

/* ---- the store ---- */

static const struct ruad_store_settings settings = { .busy_msecs = 0 };

static int64_t
reports_in(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *q;
	int64_t n;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_prepare_v2(db,
		"SELECT (SELECT count(*) FROM report)"
		" + (SELECT count(*) FROM mail)",
		-1, &q, NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		abort();
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static const struct way {
	const char *what;
	bool writes; /* fail below SQLite, with rc */
	int rc;
	enum fault_kind kind;
} ways[] = {
	{ "storing without memory", false, 0, FAULT_MEMORY },
	{ "storing without SQLite", false, 0, FAULT_SQL },
	{ "storing without memory in SQLite", false, 0, FAULT_SQL_MEMORY },
	{ "storing with a full disk", true, SQLITE_FULL, 0 },
	{ "storing with a broken disk", true, SQLITE_IOERR, 0 },
};

static void
arm(const struct way *way, unsigned n)
{
	if (way->writes)
		fault_vfs_fail(n, way->rc, false);
	else
		fault_arm(way->kind, n);
}

static unsigned
disarm(const struct way *way)
{
	unsigned calls = way->writes ? fault_vfs_calls() : fault_disarm();

	fault_vfs_fail(0, SQLITE_OK, false);
	return calls;
}

/* What came of one attempt to store. */
struct attempt {
	bool right; /* it went as it should */
	bool stored; /* no failure, or one that was survived */
	bool clean; /* no failure: there are fewer than n calls */
};

/* Try to store a case where that has failed so far. */
static struct attempt
attempt(struct ruad_store *s, const char *path, const struct corpus_case *c,
    const struct way *way, unsigned n)
{
	struct attempt a;
	struct ruad_delivery *d;
	struct ruad_err err = { 0 };
	enum ruad_status st;
	char *got;

	if (receive(c, &d, &err) != RUAD_OK)
		abort();
	arm(way, n);
	st = ruad_store_put(s, &d, 1, &err);
	a.clean = disarm(way) < n;
	a.stored = d->outcome != RUAD_ERROR;
	a.right =
	    st == (a.stored ? RUAD_OK : RUAD_TEMP) && (a.stored || !a.clean);
	if (!a.stored) {
		a.right = a.right && reports_in(path) == 0;
	} else {
		invariant_in_store(path, d);
		got = dump_delivery_text(d);
		a.right = a.right && strcmp(got, c->want) == 0;
		if (!a.right)
			printf("# got:\n%s", got);
		free(got);
	}
	if (!a.right)
		printf("# the %u. fails: status %d, %s\n", n, st, err.text);
	ruad_delivery_free(&d);
	return a;
}

static void
test_storing(const struct corpus_case *c, const struct way *way)
{
	struct attempt a = { .right = true };
	struct ruad_store *s;
	struct ruad_err err;
	char path[200];
	unsigned n = 0;

	while (a.right && !a.clean) { /* a new store after each success */
		temp_dir_enter();
		temp_dir_path(path, "store.db");
		if (ruad_store_open(path, &settings, &s, &err) != RUAD_OK)
			abort();
		do
			a = attempt(s, path, c, way, ++n);
		while (a.right && !a.stored);
		ruad_store_close(&s);
	}
	point(a.right, c->name, way->what, n - 1);
}

static void
test_opening(const struct way *way)
{
	struct ruad_store *s;
	struct ruad_err err;
	enum ruad_status st;
	char path[200];
	unsigned n = 0, calls;
	bool ok;

	do {
		memset(&err, 0, sizeof(err));
		temp_dir_enter();
		temp_dir_path(path, "store.db");
		/* Every one at first; SQLite allocates thousands of times for
		 * the schema. */
		n += 1 + n / 100;
		arm(way, n);
		st = ruad_store_open(path, &settings, &s, &err);
		calls = disarm(way);
		ok = st == RUAD_OK || (st == RUAD_TEMP && *err.text != '\0');
		ruad_store_close(&s);
		/* What is there must do for the next attempt. */
		ok =
		    ok && ruad_store_open(path, &settings, &s, &err) == RUAD_OK;
		ruad_store_close(&s);
	} while (ok && calls >= n);
	if (!ok)
		printf("# the %u. fails: status %d, %s\n", n, st, err.text);
	point(ok, "opening", way->what, n);
}

int
main(void)
{
	size_t i, j;

	corpus = corpus_load(&corpus_count);
	fault_install();
	fault_vfs_install();
	temp_dir_set_up();
	temp_dir_enter();
	corpus_ingest();
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		test_reading(find_case(cases[i]), FAULT_MEMORY,
		    "reading without memory");
		test_reading(find_case(cases[i]), FAULT_READ,
		    "reading with a failing source");
	}
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		test_opening(&ways[i]);
		for (j = 0; j < sizeof(stored_cases) / sizeof(*stored_cases);
		     j++)
			test_storing(find_case(stored_cases[j]), &ways[i]);
	}
	printf("1..%u\n", points);
	corpus_free(corpus, corpus_count);
	corpus_end();
	temp_dir_tear_down();
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
