/* source.h - a pull stream of bytes: the one type that two stages of the
 * pipeline share. A stage reads from the source it was given and offers a
 * source of its own. */
#ifndef RUAD_SOURCE_H
#define RUAD_SOURCE_H
#include "err.h"
#include <stddef.h>

struct ruad_source {
	/* Put 1..cap bytes in buf and return RUAD_OK, or return RUAD_END.
	 * Anything else is a failure, and stays so until rewind. */
	enum ruad_status (*read)(struct ruad_source *self, void *buf,
	    size_t cap, size_t *len_out, struct ruad_err *err);
	/* Begin again at the first byte. */
	enum ruad_status (
	    *rewind)(struct ruad_source *self, struct ruad_err *err);
};

/* A source over bytes in memory, embedded in its owner. */
struct ruad_memory_source {
	struct ruad_source source;
	const unsigned char *data; /* borrowed */
	size_t len;
	size_t at;
};

/* `data` is borrowed and must outlive the source. */
void ruad_memory_source_init(struct ruad_memory_source *m, const void *data,
    size_t len);

RUAD_NODISCARD enum ruad_status ruad_source_read(struct ruad_source *s,
    void *buf, size_t cap, size_t *len_out, struct ruad_err *err);

RUAD_NODISCARD enum ruad_status ruad_source_rewind(struct ruad_source *s,
    struct ruad_err *err);

/* Read until buf is full or the source ends: *len_out < cap then. */
RUAD_NODISCARD enum ruad_status ruad_source_fill(struct ruad_source *s,
    void *buf, size_t cap, size_t *len_out, struct ruad_err *err);

#endif
