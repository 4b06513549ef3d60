/* deflate.c - idle compressors on a stack. Which thread takes which does not
 * matter. */
#include "deflate.h"
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>

/* Most originals hold compressed data: trying harder wins one percent. */
#define LEVEL 1

/* Each has about 200 KB. */
#define IDLE_MAX 4

struct ruad_deflater {
	pthread_mutex_t mutex;
	struct libdeflate_compressor *idle[IDLE_MAX]; /* owned */
	unsigned count;
};

enum ruad_status
ruad_deflater_new(struct ruad_deflater **out, struct ruad_err *err)
{
	struct ruad_deflater *d = *out = calloc(1, sizeof(*d));

	if (d == NULL)
		return ruad_fail_memory(err, "deflate");
	/* With static attributes it cannot fail. */
	pthread_mutex_init(&d->mutex, NULL);
	return RUAD_OK;
}

void
ruad_deflater_free(struct ruad_deflater **d)
{
	if (*d == NULL)
		return;
	while ((*d)->count > 0)
		libdeflate_free_compressor((*d)->idle[--(*d)->count]);
	pthread_mutex_destroy(&(*d)->mutex);
	free(*d);
	*d = NULL;
}

static struct libdeflate_compressor *
take(struct ruad_deflater *d)
{
	struct libdeflate_compressor *c = NULL;

	pthread_mutex_lock(&d->mutex);
	if (d->count > 0)
		c = d->idle[--d->count];
	pthread_mutex_unlock(&d->mutex);
	return c != NULL ? c : libdeflate_alloc_compressor(LEVEL);
}

static void
give(struct ruad_deflater *d, struct libdeflate_compressor *c)
{
	pthread_mutex_lock(&d->mutex);
	if (d->count < IDLE_MAX) {
		d->idle[d->count++] = c;
		c = NULL;
	}
	pthread_mutex_unlock(&d->mutex);
	libdeflate_free_compressor(c);
}

size_t
ruad_deflate_bound(size_t len)
{
	return libdeflate_zlib_compress_bound(NULL, len);
}

enum ruad_status
ruad_deflate(struct ruad_deflater *d, const void *data, size_t len, void *out,
    size_t *out_len, struct ruad_err *err)
{
	struct libdeflate_compressor *c = take(d);

	if (c == NULL)
		return ruad_fail_memory(err, "deflate");
	*out_len = libdeflate_zlib_compress(c, data, len, out,
	    ruad_deflate_bound(len));
	give(d, c);
	return RUAD_OK;
}
