/* identity.h - what makes two reports the same: the content hash, SHA-256 over
 * a canonical form of the normalised report. Compression, white space,
 * namespace, generator and contact do not matter. */
#ifndef RUAD_IDENTITY_H
#define RUAD_IDENTITY_H
#include "report.h"

/* Set r->content_hash. With `report_id` NULL the hash is that of a report
 * without one, from which a missing id is made. Does not look at what is
 * derived (alignment). False: no memory. */
bool ruad_identity_hash(struct ruad_report *r, const char *report_id);

#endif
