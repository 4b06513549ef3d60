/* replace.h - a stored report becomes what is read now from the same mail,
 * within the open transaction. The roll-up stays exact, also where somebody has
 * changed the records since: then the day is counted anew. */
#ifndef RUAD_REPLACE_H
#define RUAD_REPLACE_H
#include "put.h"
#include <stdbool.h>
#include <stdint.h>

/* Replace the report under its key, time of arrival and mail, by the one of
 * `item` of delivery `d`; warnings that ruad_put_warnings() names stay. What is
 * known of the mail follows `d`.
 *
 * *recount says whether its day is to be counted anew. Where that shows to be
 * needed only when rows have been changed, it is set and the call fails with
 * RUAD_BAD: undo, and call again.
 *
 * RUAD_END: there is no such report. RUAD_BAD: another stored report has the
 * new identity, or the day can neither be corrected nor counted anew. Other
 * failures as of ruad_sql_fail(). After each, what was written must be
 * undone. */
RUAD_NODISCARD enum ruad_status ruad_replace_report(struct ruad_put *p,
    int64_t report_key, const struct ruad_delivery *d, struct ruad_item *item,
    bool *recount, struct ruad_err *err);

#endif
