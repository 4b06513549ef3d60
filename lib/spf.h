/* spf.h - the SPF record of a domain as RFC 7208 has it: that there is one, how
 * many lookups it takes, and what it says of all others. No message is judged
 * here. */
#ifndef RUAD_SPF_H
#define RUAD_SPF_H
#include "err.h"
#include "remark.h"
#include "resolver.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 7208 section 4.6.4: more lookups, or more that find nothing, and
 * receivers give up with permerror. */
enum { RUAD_SPF_LOOKUPS_MAX = 10, RUAD_SPF_VOIDS_MAX = 2 };

/* What a record refers to. */
struct ruad_spf_node;

struct ruad_spf_term {
	char *text; /* owned */
	size_t at; /* in the record */
	bool lookup; /* it costs one by itself */
	struct ruad_spf_node *node; /* owned; of include: and redirect= */
};

struct ruad_spf_node {
	char domain[256];
	enum ruad_dns_outcome outcome;
	char *record; /* owned; NULL: there is none, or several */
	uint32_t ttl_secs;
	unsigned lookups; /* that it takes, with all below it */
	struct ruad_spf_term *term; /* owned; those that count */
	size_t count;
};

struct ruad_spf {
	struct ruad_spf_node *root; /* owned */
	unsigned lookups, voids; /* those that find nothing */
};

/* Look at the record of `domain` and all that it includes; positions of remarks
 * are in the text of the root. The caller owns *out. RUAD_TEMP: this host
 * failed. */
RUAD_NODISCARD enum ruad_status ruad_spf_look(struct ruad_resolver *resolver,
    const char *domain, struct ruad_spf **out, struct ruad_remarks *remarks,
    struct ruad_err *err);

void ruad_spf_free(struct ruad_spf **spf); /* sets *spf NULL */

/* The same without the tree: look at the record of `domain` and all that it includes; positions of remarks
 * are in its text, which is stored in *text_out (the caller frees it; NULL:
 * there is none). RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_spf_check(struct ruad_resolver *resolver,
    const char *domain, char **text_out, struct ruad_remarks *remarks,
    struct ruad_err *err);

#endif
