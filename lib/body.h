/* body.h - what the text of a mail may be besides words for people: a report
 * that was pasted, or an error report. Pure functions. */
#ifndef RUAD_BODY_H
#define RUAD_BODY_H
#include "err.h"
#include <stdbool.h>
#include <stddef.h>

/* Where in a text the one report begins; NULL where there is none, or where it
 * is quoted, has &lt; for <, or is one of several, as *why then says
 * (XML_MALFORMED). What is found may have no end. *why is not
 * touched else. */
const unsigned char *ruad_body_find_report(const unsigned char *data,
    size_t len, struct ruad_err *why);

/* Whether a text is an error report (RFC 7489 section 7.2.2). */
bool ruad_body_is_error_report(const unsigned char *data, size_t len);

#endif
