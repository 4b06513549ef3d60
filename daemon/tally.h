/* tally.h - how often what has happened to mails, since the daemon started.
 * Any thread may count. */
#ifndef RUAD_TALLY_H
#define RUAD_TALLY_H
#include "code.h"
#include "delivery.h"
#include <stdatomic.h>

struct ruad_tally {
	atomic_ullong outcomes[RUAD_ERROR + 1]; /* of report mails */
	/* of mails that are refused, or that could not be taken now */
	atomic_ullong codes[RUAD_CODE_COUNT];
};

static inline void
ruad_tally_outcome(struct ruad_tally *t, enum ruad_outcome outcome)
{
	atomic_fetch_add(&t->outcomes[outcome], 1);
}

static inline void
ruad_tally_code(struct ruad_tally *t, enum ruad_code code)
{
	if (code != RUAD_CODE_NONE)
		atomic_fetch_add(&t->codes[code], 1);
}

#endif
