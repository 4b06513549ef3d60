/* trust.h - did the report mail itself pass DMARC? Read from the
 * Authentication-Results fields (RFC 8601) that this site's own filters added.
 * Never does DNS. */
#ifndef RUAD_TRUST_H
#define RUAD_TRUST_H
#include "delivery.h"
#include "err.h"
#include "field.h"
#include "orgdom.h"
#include <stddef.h>

struct ruad_trust_settings {
	/* Whose results are believed; empty: the feature is off. Borrowed. */
	const char *const *authserv_ids;
	size_t authserv_id_count;
	/* Fields below this many visible Received fields are ignored. */
	unsigned trusted_received;
};

struct ruad_trust {
	enum ruad_auth_result result;
	char from_domain[254]; /* RFC5322.From domain, A-labels; "" if none */
	char authserv_id[254]; /* who said so; "" if nobody */
	char dkim_domain[254], dkim_selector[254]; /* of a passing signature */
};

/* Decide. `fields` are all fields of the outermost header in order;
 * `from_domains` the RFC5322.From domains (A-labels, lower case), of which a
 * sound mail has one; `null_sender` says that MAIL FROM was <>. `orgdom` is
 * used for relaxed alignment, may be NULL. Writes all of *out. */
void ruad_trust_decide(const struct ruad_trust_settings *set,
    const struct ruad_field *fields, size_t field_count,
    const char *const *from_domains, size_t from_domain_count, bool null_sender,
    struct ruad_orgdom *orgdom, struct ruad_trust *out);

#endif
