/* pipeline.c - a ring of slots. [head, tail) are under way, of these [next,
 * tail) wait for a thread. One thread pushes and pops; each other one owns the
 * slot that it reads, until it hands it to the writer, whose callback settles
 * it.
 *
 * Memory: a report under way holds some of the budget until it is stored. A
 * read that found no room is not lost: it is tried again when nothing else
 * holds any. */
#include "pipeline.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Enough for parsers with bounded depth; the default of 8 MB for each thread
 * would be too much under a limit on address space. */
#define STACK_BYTES ((size_t)1024 * 1024)

struct slot {
	struct ruad_pipeline *p;
	struct ruad_feed_item item; /* owned */
	json_t *result; /* owned, once settled */
	bool settled;
};

struct ruad_pipeline {
	struct ruad_pipeline_settings set;
	struct slot *slots; /* owned; set.in_flight of them */
	pthread_t *threads; /* owned */
	unsigned thread_count;
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t work; /* a slot waits for a thread, or stop */
	pthread_cond_t done; /* a slot is settled */
	pthread_cond_t calm; /* less memory is held */
	uint64_t head, next, tail;
	unsigned holders; /* items that may hold memory */
	unsigned alone; /* threads that want to be the only holder */
	bool stop;
};

static struct slot *
slot_at(const struct ruad_pipeline *p, uint64_t n)
{
	return &p->slots[n % p->set.in_flight];
}

/* With the mutex held: whether so much memory is in use that one more read
 * would likely be in vain. */
static bool
is_tight(const struct ruad_pipeline *p)
{
	const struct ruad_budget *b = p->set.budget;

	return b != NULL && b->max > 0 && p->holders > 0 &&
	    atomic_load(&b->used) > b->max / 2;
}

static void
begin_holding(struct ruad_pipeline *p)
{
	pthread_mutex_lock(&p->mutex);
	while (p->alone > 0 || is_tight(p))
		pthread_cond_wait(&p->calm, &p->mutex);
	p->holders++;
	pthread_mutex_unlock(&p->mutex);
}

/* Change from one of several holders to the only one; others begin after
 * end_alone(). */
static void
begin_alone(struct ruad_pipeline *p)
{
	pthread_mutex_lock(&p->mutex);
	p->holders--;
	p->alone++;
	pthread_cond_broadcast(&p->calm);
	while (p->holders > 0)
		pthread_cond_wait(&p->calm, &p->mutex);
	p->holders++;
	pthread_mutex_unlock(&p->mutex);
}

static void
end_alone(struct ruad_pipeline *p)
{
	pthread_mutex_lock(&p->mutex);
	p->alone--;
	pthread_cond_broadcast(&p->calm);
	pthread_mutex_unlock(&p->mutex);
}

static void
end_holding(struct ruad_pipeline *p)
{
	pthread_mutex_lock(&p->mutex);
	p->holders--;
	pthread_cond_broadcast(&p->calm);
	pthread_mutex_unlock(&p->mutex);
}

static void
settle(struct slot *s, json_t *result)
{
	struct ruad_pipeline *p = s->p;

	pthread_mutex_lock(&p->mutex);
	s->result = result;
	s->settled = true;
	pthread_cond_signal(&p->done);
	pthread_mutex_unlock(&p->mutex);
}

/* Called by the writer. */
static void
on_written(struct ruad_delivery *d, void *arg)
{
	struct slot *s = arg;
	json_t *result = s->p->set.describe(&s->item, d, NULL);

	ruad_delivery_free(&d);
	end_holding(s->p);
	settle(s, result);
}

/* RUAD_END: it need not be read, *known_out says why. */
static enum ruad_status
read_item(struct slot *s, struct ruad_delivery **out, json_t **known_out,
    struct ruad_err *err)
{
	const struct ruad_pipeline_settings *set = &s->p->set;
	struct ruad_mail *opened = NULL, *mail = s->item.mail;
	enum ruad_status st = RUAD_OK;

	*out = NULL;
	if (mail == NULL) {
		st = ruad_mail_open(s->item.path, set->mail, &opened, err);
		mail = opened;
	}
	if (st == RUAD_OK && set->known != NULL &&
	    (*known_out = set->known(set->known_arg, &s->item, mail)) != NULL)
		st = RUAD_END;
	if (st == RUAD_OK)
		st = ruad_ingest_read(set->ingest, mail, out, err);
	ruad_mail_free(&opened);
	return st;
}

/* Read as one of several, or, where that found no memory, alone. */
static enum ruad_status
read_patiently(struct slot *s, struct ruad_delivery **out, json_t **known_out,
    struct ruad_err *err)
{
	enum ruad_status st = read_item(s, out, known_out, err);

	if (st != RUAD_TEMP || err->code != RUAD_OUR_MEMORY)
		return st;
	begin_alone(s->p);
	st = read_item(s, out, known_out, err);
	end_alone(s->p);
	return st;
}

static void
process(struct slot *s)
{
	struct ruad_pipeline *p = s->p;
	struct ruad_delivery *d;
	struct ruad_err err = s->item.err;
	enum ruad_status st;
	json_t *known = NULL;

	if (err.status == RUAD_OK) {
		begin_holding(p);
		st = read_patiently(s, &d, &known, &err);
		if (st == RUAD_OK) {
			if (s->item.mail != NULL)
				ruad_mail_drop(s->item.mail);
			ruad_writer_submit(p->set.writer, d, on_written, s);
			return;
		}
		end_holding(p);
		if (st == RUAD_END) {
			settle(s, known);
			return;
		}
	}
	settle(s, p->set.describe(&s->item, NULL, &err));
}

static void *
thread_main(void *arg)
{
	struct ruad_pipeline *p = arg;
	struct slot *s;

	pthread_mutex_lock(&p->mutex);
	for (;;) {
		while (p->next == p->tail && !p->stop)
			pthread_cond_wait(&p->work, &p->mutex);
		if (p->next == p->tail)
			break;
		s = slot_at(p, p->next++);
		pthread_mutex_unlock(&p->mutex);
		process(s);
		pthread_mutex_lock(&p->mutex);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* Start as many as there can be; one is enough. */
static void
start_threads(struct ruad_pipeline *p)
{
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_attr_init(&attr) != 0)
		return;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->thread_count < p->set.jobs &&
	    pthread_create(&p->threads[p->thread_count], &attr, thread_main,
		p) == 0)
		p->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

enum ruad_status
ruad_pipeline_new(const struct ruad_pipeline_settings *set,
    struct ruad_pipeline **out, struct ruad_err *err)
{
	struct ruad_pipeline *p = *out = calloc(1, sizeof(*p));

	if (p == NULL)
		return ruad_fail_memory(err, "pipeline");
	p->set = *set;
	/* With static attributes none of these can fail. */
	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	pthread_cond_init(&p->calm, NULL);
	p->slots = calloc(set->in_flight, sizeof(*p->slots));
	p->threads = calloc(set->jobs, sizeof(*p->threads));
	if (p->slots == NULL || p->threads == NULL)
		goto fail;
	for (unsigned i = 0; i < set->in_flight; i++)
		p->slots[i].p = p;
	start_threads(p);
	if (p->thread_count > 0)
		return RUAD_OK;
fail:
	ruad_pipeline_free(out);
	return ruad_fail_memory(err, "pipeline");
}

bool
ruad_pipeline_has_room(const struct ruad_pipeline *p)
{
	/* Both are changed by the calling thread only. */
	return p->tail - p->head < p->set.in_flight;
}

void
ruad_pipeline_push(struct ruad_pipeline *p, struct ruad_feed_item *item)
{
	struct slot *s = slot_at(p, p->tail);

	s->item = *item;
	s->result = NULL;
	s->settled = false;
	pthread_mutex_lock(&p->mutex);
	p->tail++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->mutex);
}

bool
ruad_pipeline_pop(struct ruad_pipeline *p, json_t **out, uint64_t *bytes_out)
{
	struct slot *s = slot_at(p, p->head);

	if (p->head == p->tail)
		return false;
	pthread_mutex_lock(&p->mutex);
	while (!s->settled)
		pthread_cond_wait(&p->done, &p->mutex);
	pthread_mutex_unlock(&p->mutex);
	p->head++;
	*out = s->result;
	*bytes_out = s->item.bytes;
	ruad_feed_item_free(&s->item);
	return true;
}

void
ruad_pipeline_free(struct ruad_pipeline **pipeline)
{
	struct ruad_pipeline *p = *pipeline;

	if (p == NULL)
		return;
	*pipeline = NULL;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->mutex);
	for (unsigned i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->calm);
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->mutex);
	free(p->threads);
	free(p->slots);
	free(p);
}
