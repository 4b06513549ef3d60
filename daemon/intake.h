/* intake.h - from a mail that is complete to a verdict: read it, have it
 * stored, log it. Knows nothing of the milter protocol. */
#ifndef RUAD_INTAKE_H
#define RUAD_INTAKE_H
#include "arena.h"
#include "log.h"
#include "reload.h"
#include "reply.h"
#include "session.h"
#include "tally.h"
#include "writer.h"
#include <stdatomic.h>

/* Shared by all sessions. */
struct ruad_intake {
	struct ruad_reload *reload; /* borrowed, as all below */
	struct ruad_writer *writer;
	struct ruad_budget *budget;
	struct ruad_log *log;
	atomic_uint busy; /* mails at end of message */
	atomic_uint failures; /* of the store, since its last success */
	struct ruad_tally tally;
	atomic_bool closed; /* no more mails: the daemon is stopping */
};

void ruad_intake_init(struct ruad_intake *in, struct ruad_reload *reload,
    struct ruad_writer *writer, struct ruad_budget *budget,
    struct ruad_log *log);

/* Begin a message: take hold of the newest configuration. */
void ruad_intake_begin(struct ruad_intake *in, struct ruad_session *s);

/* Open the mail of a session whose recipients are known. False: it cannot be
 * taken now, which is logged; *reply_out says what to answer. */
bool ruad_intake_open(struct ruad_intake *in, struct ruad_session *s,
    const char *queue_id, struct ruad_reply *reply_out);

/* Decide about the mail of a session that is at end of message. Waits for its
 * commit, within the bounds of the configuration. `queue_id` is used if the
 * session knew none before; NULL: unknown. */
struct ruad_reply ruad_intake_finish(struct ruad_intake *in,
    struct ruad_session *s, const char *queue_id);

/* Take no more mails, and wait for those at end of message, `secs` at most.
 * True: none is left, and none will touch the writer again. */
bool ruad_intake_drain(struct ruad_intake *in, unsigned secs);

#endif
