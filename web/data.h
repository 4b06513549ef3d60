/* data.h - the roll-ups for requests: a thread that keeps them, read handles,
 * and answers that are kept until the data change. Any thread may call. */
#ifndef RUAD_WEB_DATA_H
#define RUAD_WEB_DATA_H
#include "conf.h"
#include "log.h"
#include "roll.h"
#include <stdbool.h>
#include <stddef.h>

struct ruad_data;

/* Open nothing yet. Both are borrowed. RUAD_TEMP: no memory, or there is no
 * public suffix list. */
RUAD_NODISCARD enum ruad_status ruad_data_new(const struct ruad_conf *conf,
    struct ruad_log *log, struct ruad_data **out, struct ruad_err *err);

/* Begin to keep the roll-ups, and try again where that fails: a store may come
 * later than the console. RUAD_TEMP: there is no thread. */
RUAD_NODISCARD enum ruad_status ruad_data_start(struct ruad_data *d,
    struct ruad_err *err);

/* Follow what has just been written to the store, for at most about a second;
 * what is left is done by the thread. Fails like ruad_rollup_look(). */
RUAD_NODISCARD enum ruad_status ruad_data_follow(struct ruad_data *d,
    bool thorough, struct ruad_err *err);

/* See ruad_rollup_mark(). */
RUAD_NODISCARD enum ruad_status ruad_data_mark(struct ruad_data *d,
    const char *domain, const char *label, bool parked, struct ruad_err *err);

/* A handle with a snapshot of now. What is asked with it ends after 5 seconds.
 * Fails like ruad_roll_open(). */
RUAD_NODISCARD enum ruad_status ruad_data_get(struct ruad_data *d,
    sqlite3 **out, struct ruad_err *err);
void ruad_data_put(struct ruad_data *d, sqlite3 **db); /* NULL is fine */

const struct ruad_roll_bounds *ruad_data_bounds(const struct ruad_data *d);

/* The answer to `key` of data of this version, in memory that the caller frees;
 * NULL: it is not kept. And keep one, which is copied. */
char *ruad_data_find(struct ruad_data *d, const char *key, int64_t version,
    size_t *len_out);
void ruad_data_keep(struct ruad_data *d, const char *key, int64_t version,
    const char *bytes, size_t len);

void ruad_data_free(struct ruad_data **d); /* sets *d NULL; NULL is fine */

#endif
