/* put.c - decides by identity and content (the same report twice counts once)
 * and writes nothing before it has decided. */
#include "put.h"
#include "daily.h"
#include "report_rows.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* No report covers more than this; keeps the search for overlaps short. */
#define SPAN_MAX_SECS (366 * INT64_C(86400))

/* What the store knows of the identity of a report. */
struct known {
	struct ruad_report_place place;
	bool same; /* with the same content */
	int64_t records; /* of the stored one */
};

void
ruad_put_init(struct ruad_put *p, struct ruad_sql *sql, bool conflict_last)
{
	memset(p, 0, sizeof(*p));
	p->sql = sql;
	p->conflict_last = conflict_last;
	ruad_dict_init(&p->dict, sql);
}

static enum ruad_status
find_mail(struct ruad_put *p, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_MAIL);

	if (p->mail_key != 0)
		return RUAD_OK;
	ruad_sql_bytes(&b, p->delivery->digest, sizeof(p->delivery->digest));
	return ruad_sql_get(&b, &p->mail_key, 1, err);
}

/* The row of the mail, once something of it is about to be written. */
static enum ruad_status
need_mail(struct ruad_put *p, struct ruad_err *err)
{
	const struct ruad_delivery *d = p->delivery;
	struct ruad_bound b;
	enum ruad_status st = find_mail(p, err);

	p->wrote = true;
	if (st != RUAD_OK || p->mail_key != 0)
		return st;
	b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_MAIL);
	ruad_sql_bytes(&b, d->digest, sizeof(d->digest));
	ruad_sql_int(&b, d->is_mail);
	ruad_sql_int(&b, d->received_epoch);
	ruad_sql_int(&b, (int64_t)d->bytes);
	ruad_sql_text(&b, d->queue_id);
	ruad_sql_text(&b, d->message_id);
	ruad_sql_text(&b, d->mail_from);
	ruad_sql_text(&b, d->header_from);
	ruad_sql_text(&b, d->subject);
	ruad_sql_text(&b, d->file_name);
	ruad_sql_int(&b, d->forwarded);
	ruad_sql_text(&b, ruad_auth_result_word(d->trust));
	ruad_sql_text(&b, d->trust_domain);
	ruad_sql_text(&b, d->trust_by);
	st = ruad_sql_run(&b, err);
	p->mail_key = sqlite3_last_insert_rowid(p->sql->db);
	return st;
}

/* The original of a mail that left something in the store. */
static enum ruad_status
add_raw(struct ruad_put *p, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_RAW);

	if (!p->wrote || p->delivery->raw == NULL)
		return RUAD_OK;
	ruad_sql_key(&b, p->mail_key);
	ruad_sql_bytes(&b, p->delivery->raw, p->delivery->raw_bytes);
	return ruad_sql_run(&b, err);
}

static enum ruad_status
is_quarantined(struct ruad_put *p, const struct ruad_item *item,
    const char *text, int64_t *yes_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_QUARANTINE);

	ruad_sql_key(&b, p->mail_key);
	ruad_sql_text(&b, ruad_outcome_word(item->outcome));
	ruad_sql_text(&b, ruad_code_name(item->code));
	ruad_sql_text(&b, text);
	ruad_sql_text(&b, item->where);
	return ruad_sql_get(&b, yes_out, 1, err);
}

static enum ruad_status
quarantine(struct ruad_put *p, const struct ruad_item *item,
    struct ruad_err *err)
{
	const char *text =
	    item->text != NULL ? item->text : ruad_code_help(item->code);
	struct ruad_bound b;
	enum ruad_status st = find_mail(p, err);
	int64_t known = 0;

	if (st == RUAD_OK && p->mail_key != 0)
		st = is_quarantined(p, item, text, &known, err);
	if (st != RUAD_OK || known != 0)
		return st;
	st = need_mail(p, err);
	if (st != RUAD_OK)
		return st;
	b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_QUARANTINE);
	ruad_sql_key(&b, p->mail_key);
	ruad_sql_text(&b, ruad_outcome_word(item->outcome));
	ruad_sql_text(&b, ruad_code_name(item->code));
	ruad_sql_text(&b, text);
	ruad_sql_text(&b, item->where);
	ruad_sql_int(&b, (int64_t)item->bytes);
	return ruad_sql_run(&b, err);
}

/* Is there a report of this identity, and with this content? */
static enum ruad_status
find_known(struct ruad_put *p, const struct ruad_report *r, struct known *k,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_REPORT);
	enum ruad_status st;
	int64_t row[3], seen;

	memset(k, 0, sizeof(*k));
	st = ruad_dict_find(&p->dict, &k->place.reporter_key,
	    &k->place.policy_domain_key, err);
	if (st != RUAD_OK || k->place.reporter_key == 0 ||
	    k->place.policy_domain_key == 0)
		return st;
	ruad_sql_key(&b, k->place.reporter_key);
	ruad_sql_key(&b, k->place.policy_domain_key);
	ruad_sql_text(&b, r->report_id);
	ruad_sql_int(&b, r->begin);
	ruad_sql_int(&b, r->end);
	ruad_sql_bytes(&b, r->content_hash, sizeof(r->content_hash));
	st = ruad_sql_get(&b, row, 3, err);
	if (st != RUAD_OK || row[0] == 0)
		return st;
	k->place.report_key = row[0];
	k->same = row[1] != 0;
	k->records = row[2];
	if (k->same)
		return RUAD_OK;
	b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_CONFLICT);
	ruad_sql_key(&b, row[0]);
	ruad_sql_bytes(&b, r->content_hash, sizeof(r->content_hash));
	st = ruad_sql_get(&b, &seen, 1, err);
	k->same = seen != 0;
	return st;
}

static enum ruad_status
warn_overlap(struct ruad_put *p, struct ruad_report *r,
    const struct ruad_report_place *place, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_OVERLAP);
	enum ruad_status st;
	int64_t overlap;

	ruad_sql_key(&b, place->reporter_key);
	ruad_sql_key(&b, place->policy_domain_key);
	ruad_sql_int(&b,
	    r->begin < INT64_MIN + SPAN_MAX_SECS ? INT64_MIN
						 : r->begin - SPAN_MAX_SECS);
	ruad_sql_int(&b, r->begin);
	ruad_sql_int(&b, r->end);
	ruad_sql_int(&b, place->report_key);
	st = ruad_sql_get(&b, &overlap, 1, err);
	if (st == RUAD_OK && overlap != 0)
		ruad_warn(&r->warnings, RUAD_REP_OVERLAP);
	return st;
}

/* Write a report that is new, or that replaces another. */
static enum ruad_status
store(struct ruad_put *p, struct ruad_item *item,
    struct ruad_report_place *place, struct ruad_err *err)
{
	struct ruad_report *r = item->report;
	struct ruad_warnings all;
	enum ruad_status st = need_mail(p, err);

	if (st == RUAD_OK)
		st = ruad_dict_reporter(&p->dict, &place->reporter_key, err);
	if (st == RUAD_OK)
		st = ruad_dict_domain(&p->dict, r->policy_domain,
		    &place->policy_domain_key, err);
	if (st == RUAD_OK)
		st = warn_overlap(p, r, place, err);
	if (st != RUAD_OK)
		return st;
	place->mail_key = p->mail_key;
	place->received_epoch = p->delivery->received_epoch;
	all.bits = r->warnings.bits | p->delivery->warnings.bits;
	return ruad_report_rows_write(&p->dict, place, &all,
	    r->where != NULL ? r->where : item->where, &item->report_key, err);
}

/* The stored report makes room for another of its identity. Its content stays
 * known as a conflict, so that it cannot come back. *done_out is false where
 * its records are gone already: then the roll-up cannot be put right, and the
 * first stays. */
static enum ruad_status
replace(struct ruad_put *p, struct ruad_item *item, struct known *k,
    bool *done_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_COUNT_RECORDS);
	enum ruad_status st;
	int64_t records;

	*done_out = false;
	ruad_sql_key(&b, k->place.report_key);
	st = ruad_sql_get(&b, &records, 1, err);
	if (st != RUAD_OK || records != k->records)
		return st;
	*done_out = true;
	b = ruad_sql_bind(p->sql, RUAD_SQL_KEEP_CONFLICT);
	ruad_sql_key(&b, k->place.report_key);
	st = ruad_sql_run(&b, err);
	if (st == RUAD_OK)
		st = ruad_report_rows_drop(p->sql, &k->place,
		    ruad_daily_day(item->report), err);
	if (st == RUAD_OK)
		st = store(p, item, &k->place, err);
	return st;
}

static enum ruad_status
add_conflict(struct ruad_put *p, const struct ruad_report *r,
    int64_t report_key, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st = need_mail(p, err);

	if (st != RUAD_OK)
		return st;
	b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_CONFLICT);
	ruad_sql_key(&b, report_key);
	ruad_sql_bytes(&b, r->content_hash, sizeof(r->content_hash));
	ruad_sql_key(&b, p->mail_key);
	ruad_sql_int(&b, p->delivery->received_epoch);
	ruad_sql_int(&b, r->records);
	ruad_sql_int(&b, r->messages);
	return ruad_sql_run(&b, err);
}

static void
conclude(const struct ruad_put *p, struct ruad_item *item,
    enum ruad_outcome outcome, enum ruad_code code, int64_t report_key,
    const char *what)
{
	char text[80];

	item->outcome = outcome;
	item->code = code;
	item->report_key = report_key;
	snprintf(text, sizeof(text), "%s report %" PRId64, what, report_key);
	/* Without memory for the text the code says enough. */
	item->text = ruad_arena_strdup(p->delivery->arena, text);
}

static enum ruad_status
conflict(struct ruad_put *p, struct ruad_item *item, struct known *k,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	bool replaced = false;

	if (p->conflict_last)
		st = replace(p, item, k, &replaced, err);
	if (st == RUAD_OK && !replaced)
		st = add_conflict(p, item->report, k->place.report_key, err);
	conclude(p, item, RUAD_CONFLICT, RUAD_REP_DUP_CONFLICT,
	    k->place.report_key,
	    replaced ? "replaced the content of" : "other content than");
	return st;
}

static enum ruad_status
put_report(struct ruad_put *p, struct ruad_item *item, struct ruad_err *err)
{
	struct known k;
	enum ruad_status st = find_known(p, item->report, &k, err);

	if (st != RUAD_OK)
		return st;
	if (k.place.report_key == 0) {
		item->outcome = RUAD_STORED;
		return store(p, item, &k.place, err);
	}
	if (!k.same)
		return conflict(p, item, &k, err);
	conclude(p, item, RUAD_DUPLICATE, RUAD_REP_DUP_EXACT,
	    k.place.report_key, "the same as");
	return RUAD_OK;
}

enum ruad_status
ruad_put_delivery(struct ruad_put *p, struct ruad_delivery *d,
    struct ruad_err *err)
{
	struct ruad_item *item;
	enum ruad_status st = RUAD_OK;

	p->delivery = d;
	p->mail_key = 0;
	p->wrote = false;
	for (item = d->items; item != NULL && st == RUAD_OK;
	     item = item->next) {
		if (item->outcome == RUAD_REFUSED ||
		    item->outcome == RUAD_NOT_A_REPORT) {
			st = quarantine(p, item, err);
		} else if (item->outcome == RUAD_OUTCOME_NONE) {
			assert(item->report != NULL);
			st = ruad_dict_enter(&p->dict, item->report, err);
			if (st == RUAD_OK)
				st = put_report(p, item, err);
			ruad_dict_leave(&p->dict);
		}
	}
	if (st == RUAD_OK)
		st = add_raw(p, err);
	p->delivery = NULL;
	return st;
}

void
ruad_put_reset(struct ruad_delivery *d)
{
	struct ruad_warnings overlap = { 0 };
	struct ruad_item *item;

	ruad_warn(&overlap, RUAD_REP_OVERLAP);
	for (item = d->items; item != NULL; item = item->next) {
		if (item->outcome != RUAD_STORED &&
		    item->outcome != RUAD_DUPLICATE &&
		    item->outcome != RUAD_CONFLICT)
			continue;
		item->outcome = RUAD_OUTCOME_NONE;
		item->code = RUAD_CODE_NONE;
		item->text = NULL;
		item->report_key = 0;
		item->report->warnings.bits &= ~overlap.bits;
	}
}
