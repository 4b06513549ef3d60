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
void ruad_dns_look_end(struct ruad_dns_look *l);

/* Look at {d}, and tell what was found; `arg` is handed on. Where DNS did not
 * answer for the record itself, that is told instead. */
typedef enum ruad_status ruad_dns_teller(struct ruad_dns_look *l,
    struct ruad_response *res, const char *domain, const void *arg,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_dns_look_tell(struct ruad_request *req,
    struct ruad_response *res, ruad_dns_teller *tell, const void *arg,
    struct ruad_err *err);

#endif
