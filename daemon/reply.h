/* reply.h - what the mail server is told about a report mail: one table from
 * outcome and policy to a verdict, and one from code to an SMTP reply. */
#ifndef RUAD_REPLY_H
#define RUAD_REPLY_H
#include "conf.h"
#include "delivery.h"
#include <stdbool.h>

enum ruad_verdict_action {
	RUAD_VERDICT_DELIVER, /* go on as if ruad were not there */
	RUAD_VERDICT_REMOVE, /* delete our recipients, go on for the others */
	RUAD_VERDICT_DISCARD, /* accept, deliver to nobody */
	RUAD_VERDICT_REJECT, /* 5xx with the reply */
	RUAD_VERDICT_TEMPFAIL /* 451 with the reply */
};

/* An SMTP reply. The text never holds a '%': smfi_setreply() takes it for a
 * format, and Sendmail then turns a 4xx into a permanent 554. */
struct ruad_reply {
	enum ruad_verdict_action action;
	const char *code, *enhanced, *text; /* static; NULL: none is due */
};

/* What is known about the envelope. */
struct ruad_envelope {
	bool others; /* there are recipients besides ours */
	bool can_remove; /* the mail server lets us delete recipients */
};

/* A mail with other recipients is never discarded or rejected as a
 * whole. Where it would be, discard deletes our recipients only, and reject
 * delivers. `code` picks the SMTP reply of a rejection. */
struct ruad_reply ruad_reply_choose(const struct ruad_conf *conf,
    enum ruad_outcome outcome, enum ruad_code code, struct ruad_envelope env);

/* Lower-case word for the log: "deliver". Never NULL. */
const char *ruad_reply_word(enum ruad_verdict_action action);

#endif
