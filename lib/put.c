/* put.c - decides by identity and content (the same report twice counts once)
 * and writes nothing before it has decided. */
#include "put.h"
#include "daily.h"
#include "registry.h"
#include "report_rows.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Clocks that are set right go back by less. */
#define CLOCK_SLACK_SECS 3600

/* Of longer ones no overlap is looked for, which keeps the search short. */
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

static bool
wants_raw(const struct ruad_put *p)
{
	return p->delivery->raw != NULL &&
	    (p->refused || !p->delivery->raw_if_refused);
}

/* The original of a mail that left something in the store. */
static enum ruad_status
add_raw(struct ruad_put *p, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_ADD_RAW);

	if (!p->wrote || !wants_raw(p))
		return RUAD_OK;
	ruad_sql_key(&b, p->mail_key);
	ruad_sql_bytes(&b, p->delivery->raw, p->delivery->raw_bytes);
	return ruad_sql_run(&b, err);
}

/* A report of the future may be a sound one, and the clock wrong: mail that came
 * later than now says so. Then nothing can be said of the report. */
static enum ruad_status
check_clock(struct ruad_put *p, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_LAST_MAIL);
	int64_t last = 0, behind, now = (int64_t)time(NULL);
	enum ruad_status st = ruad_sql_get(&b, &last, 1, err);

	/* Of mail that comes in, the time when it was read: the clock may have
	 * been set right since. */
	if (p->rows == NULL && p->delivery->queue_id != NULL &&
	    p->delivery->received_epoch < now)
		now = p->delivery->received_epoch;
	behind = last - now;
	if (st != RUAD_OK || behind <= CLOCK_SLACK_SECS)
		return st;
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_CLOCK,
	    "store: the clock of this host is behind: mail has been taken in"
	    " that came %" PRId64 " hours from now; set the clock right",
	    behind / 3600);
}

static enum ruad_status
quarantine(struct ruad_put *p, const struct ruad_item *item,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	bool done = false;

	if (item->code == RUAD_REP_RANGE_FUTURE)
		st = check_clock(p, err);
	if (st == RUAD_OK)
		st = find_mail(p, err);
	p->refused = true;
	if (st == RUAD_OK && p->rows != NULL)
		st = ruad_quarantine_renew(p->sql, p->rows, item, &done, err);
	if (st == RUAD_OK && p->mail_key != 0 && !done)
		st = ruad_quarantine_has(p->sql, p->mail_key, item, &done, err);
	if (st != RUAD_OK || done)
		return st;
	st = need_mail(p, err);
	if (st == RUAD_OK)
		st = ruad_quarantine_add(p->sql, p->mail_key, item, err);
	return st;
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

/* Is the mail one that may bring reports of this organisation? */
static enum ruad_status
warn_pin(struct ruad_put *p, struct ruad_report *r, struct ruad_err *err)
{
	const struct ruad_delivery *d = p->delivery;
	bool allowed;
	enum ruad_status st = ruad_registry_allows(p->sql, r->org_key,
	    ruad_delivery_authenticated(d) ? d->trust_domain : NULL, &allowed,
	    err);

	if (st == RUAD_OK && !allowed)
		ruad_warn(&r->warnings, RUAD_REP_PIN);
	return st;
}

/* Write a report that is new, or that replaces another. */
static enum ruad_status
store(struct ruad_put *p, struct ruad_item *item,
    struct ruad_report_place *place, struct ruad_err *err)
{
	struct ruad_report *r = item->report;
	enum ruad_status st = need_mail(p, err);

	if (st == RUAD_OK)
		st = ruad_dict_reporter(&p->dict, &place->reporter_key, err);
	if (st == RUAD_OK)
		st = ruad_dict_domain(&p->dict, r->policy_domain,
		    &place->policy_domain_key, err);
	if (st == RUAD_OK)
		st = warn_overlap(p, r, place, err);
	if (st == RUAD_OK)
		st = warn_pin(p, r, err);
	if (st != RUAD_OK)
		return st;
	place->mail_key = p->mail_key;
	place->received_epoch = p->delivery->received_epoch;
	return ruad_report_rows_write(&p->dict, place, &r->warnings,
	    ruad_item_where(item), &item->report_key, err);
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
	bool exact;

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
		    ruad_daily_day(item->report), &exact, err);
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

/* Is the stored report what another program read at this place of this mail?
 * Then the contents do not contradict each other. */
static enum ruad_status
is_reading(struct ruad_put *p, const struct ruad_item *item,
    const struct known *k, bool *yes_out, struct ruad_err *err)
{
	enum ruad_status st = find_mail(p, err);
	struct ruad_bound b;
	int64_t found = 0;

	if (st == RUAD_OK && p->mail_key != 0) {
		b = ruad_sql_bind(p->sql, RUAD_SQL_FIND_READING);
		ruad_sql_key(&b, k->place.report_key);
		ruad_sql_key(&b, p->mail_key);
		ruad_sql_text(&b, ruad_item_where(item));
		st = ruad_sql_get(&b, &found, 1, err);
	}
	*yes_out = found != 0;
	return st;
}

static enum ruad_status
conflict(struct ruad_put *p, struct ruad_item *item, struct known *k,
    struct ruad_err *err)
{
	bool replaced = false, reading;
	enum ruad_status st = is_reading(p, item, k, &reading, err);

	if (st == RUAD_OK && reading) {
		conclude(p, item, RUAD_DUPLICATE, RUAD_REP_DUP_EXACT,
		    k->place.report_key, "another reading of");
		return RUAD_OK;
	}
	if (st == RUAD_OK && p->conflict_last)
		st = replace(p, item, k, &replaced, err);
	if (st == RUAD_OK && !replaced)
		st = add_conflict(p, item->report, k->place.report_key, err);
	conclude(p, item, RUAD_CONFLICT, RUAD_REP_DUP_CONFLICT,
	    k->place.report_key,
	    replaced ? "replaced the content of" : "other content than");
	return st;
}

/* Do we answer for the policy domain? If not, the report is refused. */
static enum ruad_status
check_registered(struct ruad_put *p, struct ruad_item *item,
    struct ruad_err *err)
{
	const char *name =
	    ruad_report_text(item->report, item->report->policy_domain);
	const char *where = item->where != NULL ? item->where : "";
	struct ruad_err why;
	enum ruad_status st;
	bool ours;

	st = ruad_registry_answers(p->sql, name, &ours, err);
	if (st != RUAD_OK || ours)
		return st;
	item->outcome = RUAD_REFUSED;
	item->code = RUAD_REP_FOREIGN_DOMAIN;
	ruad_fail(&why, RUAD_BAD, item->code,
	    "%s%sstore: %s is not a registered domain", where,
	    where[0] != '\0' ? ": " : "", name);
	item->text = ruad_arena_strdup(p->delivery->arena, why.text);
	return RUAD_OK;
}

static enum ruad_status
put_report(struct ruad_put *p, struct ruad_item *item, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	struct known k;

	if (p->delivery->registered_only)
		st = check_registered(p, item, err);
	if (st == RUAD_OK && item->outcome == RUAD_REFUSED)
		return quarantine(p, item, err);
	if (st == RUAD_OK)
		st = find_known(p, item->report, &k, err);
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

static void
begin(struct ruad_put *p, const struct ruad_delivery *d)
{
	p->delivery = d;
	p->mail_key = 0;
	p->wrote = p->refused = false;
	p->rows = NULL;
}

static enum ruad_status
put_items(struct ruad_put *p, struct ruad_item *item, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	for (; item != NULL && st == RUAD_OK; item = item->next) {
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
	return st;
}

enum ruad_status
ruad_put_delivery(struct ruad_put *p, struct ruad_delivery *d,
    struct ruad_err *err)
{
	enum ruad_status st;

	begin(p, d);
	st = put_items(p, d->items, err);
	if (st == RUAD_OK)
		st = add_raw(p, err);
	p->delivery = NULL;
	return st;
}

/* A statement about the mail that is named by its key. */
static enum ruad_status
on_mail(struct ruad_put *p, enum ruad_sql_id id, int64_t mail_key,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, id);

	ruad_sql_key(&b, mail_key);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_put_renew_mail(struct ruad_put *p, const struct ruad_delivery *d,
    int64_t mail_key, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_RENEW_MAIL);

	ruad_sql_key(&b, mail_key);
	ruad_sql_text(&b, d->message_id);
	ruad_sql_text(&b, d->header_from);
	ruad_sql_text(&b, d->subject);
	ruad_sql_int(&b, d->forwarded);
	ruad_sql_text(&b, ruad_auth_result_word(d->trust));
	ruad_sql_text(&b, d->trust_domain);
	ruad_sql_text(&b, d->trust_by);
	return ruad_sql_run(&b, err);
}

enum ruad_status
ruad_put_again(struct ruad_put *p, struct ruad_delivery *d,
    struct ruad_err *err)
{
	enum ruad_status st;

	begin(p, d);
	st = find_mail(p, err);
	if (st == RUAD_OK && p->mail_key == 0)
		st = ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: the mail is not there any more");
	if (st == RUAD_OK)
		st = ruad_quarantine_load(p->sql, p->mail_key, d->arena,
		    &p->rows, err);
	if (st == RUAD_OK)
		st = ruad_put_renew_mail(p, d, p->mail_key, err);
	if (st == RUAD_OK)
		st = put_items(p, d->items, err);
	if (st == RUAD_OK)
		st = ruad_quarantine_sweep(p->sql, p->rows, err);
	if (st == RUAD_OK && !wants_raw(p))
		st = on_mail(p, RUAD_SQL_DROP_RAW, p->mail_key, err);
	if (st == RUAD_OK)
		st = on_mail(p, RUAD_SQL_PRUNE_MAIL, p->mail_key, err);
	p->delivery = NULL;
	p->rows = NULL;
	return st;
}

enum ruad_status
ruad_put_drop(struct ruad_put *p, int64_t quarantine_key, bool keep_raw,
    struct ruad_err *err)
{
	int64_t mail_key;
	enum ruad_status st =
	    ruad_quarantine_drop(p->sql, quarantine_key, &mail_key, err);

	if (st == RUAD_OK && mail_key == 0)
		return ruad_fail(err, RUAD_END, RUAD_CODE_NONE,
		    "store: nothing in quarantine has the key %" PRId64,
		    quarantine_key);
	if (st == RUAD_OK && !keep_raw)
		st = on_mail(p, RUAD_SQL_DROP_RAW, mail_key, err);
	if (st == RUAD_OK)
		st = on_mail(p, RUAD_SQL_PRUNE_MAIL, mail_key, err);
	return st;
}

struct ruad_warnings
ruad_put_warnings(void)
{
	struct ruad_warnings set = { 0 };

	ruad_warn(&set, RUAD_REP_OVERLAP);
	ruad_warn(&set, RUAD_REP_PIN);
	return set;
}

void
ruad_put_reset(struct ruad_delivery *d)
{
	struct ruad_warnings of_store = ruad_put_warnings();
	struct ruad_item *item;

	for (item = d->items; item != NULL; item = item->next) {
		if (item->outcome != RUAD_STORED &&
		    item->outcome != RUAD_DUPLICATE &&
		    item->outcome != RUAD_CONFLICT)
			continue;
		item->outcome = RUAD_OUTCOME_NONE;
		item->code = RUAD_CODE_NONE;
		item->text = NULL;
		item->report_key = 0;
		item->report->warnings.bits &= ~of_store.bits;
	}
}
