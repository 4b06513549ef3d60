/* again.c - see again.h. The delivery of the last mail is kept, since its other
 * reports are likely to be asked for next. */
#include "again.h"
#include "amend.h"
#include "original.h"
#include "put.h"
#include "report_load.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pages of the write-ahead log after which it is moved into the file. */
#define WAL_PAGES 1000

struct ruad_again {
	struct ruad_again_settings set;
	struct ruad_ingest *ingest; /* by the rules of the site */
	struct ruad_ingest *reading; /* the same without them */
	struct ruad_delivery *last; /* read from mail last_key */
	int64_t last_key;
};

const char *
ruad_again_word(enum ruad_again_outcome outcome)
{
	switch (outcome) {
	case RUAD_AGAIN_SAME:
		return "same";
	case RUAD_AGAIN_DIFFERS:
		return "differs";
	case RUAD_AGAIN_REPLACED:
		return "replaced";
	case RUAD_AGAIN_KEPT:
		return "kept";
	case RUAD_AGAIN_NO_ORIGINAL:
		return "no-original";
	case RUAD_AGAIN_NOT_FOUND:
		return "not-found";
	case RUAD_AGAIN_REFUSED:
		return "refused";
	case RUAD_AGAIN_GONE:
		return "gone";
	}
	return "";
}

enum ruad_status
ruad_again_new(const struct ruad_again_settings *set, struct ruad_again **out,
    struct ruad_err *err)
{
	struct ruad_again *a = *out = calloc(1, sizeof(*a));
	struct ruad_ingest_settings reading = set->ingest;
	enum ruad_status st;

	if (a == NULL)
		return ruad_fail_memory(err, "again");
	a->set = *set;
	reading.domain_count = 0;
	reading.registered_only = false;
	reading.keep_raw = false;
	reading.require_auth = RUAD_REQUIRE_AUTH_OFF;
	st = ruad_ingest_new(&set->ingest, &a->ingest, err);
	if (st == RUAD_OK)
		st = ruad_ingest_new(&reading, &a->reading, err);
	if (st != RUAD_OK)
		ruad_again_free(out);
	return st;
}

static enum ruad_status
read_mail(struct ruad_again *a, struct ruad_ingest *in, int64_t mail_key,
    struct ruad_delivery **out, struct ruad_err *err)
{
	struct ruad_mail *mail;
	enum ruad_status st;

	*out = NULL;
	/* What the store has got since must be seen; and a snapshot that is
	 * held would let its log grow. */
	st = ruad_query_refresh(a->set.query, err);
	if (st == RUAD_OK)
		st = ruad_original_read(ruad_query_handle(a->set.query),
		    mail_key, &a->set.mail, &mail, err);
	if (st != RUAD_OK)
		return st;
	st = ruad_ingest_read(in, mail, out, err);
	ruad_mail_free(&mail);
	return st;
}

static void
tidy(struct ruad_again *a)
{
	if (ruad_store_wal_pages(a->set.store) >= WAL_PAGES)
		ruad_store_checkpoint(a->set.store);
}

enum ruad_status
ruad_again_retry(struct ruad_again *a, int64_t mail_key,
    struct ruad_delivery **out, struct ruad_err *err)
{
	enum ruad_status st = read_mail(a, a->ingest, mail_key, out, err);

	if (st == RUAD_OK)
		st = ruad_amend_retry(a->set.store, *out, err);
	if (st != RUAD_OK)
		ruad_delivery_free(out);
	tidy(a);
	return st;
}

/* Whether an item is, by its identity, the report that is stored. */
static bool
same_identity(const struct ruad_item *item, const struct ruad_report *stored)
{
	const struct ruad_report *r = item->report;

	return strcmp(r->org_key, stored->org_key) == 0 &&
	    strcmp(ruad_report_text(r, r->policy_domain),
		ruad_report_text(stored, stored->policy_domain)) == 0 &&
	    strcmp(r->report_id, stored->report_id) == 0 &&
	    r->begin == stored->begin && r->end == stored->end;
}

static bool
same_part(const struct ruad_item *item, const struct ruad_report *stored)
{
	const char *where = ruad_item_where(item);

	return where != NULL && stored->where != NULL &&
	    strcmp(where, stored->where) == 0;
}

/* How surely an item is the stored report; 0: it is not. A mail may hold two
 * reports of one identity, of which one is stored. */
static int
likeness(const struct ruad_item *item, const struct ruad_report *stored)
{
	if (item->outcome != RUAD_OUTCOME_NONE || !same_identity(item, stored))
		return 0;
	if (memcmp(item->report->content_hash, stored->content_hash,
		sizeof(stored->content_hash)) == 0)
		return 3;
	return same_part(item, stored) ? 2 : 1;
}

static struct ruad_item *
find_by_identity(struct ruad_delivery *d, const struct ruad_report *stored)
{
	struct ruad_item *item, *best = NULL;
	int most = 0, n;

	for (item = d->items; item != NULL; item = item->next) {
		n = likeness(item, stored);
		if (n > most) {
			most = n;
			best = item;
		}
	}
	return best;
}

/* The report may have another identity now: then it is the one at its place in
 * the mail, unless that is stored as another report. *out is NULL where there
 * is none, or an item that is refused now. */
static enum ruad_status
find_by_part(struct ruad_again *a, struct ruad_delivery *d,
    const struct ruad_report *stored, struct ruad_item **out,
    struct ruad_err *err)
{
	sqlite3 *db = ruad_query_handle(a->set.query);
	bool only = d->items != NULL && d->items->next == NULL;
	struct ruad_item *item;
	enum ruad_status st;
	int64_t other;

	*out = NULL;
	for (item = d->items; item != NULL; item = item->next) {
		if (!same_part(item, stored) && !only)
			continue;
		if (item->outcome != RUAD_OUTCOME_NONE) {
			*out = item;
			continue;
		}
		st = ruad_report_find(db, item->report, &other, err);
		if (st != RUAD_OK)
			return st;
		if (other == 0) {
			*out = item;
			return RUAD_OK;
		}
	}
	return RUAD_OK;
}

/* Counts on the way to the caller's function. */
struct counter {
	ruad_difference_found *found;
	void *arg;
	uint64_t count;
};

static void
count(void *arg, const struct ruad_difference *d)
{
	struct counter *c = arg;

	c->count++;
	c->found(c->arg, d);
}

/* The item as it would be stored, beside what is. What was said of the store
 * when the report came is not said again. */
static enum ruad_status
compare(const struct ruad_delivery *d, struct ruad_item *item,
    struct ruad_loaded *l, struct counter *c, struct ruad_err *err)
{
	struct ruad_warnings of_store = ruad_put_warnings();
	struct ruad_report *r = item->report;

	l->report->warnings.bits &= ~of_store.bits;
	r->where = ruad_item_where(item);
	if (d->trust != RUAD_AUTH_OFF) {
		ruad_compare_field(0, "trust", l->trust,
		    ruad_auth_result_word(d->trust), count, c);
		ruad_compare_field(0, "trust_domain", l->trust_domain,
		    d->trust_domain, count, c);
	}
	return ruad_compare_reports(l->report, r, count, c, err);
}

static void
set_text(struct ruad_again_result *out, enum ruad_again_outcome outcome,
    enum ruad_code code, const char *text)
{
	out->outcome = outcome;
	out->code = code;
	snprintf(out->text, sizeof(out->text), "%s", text != NULL ? text : "");
}

static enum ruad_status
apply_item(struct ruad_again *a, int64_t report_key, struct ruad_item *item,
    struct ruad_again_result *out, struct ruad_err *err)
{
	struct ruad_err why;
	enum ruad_status st =
	    ruad_amend_replace(a->set.store, report_key, a->last, item, &why);

	tidy(a);
	if (st == RUAD_OK) {
		out->outcome = RUAD_AGAIN_REPLACED;
		return RUAD_OK;
	}
	if (st == RUAD_BAD || st == RUAD_END) {
		set_text(out, RUAD_AGAIN_KEPT, why.code, why.text);
		return RUAD_OK;
	}
	if (err != NULL)
		*err = why;
	return st;
}

/* Compare with what the mail holds now. */
static enum ruad_status
compare_loaded(struct ruad_again *a, struct ruad_loaded *l, bool apply,
    struct counter *c, struct ruad_again_result *out, struct ruad_err *err)
{
	struct ruad_item *item = find_by_identity(a->last, l->report);
	enum ruad_status st = RUAD_OK;

	if (item == NULL)
		st = find_by_part(a, a->last, l->report, &item, err);
	if (st != RUAD_OK)
		return st;
	if (item == NULL) {
		set_text(out, RUAD_AGAIN_NOT_FOUND, RUAD_CODE_NONE,
		    "again: its mail holds no such report now");
		return RUAD_OK;
	}
	if (item->outcome != RUAD_OUTCOME_NONE) {
		set_text(out, RUAD_AGAIN_REFUSED, item->code, item->text);
		return RUAD_OK;
	}
	st = compare(a->last, item, l, c, err);
	if (st != RUAD_OK)
		return st;
	out->differences = c->count;
	out->outcome = c->count > 0 ? RUAD_AGAIN_DIFFERS : RUAD_AGAIN_SAME;
	if (c->count > 0 && apply)
		st = apply_item(a, l->place.report_key, item, out, err);
	return st;
}

/* Have the mail in a->last. What is wrong with its original becomes the
 * outcome. */
static enum ruad_status
need_mail(struct ruad_again *a, int64_t mail_key, struct ruad_again_result *out,
    struct ruad_err *err)
{
	struct ruad_err why;
	enum ruad_status st;

	if (a->last != NULL && a->last_key == mail_key)
		return RUAD_OK;
	ruad_delivery_free(&a->last);
	st = read_mail(a, a->reading, mail_key, &a->last, &why);
	a->last_key = mail_key;
	if (st == RUAD_END || st == RUAD_BAD || st == RUAD_LIMIT)
		set_text(out, RUAD_AGAIN_NO_ORIGINAL, why.code, why.text);
	else if (st != RUAD_OK && err != NULL)
		*err = why;
	return st == RUAD_TEMP ? RUAD_TEMP : RUAD_OK;
}

enum ruad_status
ruad_again_compare(struct ruad_again *a, int64_t report_key, bool apply,
    ruad_difference_found *found, void *arg, struct ruad_again_result *out,
    struct ruad_err *err)
{
	struct counter c = { .found = found, .arg = arg };
	struct ruad_loaded l;
	enum ruad_status st = ruad_query_refresh(a->set.query, err);

	*out = (struct ruad_again_result){ .outcome = RUAD_AGAIN_SAME };
	if (st != RUAD_OK)
		return st;
	st = ruad_report_load(ruad_query_handle(a->set.query), report_key,
	    a->set.ingest.budget, &l, err);
	if (st == RUAD_END) {
		set_text(out, RUAD_AGAIN_GONE, RUAD_CODE_NONE,
		    "store: there is no such report");
		return RUAD_OK;
	}
	if (st != RUAD_OK)
		return st;
	st = need_mail(a, l.place.mail_key, out, err);
	if (st == RUAD_OK && a->last != NULL)
		st = compare_loaded(a, &l, apply, &c, out, err);
	ruad_loaded_free(&l);
	return st;
}

void
ruad_again_free(struct ruad_again **a)
{
	if (*a == NULL)
		return;
	ruad_delivery_free(&(*a)->last);
	ruad_ingest_free(&(*a)->ingest);
	ruad_ingest_free(&(*a)->reading);
	free(*a);
	*a = NULL;
}
