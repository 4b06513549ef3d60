/* desk.c - see desk.h. Both tables are of a fixed size: whoever comes when one
 * is full takes the place of the oldest. */
#include "desk.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRIES = 600, /* of all users, remembered for a minute */
	ANSWERS = 200,
	WINDOW_SECS = 60,
	KEEP_SECS = 86400
};

struct
try {
	uint64_t who;
	int64_t epoch;
};

struct answer {
	char key[400];
	int64_t epoch;
	json_t *json; /* owned */
};

struct ruad_desk {
	pthread_mutex_t lock;
	unsigned busy[RUAD_DESK_QUEUES];
	struct try tries[TRIES];
	size_t next_try;
	struct answer answer[ANSWERS];
	size_t next_answer;
};

static const unsigned places[RUAD_DESK_QUEUES] = {
	[RUAD_DESK_DNS] = 16,
	[RUAD_DESK_UPLOAD] = 2,
};

enum ruad_status
ruad_desk_new(struct ruad_desk **out, struct ruad_err *err)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return ruad_fail_memory(err, "desk");
	pthread_mutex_init(&(*out)->lock, NULL);
	return RUAD_OK;
}

enum ruad_status
ruad_desk_enter(struct ruad_desk *d, enum ruad_desk_queue queue,
    struct ruad_err *err)
{
	bool full;

	pthread_mutex_lock(&d->lock);
	full = d->busy[queue] >= places[queue];
	d->busy[queue] += full ? 0 : 1;
	pthread_mutex_unlock(&d->lock);
	return full
	    ? ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		  "more than %u requests of this kind at a time", places[queue])
	    : RUAD_OK;
}

void
ruad_desk_leave(struct ruad_desk *d, enum ruad_desk_queue queue)
{
	pthread_mutex_lock(&d->lock);
	d->busy[queue]--;
	pthread_mutex_unlock(&d->lock);
}

static uint64_t
hash_of(const char *who)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *who != '\0'; who++)
		hash = (hash ^ (unsigned char)*who) * UINT64_C(1099511628211);
	return hash;
}

bool
ruad_desk_may(struct ruad_desk *d, const char *who, unsigned most,
    int64_t now_epoch, int64_t *wait_out)
{
	uint64_t hash = hash_of(who);
	int64_t oldest = now_epoch;
	unsigned count = 0;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < TRIES; i++) {
		const struct try *t = &d->tries[i];

		if (t->who != hash || t->epoch <= now_epoch - WINDOW_SECS)
			continue;
		count++;
		if (t->epoch < oldest)
			oldest = t->epoch;
	}
	if (count < most) {
		d->tries[d->next_try] =
		    (struct try){ .who = hash, .epoch = now_epoch };
		d->next_try = (d->next_try + 1) % TRIES;
	}
	pthread_mutex_unlock(&d->lock);
	*wait_out = oldest + WINDOW_SECS - now_epoch;
	return count < most;
}

json_t *
ruad_desk_recall(struct ruad_desk *d, const char *key, int64_t now_epoch)
{
	json_t *found = NULL;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < ANSWERS && found == NULL; i++) {
		struct answer *a = &d->answer[i];

		if (a->json != NULL && a->epoch > now_epoch - KEEP_SECS &&
		    strcmp(a->key, key) == 0)
			found = json_deep_copy(a->json);
	}
	pthread_mutex_unlock(&d->lock);
	return found;
}

void
ruad_desk_keep(struct ruad_desk *d, const char *key, json_t *answer,
    int64_t now_epoch)
{
	/* Counts of references are not shared between threads. */
	json_t *copy = json_deep_copy(answer);
	struct answer *a;

	if (copy == NULL || strlen(key) >= sizeof(a->key)) {
		json_decref(copy);
		return;
	}
	pthread_mutex_lock(&d->lock);
	a = &d->answer[d->next_answer];
	d->next_answer = (d->next_answer + 1) % ANSWERS;
	json_decref(a->json);
	snprintf(a->key, sizeof(a->key), "%s", key);
	a->epoch = now_epoch;
	a->json = copy;
	pthread_mutex_unlock(&d->lock);
}

void
ruad_desk_free(struct ruad_desk **d)
{
	if (*d == NULL)
		return;
	for (size_t i = 0; i < ANSWERS; i++)
		json_decref((*d)->answer[i].json);
	pthread_mutex_destroy(&(*d)->lock);
	free(*d);
	*d = NULL;
}
