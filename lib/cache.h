/* cache.h - a bounded map from a few bytes to a key of the store, so that a
 * name or address that comes again costs no look-up. When it is full it is
 * emptied: simple, and the working set returns at once. */
#ifndef RUAD_CACHE_H
#define RUAD_CACHE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Entries of one cache; stops memory from following the number of names. */
#define RUAD_CACHE_ENTRIES 65536u

/* Longest entry that is remembered: any domain name. */
#define RUAD_CACHE_BYTES 255u

struct ruad_cache_entry {
	int64_t key;
	bool flag; /* for the owner's use */
};

struct ruad_cache {
	struct cache_item *items; /* hash table, owned */
	/* Names come from strangers: the hash is keyed, so that nobody can
	 * choose names that collide. */
	unsigned char secret[16];
};

/* An empty cache; sodium_init() has been called. */
void ruad_cache_init(struct ruad_cache *c);

/* The entry of these bytes, valid until the next call; NULL: not known. */
struct ruad_cache_entry *ruad_cache_find(struct ruad_cache *c,
    const void *bytes, size_t len);

/* Remember an entry that is not there yet. Where it is longer than
 * RUAD_CACHE_BYTES, or memory is short, nothing happens. */
void ruad_cache_add(struct ruad_cache *c, const void *bytes, size_t len,
    struct ruad_cache_entry entry);

void ruad_cache_clear(struct ruad_cache *c);

#endif
