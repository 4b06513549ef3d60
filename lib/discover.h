/* discover.h - which DMARC record holds for a domain, as both generations of
 * receivers find it: by the Public Suffix List (RFC 7489 sections 3.2 and
 * 6.6.3) and by the tree walk (RFC 9989 section 4.10). */
#ifndef RUAD_DISCOVER_H
#define RUAD_DISCOVER_H
#include "err.h"
#include "orgdom.h"
#include "record.h"
#include "resolver.h"
#include <stdbool.h>
#include <stddef.h>

/* RFC 9989 section 4.10: no walk asks more often. */
enum { RUAD_WALK_MAX = 8 };

/* What is at _dmarc.NAME. */
struct ruad_lookup {
	char name[256]; /* without "_dmarc." */
	struct ruad_dns_answer *answer; /* owned */
	size_t dmarc_count; /* records that begin with v=DMARC1 */
	struct ruad_dmarc_record *record; /* owned; NULL unless there is one */
};

enum ruad_found_state {
	RUAD_FOUND_NOTHING, /* no DMARC for this domain */
	RUAD_FOUND_POLICY,
	RUAD_FOUND_BAD, /* a record that these receivers ignore */
	RUAD_FOUND_SEVERAL, /* so many records that none counts */
	RUAD_FOUND_BOGUS, /* DNSSEC proves answers wrong */
	RUAD_FOUND_UNKNOWN /* DNS failed */
};

struct ruad_found {
	enum ruad_found_state state;
	const struct ruad_lookup *at; /* of POLICY, BAD, SEVERAL; else NULL */
	/* The tag whose word holds: p at the domain itself, sp below, np for a
	 * name that does not exist; where the record has none, sp for np, and p
	 * for sp. */
	enum ruad_record_tag tag;
	enum ruad_policy policy;
	/* "" where there is none, or where it is not known. */
	char org_domain[256];
};

struct ruad_discovered {
	char domain[256]; /* lower case, A-labels */
	/* What asking for the domain itself gave; only asked for where it
	 * matters, RUAD_DNS_FOUND otherwise. */
	enum ruad_dns_outcome existence;
	struct ruad_lookup *lookup[RUAD_WALK_MAX + 1]; /* owned, as asked */
	size_t lookup_count;
	const struct ruad_lookup *walk[RUAD_WALK_MAX]; /* longest name first */
	size_t walk_count;
	struct ruad_found found[RUAD_RFC_COUNT];
};

/* Find it. `domain` is in lower case and A-labels; `orgdom` is borrowed.
 * RUAD_TEMP: this host failed; what DNS fails at is in *out. */
RUAD_NODISCARD enum ruad_status ruad_discover(struct ruad_resolver *resolver,
    const struct ruad_orgdom *orgdom, const char *domain,
    struct ruad_discovered **out, struct ruad_err *err);

void ruad_discovery_free(struct ruad_discovered **d); /* sets *d NULL */

/* The lookup of the domain itself. */
const struct ruad_lookup *ruad_discovery_own(const struct ruad_discovered *d);

#endif
