/* expire.h - what is too old leaves the store, in many short transactions, so
 * that whoever takes mail in never waits long. Records go first, then the
 * originals and the quarantine; a report itself stays for as long as the
 * roll-up of its day, which it is counted in: so a second copy of its mail is
 * still a duplicate, and `daily` stays exact. */
#ifndef RUAD_EXPIRE_H
#define RUAD_EXPIRE_H
#include "err.h"
#include "store.h"
#include <stdbool.h>
#include <stdint.h>

/* What goes. Days are those of ruad_daily_day(), times seconds since the epoch,
 * UTC; INT64_MIN: nothing of this kind. */
struct ruad_expire_settings {
	int64_t records_day; /* records of reports of before this day */
	int64_t raw_epoch; /* originals received before this */
	int64_t quarantine_epoch; /* what was refused, received before this */
	/* The roll-up of before this day, and its reports; not later than
	 * records_day. */
	int64_t daily_day;
	int64_t mail_epoch; /* mails of which nothing is left by then */
	bool sources; /* those that nothing speaks of any more */
	/* Only of this policy domain (lower case, A-labels); NULL: of all.
	 * Nothing then leaves the quarantine, and no source goes. */
	const char *domain;
};

enum ruad_expire_what {
	RUAD_EXPIRE_RECORDS,
	RUAD_EXPIRE_QUARANTINE,
	RUAD_EXPIRE_RAW,
	RUAD_EXPIRE_DAILY,
	RUAD_EXPIRE_REPORTS,
	RUAD_EXPIRE_MAILS,
	RUAD_EXPIRE_SOURCES,
	RUAD_EXPIRE_COUNT
};

struct ruad_expire_totals {
	int64_t rows[RUAD_EXPIRE_COUNT];
	int64_t raw_bytes; /* of the originals, as they are kept */
};

struct ruad_expire;

/* Begin. The store is borrowed, the settings are copied, but for the domain.
 * RUAD_END: there is no such domain in the store. RUAD_TEMP: no memory; others
 * as of ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_expire_new(struct ruad_store *store,
    const struct ruad_expire_settings *set, struct ruad_expire **out,
    struct ruad_err *err);

/* Look for what is next, and take it away in one transaction. `rows` bounds how
 * much that is: that many rows, a page of an original counting as one; a single
 * original or report goes as a whole, but for its records. RUAD_OK: there may
 * be more; RUAD_END: nothing is left. Others as of ruad_store_do(): nothing has
 * changed, and the call may be repeated. */
RUAD_NODISCARD enum ruad_status ruad_expire_step(struct ruad_expire *e,
    int64_t rows, struct ruad_err *err);

/* Count what would go, and change nothing; of sources, those that nothing
 * speaks of now. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_expire_count(struct ruad_expire *e,
    struct ruad_err *err);

/* What has gone, or would go. */
const struct ruad_expire_totals *ruad_expire_totals(
    const struct ruad_expire *e);

void ruad_expire_free(struct ruad_expire **e); /* sets *e NULL; NULL is fine */

#endif
