/* arena.h - memory that is freed all at once, charged to a shared budget: the
 * bound on what all mails being read together may hold. */
#ifndef RUAD_ARENA_H
#define RUAD_ARENA_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Shared by all threads of a program. */
struct ruad_budget {
	atomic_size_t used; /* bytes */
	size_t max; /* bytes; 0: unlimited */
};

/* Take `bytes` from the budget; false when that would exceed it, and then
 * nothing is taken. A NULL budget always has room. */
bool ruad_budget_take(struct ruad_budget *b, size_t bytes);
void ruad_budget_give(struct ruad_budget *b, size_t bytes);

struct ruad_arena;

/* A new, empty arena; NULL when out of memory. `budget` is borrowed, may be
 * NULL. */
struct ruad_arena *ruad_arena_new(struct ruad_budget *budget);

/* `bytes` of zeroed memory, aligned for any type, valid until the arena is
 * freed; NULL when out of memory or budget. */
void *ruad_arena_alloc(struct ruad_arena *a, size_t bytes);

/* A copy of len bytes with a NUL added; NULL as above. */
char *ruad_arena_strndup(struct ruad_arena *a, const char *s, size_t len);
char *ruad_arena_strdup(struct ruad_arena *a, const char *s);

/* Free all of it. NULL is fine; sets *a NULL. */
void ruad_arena_free(struct ruad_arena **a);

#endif
