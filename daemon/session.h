/* session.h - what is known of one SMTP session and of the message in it, and
 * which steps may follow which. All state of a session lies here, none in a
 * thread: libmilter may run each step in another one. */
#ifndef RUAD_SESSION_H
#define RUAD_SESSION_H
#include "mail.h"
#include "reload.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * IDLE ---MAIL---> ENVELOPE ---DATA---> HEADER ---EOH---> BODY ---EOM---> IDLE
 *                  (RCPT)               (FIELD)           (CHUNK)
 *
 * MAIL begins anew from everywhere: no abort is sent after a verdict of ours.
 * ABORT and CLOSE lead to IDLE from everywhere. A mail server that does not
 * know DATA goes from ENVELOPE to HEADER by FIELD or EOH.
 */
enum ruad_session_state {
	RUAD_SESSION_IDLE,
	RUAD_SESSION_ENVELOPE,
	RUAD_SESSION_HEADER,
	RUAD_SESSION_BODY,
	RUAD_SESSION_STATES
};
enum ruad_session_event {
	RUAD_SESSION_MAIL,
	RUAD_SESSION_RCPT,
	RUAD_SESSION_DATA,
	RUAD_SESSION_FIELD,
	RUAD_SESSION_EOH,
	RUAD_SESSION_CHUNK,
	RUAD_SESSION_EOM,
	RUAD_SESSION_ABORT,
	RUAD_SESSION_CLOSE,
	RUAD_SESSION_EVENTS
};

/* Recipients of ours that one mail may have; Postfix allows 1000 in all. */
#define RUAD_SESSION_RECIPIENTS_MAX 1000

struct ruad_session {
	/* of the connection */
	enum ruad_session_state state;
	unsigned long steps; /* SMFIP_ flags agreed with the mail server */
	bool can_remove; /* it lets us delete recipients */

	/* of the message */
	struct ruad_live *live; /* held; NULL between messages */
	char *mail_from; /* owned; NULL: not known */
	char *message_id; /* owned; NULL: none seen */
	char **ours; /* owned, as the client wrote them */
	size_t our_count;
	bool others; /* it has recipients besides */
	struct ruad_mail *mail; /* owned; from DATA on */
	struct ruad_err err; /* the first failure; RUAD_OK: none */
};

struct ruad_session *ruad_session_new(void); /* NULL: out of memory */
void ruad_session_free(struct ruad_session **s); /* sets *s NULL */

/* Make the step; false when it is not a legal one. Nothing is changed then. */
bool ruad_session_move(struct ruad_session *s, enum ruad_session_event event);

/* Where the step leads from this state; RUAD_SESSION_STATES: nowhere. */
enum ruad_session_state ruad_session_next(enum ruad_session_state state,
    enum ruad_session_event event);

/* Forget the message; the connection stays. */
void ruad_session_reset(struct ruad_session *s);

/* Remember why this message cannot be read; only the first reason counts. */
void ruad_session_fail(struct ruad_session *s, const struct ruad_err *err);

/* Note a recipient. What fails is remembered. */
void ruad_session_recipient(struct ruad_session *s, bool ours,
    const char *address);

/* Keep a copy of a text in one of the fields above, if there is none yet. */
void ruad_session_keep(struct ruad_session *s, char **field, const char *text);

#endif
