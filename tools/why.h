/* why.h - why messages of a source fail DMARC, in words. */
#ifndef RUAD_TOOLS_WHY_H
#define RUAD_TOOLS_WHY_H
#include "query.h"
#include <stddef.h>

/* Longest text, with its NUL: three domain names and what stands around. */
#define RUAD_WHY_BYTES 1200

/* Write one sentence on the results that RUAD_ASK_FAILURE gives for this
 * filter, such as "SPF passed for bounce.mailer.example, not aligned; no DKIM
 * signature". RUAD_TEMP, RUAD_BAD: the store cannot be read. */
RUAD_NODISCARD enum ruad_status ruad_why(struct ruad_query *q,
    const struct ruad_filter *filter, char buf[RUAD_WHY_BYTES],
    struct ruad_err *err);

#endif
