/* delivery.c - the life of a delivery, from empty to concluded. It lives in its
 * own arena; only reports and the original are memory of their own. */
#include "delivery.h"
#include <stdlib.h>

const char *
ruad_outcome_word(enum ruad_outcome outcome)
{
	switch (outcome) {
	case RUAD_OUTCOME_NONE:
		return "none";
	case RUAD_STORED:
		return "stored";
	case RUAD_DUPLICATE:
		return "duplicate";
	case RUAD_CONFLICT:
		return "conflict";
	case RUAD_REFUSED:
		return "refused";
	case RUAD_NOT_A_REPORT:
		return "not-a-report";
	case RUAD_ERROR:
		return "error";
	}
	return "";
}

const char *
ruad_auth_result_word(enum ruad_auth_result result)
{
	switch (result) {
	case RUAD_AUTH_UNKNOWN:
		return "unknown";
	case RUAD_AUTH_PASS:
		return "pass";
	case RUAD_AUTH_FAIL:
		return "fail";
	case RUAD_AUTH_NONE:
		return "none";
	case RUAD_AUTH_TEMPERROR:
		return "temperror";
	case RUAD_AUTH_PERMERROR:
		return "permerror";
	case RUAD_AUTH_PASS_DERIVED:
		return "pass-derived";
	case RUAD_AUTH_FAIL_DERIVED:
		return "fail-derived";
	case RUAD_AUTH_UNTRUSTED:
		return "untrusted";
	case RUAD_AUTH_OFF:
		return "off";
	}
	return "";
}

bool
ruad_delivery_authenticated(const struct ruad_delivery *d)
{
	return d->trust == RUAD_AUTH_PASS || d->trust == RUAD_AUTH_PASS_DERIVED;
}

struct ruad_delivery *
ruad_delivery_new(struct ruad_budget *budget)
{
	struct ruad_arena *a = ruad_arena_new(budget);
	struct ruad_delivery *d;

	if (a == NULL)
		return NULL;
	d = ruad_arena_alloc(a, sizeof(*d));
	if (d == NULL) {
		ruad_arena_free(&a);
		return NULL;
	}
	d->arena = a;
	d->budget = budget;
	d->keep_content = true;
	d->trust = RUAD_AUTH_OFF;
	d->items_end = &d->items;
	return d;
}

struct ruad_item *
ruad_delivery_add(struct ruad_delivery *d, struct ruad_report *report)
{
	struct ruad_item *it = ruad_arena_alloc(d->arena, sizeof(*it));

	if (it == NULL)
		return NULL;
	it->report = report;
	if (report == NULL)
		it->outcome = RUAD_REFUSED;
	*d->items_end = it;
	d->items_end = &it->next;
	return it;
}

const char *
ruad_item_where(const struct ruad_item *item)
{
	return item->report != NULL && item->report->where != NULL
	    ? item->report->where
	    : item->where;
}

/* Which of two outcomes speaks for the mail: the higher one. */
static int
outcome_weight(enum ruad_outcome outcome)
{
	switch (outcome) {
	case RUAD_NOT_A_REPORT:
		return 1;
	case RUAD_REFUSED:
		return 2;
	case RUAD_DUPLICATE:
		return 3;
	case RUAD_CONFLICT:
		return 4;
	case RUAD_STORED:
		return 5;
	case RUAD_OUTCOME_NONE: /* not stored: the sender must try again */
	case RUAD_ERROR:
		return 6;
	}
	return 6;
}

void
ruad_delivery_conclude(struct ruad_delivery *d)
{
	const struct ruad_item *it, *best = d->items;

	if (best == NULL) {
		d->outcome = RUAD_NOT_A_REPORT;
		if (d->code == RUAD_CODE_NONE)
			d->code = RUAD_MAIL_NO_REPORT;
		return;
	}
	for (it = best->next; it != NULL; it = it->next)
		if (outcome_weight(it->outcome) > outcome_weight(best->outcome))
			best = it;
	d->outcome = best->outcome;
	d->code = best->code;
	d->text = best->text;
	if (d->outcome == RUAD_OUTCOME_NONE) {
		d->outcome = RUAD_ERROR;
		d->code = RUAD_OUR_STORE;
	}
}

void
ruad_delivery_fail(struct ruad_delivery *d, enum ruad_code code,
    const char *text)
{
	struct ruad_item *it;

	/* Without memory for the text the code has to say it all. */
	if (text != NULL)
		text = ruad_arena_strdup(d->arena, text);
	for (it = d->items; it != NULL; it = it->next) {
		it->outcome = RUAD_ERROR;
		it->code = code;
		it->text = text;
		it->report_key = 0;
	}
	d->outcome = RUAD_ERROR;
	d->code = code;
	d->text = text;
}

void
ruad_delivery_free(struct ruad_delivery **d)
{
	struct ruad_arena *a;
	struct ruad_item *it;

	if (*d == NULL)
		return;
	for (it = (*d)->items; it != NULL; it = it->next)
		ruad_report_free(&it->report);
	free((*d)->raw);
	ruad_budget_give((*d)->budget, (*d)->raw_charged);
	a = (*d)->arena;
	ruad_arena_free(&a);
	*d = NULL;
}
