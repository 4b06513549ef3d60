/* spf.h - the SPF record of a domain as RFC 7208 has it: that there is one, how
 * many lookups it takes, and what it says of all others. No message is judged
 * here. */
#ifndef RUAD_SPF_H
#define RUAD_SPF_H
#include "err.h"
#include "remark.h"
#include "resolver.h"
#include <stddef.h>

/* RFC 7208 section 4.6.4: more lookups, or more that find nothing, and
 * receivers give up with permerror. */
enum { RUAD_SPF_LOOKUPS_MAX = 10, RUAD_SPF_VOIDS_MAX = 2 };

/* Look at the record of `domain` and all that it includes; positions of remarks
 * are in its text, which is stored in *text_out (the caller frees it; NULL:
 * there is none). RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_spf_check(struct ruad_resolver *resolver,
    const char *domain, char **text_out, struct ruad_remarks *remarks,
    struct ruad_err *err);

#endif
