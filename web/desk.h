/* desk.h - what few requests may do at a time, or in a minute, and the answers
 * to keys of Idempotency-Key. Shared by all threads. */
#ifndef RUAD_WEB_DESK_H
#define RUAD_WEB_DESK_H
#include "err.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ruad_desk;

enum ruad_desk_queue {
	RUAD_DESK_DNS, /* each asks up to dns_total_timeout long */
	RUAD_DESK_UPLOAD, /* each reads a report of up to 8 MB */
	RUAD_DESK_QUEUES
};

/* RUAD_TEMP: no memory. */
RUAD_NODISCARD enum ruad_status ruad_desk_new(struct ruad_desk **out,
    struct ruad_err *err);

/* Begin and end a piece of such work. RUAD_TEMP, RUAD_OUR_BUSY: too many are at
 * it. */
RUAD_NODISCARD enum ruad_status ruad_desk_enter(struct ruad_desk *d,
    enum ruad_desk_queue queue, struct ruad_err *err);
void ruad_desk_leave(struct ruad_desk *d, enum ruad_desk_queue queue);

/* Whether `who` may do it once more: `most` times in 60 seconds. If not,
 * *wait_out says after how many seconds. */
bool ruad_desk_may(struct ruad_desk *d, const char *who, unsigned most,
    int64_t now_epoch, int64_t *wait_out);

/* A copy of the answer that was given under a key within a day; NULL: none. And
 * keep a copy of one; the oldest make room. */
json_t *ruad_desk_recall(struct ruad_desk *d, const char *key,
    int64_t now_epoch);
void ruad_desk_keep(struct ruad_desk *d, const char *key, json_t *answer,
    int64_t now_epoch);

void ruad_desk_free(struct ruad_desk **d); /* sets *d NULL; NULL is fine */

#endif
