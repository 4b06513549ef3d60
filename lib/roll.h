/* roll.h - the roll-ups of the console, in a database of its own beside the
 * store of reports: messages by day and class, by sender, by source, and what
 * reports say of their authentication. All of it can be counted anew from the
 * store at any time. One handle, one thread. */
#ifndef RUAD_ROLL_H
#define RUAD_ROLL_H
#include "err.h"
#include "rehearsal.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum ruad_roll_mode { RUAD_ROLL_READ, RUAD_ROLL_WRITE };

/* Open both: `path` is the database of the console, whose tables are made with
 * RUAD_ROLL_WRITE, and `store` that of the reports, which is only read. In SQL,
 * tables of the store need no prefix: none of ours has the name of one of them.
 * RUAD_TEMP, RUAD_BAD: as ruad_sql_fail(); RUAD_BAD also where there is no store
 * yet. */
RUAD_NODISCARD enum ruad_status ruad_roll_open(const char *path,
    const char *store, enum ruad_roll_mode mode, sqlite3 **out,
    struct ruad_err *err);

/* Close, with all its statements; sets *db NULL, NULL is fine. */
void ruad_roll_close(sqlite3 **db);

/* A number that grows with each change of the roll-ups; 0: there are none. */
RUAD_NODISCARD enum ruad_status ruad_roll_version(sqlite3 *db,
    int64_t *version_out, struct ruad_err *err);

/* What is known of the policy that a domain publishes. */
struct ruad_roll_published {
	bool found;
	bool in_dns; /* from the watched record; else from reports */
	struct ruad_rehearse_policy policy;
	int64_t pct; /* -1: not said */
	bool testing;
	char inherited_from[256]; /* "": from nobody */
};

RUAD_NODISCARD enum ruad_status ruad_roll_published(sqlite3 *db,
    const char *domain, struct ruad_roll_published *out, struct ruad_err *err);

/* Rehearse a policy as ruad_rehearsal_read() does, from the roll-ups: what is
 * asked beside the policy may not be `without`. The orgdom and the senders of
 * the ask are not used. What a change would be is not filled in. */
RUAD_NODISCARD enum ruad_status ruad_roll_rehearse(sqlite3 *db,
    const struct ruad_rehearsal_ask *ask, struct ruad_rehearsal *out,
    struct ruad_err *err);

/* How ready a domain is for the next policy. Limits without their days, which
 * are given for each policy. */
struct ruad_roll_bounds {
	struct ruad_ready_limits ready;
	int64_t days_quarantine, days_reject;
};

struct ruad_roll_ready {
	struct ruad_rehearse_policy target;
	struct ruad_ready_limits limits;
	struct ruad_ready_condition condition[RUAD_READY_COUNT];
	enum ruad_ready_verdict verdict;
	bool done; /* reject is published: nothing is rehearsed */
	int64_t first_day, last_day;
	struct ruad_rehearsal rehearsal;
};

/* Rehearse the next policy for the days up to `today`, a day since 1970-01-01.
 * On RUAD_OK out->rehearsal is to be freed. */
RUAD_NODISCARD enum ruad_status ruad_roll_ready(sqlite3 *db, const char *domain,
    const struct ruad_roll_published *published,
    const struct ruad_roll_bounds *bounds, int64_t today,
    struct ruad_roll_ready *out, struct ruad_err *err);

#endif
