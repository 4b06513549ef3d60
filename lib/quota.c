/* quota.c - the clock of the reading thread. */
#include "quota.h"
#include <time.h>

#define MIB ((size_t)1024 * 1024)

static uint64_t
cpu_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
ruad_quota_start(struct ruad_quota *q, const struct ruad_limits *lim,
    size_t mail_bytes)
{
	*q = (struct ruad_quota){ .lim = lim };
	q->started_msecs = cpu_msecs();
	q->max_msecs = lim->read_msecs;
	if (mail_bytes > MIB)
		q->max_msecs *= mail_bytes / MIB;
}

enum ruad_status
ruad_quota_check(const struct ruad_quota *q, struct ruad_err *err)
{
	if (q->max_msecs == 0 || cpu_msecs() - q->started_msecs <= q->max_msecs)
		return RUAD_OK;
	return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_TIME,
	    "quota: more than %llu ms of CPU time (max_read_time)",
	    (unsigned long long)q->max_msecs);
}
