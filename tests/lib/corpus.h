/* corpus.h - the cases of tests/corpus/cases, and how they are read: always
 * with the same settings and at the same moment, so that the answer is always
 * the same. All of it aborts when this host fails. */
#ifndef CORPUS_H
#define CORPUS_H
#include <stddef.h>
#include "delivery.h"
#include "ingest.h"

/* When every case is received: 2023-11-17 05:46:40 UTC. */
#define CORPUS_RECEIVED INT64_C(1700200000)

struct corpus_case {
	char *name; /* of the directory */
	char *in, *want; /* their bytes; want is a string */
	size_t in_len;
	/* Why a part of the input rightly gives another report than the whole;
	 * NULL for nearly all. */
	char *uncut;
};

/* All cases below $srcdir, or below "." where that is not set, by name; *n_out
 * says how many. Freed with corpus_free(). */
struct corpus_case *corpus_load(size_t *n_out);
void corpus_free(struct corpus_case *cases, size_t n);

/* One file as bytes that the caller frees, with a NUL behind them; NULL when
 * it is not there. */
char *corpus_file(const char *path, size_t *len_out);

/* The settings: default limits, but 1 MiB of XML in a file and 2 MiB in a mail,
 * so that the cases about them stay small; mx.example is trusted. */
void corpus_settings(struct ruad_ingest_settings *out);

/* Read bytes; *d_out is the caller's, and NULL unless it returns RUAD_OK. */
enum ruad_status corpus_read(const void *bytes, size_t len,
    struct ruad_delivery **d_out, struct ruad_err *err);

/* What it uses. */
struct ruad_orgdom *corpus_orgdom(void);
struct ruad_ingest *corpus_ingest(void);

/* Let go of what is kept between calls. */
void corpus_end(void);

#endif
