/* audit.h - whether a store is what it should be: sound as a file, and true as
 * data. Reads, and changes nothing. */
#ifndef RUAD_AUDIT_H
#define RUAD_AUDIT_H
#include "err.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum ruad_audit {
	RUAD_AUDIT_FILE, /* pages, indexes, constraints, by SQLite */
	RUAD_AUDIT_KEYS, /* foreign keys, by SQLite */
	RUAD_AUDIT_TOTALS, /* reports: totals of their records */
	RUAD_AUDIT_DAILY, /* the roll-up: a recount of the records */
	RUAD_AUDIT_DAYS, /* the sums of days: those of the roll-up */
	/* and where these have been expired: not more than the reports say */
	RUAD_AUDIT_EXPIRED,
	RUAD_AUDIT_MAILS, /* mails of which nothing came */
	RUAD_AUDIT_ORPHANS, /* dictionary rows that nothing points to */
	RUAD_AUDIT_COUNT
};

struct ruad_audit_result {
	const char *name; /* "roll-up"; static */
	int64_t count; /* of what is not as it should be */
	bool fault; /* it matters; what is only left over does not */
	char text[400]; /* what it is, printable ASCII; "" where count is 0 */
};

/* Look at one thing. A file too damaged to look is a finding, too. RUAD_TEMP:
 * it could not be read now. */
RUAD_NODISCARD enum ruad_status ruad_audit_run(sqlite3 *db,
    enum ruad_audit what, struct ruad_audit_result *out, struct ruad_err *err);

#endif
