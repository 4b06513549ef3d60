/* answers.c - a table of slots; who comes to a slot that is taken takes it. */
#include "answers.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 512,
	BYTES_MAX = 512 * 1024, /* of one answer */
	TOTAL_MAX = 32 * 1024 * 1024 /* of all */
};

struct slot {
	char *key, *bytes; /* owned; NULL: empty */
	size_t len;
	int64_t version;
};

struct ruad_answers {
	pthread_mutex_t lock;
	size_t total;
	struct slot slot[SLOTS];
};

struct ruad_answers *
ruad_answers_new(void)
{
	struct ruad_answers *a = calloc(1, sizeof(*a));

	if (a != NULL)
		pthread_mutex_init(&a->lock, NULL);
	return a;
}

/* FNV-1a: whoever makes keys collide only loses answers. */
static struct slot *
slot_of(struct ruad_answers *a, const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return &a->slot[hash % SLOTS];
}

char *
ruad_answers_find(struct ruad_answers *a, const char *key, int64_t version,
    size_t *len_out)
{
	struct slot *s = slot_of(a, key);
	char *copy = NULL;

	pthread_mutex_lock(&a->lock);
	if (s->key != NULL && s->version == version &&
	    strcmp(s->key, key) == 0) {
		copy = malloc(s->len + 1);
		if (copy != NULL)
			memcpy(copy, s->bytes, s->len);
		*len_out = s->len;
	}
	pthread_mutex_unlock(&a->lock);
	return copy;
}

static void
empty(struct ruad_answers *a, struct slot *s)
{
	a->total -= s->len;
	free(s->key);
	free(s->bytes);
	*s = (struct slot){ .key = NULL };
}

void
ruad_answers_keep(struct ruad_answers *a, const char *key, int64_t version,
    const char *bytes, size_t len)
{
	struct slot *s = slot_of(a, key), new = { .version = version };

	if (len > BYTES_MAX)
		return;
	new.key = strdup(key);
	new.bytes = malloc(len + 1);
	new.len = len;
	if (new.key == NULL || new.bytes == NULL) {
		free(new.key);
		free(new.bytes);
		return;
	}
	memcpy(new.bytes, bytes, len);
	pthread_mutex_lock(&a->lock);
	empty(a, s);
	/* Old versions are of no use to anybody. */
	for (size_t i = 0; i < SLOTS && a->total + len > TOTAL_MAX; i++)
		empty(a, &a->slot[i]);
	*s = new;
	a->total += len;
	pthread_mutex_unlock(&a->lock);
}

void
ruad_answers_free(struct ruad_answers **a)
{
	if (*a == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		empty(*a, &(*a)->slot[i]);
	pthread_mutex_destroy(&(*a)->lock);
	free(*a);
	*a = NULL;
}
