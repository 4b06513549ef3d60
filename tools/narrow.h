/* narrow.h - the options that narrow a question: how their values become those
 * of the filter. */
#ifndef RUAD_TOOLS_NARROW_H
#define RUAD_TOOLS_NARROW_H
#include "options.h"
#include <stdbool.h>

/* Read the value of an option; false: *wanted_out says what would do. */
typedef bool ruad_take_value(struct ruad_options *o, const char *text,
    const char **wanted_out);

ruad_take_value ruad_take_domain, ruad_take_reporter, ruad_take_since,
    ruad_take_until, ruad_take_days, ruad_take_trusted, ruad_take_header_from,
    ruad_take_source_ip, ruad_take_disposition, ruad_take_spf, ruad_take_dkim,
    ruad_take_dmarc, ruad_take_selector;

#endif
