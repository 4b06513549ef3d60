/* unzip.h - the entries of a zip, one after the other, each as a source. The
 * names of entries are labels for people, never paths. */
#ifndef RUAD_UNZIP_H
#define RUAD_UNZIP_H
#include "quota.h"
#include "source.h"

struct ruad_unzip;

/* Open data[0..len), which is borrowed, as is quota, and count its entries.
 * RUAD_LIMIT: more than quota->lim->entries (LIMIT_ENTRIES), or the time is over
 * (LIMIT_TIME), here and below; RUAD_BAD: no zip (ARC_TRUNCATED) or without
 * entries (ARC_EMPTY); RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_unzip_new(const void *data, size_t len,
    const struct ruad_quota *quota, struct ruad_unzip **out,
    struct ruad_err *err);

/* Step to the next entry that is a file. *name_out, printable ASCII, and
 * *source_out belong to `z` until the next step. RUAD_END: none left. RUAD_BAD:
 * this entry cannot be read (ARC_ENCRYPTED); step on. */
RUAD_NODISCARD enum ruad_status ruad_unzip_next(struct ruad_unzip *z,
    const char **name_out, struct ruad_source **source_out,
    struct ruad_err *err);

void ruad_unzip_free(struct ruad_unzip **z); /* sets *z NULL; NULL is fine */

#endif
