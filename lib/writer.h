/* writer.h - the one thread that writes the store. Callers hand in a delivery
 * and wait; all that wait together are committed together (group commit). */
#ifndef RUAD_WRITER_H
#define RUAD_WRITER_H
#include "delivery.h"
#include "store.h"

struct ruad_writer;

struct ruad_writer_settings {
	size_t queue_max; /* deliveries that may wait; beyond: RUAD_TEMP */
	size_t batch_max; /* deliveries in one transaction */
	/* How long a transaction that has room waits for more deliveries. For
	 * back-fill, where nobody waits for the single one; else 0. */
	unsigned gather_msecs;
};

struct ruad_writer_stats {
	uint64_t batches, deliveries, failed_batches;
	uint64_t commit_usecs; /* that all batches took */
	uint64_t commit_usecs_most; /* that one of them took */
	size_t batch_most; /* deliveries in one batch */
	uint64_t queue_full; /* deliveries turned away */
	size_t queued; /* now */
};

/* Start the thread. The writer takes over *store and sets it NULL. */
RUAD_NODISCARD enum ruad_status ruad_writer_start(struct ruad_store **store,
    const struct ruad_writer_settings *set, struct ruad_writer **out,
    struct ruad_err *err);

/* Hand in *d and wait until it is durable or has failed. RUAD_OK: it is
 * concluded, look at (*d)->outcome, which may be RUAD_ERROR. RUAD_TEMP: the
 * queue is full, or the answer took longer than wait_msecs (0: no limit); in
 * the second case the writer keeps the delivery, *d is set NULL, and it may
 * still become stored: the sender's next try is then a duplicate. */
RUAD_NODISCARD enum ruad_status ruad_writer_put(struct ruad_writer *w,
    struct ruad_delivery **d, unsigned wait_msecs, struct ruad_err *err);

/* Hand in a delivery without waiting for it, but for room in the queue. `done`
 * is called in the writer's thread, once, with the concluded delivery, which
 * it then owns. */
typedef void ruad_writer_done(struct ruad_delivery *d, void *arg);
void ruad_writer_submit(struct ruad_writer *w, struct ruad_delivery *d,
    ruad_writer_done *done, void *arg);

/* Nobody will come any more: do not wait to be more, from now on. */
void ruad_writer_hurry(struct ruad_writer *w);

void ruad_writer_stats(struct ruad_writer *w, struct ruad_writer_stats *out);

/* Finish what is queued, checkpoint, close the store, end the thread. Sets *w
 * NULL; NULL is fine. */
void ruad_writer_stop(struct ruad_writer **w);

#endif
