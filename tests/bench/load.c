/* load.c - one counter hands out the mails; nothing else is shared. */
#include "load.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define THREADS_MAX 1000
#define STACK_BYTES (256 * 1024)

struct worker {
	pthread_t thread;
	struct load *load;
	void (*session)(struct load *);
};

void
bench_load_all(struct load *l, const char *dir, size_t goal)
{
	size_t i;

	if (dir != NULL)
		l->mails = bench_list(dir);
	l->goal = goal == 0 ? l->mails.count : goal;
	for (i = 0; i < l->mails.count && i < l->goal; i++)
		bench_load(&l->mails.mail[i]);
	l->secs = calloc(l->goal, sizeof(*l->secs));
	if (l->secs == NULL || l->goal == 0)
		bench_die("no mails to send");
}

size_t
bench_take(struct load *l)
{
	size_t n = atomic_fetch_add(&l->next, 1);

	return n < l->goal ? n : l->goal;
}

const struct mail *
bench_mail(const struct load *l, size_t n)
{
	return &l->mails.mail[n % l->mails.count];
}

double
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
bench_done(struct load *l, size_t n, double begin, enum outcome o)
{
	l->secs[n] = bench_now() - begin;
	atomic_fetch_add(&l->outcome[o], 1);
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	w->session(w->load);
	return NULL;
}

static int
by_secs(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
print_result(struct load *l, double secs)
{
	size_t n = l->goal;

	qsort(l->secs, n, sizeof(*l->secs), by_secs);
	printf("{\"secs\": %.6f, \"taken\": %zu, \"later\": %zu,"
	       " \"refused\": %zu, \"wait_ms\": {\"50\": %.3f,"
	       " \"95\": %.3f, \"99\": %.3f, \"max\": %.3f}}\n",
	    secs, l->outcome[OUT_TAKEN], l->outcome[OUT_LATER],
	    l->outcome[OUT_REFUSED], l->secs[n / 2] * 1e3,
	    l->secs[n * 95 / 100] * 1e3, l->secs[n * 99 / 100] * 1e3,
	    l->secs[n - 1] * 1e3);
}

void
bench_run(struct load *l, unsigned threads, void (*session)(struct load *))
{
	struct worker *w = calloc(threads, sizeof(*w));
	pthread_attr_t attr;
	double begin = bench_now();
	unsigned i;

	if (w == NULL || threads > THREADS_MAX ||
	    pthread_attr_init(&attr) != 0 ||
	    pthread_attr_setstacksize(&attr, STACK_BYTES) != 0)
		bench_die("cannot run %u threads", threads);
	for (i = 0; i < threads; i++) {
		w[i].load = l;
		w[i].session = session;
		if (pthread_create(&w[i].thread, &attr, work, &w[i]) != 0)
			bench_die("cannot run %u threads", threads);
	}
	for (i = 0; i < threads; i++)
		pthread_join(w[i].thread, NULL);
	print_result(l, bench_now() - begin);
	pthread_attr_destroy(&attr);
	free(w);
	free(l->secs);
	bench_free(&l->mails);
}
