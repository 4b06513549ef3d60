/* mails.h - what the programs of the benchmark share: files of a directory,
 * and the end of a program that cannot go on. */
#ifndef BENCH_MAILS_H
#define BENCH_MAILS_H
#include <stddef.h>

struct mail {
	char *path;
	char *data; /* NULL until loaded; a NUL follows */
	size_t len;
};

struct mails {
	struct mail *mail;
	size_t count;
};

/* Says why on standard error and ends the program with status 1. */
_Noreturn void bench_die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The files of `dir` in the order of their names, nothing loaded. The
 * caller frees them. */
struct mails bench_list(const char *dir);

void bench_free(struct mails *all);

/* Read the file of `m` into m->data, a buffer that is grown and used again. */
void bench_load(struct mail *m);
#endif
