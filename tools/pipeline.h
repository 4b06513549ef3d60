/* pipeline.h - mails read by several threads and stored by one: push them in,
 * pop what came of them, in the same order. A bounded number is under way. */
#ifndef RUAD_TOOLS_PIPELINE_H
#define RUAD_TOOLS_PIPELINE_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "arena.h"
#include "feed.h"
#include "ingest.h"
#include "writer.h"

struct ruad_pipeline;

/* Say what came of an item, as JSON; called from any thread. `d` is the
 * concluded delivery, or NULL where there is none, and *err says why. */
typedef json_t *ruad_describe(const struct ruad_feed_item *item,
    const struct ruad_delivery *d, const struct ruad_err *err);

/* Say what is known of a mail that need not be read, or NULL; called from any
 * thread. */
typedef json_t *ruad_known(void *arg, const struct ruad_feed_item *item,
    struct ruad_mail *mail);

struct ruad_pipeline_settings { /* all borrowed */
	struct ruad_ingest *ingest;
	struct ruad_writer *writer;
	const struct ruad_mail_settings *mail;
	struct ruad_budget *budget;
	ruad_describe *describe;
	ruad_known *known; /* NULL: each is read */
	void *known_arg;
	unsigned jobs; /* threads that read */
	unsigned in_flight; /* at most this many items are under way */
};

/* Start the threads. RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status
ruad_pipeline_new(const struct ruad_pipeline_settings *set,
    struct ruad_pipeline **out, struct ruad_err *err);

/* Whether there is room for one more. */
bool ruad_pipeline_has_room(const struct ruad_pipeline *p);

/* Hand in an item, which is taken over. There is room. */
void ruad_pipeline_push(struct ruad_pipeline *p, struct ruad_feed_item *item);

/* Wait for the oldest item. *out is what describe() gave, owned by the caller,
 * NULL: it ran out of memory. False: nothing is under way. */
bool ruad_pipeline_pop(struct ruad_pipeline *p, json_t **out,
    uint64_t *bytes_out);

/* End the threads. Nothing is under way, and the writer has been stopped. Sets
 * *p NULL; NULL is fine. */
void ruad_pipeline_free(struct ruad_pipeline **p);

#endif
