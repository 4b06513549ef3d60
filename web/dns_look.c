/* dns_look.c - see dns_look.h. No handle of the store is held while DNS is
 * waited for. */
#include "dns_look.h"
#include <string.h>

enum ruad_status
ruad_dns_look_begin(struct ruad_dns_look *l, struct ruad_app *app,
    const char *domain, struct ruad_err *err)
{
	struct ruad_query *q = NULL;
	enum ruad_status st;

	memset(l, 0, sizeof(*l));
	l->app = app;
	l->asked_epoch = (int64_t)time(NULL);
	st = ruad_desk_enter(app->desk, RUAD_DESK_DNS, err);
	if (st != RUAD_OK)
		return st;
	l->entered = true;
	st = ruad_survey_open(app->conf, &l->survey, err);
	if (st == RUAD_OK)
		st = ruad_pool_get(app->pool, &q, err);
	if (st == RUAD_OK)
		st = ruad_survey_read(&l->survey, ruad_query_handle(q), domain,
		    err);
	ruad_pool_put(app->pool, &q);
	return st;
}

enum ruad_status
ruad_dns_look_at(struct ruad_dns_look *l, const char *domain,
    struct ruad_err *err)
{
	return ruad_survey_look(&l->survey, domain, &l->in, err);
}

bool
ruad_dns_look_is_silent(const struct ruad_dns_look *l)
{
	return ruad_dns_is_unknown(
	    ruad_discovery_own(l->in->found)->answer->outcome);
}

enum ruad_status
ruad_dns_look_refuse(const struct ruad_dns_look *l, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_lookup *own = ruad_discovery_own(l->in->found);

	return ruad_problem(res, RUAD_PROBLEM_DNS_TIMEOUT, err, "_dmarc.%s: %s",
	    own->name, ruad_dns_outcome_word(own->answer->outcome));
}

void
ruad_dns_look_end(struct ruad_dns_look *l)
{
	ruad_inspection_free(&l->in);
	ruad_survey_close(&l->survey);
	if (l->entered)
		ruad_desk_leave(l->app->desk, RUAD_DESK_DNS);
	l->entered = false;
}
