/* intern.c - uthash, with entries and table in an arena. The texts are a
 * stranger's: with a hash that he can compute as well he would choose them so
 * that all collide. */
#include "intern.h"
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define uthash_malloc(bytes) ruad_arena_alloc(t->arena, bytes)
#define uthash_free(ptr, bytes) ((void)(ptr), (void)(bytes))
/* Out of memory is an answer here, not the end of the program. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) (failed = true)
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	uint32_t index;
	max_align_t bytes[];
};

struct ruad_intern {
	struct ruad_arena *arena; /* borrowed */
	struct entry *head;
	uint32_t count;
	unsigned char key[crypto_shorthash_KEYBYTES];
};

struct ruad_intern *
ruad_intern_new(struct ruad_arena *arena)
{
	struct ruad_intern *t = ruad_arena_alloc(arena, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->arena = arena;
	crypto_shorthash_keygen(t->key);
	return t;
}

static unsigned
hash_of(const struct ruad_intern *t, const void *bytes, size_t len)
{
	unsigned char h[crypto_shorthash_BYTES];
	unsigned hash;

	crypto_shorthash(h, bytes, len, t->key);
	memcpy(&hash, h, sizeof(hash));
	return hash;
}

uint32_t
ruad_intern_find(const struct ruad_intern *t, const void *bytes, size_t len)
{
	const struct entry *e;

	HASH_FIND_BYHASHVALUE(hh, t->head, bytes, len, hash_of(t, bytes, len),
	    e);
	return e != NULL ? e->index : RUAD_INTERN_FAILED;
}

uint32_t
ruad_intern_put(struct ruad_intern *t, const void *bytes, size_t len,
    const void **copy_out)
{
	struct entry *e;
	bool failed = false;
	unsigned hash = hash_of(t, bytes, len);

	HASH_FIND_BYHASHVALUE(hh, t->head, bytes, len, hash, e);
	if (e != NULL) {
		*copy_out = e->bytes;
		return e->index;
	}
	e = ruad_arena_alloc(t->arena, sizeof(*e) + len + 1);
	if (e == NULL)
		return RUAD_INTERN_FAILED;
	memcpy(e->bytes, bytes, len);
	e->index = t->count;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, t->head, e->bytes, len, hash, e);
	if (failed)
		return RUAD_INTERN_FAILED;
	t->count++;
	*copy_out = e->bytes;
	return e->index;
}

uint32_t
ruad_intern_count(const struct ruad_intern *t)
{
	return t->count;
}
