/* rehearse_ask.h - what the options of a rehearsal ask for, and the answer. */
#ifndef RUAD_TOOLS_REHEARSE_ASK_H
#define RUAD_TOOLS_REHEARSE_ASK_H
#include "cmd.h"
#include "rehearsal.h"

/* All that the answer is made of. */
struct ruad_rehearse_answer {
	struct ruad_rehearsal_seen seen;
	struct ruad_rehearse_ask asked;
	struct ruad_ready_limits limits;
	struct ruad_rehearsal_ask ask;
	struct ruad_rehearsal result;
	struct ruad_ready_condition condition[RUAD_READY_COUNT];
	enum ruad_ready_verdict verdict;
};

/* Read the tags of the command line. The failure has been told. */
enum ruad_exit ruad_rehearse_tags(const struct ruad_options *o,
    struct ruad_rehearse_policy *out);

/* Rehearse what a->asked.policy says, and for the rest what is published; or
 * the published policy. The configuration has been read and the store is open.
 * The failure has been told; on success a->result is to be freed. */
enum ruad_exit ruad_rehearse_read(struct ruad_ctl *ctl, bool as_published,
    struct ruad_rehearse_answer *a);

#endif
