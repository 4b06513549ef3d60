/* rollup_day.h - counts one day of a policy domain into the roll-ups, within
 * the open transaction. */
#ifndef RUAD_ROLLUP_DAY_H
#define RUAD_ROLLUP_DAY_H
#include "orgdom.h"
#include "roll.h"

/* What is remembered of the rows of daily AS y of a counted day: where it is
 * another, the day has changed. */
#define RUAD_ROLLUP_PRINT \
	"sum(y.messages * (1 + 3 * (y.dkim + 3 * (y.spf + 5 * " \
	"y.disposition)))" \
	" + 7919 * y.reports + (y.source_key * 31 + y.header_from_key) % " \
	"104729)"

/* Count it. Whatever was counted of it before is gone. Fails like
 * ruad_sql_fail(). No report has a period of more than span_days. */
RUAD_NODISCARD enum ruad_status ruad_rollup_day(sqlite3 *db,
    const struct ruad_orgdom *orgdom, int64_t domain_key, int64_t day,
    int64_t span_days, struct ruad_err *err);

/* Make the classes of a sender those of its label (RUAD_LABEL_NONE: none), and
 * the sums of its domain anew. */
RUAD_NODISCARD enum ruad_status ruad_rollup_label(sqlite3 *db,
    const char *domain, const char *sender, enum ruad_sender_label label,
    struct ruad_err *err);

/* Run a statement with up to three numbers as its parameters. */
RUAD_NODISCARD enum ruad_status ruad_rollup_run(sqlite3 *db, const char *sql,
    int64_t a, int64_t b, int64_t c, struct ruad_err *err);

#endif
