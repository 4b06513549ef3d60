/* slow_source.c - the reads of another source, each cut to one byte. */
#include "slow_source.h"

static enum ruad_status
slow_read(struct ruad_source *self, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct slow_source *s = (struct slow_source *)self;

	return ruad_source_read(s->in, buf, cap > 0, len_out, err);
}

static enum ruad_status
slow_rewind(struct ruad_source *self, struct ruad_err *err)
{
	struct slow_source *s = (struct slow_source *)self;

	return ruad_source_rewind(s->in, err);
}

void
slow_source_init(struct slow_source *s, struct ruad_source *in)
{
	s->source.read = slow_read;
	s->source.rewind = slow_rewind;
	s->in = in;
}
