/* daily.h - the roll-ups of a report. `daily`: messages per day, author domain,
 * source and verdicts; all records of a report with equal facts become one row,
 * so that `reports` of the table counts reports. `domain_day`: the sums of each
 * day of a policy domain. */
#ifndef RUAD_DAILY_H
#define RUAD_DAILY_H
#include "err.h"
#include "report.h"
#include "sql.h"
#include <stdbool.h>

struct ruad_daily;

/* The day of a report, in days since 1970-01-01: that of the middle of its
 * period, so that inclusive and exclusive ends come to the same. */
int64_t ruad_daily_day(const struct ruad_report *r);

/* Room for up to `records` records. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_daily_new(uint32_t records,
    struct ruad_daily **out, struct ruad_err *err);

/* Count one record under the keys of its author domain, or of the policy
 * domain where it has none, and of its source. */
void ruad_daily_add(struct ruad_daily *d, const struct ruad_record *rec,
    int64_t header_from_key, int64_t source_key);

/* Add what was counted to `daily`. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_daily_write(struct ruad_daily *d,
    struct ruad_sql *sql, int64_t policy_domain_key, int64_t day,
    struct ruad_err *err);

/* Add a new report, of which all records were counted, to the sums of its day.
 * Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_daily_add_day(const struct ruad_daily *d,
    struct ruad_sql *sql, const struct ruad_report *r,
    int64_t policy_domain_key, int64_t received_epoch, struct ruad_err *err);

/* Take the stored records of a report out of `daily`. *exact_out is false
 * where they are not what had been counted, so that the day must be recounted:
 * somebody else has changed them. */
RUAD_NODISCARD enum ruad_status ruad_daily_subtract(struct ruad_sql *sql,
    int64_t report_key, int64_t policy_domain_key, int64_t day, bool *exact_out,
    struct ruad_err *err);

/* Whether a day can be counted anew from the records: nothing of it has been
 * expired. The records of single reports may have been changed. */
RUAD_NODISCARD enum ruad_status ruad_daily_countable(struct ruad_sql *sql,
    int64_t report_key, int64_t policy_domain_key, int64_t day, bool *yes_out,
    struct ruad_err *err);

/* Count the sums of a day anew, from `daily` and the reports. */
RUAD_NODISCARD enum ruad_status ruad_daily_recount_day(struct ruad_sql *sql,
    int64_t policy_domain_key, int64_t day, struct ruad_err *err);

/* Count `daily` of a day anew, from the records. */
RUAD_NODISCARD enum ruad_status ruad_daily_recount(struct ruad_sql *sql,
    int64_t policy_domain_key, int64_t day, struct ruad_err *err);

void ruad_daily_free(struct ruad_daily **d); /* sets *d NULL; NULL is fine */

#endif
