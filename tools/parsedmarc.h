/* parsedmarc.h - the aggregate reports in the JSON that parsedmarc writes. */
#ifndef RUAD_TOOLS_PARSEDMARC_H
#define RUAD_TOOLS_PARSEDMARC_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A report as the XML of RFC 7489 that it may have been read from; what only
 * RFC 9990 knows stands in it, too, where the JSON has it. Times without a zone
 * are those of this host's zone, as parsedmarc writes them. What is missing is
 * left out: the reader of XML says what that means. The caller frees it; NULL:
 * out of memory. */
char *ruad_parsedmarc_xml(const json_t *report, size_t *len_out);

/* Whether it looks like such a report. */
bool ruad_parsedmarc_is_report(const json_t *value);

#endif
