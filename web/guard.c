/* guard.c - a counter behind a mutex. */
#include "guard.h"
#include <pthread.h>
#include <stdlib.h>

enum { AT_ONCE = 2, WAITING_MAX = 32 };

struct ruad_guard {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	unsigned inside, waiting;
};

struct ruad_guard *
ruad_guard_new(void)
{
	struct ruad_guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->turn, NULL);
	return g;
}

bool
ruad_guard_enter(struct ruad_guard *g)
{
	bool good;

	pthread_mutex_lock(&g->lock);
	good = g->inside < AT_ONCE || g->waiting < WAITING_MAX;
	if (good) {
		g->waiting++;
		while (g->inside == AT_ONCE)
			pthread_cond_wait(&g->turn, &g->lock);
		g->waiting--;
		g->inside++;
	}
	pthread_mutex_unlock(&g->lock);
	return good;
}

void
ruad_guard_leave(struct ruad_guard *g)
{
	pthread_mutex_lock(&g->lock);
	g->inside--;
	pthread_cond_signal(&g->turn);
	pthread_mutex_unlock(&g->lock);
}

void
ruad_guard_free(struct ruad_guard **g)
{
	if (*g == NULL)
		return;
	pthread_cond_destroy(&(*g)->turn);
	pthread_mutex_destroy(&(*g)->lock);
	free(*g);
	*g = NULL;
}
