/* history.h - what DNS had for a registered domain, as the store remembers it:
 * table record_history. */
#ifndef RUAD_HISTORY_H
#define RUAD_HISTORY_H
#include "err.h"
#include "store.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum ruad_standing {
	RUAD_STANDING_REGISTERED, /* no record has been seen */
	RUAD_STANDING_PUBLISHED, /* one that does not bring reports here yet */
	RUAD_STANDING_VERIFIED, /* one that does */
	RUAD_STANDING_FAILING /* it did, or it is broken */
};

struct ruad_history {
	enum ruad_standing standing;
	char code[40], text[300]; /* why not verified; "" */
	char record_name[300]; /* "": there is no record */
	char record[2000]; /* escaped, and cut where it is longer */
	int64_t ttl_secs;
	int64_t first_epoch, last_epoch;
};

/* "verified"; never NULL. */
const char *ruad_standing_word(enum ruad_standing standing);

/* The last that is known of a domain. RUAD_END: nothing; RUAD_TEMP, RUAD_BAD:
 * as ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_history_last(sqlite3 *db,
    const char *domain, struct ruad_history *out, struct ruad_err *err);

/* Whether DNS has the same in both. */
bool ruad_history_same(const struct ruad_history *a,
    const struct ruad_history *b);

/* Remember, in a transaction of its own, that DNS has `now` at now->last_epoch:
 * as a new row, or where that is what was known last, in its row. RUAD_TEMP,
 * RUAD_BAD: nothing has changed. */
RUAD_NODISCARD enum ruad_status ruad_history_put(struct ruad_store *s,
    const char *domain, const struct ruad_history *now, struct ruad_err *err);

#endif
