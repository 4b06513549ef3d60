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

void
ruad_dns_look_end(struct ruad_dns_look *l)
{
	ruad_inspection_free(&l->in);
	ruad_survey_close(&l->survey);
	if (l->entered)
		ruad_desk_leave(l->app->desk, RUAD_DESK_DNS);
	l->entered = false;
}

/* Nothing is known of the record itself. */
static enum ruad_status
refuse(const struct ruad_lookup *own, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_problem(res, RUAD_PROBLEM_DNS_TIMEOUT, err, "_dmarc.%s: %s",
	    own->name, ruad_dns_outcome_word(own->answer->outcome));
}

enum ruad_status
ruad_dns_look_tell(struct ruad_request *req, struct ruad_response *res,
    ruad_dns_teller *tell, const void *arg, struct ruad_err *err)
{
	const char *domain = ruad_request_param(req, "d");
	const struct ruad_lookup *own;
	struct ruad_dns_look l;
	enum ruad_status st =
	    ruad_dns_look_begin(&l, ruad_request_app(req), domain, err);

	if (st == RUAD_OK)
		st = ruad_survey_look(&l.survey, domain, &l.in, err);
	if (st == RUAD_OK) {
		own = ruad_discovery_own(l.in->found);
		st = ruad_dns_is_unknown(own->answer->outcome)
		    ? refuse(own, res, err)
		    : tell(&l, res, domain, arg, err);
	}
	ruad_dns_look_end(&l);
	return st;
}
