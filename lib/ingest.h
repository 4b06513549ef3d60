/* ingest.h - the way of a report, from the bytes of a mail to a delivery that
 * is ready for the store: part, unpack, xml, report, alignment, trust. The one
 * file that sees all stages; used alike by the milter and by ruadctl. */
#ifndef RUAD_INGEST_H
#define RUAD_INGEST_H
#include "delivery.h"
#include "limit.h"
#include "mail.h"
#include "orgdom.h"
#include "trust.h"

struct ruad_ingest;

enum ruad_require_auth {
	RUAD_REQUIRE_AUTH_OFF, /* store the result only */
	RUAD_REQUIRE_AUTH_FLAG, /* the same; views can count trusted only */
	RUAD_REQUIRE_AUTH_ENFORCE /* refuse unless the mail passed DMARC */
};

struct ruad_ingest_settings {
	struct ruad_limits limits;
	struct ruad_budget *budget; /* shared, borrowed; NULL: unbounded */
	struct ruad_orgdom *orgdom; /* borrowed */
	struct ruad_trust_settings trust; /* its list is borrowed */
	enum ruad_require_auth require_auth;
	/* Policy domains we answer for, each with all below it; none: any.
	 * Lower case, A-labels, borrowed. */
	const char *const *domains;
	size_t domain_count;
	bool keep_raw; /* keep the original of stored reports */
	bool registered_only; /* the store is to refuse reports for domains
			       * that are not registered there */
};

/* Shared by all threads; the settings are copied. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status
ruad_ingest_new(const struct ruad_ingest_settings *set,
    struct ruad_ingest **out, struct ruad_err *err);

/* Read one mail, or bare report, into a delivery that the caller owns. Nothing
 * is stored yet: items with a report have no outcome, refused ones are
 * RUAD_REFUSED with code and text. Malformed input is no failure of this
 * function. RUAD_TEMP: this host failed (memory, budget, spool); *out is NULL
 * then. */
RUAD_NODISCARD enum ruad_status ruad_ingest_read(struct ruad_ingest *in,
    struct ruad_mail *mail, struct ruad_delivery **out, struct ruad_err *err);

void ruad_ingest_free(struct ruad_ingest **in); /* sets *in NULL */

#endif
