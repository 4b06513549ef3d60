/* replace.c - see replace.h. */
#include "replace.h"
#include "daily.h"
#include "report_load.h"
#include "report_rows.h"
#include <inttypes.h>

/* No other report may have the identity that this one gets. */
static enum ruad_status
check_identity(struct ruad_put *p, int64_t report_key,
    const struct ruad_report *r, struct ruad_err *err)
{
	int64_t other;
	enum ruad_status st = ruad_report_find(p->sql->db, r, &other, err);

	if (st != RUAD_OK || other == 0 || other == report_key)
		return st;
	return ruad_fail(err, RUAD_BAD, RUAD_REP_DUP_CONFLICT,
	    "store: report %" PRId64
	    " would become the same as report %" PRId64,
	    report_key, other);
}

static enum ruad_status
check_countable(struct ruad_put *p, const struct ruad_report_place *place,
    int64_t day, struct ruad_err *err)
{
	bool yes;
	enum ruad_status st = ruad_daily_countable(p->sql, place->report_key,
	    place->policy_domain_key, day, &yes, err);

	if (st != RUAD_OK || yes)
		return st;
	return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
	    "store: the records of report %" PRId64 " are not those that were"
	    " stored, and other reports of its day have been expired: the"
	    " roll-up cannot be put right",
	    place->report_key);
}

/* Those of the new reading, but what was said of the store when the report
 * came. */
static struct ruad_warnings
join_warnings(const struct ruad_report *now, const struct ruad_report *stored)
{
	uint64_t of_store = ruad_put_warnings().bits;

	return (
	    struct ruad_warnings){ .bits = (now->warnings.bits & ~of_store) |
		    (stored->warnings.bits & of_store) };
}

/* A copy of what is stored now is no conflict any more. */
static enum ruad_status
drop_conflict(struct ruad_put *p, int64_t report_key,
    const struct ruad_report *r, struct ruad_err *err)
{
	struct ruad_bound b = ruad_sql_bind(p->sql, RUAD_SQL_DROP_CONFLICT);

	ruad_sql_key(&b, report_key);
	ruad_sql_bytes(&b, r->content_hash, sizeof(r->content_hash));
	return ruad_sql_run(&b, err);
}

static enum ruad_status
swap_rows(struct ruad_put *p, const struct ruad_loaded *l,
    struct ruad_item *item, bool *recount, struct ruad_err *err)
{
	struct ruad_report *r = item->report;
	struct ruad_report_place place = l->place;
	struct ruad_warnings warnings = join_warnings(r, l->report);
	int64_t day = ruad_daily_day(l->report);
	enum ruad_status st;
	bool exact;

	st = ruad_report_rows_drop(p->sql, &place, day, &exact, err);
	if (st == RUAD_OK && !exact && !*recount) {
		*recount = true;
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: the roll-up must be counted anew");
	}
	if (st == RUAD_OK)
		st = ruad_dict_reporter(&p->dict, &place.reporter_key, err);
	if (st == RUAD_OK)
		st = ruad_dict_domain(&p->dict, r->policy_domain,
		    &place.policy_domain_key, err);
	if (st == RUAD_OK)
		st = ruad_report_rows_write(&p->dict, &place, &warnings,
		    ruad_item_where(item), &item->report_key, err);
	if (st == RUAD_OK && *recount)
		st = ruad_daily_recount(p->sql, l->place.policy_domain_key, day,
		    err);
	/* The report may have moved to another day or domain. */
	if (st == RUAD_OK)
		st = ruad_daily_recount_day(p->sql, l->place.policy_domain_key,
		    day, err);
	return st;
}

enum ruad_status
ruad_replace_report(struct ruad_put *p, int64_t report_key,
    const struct ruad_delivery *d, struct ruad_item *item, bool *recount,
    struct ruad_err *err)
{
	struct ruad_loaded l;
	enum ruad_status st =
	    ruad_report_load(p->sql->db, report_key, NULL, &l, err);

	if (st != RUAD_OK)
		return st;
	*recount = *recount || !l.intact;
	st = check_identity(p, report_key, item->report, err);
	if (st == RUAD_OK && *recount)
		st =
		    check_countable(p, &l.place, ruad_daily_day(l.report), err);
	if (st == RUAD_OK)
		st = ruad_dict_enter(&p->dict, item->report, err);
	if (st == RUAD_OK)
		st = swap_rows(p, &l, item, recount, err);
	ruad_dict_leave(&p->dict);
	if (st == RUAD_OK)
		st = drop_conflict(p, report_key, item->report, err);
	if (st == RUAD_OK)
		st = ruad_put_renew_mail(p, d, l.place.mail_key, err);
	ruad_loaded_free(&l);
	return st;
}
