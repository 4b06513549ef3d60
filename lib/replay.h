/* replay.h - a source that keeps the last bytes read, so that it can be put
 * back a little without reading all of it anew. */
#ifndef RUAD_REPLAY_H
#define RUAD_REPLAY_H
#include "source.h"
#include <stdint.h>

/* How far it can always be put back without reading anew. */
#define RUAD_REPLAY_BYTES 262144u

struct ruad_replay {
	struct ruad_source source;
	struct ruad_source *in; /* borrowed */
	unsigned char *data; /* owned: the last bytes of `in` */
	uint64_t base; /* offset of data[0] in `in` */
	size_t len;
	size_t at; /* in data: what is read next */
};

/* Read from `in`, which stands at its beginning. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_replay_init(struct ruad_replay *r,
    struct ruad_source *in, struct ruad_err *err);

/* Stand at an offset of `in`, or at its end where that comes before. Failures
 * are those of `in`. */
RUAD_NODISCARD enum ruad_status ruad_replay_seek(struct ruad_replay *r,
    uint64_t offset, struct ruad_err *err);

void ruad_replay_done(struct ruad_replay *r); /* may follow a failed init */

#endif
