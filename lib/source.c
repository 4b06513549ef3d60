/* source.c - the calls of a source, and the source over memory. */
#include "source.h"
#include <string.h>

static enum ruad_status
memory_read(struct ruad_source *self, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_memory_source *m = (struct ruad_memory_source *)self;
	size_t n = m->len - m->at;

	(void)err;
	if (n > cap)
		n = cap;
	if (n == 0)
		return RUAD_END;
	memcpy(buf, m->data + m->at, n);
	m->at += n;
	*len_out = n;
	return RUAD_OK;
}

static enum ruad_status
memory_rewind(struct ruad_source *self, struct ruad_err *err)
{
	(void)err;
	((struct ruad_memory_source *)self)->at = 0;
	return RUAD_OK;
}

void
ruad_memory_source_init(struct ruad_memory_source *m, const void *data,
    size_t len)
{
	m->source.read = memory_read;
	m->source.rewind = memory_rewind;
	m->data = data;
	m->len = len;
	m->at = 0;
}

enum ruad_status
ruad_source_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	*len_out = 0;
	return s->read(s, buf, cap, len_out, err);
}

enum ruad_status
ruad_source_rewind(struct ruad_source *s, struct ruad_err *err)
{
	return s->rewind(s, err);
}

enum ruad_status
ruad_source_fill(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	size_t n;

	*len_out = 0;
	while (st == RUAD_OK && *len_out < cap) {
		st = ruad_source_read(s, (char *)buf + *len_out, cap - *len_out,
		    &n, err);
		*len_out += n;
	}
	return st == RUAD_END ? RUAD_OK : st;
}
