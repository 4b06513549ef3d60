/* metrics.h - the numbers of a store, for those who watch it, and the text
 * format of Prometheus, version 0.0.4, in which they are told. */
#ifndef RUAD_METRICS_H
#define RUAD_METRICS_H
#include "err.h"
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

struct ruad_metrics {
	int64_t schema_version;
	int64_t bytes, free_bytes; /* of the file, and unused in it */
	int64_t wal_bytes; /* of the write-ahead log beside it */
	int64_t reports;
	int64_t quarantine;
	/* Seconds since the epoch; 0: there is none. */
	int64_t last_received, last_end; /* of reports */
	int64_t last_refused; /* arrival of what is in quarantine */
};

/* Read them. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_metrics_read(sqlite3 *db,
    struct ruad_metrics *out, struct ruad_err *err);

/* Write them, and those of each policy domain, the thousand with most reports,
 * and of each code in quarantine. Fails like ruad_sql_fail(); failures of `to`
 * are its own. */
RUAD_NODISCARD enum ruad_status ruad_metrics_write(sqlite3 *db, FILE *to,
    struct ruad_err *err);

/* Begin a metric; `type` is counter or gauge, `help` one line. */
void ruad_metrics_begin(FILE *to, const char *name, const char *type,
    const char *help);

/* A value of it; label and value of the label may be NULL. */
void ruad_metrics_value(FILE *to, const char *name, const char *label,
    const char *label_value, double value);

#endif
