/* load.h - mails handed out to threads that send them, and how long each took.
 * Every thread is one session with a server at a time. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H
#include <stdatomic.h>
#include "mails.h"

enum outcome { OUT_TAKEN, OUT_LATER, OUT_REFUSED, OUTCOMES };

struct load {
	struct mails mails; /* loaded */
	size_t goal; /* how many are sent; past the end it begins anew */
	_Atomic size_t next;
	_Atomic size_t outcome[OUTCOMES];
	double *secs; /* of each mail */
	void *user; /* for the sessions */
};

/* Load the mails of `dir`, NULL for none; `goal` 0 is each of them once. */
void bench_load_all(struct load *l, const char *dir, size_t goal);

/* The number of the next mail to send, or l->goal when there are no more. */
size_t bench_take(struct load *l);

/* What mail `n` is: one of l->mails. */
const struct mail *bench_mail(const struct load *l, size_t n);

/* Seconds of a clock that only goes forward. */
double bench_now(void);

/* Mail `n`, begun at `begin`, is settled. */
void bench_done(struct load *l, size_t n, double begin, enum outcome o);

/* Run `session` in so many threads until it has returned in all of them, then
 * print what came of it as one line of JSON, times of a mail in ms, and free
 * the mails. */
void bench_run(struct load *l, unsigned threads,
    void (*session)(struct load *));
#endif
