/* names.h - the interned texts of a report while it is being filled in, and
 * how a domain name gets among them. */
#ifndef RUAD_NAMES_H
#define RUAD_NAMES_H
#include "report.h"

/* Give the report its table. False: no memory or no budget. */
bool ruad_names_init(struct ruad_report *r);

/* Intern a text. Returns RUAD_ABSENT when out of memory or budget. */
ruad_text ruad_names_text(struct ruad_report *r, const char *s, size_t len);

/* Intern a domain name in its normal form (value.h): *out is RUAD_ABSENT for a
 * placeholder. Warns in the report: ROW_ADDR_AS_DOMAIN, ROW_DOMAIN. False: no
 * memory or no budget. */
bool ruad_names_domain(struct ruad_report *r, const char *s, size_t len,
    ruad_text *out);

#endif
