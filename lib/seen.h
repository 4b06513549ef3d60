/* seen.h - what the reports of a store show of a domain's records: selectors of
 * DKIM, and the policy that reporters found. */
#ifndef RUAD_SEEN_H
#define RUAD_SEEN_H
#include "err.h"
#include "reading.h"
#include "report.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* More than this is not looked at: anybody can claim a selector. */
enum { RUAD_SEEN_MAX = 20 };

struct ruad_seen_selector {
	char domain[256], selector[256];
	bool passes; /* a signature of it has verified */
};

struct ruad_seen_policy { /* UNKNOWN or -1: the reports do not say */
	enum ruad_policy p, sp, np;
	enum ruad_mode adkim, aspf;
	int pct;
	int64_t reports; /* that say so */
	int64_t end_epoch; /* of the newest of them */
	char org_name[200]; /* who sent it */
};

struct ruad_seen {
	struct ruad_seen_selector selector[RUAD_SEEN_MAX];
	size_t selector_count; /* those that verify most come first */
	struct ruad_seen_policy policy[RUAD_SEEN_MAX];
	size_t policy_count; /* the last seen comes first */
};

/* Read it: selectors of the domain and of all below it, and policies of reports
 * about the domain that ended since. RUAD_TEMP, RUAD_BAD: as ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_seen_read(sqlite3 *db, const char *domain,
    int64_t since_epoch, struct ruad_seen *out, struct ruad_err *err);

/* Which tags a reporter saw otherwise than this reading has them: a set of bits
 * 1 << enum ruad_record_tag; 0: it saw the same. What it does not say is no
 * difference. */
unsigned ruad_seen_differences(const struct ruad_seen_policy *s,
    const struct ruad_reading *a);

#endif
