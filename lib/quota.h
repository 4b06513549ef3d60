/* quota.h - what reading one mail has cost so far, over all of its parts, and
 * how much it may cost. */
#ifndef RUAD_QUOTA_H
#define RUAD_QUOTA_H
#include "err.h"
#include "limit.h"
#include <stddef.h>
#include <stdint.h>

struct ruad_quota {
	const struct ruad_limits *lim; /* borrowed */
	uint64_t total_bytes; /* decompressed, over all files */
	uint64_t entries; /* of archives */
	uint64_t started_msecs; /* CPU time of the thread when it began */
	uint64_t max_msecs; /* of CPU time; 0: no bound */
};

/* Begin to count, in the thread that will do the reading, for a mail of so many
 * bytes. */
void ruad_quota_start(struct ruad_quota *q, const struct ruad_limits *lim,
    size_t mail_bytes);

/* RUAD_LIMIT: the time is over (LIMIT_TIME). To be asked between steps that
 * each take little time. */
RUAD_NODISCARD enum ruad_status ruad_quota_check(const struct ruad_quota *q,
    struct ruad_err *err);

#endif
