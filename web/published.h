/* published.h - the policy that a reporter saw, against what DNS had in that
 * time, as far as it was watched (ruadctl record watch). */
#ifndef RUAD_WEB_PUBLISHED_H
#define RUAD_WEB_PUBLISHED_H
#include "query.h"
#include <jansson.h>

/* Compare `policy`, the member policy_published of a report about `domain`, the
 * middle of whose period is given. The caller owns *dns_out, null where nothing
 * is known, and *differences_out. Fails like ruad_query_ask(). */
RUAD_NODISCARD enum ruad_status ruad_published_compare(struct ruad_query *q,
    const char *domain, int64_t epoch, const json_t *policy, json_t **dns_out,
    json_t **differences_out, struct ruad_err *err);

/* What differs between two records, tag by tag, as an array of schema
 * TagChange; either may be NULL: there was none. NULL: no memory. */
json_t *ruad_published_changes(const char *before, const char *after);

#endif
