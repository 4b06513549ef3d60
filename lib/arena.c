/* arena.c - an arena is a list of blocks, the one being filled first. Blocks
 * grow, so that a small mail costs little and a large report few calls; a
 * request that would waste much of a block gets one of its own behind the
 * first. The budget is charged by the block. */
#include "arena.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define LAST_BLOCK_BYTES ((size_t)256 * 1024)
#define ALIGN_BYTES _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t bytes; /* of data */
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct ruad_arena {
	struct ruad_budget *budget; /* borrowed, may be NULL */
	struct block *first; /* owned */
	size_t next_bytes; /* size of the next block */
};

bool
ruad_budget_take(struct ruad_budget *b, size_t bytes)
{
	size_t used;

	if (b == NULL)
		return true;
	used = atomic_load(&b->used);
	do {
		if (bytes > SIZE_MAX - used)
			return false;
		if (b->max != 0 && used + bytes > b->max)
			return false;
	} while (!atomic_compare_exchange_weak(&b->used, &used, used + bytes));
	return true;
}

void
ruad_budget_give(struct ruad_budget *b, size_t bytes)
{
	if (b != NULL)
		atomic_fetch_sub(&b->used, bytes);
}

struct ruad_arena *
ruad_arena_new(struct ruad_budget *budget)
{
	struct ruad_arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->budget = budget;
	a->next_bytes = FIRST_BLOCK_BYTES - sizeof(struct block);
	return a;
}

static struct block *
block_new(struct ruad_arena *a, size_t bytes)
{
	struct block *b;

	if (!ruad_budget_take(a->budget, sizeof(*b) + bytes))
		return NULL;
	b = calloc(1, sizeof(*b) + bytes);
	if (b == NULL) {
		ruad_budget_give(a->budget, sizeof(*b) + bytes);
		return NULL;
	}
	b->bytes = bytes;
	return b;
}

static void *
block_take(struct block *b, size_t bytes)
{
	void *p = b->data + b->used;

	b->used += bytes;
	return p;
}

void *
ruad_arena_alloc(struct ruad_arena *a, size_t bytes)
{
	struct block *b = a->first;
	bool own;

	if (bytes > SIZE_MAX - sizeof(*b) - ALIGN_BYTES)
		return NULL;
	if (bytes == 0)
		bytes = 1;
	bytes = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
	if (b != NULL && bytes <= b->bytes - b->used)
		return block_take(b, bytes);
	own = bytes > a->next_bytes / 4;
	b = block_new(a, own ? bytes : a->next_bytes);
	if (b == NULL)
		return NULL;
	if (own && a->first != NULL) {
		b->next = a->first->next;
		a->first->next = b;
		return block_take(b, bytes);
	}
	b->next = a->first;
	a->first = b;
	if (!own && a->next_bytes < LAST_BLOCK_BYTES - sizeof(*b))
		a->next_bytes = 2 * (a->next_bytes + sizeof(*b)) - sizeof(*b);
	return block_take(b, bytes);
}

char *
ruad_arena_strndup(struct ruad_arena *a, const char *s, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = ruad_arena_alloc(a, len + 1);
	if (copy != NULL && len > 0)
		memcpy(copy, s, len);
	return copy;
}

char *
ruad_arena_strdup(struct ruad_arena *a, const char *s)
{
	return ruad_arena_strndup(a, s, strlen(s));
}

void
ruad_arena_free(struct ruad_arena **a)
{
	struct block *b, *next;

	if (*a == NULL)
		return;
	for (b = (*a)->first; b != NULL; b = next) {
		next = b->next;
		ruad_budget_give((*a)->budget, sizeof(*b) + b->bytes);
		free(b);
	}
	free(*a);
	*a = NULL;
}
