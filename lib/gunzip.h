/* gunzip.h - a gzip blob as a source of its decompressed bytes. zlib is used
 * directly: libarchive's gzip reader checks neither CRC nor length. All
 * members are read as one stream; what follows the last one is ignored, since
 * a well-known gateway appends a line end. */
#ifndef RUAD_GUNZIP_H
#define RUAD_GUNZIP_H
#include "source.h"

struct ruad_gunzip;

/* Open data[0..len), which is borrowed. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_gunzip_new(const void *data, size_t len,
    struct ruad_gunzip **out, struct ruad_err *err);

/* The decompressed bytes; belongs to `g`. Its read fails with RUAD_BAD:
 * ARC_TRUNCATED, or ARC_CRC for damaged data, checksum or length. */
struct ruad_source *ruad_gunzip_source(struct ruad_gunzip *g);

/* The file name kept in the header of the first member, printable ASCII; "" if
 * there is none. */
const char *ruad_gunzip_name(const struct ruad_gunzip *g);

void ruad_gunzip_free(struct ruad_gunzip **g); /* sets *g NULL */

#endif
