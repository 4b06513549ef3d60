/* reload.c - counted references to configurations. The mutex guards only the
 * pointer to the newest: a count that has fallen to zero is never raised,
 * since the newest is counted by the pointer itself. */
#include "reload.h"
#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>

struct ruad_reload {
	pthread_mutex_t mutex;
	struct ruad_live *newest; /* guarded */
	struct ruad_live *first;
	const char *path; /* borrowed */
	struct ruad_budget *budget; /* borrowed */
	struct ruad_log *log; /* borrowed */
};

static void
live_free(struct ruad_live *live)
{
	ruad_ingest_free(&live->ingest);
	ruad_setup_free(&live->setup);
	ruad_conf_free(&live->conf);
	free(live);
}

/* Build what a configuration stands for; takes over *conf on success. */
static enum ruad_status
live_new(struct ruad_conf **conf, struct ruad_budget *budget,
    struct ruad_live **out, struct ruad_err *err)
{
	struct ruad_live *live = calloc(1, sizeof(*live));
	enum ruad_status st;

	if (live == NULL)
		return ruad_fail_memory(err, "reload");
	atomic_init(&live->users, 1);
	st = ruad_setup_new(*conf, budget, &live->setup, err);
	if (st == RUAD_OK)
		st = ruad_ingest_new(&live->setup->ingest, &live->ingest, err);
	if (st != RUAD_OK) {
		live_free(live);
		return st;
	}
	live->conf = *conf;
	*conf = NULL;
	*out = live;
	return RUAD_OK;
}

enum ruad_status
ruad_reload_new(const char *path, struct ruad_conf **conf,
    struct ruad_budget *budget, struct ruad_log *log, struct ruad_reload **out,
    struct ruad_err *err)
{
	struct ruad_reload *r = calloc(1, sizeof(*r));
	enum ruad_status st;

	*out = NULL;
	if (r == NULL)
		return ruad_fail_memory(err, "reload");
	st = live_new(conf, budget, &r->first, err);
	if (st != RUAD_OK) {
		free(r);
		return st;
	}
	/* Counted twice: it stays when it is no longer the newest. */
	atomic_store(&r->first->users, 2);
	r->newest = r->first;
	pthread_mutex_init(&r->mutex, NULL);
	r->path = path;
	r->budget = budget;
	r->log = log;
	*out = r;
	return RUAD_OK;
}

const struct ruad_live *
ruad_reload_first(const struct ruad_reload *r)
{
	return r->first;
}

struct ruad_live *
ruad_reload_get(struct ruad_reload *r)
{
	struct ruad_live *live;

	pthread_mutex_lock(&r->mutex);
	live = r->newest;
	atomic_fetch_add(&live->users, 1);
	pthread_mutex_unlock(&r->mutex);
	return live;
}

void
ruad_reload_put(struct ruad_live **live)
{
	struct ruad_live *l = *live;

	*live = NULL;
	if (l != NULL && atomic_fetch_sub(&l->users, 1) == 1)
		live_free(l);
}

/* Name the changed options that have to wait. */
static void
log_waiting(struct ruad_reload *r, const struct ruad_conf *conf)
{
	struct ruad_conf_option o;

	for (size_t i = 0; ruad_conf_option(i, &o); i++) {
		if (o.restart && !ruad_conf_same(r->first->conf, conf, i))
			ruad_log_write(r->log, LOG_WARNING,
			    "reload: the change of %s takes a restart", o.name);
	}
}

void
ruad_reload_run(struct ruad_reload *r)
{
	struct ruad_conf *conf = NULL;
	struct ruad_live *live, *old;
	struct ruad_err err;

	if (ruad_conf_read(r->path, &conf, &err) != RUAD_OK ||
	    live_new(&conf, r->budget, &live, &err) != RUAD_OK) {
		ruad_log_write(r->log, LOG_ERR,
		    "reload: %s; the old configuration stays", err.text);
		ruad_conf_free(&conf);
		return;
	}
	pthread_mutex_lock(&r->mutex);
	old = r->newest;
	r->newest = live;
	pthread_mutex_unlock(&r->mutex);
	atomic_store(&r->log->level, live->conf->log_level);
	log_waiting(r, live->conf);
	ruad_log_write(r->log, LOG_NOTICE, "reload: %s is in force", r->path);
	ruad_reload_put(&old);
}
