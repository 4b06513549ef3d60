/* replay.c - a window that is filled up, then moves on by its half. */
#include "replay.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW ((size_t)2 * RUAD_REPLAY_BYTES)

/* Read up to `want` more bytes of `in` into the window, which stands at its
 * end. */
static enum ruad_status
fill(struct ruad_replay *r, size_t want, size_t *len_out, struct ruad_err *err)
{
	size_t room;
	enum ruad_status st;

	if (r->len == WINDOW) {
		memmove(r->data, r->data + WINDOW / 2, WINDOW / 2);
		r->base += WINDOW / 2;
		r->len = r->at = WINDOW / 2;
	}
	room = WINDOW - r->len;
	st = ruad_source_read(r->in, r->data + r->len,
	    want < room ? want : room, len_out, err);
	if (st == RUAD_OK)
		r->len += *len_out;
	return st;
}

static enum ruad_status
replay_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_replay *r = (struct ruad_replay *)s;
	enum ruad_status st;
	size_t n;

	if (r->at == r->len && (st = fill(r, cap, &n, err)) != RUAD_OK)
		return st;
	n = r->len - r->at;
	if (n > cap)
		n = cap;
	memcpy(buf, r->data + r->at, n);
	r->at += n;
	*len_out = n;
	return RUAD_OK;
}

static enum ruad_status
replay_rewind(struct ruad_source *s, struct ruad_err *err)
{
	return ruad_replay_seek((struct ruad_replay *)s, 0, err);
}

enum ruad_status
ruad_replay_init(struct ruad_replay *r, struct ruad_source *in,
    struct ruad_err *err)
{
	memset(r, 0, sizeof(*r));
	r->source.read = replay_read;
	r->source.rewind = replay_rewind;
	r->in = in;
	r->data = malloc(WINDOW);
	return r->data != NULL ? RUAD_OK : ruad_fail_memory(err, "replay");
}

enum ruad_status
ruad_replay_seek(struct ruad_replay *r, uint64_t offset, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	size_t n;

	if (offset < r->base) {
		if ((st = ruad_source_rewind(r->in, err)) != RUAD_OK)
			return st;
		r->base = 0;
		r->len = 0;
	}
	while (st == RUAD_OK && offset - r->base > r->len) {
		r->at = r->len;
		st = fill(r, WINDOW, &n, err);
	}
	if (st != RUAD_OK && st != RUAD_END)
		return st;
	r->at = offset - r->base < r->len ? (size_t)(offset - r->base) : r->len;
	return RUAD_OK;
}

void
ruad_replay_done(struct ruad_replay *r)
{
	free(r->data);
	r->data = NULL;
}
