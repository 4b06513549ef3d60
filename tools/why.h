/* why.h - why messages fail DMARC, in words. */
#ifndef RUAD_TOOLS_WHY_H
#define RUAD_TOOLS_WHY_H
#include "cmd.h"
#include <stdbool.h>

/* Add to a row `why`, one sentence on the results that RUAD_ASK_FAILURE gives
 * for this filter, such as "SPF passed for bounce.mailer.example, not aligned;
 * no DKIM signature", and `report_key`, that of a report with such a record,
 * or null. Where the row is about more than its source, this stands in front.
 * The failure has been told. */
enum ruad_exit ruad_why_add(struct ruad_ctl *ctl,
    const struct ruad_filter *filter, bool name_source, json_t *row);

#endif
