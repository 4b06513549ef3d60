/* invariant.c - by comparison with what was computed another way: sums anew,
 * names through the views, the whole through XML. */
#include "invariant.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "align.h"
#include "corpus.h"
#include "feedback.h"
#include "metadata.h"
#include "serialise.h"
#include "store.h"
#include "value.h"
#include "word.h"

#define must(condition) \
	((condition) ? (void)0 : broken(#condition, __func__, __LINE__))

static _Noreturn void
broken(const char *what, const char *where, int line)
{
	fprintf(stderr, "invariant: %s:%d: not true: %s\n", where, line, what);
	abort();
}

struct ruad_delivery *
invariant_read(const void *xml, size_t len)
{
	struct ruad_ingest_settings set;
	struct ruad_hints hints = { .received_epoch = CORPUS_RECEIVED };
	struct ruad_delivery *d = ruad_delivery_new(NULL);
	struct ruad_memory_source in;
	struct ruad_feedback *f;
	struct ruad_report *r;
	struct ruad_raw_report raw;
	struct ruad_err err;
	enum ruad_status st;

	corpus_settings(&set);
	ruad_memory_source_init(&in, xml, len);
	must(d != NULL);
	must(ruad_feedback_new(&in.source, &set.limits, NULL, &f, &err) ==
	    RUAD_OK);
	while ((st = ruad_feedback_next(f, &r, &raw, &err)) != RUAD_END) {
		must(st != RUAD_TEMP);
		if (st != RUAD_OK)
			continue;
		st = ruad_metadata_finish(r, &raw, &hints, &set.limits, &err);
		must(st != RUAD_TEMP);
		if (st != RUAD_OK) {
			must(err.code != RUAD_CODE_NONE);
			ruad_report_free(&r);
			continue;
		}
		ruad_align(r, corpus_orgdom());
		must(ruad_delivery_add(d, r) != NULL);
	}
	ruad_feedback_free(&f);
	return d;
}

static void
check_auth_set(const struct ruad_report *r, const struct ruad_auth_set *set)
{
	uint32_t i;

	for (i = 0; i < set->count; i++) {
		const struct ruad_auth *a = &set->auth[i];

		must(*ruad_method_word(a->method) != '\0');
		must(a->result != RUAD_RESULT_OTHER ||
		    a->result_raw != RUAD_ABSENT);
		must(a->domain == RUAD_ABSENT || a->domain < r->name_count);
	}
}

void
invariant_report(const struct ruad_report *r)
{
	int64_t messages = 0, pass = 0;
	uint32_t i, last_row = 0;

	must(r->org_name != NULL && *r->org_name != '\0');
	must(r->org_key != NULL && r->report_id != NULL);
	must(*r->report_id != '\0' && r->begin <= r->end);
	must(r->policy_domain < r->name_count);
	must(!r->names[r->policy_domain].bad);
	must(r->pct >= -1 && r->pct <= 100);
	must(r->records > 0 || r->rows_refused == 0);
	for (i = 0; i < r->auth_set_count; i++)
		check_auth_set(r, &r->auth_sets[i]);
	for (i = 0; i < r->records; i++) {
		const struct ruad_record *rec = ruad_report_record(r, i);

		must(rec->messages > 0 && rec->row_no > last_row);
		must(rec->auth_set < r->auth_set_count);
		must(rec->reason_set < r->reason_set_count);
		last_row = rec->row_no;
		messages += rec->messages;
		if (rec->dkim == RUAD_VERDICT_PASS ||
		    rec->spf == RUAD_VERDICT_PASS)
			pass += rec->messages;
	}
	must(messages == r->messages && pass == r->messages_pass);
}

void
invariant_again(const struct ruad_report *r)
{
	char *xml = serialise_report(r);
	struct ruad_delivery *d = invariant_read(xml, strlen(xml));
	const struct ruad_report *again =
	    d->items != NULL ? d->items->report : NULL;

	if (again == NULL || d->items->next != NULL ||
	    memcmp(again->content_hash, r->content_hash,
		sizeof(r->content_hash)) != 0)
		fputs(xml, stderr);
	must(again != NULL && d->items->next == NULL);
	must(strcmp(again->report_id, r->report_id) == 0);
	must(memcmp(again->content_hash, r->content_hash,
		 sizeof(r->content_hash)) == 0);
	free(xml);
	ruad_delivery_free(&d);
}

void
invariant_delivery(const struct ruad_delivery *d)
{
	const struct ruad_item *it;

	must(d->items != NULL);
	for (it = d->items; it != NULL; it = it->next) {
		if (it->outcome == RUAD_OUTCOME_NONE)
			invariant_report(it->report);
		else
			must(it->code != RUAD_CODE_NONE && it->text != NULL);
	}
}

/* ---- the store ---- */

static bool
same(sqlite3_stmt *q, int column, const char *want)
{
	const char *got = (const char *)sqlite3_column_text(q, column);

	return got == NULL ? want == NULL || *want == '\0'
			   : want != NULL && strcmp(got, want) == 0;
}

static sqlite3_stmt *
ask(sqlite3 *db, const char *sql, int64_t key)
{
	sqlite3_stmt *q;

	must(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK);
	must(sqlite3_bind_int64(q, 1, key) == SQLITE_OK);
	return q;
}

static void
check_record(sqlite3_stmt *q, const struct ruad_report *r,
    const struct ruad_record *rec)
{
	char ip[64];

	must(sqlite3_column_int64(q, 0) == rec->row_no);
	must(same(q, 1, ruad_value_ip_text(rec->ip, ip, sizeof(ip))));
	must(sqlite3_column_int64(q, 2) == rec->messages);
	must(same(q, 3,
	    ruad_disposition_word((enum ruad_disposition)rec->disposition)));
	must(same(q, 4, ruad_verdict_word((enum ruad_verdict)rec->dkim)));
	must(same(q, 5, ruad_verdict_word((enum ruad_verdict)rec->spf)));
	must(same(q, 6, ruad_report_text(r, rec->header_from)));
	must(same(q, 7, ruad_report_text(r, rec->envelope_from)));
	must(same(q, 8, ruad_report_text(r, rec->envelope_to)));
	must(same(q, 9,
	    ruad_alignment_word((enum ruad_alignment)rec->dkim_alignment)));
	must(same(q, 10,
	    ruad_alignment_word((enum ruad_alignment)rec->spf_alignment)));
}

static void
check_auth(sqlite3 *db, const struct ruad_report *r, int64_t key)
{
	sqlite3_stmt *q = ask(db,
	    "SELECT method, domain, selector, result, human_result FROM v_auth"
	    " WHERE report_key = ? ORDER BY row_no, position",
	    key);
	uint32_t i, j;

	for (i = 0; i < r->records; i++) {
		const struct ruad_auth_set *set =
		    &r->auth_sets[ruad_report_record(r, i)->auth_set];

		for (j = 0; j < set->count; j++) {
			const struct ruad_auth *a = &set->auth[j];

			must(sqlite3_step(q) == SQLITE_ROW);
			must(same(q, 0, ruad_method_word(a->method)));
			must(same(q, 1, ruad_report_text(r, a->domain)));
			must(same(q, 2, ruad_report_text(r, a->selector)));
			must(a->result == RUAD_RESULT_OTHER ||
			    same(q, 3, ruad_result_word(a->result)));
			must(same(q, 4, ruad_report_text(r, a->human_result)));
		}
	}
	must(sqlite3_step(q) == SQLITE_DONE);
	sqlite3_finalize(q);
}

static void
check_stored(sqlite3 *db, const struct ruad_report *r, int64_t key)
{
	sqlite3_stmt *q = ask(db,
	    "SELECT org_name, report_id, policy_domain, begin_epoch, end_epoch,"
	    " p, sp, np, records, messages, messages_pass, rows_refused"
	    " FROM v_report WHERE report_key = ?",
	    key);
	uint32_t i;

	must(sqlite3_step(q) == SQLITE_ROW);
	must(same(q, 0, r->org_name) && same(q, 1, r->report_id));
	must(same(q, 2, ruad_report_text(r, r->policy_domain)));
	must(sqlite3_column_int64(q, 3) == r->begin);
	must(sqlite3_column_int64(q, 4) == r->end);
	must(same(q, 5, ruad_policy_word(r->p)));
	must(same(q, 6, ruad_policy_word(r->sp)));
	must(same(q, 7, ruad_policy_word(r->np)));
	must(sqlite3_column_int64(q, 8) == r->records);
	must(sqlite3_column_int64(q, 9) == r->messages);
	must(sqlite3_column_int64(q, 10) == r->messages_pass);
	must(sqlite3_column_int64(q, 11) == r->rows_refused);
	sqlite3_finalize(q);
	q = ask(db,
	    "SELECT row_no, source_ip, messages, disposition, dkim, spf,"
	    " header_from, envelope_from, envelope_to, dkim_alignment,"
	    " spf_alignment FROM v_record WHERE report_key = ?"
	    " ORDER BY row_no",
	    key);
	for (i = 0; i < r->records; i++) {
		must(sqlite3_step(q) == SQLITE_ROW);
		check_record(q, r, ruad_report_record(r, i));
	}
	must(sqlite3_step(q) == SQLITE_DONE);
	sqlite3_finalize(q);
	check_auth(db, r, key);
}

/* A question with one number for an answer. */
static void
must_be(sqlite3 *db, const char *sql, int64_t want)
{
	sqlite3_stmt *q;

	must(sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK);
	must(sqlite3_step(q) == SQLITE_ROW);
	must(sqlite3_column_int64(q, 0) == want);
	sqlite3_finalize(q);
}

void
invariant_in_store(const char *path, const struct ruad_delivery *d)
{
	const struct ruad_item *it;
	sqlite3 *db;

	must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) ==
	    SQLITE_OK);
	must_be(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check",
	    1);
	must_be(db, "SELECT count(*) FROM pragma_foreign_key_check", 0);
	must_be(db,
	    "SELECT count(*) FROM v_report AS r WHERE records <> (SELECT"
	    " count(*) FROM v_record WHERE report_key = r.report_key)",
	    0);
	for (it = d->items; it != NULL; it = it->next)
		if (it->outcome == RUAD_STORED)
			check_stored(db, it->report, it->report_key);
	sqlite3_close(db);
}

static void
put_again(struct ruad_store *s, struct ruad_delivery *d)
{
	struct ruad_item *it;
	struct ruad_err err;

	for (it = d->items; it != NULL; it = it->next)
		if (it->outcome == RUAD_STORED)
			it->outcome = RUAD_OUTCOME_NONE;
	must(ruad_store_put(s, &d, 1, &err) == RUAD_OK);
	for (it = d->items; it != NULL; it = it->next)
		must(it->outcome != RUAD_STORED);
}

static char dir[200]; /* of the store; "": none yet */

static void
remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[300];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s/store%s", dir, ends[i]);
		unlink(path);
	}
}

static void
remove_dir(void)
{
	remove_files();
	rmdir(dir);
}

/* No store from before, and a directory for one. */
static void
make_room(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*dir != '\0') {
		remove_files();
		return;
	}
	snprintf(dir, sizeof(dir), "%s/ruad.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	must(mkdtemp(dir) != NULL);
	must(atexit(remove_dir) == 0);
}

void
invariant_stored(struct ruad_delivery *d)
{
	static const struct ruad_store_settings set = { .busy_msecs = 5000 };
	struct ruad_store *s;
	struct ruad_err err;
	char path[300];

	make_room();
	snprintf(path, sizeof(path), "%s/store", dir);
	must(ruad_store_open(path, &set, &s, &err) == RUAD_OK);
	must(ruad_store_put(s, &d, 1, &err) == RUAD_OK);
	must(d->outcome != RUAD_ERROR && d->outcome != RUAD_OUTCOME_NONE);
	invariant_in_store(path, d);
	put_again(s, d);
	ruad_store_close(&s);
}
