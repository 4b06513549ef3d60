/* zone.h - a DNS zone in memory that answers as a resolver. */
#ifndef ZONE_H
#define ZONE_H
#include "resolver.h"

/* One record, or what asking for a name gives instead of any. */
struct zone_row {
	const char *name;
	enum ruad_dns_type type;
	const char *text; /* TXT: its text; MX: the host; else the address */
	/* Other than RUAD_DNS_FOUND: this, whatever the type. */
	enum ruad_dns_outcome outcome;
	const char *canonical; /* where a CNAME leads; NULL: none */
	bool proven;
};

struct zone {
	struct ruad_resolver resolver; /* first member */
	const struct zone_row *rows;
	size_t count;
	size_t asked; /* so far */
};

/* Make it answer from these rows, which are borrowed. A name without a row does
 * not exist, unless a row is below it. */
void zone_init(struct zone *z, const struct zone_row *rows, size_t count);

#endif
