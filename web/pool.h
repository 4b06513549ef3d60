/* pool.h - read handles of the store of reports, for one request each. Any
 * thread may get and put them. */
#ifndef RUAD_WEB_POOL_H
#define RUAD_WEB_POOL_H
#include "err.h"
#include "query.h"

struct ruad_pool;

/* Open nothing yet. `path` is borrowed. RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_pool_new(const char *path,
    struct ruad_pool **out, struct ruad_err *err);

/* A handle with a snapshot of now. What is asked with it ends after 5 seconds,
 * with RUAD_LIMIT. Fails like ruad_query_open(). */
RUAD_NODISCARD enum ruad_status ruad_pool_get(struct ruad_pool *p,
    struct ruad_query **out, struct ruad_err *err);

/* Give it back, and end its snapshot; sets *q NULL, NULL is fine. */
void ruad_pool_put(struct ruad_pool *p, struct ruad_query **q);

void ruad_pool_free(struct ruad_pool **p); /* sets *p NULL; NULL is fine */

#endif
