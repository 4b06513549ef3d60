/* rehearsal.h - rehearses a policy with the messages of some days of a store:
 * sums, the senders, and what would change. From the records, or of days of
 * which records have been expired, from the roll-up. Read-only. */
#ifndef RUAD_REHEARSAL_H
#define RUAD_REHEARSAL_H
#include "rehearsal_sum.h"
#include <sqlite3.h>
#include <stdbool.h>

/* What the newest report about a domain saw published. */
struct ruad_rehearsal_seen {
	bool found; /* there is a report */
	struct ruad_rehearse_policy policy;
	int64_t pct; /* 100 where the report does not say */
	bool testing; /* t=y */
};

/* Read it. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_rehearsal_seen(sqlite3 *db,
    const char *domain, struct ruad_rehearsal_seen *out, struct ruad_err *err);

/* Fill in what is not said of the policy to be rehearsed: p one step up from
 * what was seen, all else as it was seen. */
void ruad_rehearsal_choose(const struct ruad_rehearse_policy *seen,
    struct ruad_rehearse_policy *p);

/* Rehearse. On RUAD_OK *out is to be freed with
 * ruad_rehearsal_free(). Fails like ruad_sql_fail(), and
 * with RUAD_TEMP when out of memory. */
RUAD_NODISCARD enum ruad_status ruad_rehearsal_read(sqlite3 *db,
    const struct ruad_rehearsal_ask *ask, struct ruad_rehearsal *out,
    struct ruad_err *err);

#endif
