/* report_rows.h - the rows of one report: itself, its records and their
 * roll-up, and what was odd or refused in it. */
#ifndef RUAD_REPORT_ROWS_H
#define RUAD_REPORT_ROWS_H
#include "delivery.h"
#include "dict.h"
#include "err.h"
#include "sql.h"
#include <stdbool.h>

/* Where a report belongs, by the keys of the store. */
struct ruad_report_place {
	int64_t report_key; /* 0: not stored yet */
	int64_t reporter_key;
	int64_t policy_domain_key;
	int64_t mail_key;
	int64_t received_epoch;
};

/* Write all rows of a report that `dict` has entered, under the warnings of
 * mail and report; `part` says where in the mail it was, may be NULL. Under a
 * report_key that is not 0, they replace what ruad_report_rows_drop() dropped.
 * *report_key_out is the report's key. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_report_rows_write(struct ruad_dict *dict,
    const struct ruad_report_place *place, const struct ruad_warnings *warnings,
    const char *part, int64_t *report_key_out, struct ruad_err *err);

/* Remove the records of a stored report and all that came with them, and take
 * them out of the roll-up of `day`; *exact_out as of ruad_daily_subtract(). */
RUAD_NODISCARD enum ruad_status ruad_report_rows_drop(struct ruad_sql *sql,
    const struct ruad_report_place *place, int64_t day, bool *exact_out,
    struct ruad_err *err);

#endif
