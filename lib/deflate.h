/* deflate.h - zlib streams of originals. A compressor is large, so that it is
 * kept for the next mail. */
#ifndef RUAD_DEFLATE_H
#define RUAD_DEFLATE_H
#include "err.h"
#include <stddef.h>

struct ruad_deflater;

RUAD_NODISCARD enum ruad_status ruad_deflater_new(struct ruad_deflater **out,
    struct ruad_err *err);

/* Nobody may be deflating. Sets *d NULL; NULL is fine. */
void ruad_deflater_free(struct ruad_deflater **d);

/* The most bytes that `len` bytes can become. */
size_t ruad_deflate_bound(size_t len);

/* Deflate `len` bytes into out, which has room for the most that they can
 * become; *out_len is how many they are then (RFC 1950). Any number of threads
 * may at once. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_deflate(struct ruad_deflater *d,
    const void *data, size_t len, void *out, size_t *out_len,
    struct ruad_err *err);

#endif
