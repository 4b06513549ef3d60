/* gunzip.c - zlib's inflate in gzip mode, member after member. */
#include "gunzip.h"
#include "text.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_ONLY (15 + 16) /* window bits, gzip wrapper expected */
/* A shorter tail cannot be another member. */
#define GZIP_HEADER 10u
#define NAME_BYTES 1024u /* the longest name of a report fits */

struct ruad_gunzip {
	struct ruad_source source;
	const unsigned char *data; /* borrowed */
	size_t len;
	size_t at; /* handed to zlib so far */
	z_stream z;
	bool open; /* z is initialised */
	bool ended;
	char name[NAME_BYTES];
};

/* zlib counts input in an unsigned int. */
static void
feed(struct ruad_gunzip *g)
{
	size_t n = g->len - g->at;

	if (g->z.avail_in != 0)
		return;
	if (n > INT_MAX)
		n = INT_MAX;
	g->z.next_in = (z_const Bytef *)(g->data + g->at);
	g->z.avail_in = (uInt)n;
	g->at += n;
}

/* After the end of a member: step into the next one, or end the stream. */
static enum ruad_status
next_member(struct ruad_gunzip *g, struct ruad_err *err)
{
	feed(g);
	if (g->z.avail_in < GZIP_HEADER || g->z.next_in[0] != 0x1f ||
	    g->z.next_in[1] != 0x8b) {
		g->ended = true;
		return RUAD_OK;
	}
	if (inflateReset(&g->z) != Z_OK)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_CRC,
		    "gunzip: cannot restart");
	return RUAD_OK;
}

static enum ruad_status
inflate_fail(struct ruad_gunzip *g, int rc, struct ruad_err *err)
{
	if (rc == Z_MEM_ERROR)
		return ruad_fail_memory(err, "gunzip");
	if (rc == Z_BUF_ERROR)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_TRUNCATED,
		    "gunzip: the data ends after %lu bytes decompressed",
		    g->z.total_out);
	return ruad_fail(err, RUAD_BAD, RUAD_ARC_CRC,
	    "gunzip: damaged after %lu bytes decompressed: %s", g->z.total_out,
	    g->z.msg != NULL ? g->z.msg : "no detail");
}

static enum ruad_status
gunzip_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_gunzip *g = (struct ruad_gunzip *)s;
	enum ruad_status st;
	uInt want = cap > INT_MAX ? INT_MAX : (uInt)cap;
	int rc;

	g->z.next_out = buf;
	g->z.avail_out = want;
	while (!g->ended && g->z.avail_out == want) {
		feed(g);
		rc = inflate(&g->z, Z_NO_FLUSH);
		if (rc == Z_STREAM_END) {
			if ((st = next_member(g, err)) != RUAD_OK)
				return st;
		} else if (rc != Z_OK) {
			return inflate_fail(g, rc, err);
		}
	}
	*len_out = want - g->z.avail_out;
	return *len_out > 0 ? RUAD_OK : RUAD_END;
}

static enum ruad_status
gunzip_rewind(struct ruad_source *s, struct ruad_err *err)
{
	struct ruad_gunzip *g = (struct ruad_gunzip *)s;

	g->at = 0;
	g->z.avail_in = 0;
	g->ended = false;
	if (inflateReset(&g->z) != Z_OK)
		return ruad_fail_memory(err, "gunzip");
	return RUAD_OK;
}

/* Let zlib read the header alone; damage shows again when data is read. */
static void
read_name(struct ruad_gunzip *g)
{
	Bytef name[sizeof(g->name)] = { 0 }, none;
	gz_header head = { .name = name, .name_max = sizeof(name) - 1 };

	feed(g);
	g->z.next_out = &none;
	g->z.avail_out = 0;
	inflateGetHeader(&g->z, &head);
	inflate(&g->z, Z_BLOCK);
	if (head.done == 1 && head.name != NULL)
		ruad_text_escape(g->name, sizeof(g->name), name,
		    strlen((char *)name));
}

enum ruad_status
ruad_gunzip_new(const void *data, size_t len, struct ruad_gunzip **out,
    struct ruad_err *err)
{
	struct ruad_gunzip *g = *out = calloc(1, sizeof(*g));

	if (g == NULL)
		return ruad_fail_memory(err, "gunzip");
	g->source.read = gunzip_read;
	g->source.rewind = gunzip_rewind;
	g->data = data;
	g->len = len;
	if (inflateInit2(&g->z, GZIP_ONLY) != Z_OK) {
		ruad_gunzip_free(out);
		return ruad_fail_memory(err, "gunzip");
	}
	g->open = true;
	read_name(g);
	if (gunzip_rewind(&g->source, err) != RUAD_OK) {
		ruad_gunzip_free(out);
		return RUAD_TEMP;
	}
	return RUAD_OK;
}

const char *
ruad_gunzip_name(const struct ruad_gunzip *g)
{
	return g->name;
}

struct ruad_source *
ruad_gunzip_source(struct ruad_gunzip *g)
{
	return &g->source;
}

void
ruad_gunzip_free(struct ruad_gunzip **g)
{
	if (*g == NULL)
		return;
	if ((*g)->open)
		inflateEnd(&(*g)->z);
	free(*g);
	*g = NULL;
}
