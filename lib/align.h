/* align.h - identifier alignment of every record, recomputed from the results
 * that the reporter sent: RFC 7489 section 3.1, RFC 9989 section 4.10. What
 * the reporter says of alignment is kept beside it, and filled in only where
 * it says nothing. Pure: no I/O. */
#ifndef RUAD_ALIGN_H
#define RUAD_ALIGN_H
#include "orgdom.h"
#include "report.h"

/* Set org_domain of the names; dkim_alignment, spf_alignment and missing
 * verdicts of the records; messages_pass of the report; warnings where verdict
 * and results contradict. `o` may be NULL: then only identical domains
 * align. */
void ruad_align(struct ruad_report *r, const struct ruad_orgdom *o);

#endif
