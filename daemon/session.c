/* session.c - the table below is the truth about the order of steps; libmilter
 * keeps it too, but its mail server may be anybody's. */
#include "session.h"
#include <stdlib.h>
#include <string.h>

#define IDLE RUAD_SESSION_IDLE
#define ENVELOPE RUAD_SESSION_ENVELOPE
#define HEADER RUAD_SESSION_HEADER
#define BODY RUAD_SESSION_BODY
#define ILLEGAL RUAD_SESSION_STATES

static const enum ruad_session_state
    next[RUAD_SESSION_STATES][RUAD_SESSION_EVENTS] = {
	    /* MAIL RCPT DATA FIELD EOH CHUNK EOM ABORT CLOSE */
	    [IDLE] = { ENVELOPE, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL,
		ILLEGAL, IDLE, IDLE },
	    [ENVELOPE] = { ENVELOPE, ENVELOPE, HEADER, HEADER, BODY, ILLEGAL,
		ILLEGAL, IDLE, IDLE },
	    [HEADER] = { ENVELOPE, ILLEGAL, ILLEGAL, HEADER, BODY, ILLEGAL,
		ILLEGAL, IDLE, IDLE },
	    [BODY] = { ENVELOPE, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, BODY, IDLE,
		IDLE, IDLE },
    };

struct ruad_session *
ruad_session_new(void)
{
	return calloc(1, sizeof(struct ruad_session));
}

void
ruad_session_free(struct ruad_session **s)
{
	if (*s == NULL)
		return;
	ruad_session_reset(*s);
	free(*s);
	*s = NULL;
}

enum ruad_session_state
ruad_session_next(enum ruad_session_state state, enum ruad_session_event event)
{
	return next[state][event];
}

bool
ruad_session_move(struct ruad_session *s, enum ruad_session_event event)
{
	enum ruad_session_state to = next[s->state][event];

	if (to == ILLEGAL)
		return false;
	s->state = to;
	return true;
}

void
ruad_session_reset(struct ruad_session *s)
{
	for (size_t i = 0; i < s->our_count; i++)
		free(s->ours[i]);
	free(s->ours);
	free(s->mail_from);
	free(s->message_id);
	ruad_mail_free(&s->mail);
	ruad_reload_put(&s->live);
	*s = (struct ruad_session){
		.steps = s->steps,
		.can_remove = s->can_remove,
	};
}

void
ruad_session_fail(struct ruad_session *s, const struct ruad_err *err)
{
	if (s->err.status == RUAD_OK)
		s->err = *err;
}

static void
fail_memory(struct ruad_session *s)
{
	struct ruad_err err;

	ruad_fail_memory(&err, "session");
	ruad_session_fail(s, &err);
}

void
ruad_session_keep(struct ruad_session *s, char **field, const char *text)
{
	if (*field != NULL)
		return;
	*field = strdup(text);
	if (*field == NULL)
		fail_memory(s);
}

void
ruad_session_recipient(struct ruad_session *s, bool ours, const char *address)
{
	struct ruad_err err;
	char **grown, *copy;

	if (!ours) {
		s->others = true;
		return;
	}
	if (s->our_count == RUAD_SESSION_RECIPIENTS_MAX) {
		ruad_fail(&err, RUAD_TEMP, RUAD_OUR_MEMORY,
		    "session: more than %d report addresses in one mail",
		    RUAD_SESSION_RECIPIENTS_MAX);
		ruad_session_fail(s, &err);
		return;
	}
	copy = strdup(address);
	grown = realloc(s->ours, (s->our_count + 1) * sizeof(*s->ours));
	if (grown != NULL)
		s->ours = grown;
	if (copy == NULL || grown == NULL) {
		free(copy);
		fail_memory(s);
		return;
	}
	s->ours[s->our_count++] = copy;
}
