/* pool.c - idle handles keep no snapshot, or the write-ahead log of the store
 * could not be moved into its file. */
#include "pool.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum {
	IDLE_MAX = 8, /* more are closed when they come back */
	BUSY_MSECS = 250,
	QUERY_SECS = 5, /* of all that one request asks */
	STEPS = 10000 /* of SQLite between two looks at the clock */
};

struct handle {
	struct ruad_query *query; /* owned */
	int64_t deadline_msecs;
	struct handle *next;
};

struct ruad_pool {
	pthread_mutex_t lock;
	const char *path; /* borrowed */
	struct handle *idle, *busy; /* owned */
	unsigned idle_count;
};

static int64_t
now_msecs(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Called by SQLite now and then; anything but 0 ends the statement. */
static int
is_late(void *arg)
{
	const struct handle *h = arg;

	return now_msecs() > h->deadline_msecs;
}

enum ruad_status
ruad_pool_new(const char *path, struct ruad_pool **out, struct ruad_err *err)
{
	struct ruad_pool *p = *out = calloc(1, sizeof(*p));

	if (p == NULL)
		return ruad_fail_memory(err, "pool");
	pthread_mutex_init(&p->lock, NULL);
	p->path = path;
	return RUAD_OK;
}

static void
handle_free(struct handle *h)
{
	ruad_query_close(&h->query);
	free(h);
}

static struct handle *
take_idle(struct ruad_pool *p)
{
	struct handle *h;

	pthread_mutex_lock(&p->lock);
	h = p->idle;
	if (h != NULL) {
		p->idle = h->next;
		p->idle_count--;
	}
	pthread_mutex_unlock(&p->lock);
	return h;
}

static enum ruad_status
open_handle(struct ruad_pool *p, struct handle **out, struct ruad_err *err)
{
	struct handle *h = calloc(1, sizeof(*h));
	enum ruad_status st;

	*out = h;
	if (h == NULL)
		return ruad_fail_memory(err, "pool");
	st = ruad_query_open(p->path, BUSY_MSECS, &h->query, err);
	if (st != RUAD_OK) {
		handle_free(h);
		*out = NULL;
	}
	return st;
}

enum ruad_status
ruad_pool_get(struct ruad_pool *p, struct ruad_query **out,
    struct ruad_err *err)
{
	struct handle *h = take_idle(p);
	enum ruad_status st;

	*out = NULL;
	if (h != NULL) {
		st = ruad_query_refresh(h->query, err);
		if (st != RUAD_OK)
			handle_free(h);
	} else {
		st = open_handle(p, &h, err);
	}
	if (st != RUAD_OK)
		return st;
	h->deadline_msecs = now_msecs() + QUERY_SECS * 1000;
	sqlite3_progress_handler(ruad_query_handle(h->query), STEPS, is_late,
	    h);
	pthread_mutex_lock(&p->lock);
	h->next = p->busy;
	p->busy = h;
	pthread_mutex_unlock(&p->lock);
	*out = h->query;
	return RUAD_OK;
}

void
ruad_pool_put(struct ruad_pool *p, struct ruad_query **q)
{
	struct handle **at, *h;
	bool keep;

	if (*q == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	for (at = &p->busy; (*at)->query != *q;)
		at = &(*at)->next;
	h = *at;
	*at = h->next;
	keep = p->idle_count < IDLE_MAX;
	pthread_mutex_unlock(&p->lock);
	*q = NULL;
	sqlite3_progress_handler(ruad_query_handle(h->query), 0, NULL, NULL);
	ruad_query_release(h->query);
	if (!keep) {
		handle_free(h);
		return;
	}
	pthread_mutex_lock(&p->lock);
	h->next = p->idle;
	p->idle = h;
	p->idle_count++;
	pthread_mutex_unlock(&p->lock);
}

void
ruad_pool_free(struct ruad_pool **p)
{
	struct handle *h;

	if (*p == NULL)
		return;
	while ((h = (*p)->idle) != NULL) {
		(*p)->idle = h->next;
		handle_free(h);
	}
	pthread_mutex_destroy(&(*p)->lock);
	free(*p);
	*p = NULL;
}
