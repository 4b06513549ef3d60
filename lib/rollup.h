/* rollup.h - keeps the roll-ups of roll.h: finds the days of the store that are
 * others than those that were counted, and counts them anew, one at a time. */
#ifndef RUAD_ROLLUP_H
#define RUAD_ROLLUP_H
#include "orgdom.h"
#include "roll.h"

struct ruad_rollup;

struct ruad_rollup_settings {
	const char *path, *store; /* see ruad_roll_open(); borrowed */
	const struct ruad_orgdom *orgdom; /* borrowed */
	struct ruad_roll_bounds bounds;
};

/* Open both databases. The settings are copied. Fails like ruad_roll_open(). */
RUAD_NODISCARD enum ruad_status
ruad_rollup_open(const struct ruad_rollup_settings *set,
    struct ruad_rollup **out, struct ruad_err *err);

/* Note which days have changed, and follow the labels. Without `thorough` only
 * new reports and labels are looked for, which costs next to nothing; else also
 * whatever is not as it was counted: what has been replaced or has expired, and
 * names of senders that are other ones. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_rollup_look(struct ruad_rollup *r,
    bool thorough, struct ruad_err *err);

/* Count one day of one domain, the newest first, in a transaction of its own.
 * RUAD_END: nothing is left to do. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_rollup_step(struct ruad_rollup *r,
    struct ruad_err *err);

/* Answer the question of ruad_roll_ready() for all domains whose answer is not
 * of these data and this day. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_rollup_judge(struct ruad_rollup *r,
    int64_t today, struct ruad_err *err);

/* Keep what the operator says of a domain: a label (NULL: none), and whether it
 * sends no mail. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_rollup_mark(struct ruad_rollup *r,
    const char *domain, const char *label, bool parked, struct ruad_err *err);

void ruad_rollup_close(struct ruad_rollup **r); /* sets *r NULL; NULL is fine */

#endif
