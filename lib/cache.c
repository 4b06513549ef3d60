/* cache.c - uthash holds the entries; each is one block of memory. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(item) ((item)->forgotten = true)
#include "cache.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct cache_item {
	UT_hash_handle hh;
	struct ruad_cache_entry entry;
	bool forgotten; /* uthash had no memory for it */
	unsigned char bytes[];
};

void
ruad_cache_init(struct ruad_cache *c)
{
	c->items = NULL;
	randombytes_buf(c->secret, sizeof(c->secret));
}

static unsigned
hash(const struct ruad_cache *c, const void *bytes, size_t len)
{
	unsigned char out[crypto_shorthash_BYTES];
	unsigned h;

	crypto_shorthash(out, bytes, len, c->secret);
	memcpy(&h, out, sizeof(h));
	return h;
}

struct ruad_cache_entry *
ruad_cache_find(struct ruad_cache *c, const void *bytes, size_t len)
{
	struct cache_item *item;

	HASH_FIND_BYHASHVALUE(hh, c->items, bytes, len, hash(c, bytes, len),
	    item);
	return item == NULL ? NULL : &item->entry;
}

void
ruad_cache_add(struct ruad_cache *c, const void *bytes, size_t len,
    struct ruad_cache_entry entry)
{
	struct cache_item *item;

	if (len > RUAD_CACHE_BYTES)
		return;
	if (HASH_COUNT(c->items) >= RUAD_CACHE_ENTRIES)
		ruad_cache_clear(c);
	item = malloc(sizeof(*item) + len);
	if (item == NULL)
		return;
	item->entry = entry;
	item->forgotten = false;
	memcpy(item->bytes, bytes, len);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, c->items, item->bytes, (unsigned)len,
	    hash(c, bytes, len), item);
	if (item->forgotten)
		free(item);
}

void
ruad_cache_clear(struct ruad_cache *c)
{
	struct cache_item *item, *next;

	HASH_ITER(hh, c->items, item, next)
	{
		HASH_DEL(c->items, item);
		free(item);
	}
}
