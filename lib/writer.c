/* writer.c - a ring of jobs, one thread that takes several at a time. A job
 * has either a waiter, who sleeps on the stack of ruad_writer_put(), or a
 * callback, or neither once its waiter has gone; whoever removes a job from
 * the ring or the batch settles it. Everything is guarded by one mutex, which
 * is never held while the store is written or a callback runs. */
#include "writer.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A batch of more records would hold up the others in it: a report beyond this
 * is committed alone. */
#define BATCH_RECORDS 20000u

/* The write-ahead log is moved into the file when nobody waits and it has so
 * many pages, or at once when it has many. */
#define WAL_PAGES_IDLE 1000u
#define WAL_PAGES_MAX 4096u

struct waiter {
	pthread_cond_t settled_cond;
	bool settled;
	struct job *job; /* where its job is now */
};

struct job {
	struct ruad_delivery *delivery; /* owned until settled */
	struct waiter *waiter; /* borrowed; NULL: gone, or never there */
	ruad_writer_done *done;
	void *arg;
};

struct ruad_writer {
	struct ruad_store *store; /* used by the thread only */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t work_cond; /* a job; or, when stopping, a caller left */
	pthread_cond_t room_cond; /* in the queue */
	bool stopping;
	unsigned callers; /* in ruad_writer_put() or _submit() */
	struct ruad_writer_stats stats;

	struct job *ring; /* owned; queue_max of them */
	size_t queue_max, first, count;
	struct job *batch; /* owned; the sum of both maxima */
	struct ruad_delivery **deliveries; /* owned; of the batch */
	size_t batch_max, batch_count;
	unsigned gather_msecs;
};

static uint64_t
records_of(const struct ruad_delivery *d)
{
	const struct ruad_item *item;
	uint64_t records = 0;

	for (item = d->items; item != NULL; item = item->next)
		if (item->report != NULL)
			records += item->report->records;
	return records;
}

/* Move the oldest job of the queue to the end of the batch. */
static void
take_job(struct ruad_writer *w)
{
	struct job *to = &w->batch[w->batch_count++];

	*to = w->ring[w->first];
	if (to->waiter != NULL)
		to->waiter->job = to;
	w->first = (w->first + 1) % w->queue_max;
	w->count--;
}

static void
take_batch(struct ruad_writer *w)
{
	uint64_t records = 0;

	while (w->count > 0 && w->batch_count < w->batch_max) {
		records += records_of(w->ring[w->first].delivery);
		if (w->batch_count > 0 && records > BATCH_RECORDS)
			break;
		take_job(w);
	}
	pthread_cond_broadcast(&w->room_cond);
}

/* Give every delivery of the batch back. Called with the mutex held, which is
 * released around callbacks. */
static void
settle_batch(struct ruad_writer *w)
{
	struct job *job;
	size_t i;

	for (i = 0; i < w->batch_count; i++) {
		job = &w->batch[i];
		if (job->waiter != NULL) {
			job->waiter->settled = true;
			pthread_cond_signal(&job->waiter->settled_cond);
		} else if (job->done == NULL) {
			ruad_delivery_free(&job->delivery);
		}
	}
	pthread_mutex_unlock(&w->mutex);
	for (i = 0; i < w->batch_count; i++) {
		job = &w->batch[i];
		if (job->done != NULL)
			job->done(job->delivery, job->arg);
	}
	pthread_mutex_lock(&w->mutex);
	w->batch_count = 0;
}

/* The store is locked, and we have waited long enough to know: those that have
 * come to the queue meanwhile need not wait as long again, one batch after the
 * other. They join the batch, behind those that are concluded. */
static void
fail_queue(struct ruad_writer *w, const struct ruad_err *err)
{
	size_t i = w->batch_count;

	while (w->count > 0)
		take_job(w);
	pthread_cond_broadcast(&w->room_cond);
	for (; i < w->batch_count; i++) {
		w->stats.deliveries++;
		ruad_delivery_fail(w->batch[i].delivery, err->code, err->text);
	}
}

static uint64_t
now_usecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
count_batch(struct ruad_writer_stats *s, size_t n, uint64_t usecs)
{
	s->batches++;
	s->deliveries += n;
	s->commit_usecs += usecs;
	if (usecs > s->commit_usecs_most)
		s->commit_usecs_most = usecs;
	if (n > s->batch_most)
		s->batch_most = n;
}

static void
write_batch(struct ruad_writer *w)
{
	uint64_t usecs;
	struct ruad_err err;
	enum ruad_status st;
	size_t i, n;

	take_batch(w);
	n = w->batch_count;
	for (i = 0; i < n; i++)
		w->deliveries[i] = w->batch[i].delivery;
	pthread_mutex_unlock(&w->mutex);
	usecs = now_usecs();
	st = ruad_store_put(w->store, w->deliveries, n, &err);
	usecs = now_usecs() - usecs;
	pthread_mutex_lock(&w->mutex);
	count_batch(&w->stats, n, usecs);
	if (st != RUAD_OK)
		w->stats.failed_batches++;
	if (st != RUAD_OK && err.code == RUAD_OUR_BUSY)
		fail_queue(w, &err);
	settle_batch(w);
}

/* Called with the mutex held. */
static void
checkpoint(struct ruad_writer *w)
{
	bool idle = w->count == 0 && w->gather_msecs == 0;
	size_t limit = idle ? WAL_PAGES_IDLE : WAL_PAGES_MAX;

	if (ruad_store_wal_pages(w->store) < limit)
		return;
	pthread_mutex_unlock(&w->mutex);
	ruad_store_checkpoint(w->store);
	pthread_mutex_lock(&w->mutex);
}

static struct timespec
deadline_after(unsigned msecs)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += msecs / 1000;
	at.tv_nsec += (long)(msecs % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

/* Called with the mutex held, which is given up meanwhile. */
static void
gather(struct ruad_writer *w)
{
	struct timespec deadline;

	if (w->gather_msecs == 0)
		return;
	deadline = deadline_after(w->gather_msecs);
	while (w->gather_msecs > 0 && w->count < w->batch_max &&
	    w->count < w->queue_max && !w->stopping &&
	    pthread_cond_timedwait(&w->work_cond, &w->mutex, &deadline) == 0)
		;
}

static void *
writer_main(void *arg)
{
	struct ruad_writer *w = arg;

	pthread_mutex_lock(&w->mutex);
	for (;;) {
		while (w->count == 0 && (!w->stopping || w->callers > 0))
			pthread_cond_wait(&w->work_cond, &w->mutex);
		if (w->count == 0)
			break;
		gather(w);
		write_batch(w);
		checkpoint(w);
	}
	pthread_mutex_unlock(&w->mutex);
	return NULL;
}

/* The clock of all waiting: setting the time of day must not end a wait. */
static int
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int e = pthread_condattr_init(&attr);

	if (e != 0)
		return e;
	e = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (e == 0)
		e = pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return e;
}

/* Signals are for the program's own threads. */
static int
start_thread(struct ruad_writer *w)
{
	sigset_t all, before;
	int e;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	e = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e;
}

static void
writer_free(struct ruad_writer *w)
{
	ruad_store_close(&w->store);
	free(w->ring);
	free(w->batch);
	free(w->deliveries);
	free(w);
}

/* 0, or an errno. */
static int
init_locks(struct ruad_writer *w)
{
	int e = pthread_mutex_init(&w->mutex, NULL);

	if (e != 0)
		return e;
	e = cond_init(&w->work_cond);
	if (e != 0)
		goto fail_mutex;
	e = cond_init(&w->room_cond);
	if (e != 0)
		goto fail_work;
	return 0;
fail_work:
	pthread_cond_destroy(&w->work_cond);
fail_mutex:
	pthread_mutex_destroy(&w->mutex);
	return e;
}

static void
destroy_locks(struct ruad_writer *w)
{
	pthread_cond_destroy(&w->room_cond);
	pthread_cond_destroy(&w->work_cond);
	pthread_mutex_destroy(&w->mutex);
}

enum ruad_status
ruad_writer_start(struct ruad_store **store,
    const struct ruad_writer_settings *set, struct ruad_writer **out,
    struct ruad_err *err)
{
	struct ruad_writer *w = *out = calloc(1, sizeof(*w));
	size_t most;
	int e;

	if (w == NULL)
		return ruad_fail_memory(err, "writer");
	w->queue_max = set->queue_max > 0 ? set->queue_max : 1;
	w->batch_max = set->batch_max > 0 ? set->batch_max : 1;
	w->gather_msecs = set->gather_msecs;
	/* fail_queue() adds the whole queue to a batch. */
	most = w->queue_max + w->batch_max;
	w->ring = calloc(w->queue_max, sizeof(*w->ring));
	w->batch = calloc(most, sizeof(*w->batch));
	w->deliveries = calloc(w->batch_max, sizeof(struct ruad_delivery *));
	e = ENOMEM;
	if (w->ring == NULL || w->batch == NULL || w->deliveries == NULL)
		goto fail;
	e = init_locks(w);
	if (e != 0)
		goto fail;
	w->store = *store;
	e = start_thread(w);
	if (e != 0)
		goto fail_locks;
	*store = NULL;
	return RUAD_OK;
fail_locks:
	w->store = NULL;
	destroy_locks(w);
fail:
	writer_free(w);
	*out = NULL;
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_MEMORY,
	    "writer: cannot be started: %s", strerror(e));
}

/* Put a job at the end of the queue, which has room. */
static void
enqueue(struct ruad_writer *w, const struct job *job)
{
	struct job *to = &w->ring[(w->first + w->count) % w->queue_max];

	*to = *job;
	if (to->waiter != NULL)
		to->waiter->job = to;
	w->count++;
	/* Who gathers need not wake up for each. */
	if (w->gather_msecs == 0 || w->count == 1 || w->count >= w->batch_max ||
	    w->count == w->queue_max)
		pthread_cond_signal(&w->work_cond);
}

/* With the mutex held; false: not settled when the time was over. */
static bool
wait_settled(struct ruad_writer *w, struct waiter *me, unsigned wait_msecs)
{
	struct timespec deadline = deadline_after(wait_msecs);
	int e = 0;

	while (!me->settled && e != ETIMEDOUT) {
		if (wait_msecs == 0)
			pthread_cond_wait(&me->settled_cond, &w->mutex);
		else
			e = pthread_cond_timedwait(&me->settled_cond, &w->mutex,
			    &deadline);
	}
	if (!me->settled)
		me->job->waiter = NULL;
	return me->settled;
}

static void
leave(struct ruad_writer *w)
{
	w->callers--;
	if (w->stopping)
		pthread_cond_signal(&w->work_cond);
}

enum ruad_status
ruad_writer_put(struct ruad_writer *w, struct ruad_delivery **d,
    unsigned wait_msecs, struct ruad_err *err)
{
	struct waiter me = { .settled = false };
	enum ruad_status st = RUAD_OK;

	if (cond_init(&me.settled_cond) != 0)
		return ruad_fail_memory(err, "writer");
	pthread_mutex_lock(&w->mutex);
	w->callers++;
	if (w->count == w->queue_max) {
		w->stats.queue_full++;
		st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "writer: the queue is full, %zu mails wait", w->count);
		goto out;
	}
	enqueue(w, &(struct job){ .delivery = *d, .waiter = &me });
	if (!wait_settled(w, &me, wait_msecs)) {
		*d = NULL;
		st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "writer: not stored within %u ms", wait_msecs);
	}
out:
	leave(w);
	pthread_mutex_unlock(&w->mutex);
	pthread_cond_destroy(&me.settled_cond);
	return st;
}

void
ruad_writer_submit(struct ruad_writer *w, struct ruad_delivery *d,
    ruad_writer_done *done, void *arg)
{
	pthread_mutex_lock(&w->mutex);
	w->callers++;
	while (w->count == w->queue_max)
		pthread_cond_wait(&w->room_cond, &w->mutex);
	enqueue(w, &(struct job){ .delivery = d, .done = done, .arg = arg });
	leave(w);
	pthread_mutex_unlock(&w->mutex);
}

void
ruad_writer_hurry(struct ruad_writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->gather_msecs = 0;
	pthread_cond_signal(&w->work_cond);
	pthread_mutex_unlock(&w->mutex);
}

void
ruad_writer_stats(struct ruad_writer *w, struct ruad_writer_stats *out)
{
	pthread_mutex_lock(&w->mutex);
	*out = w->stats;
	out->queued = w->count;
	pthread_mutex_unlock(&w->mutex);
}

void
ruad_writer_stop(struct ruad_writer **writer)
{
	struct ruad_writer *w = *writer;

	if (w == NULL)
		return;
	*writer = NULL;
	pthread_mutex_lock(&w->mutex);
	w->stopping = true;
	pthread_cond_signal(&w->work_cond);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	ruad_store_checkpoint(w->store);
	destroy_locks(w);
	writer_free(w);
}
