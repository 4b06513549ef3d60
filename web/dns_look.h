/* dns_look.h - one look at a domain in DNS, for a request that waits for it: a
 * bounded number at a time, each within dns_total_timeout. */
#ifndef RUAD_WEB_DNS_LOOK_H
#define RUAD_WEB_DNS_LOOK_H
#include "app.h"
#include "response.h"
#include "survey.h"
#include <time.h>

struct ruad_dns_look {
	struct ruad_app *app; /* borrowed */
	struct ruad_survey survey;
	struct ruad_inspection *in; /* owned; NULL: not looked yet */
	int64_t asked_epoch;
	bool entered;
};

/* Get ready, and read what the store knows of the domain. RUAD_TEMP,
 * RUAD_OUR_BUSY: too many look. End it in any case. */
RUAD_NODISCARD enum ruad_status ruad_dns_look_begin(struct ruad_dns_look *l,
    struct ruad_app *app, const char *domain, struct ruad_err *err);

/* Look. Fails like ruad_survey_look(). */
RUAD_NODISCARD enum ruad_status ruad_dns_look_at(struct ruad_dns_look *l,
    const char *domain, struct ruad_err *err);

/* Whether nothing is known of the record itself, for DNS did not answer; and
 * say so to the client. */
bool ruad_dns_look_is_silent(const struct ruad_dns_look *l);
RUAD_NODISCARD enum ruad_status
ruad_dns_look_refuse(const struct ruad_dns_look *l, struct ruad_response *res,
    struct ruad_err *err);

void ruad_dns_look_end(struct ruad_dns_look *l);

#endif
