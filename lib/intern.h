/* intern.h - equal byte strings become one index: texts, lists of results,
 * lists of reasons. A report repeats the same few of each in all its rows. */
#ifndef RUAD_INTERN_H
#define RUAD_INTERN_H
#include "arena.h"
#include <stddef.h>
#include <stdint.h>

struct ruad_intern;

#define RUAD_INTERN_FAILED UINT32_MAX

/* A new table that lives in `arena`, and ends with it. NULL: no memory or no
 * budget. */
struct ruad_intern *ruad_intern_new(struct ruad_arena *arena);

/* The index of bytes[0..len), counted from 0 in order of first appearance.
 * *copy_out is the kept copy, aligned, with a NUL behind it. Returns
 * RUAD_INTERN_FAILED when out of memory or budget. */
uint32_t ruad_intern_put(struct ruad_intern *t, const void *bytes, size_t len,
    const void **copy_out);

/* The index of bytes[0..len), if they are in it; otherwise
 * RUAD_INTERN_FAILED. */
uint32_t ruad_intern_find(const struct ruad_intern *t, const void *bytes,
    size_t len);

/* How many different ones there are. */
uint32_t ruad_intern_count(const struct ruad_intern *t);

#endif
