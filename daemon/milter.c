/* milter.c - the callbacks of libmilter. They translate; what happens to a mail
 * is decided in intake.c, and what may follow what in session.c.
 *
 * Where the mail server agreed that a step gets no reply, SMFIS_NOREPLY is the
 * only thing that may be returned from it: anything else takes libmilter and
 * the mail server out of step. What fails there is remembered until DATA or the
 * end of the message. */
#include "milter.h"
#include <libmilter/mfapi.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include "recipient.h"
#include "text.h"

enum { MESSAGE_ID_MAX_BYTES = 998 }; /* RFC 5322 section 2.1.1 */

/* Steps that need no reply. Body pieces do, so that the rest of a mail that is
 * not wanted can be skipped. */
#define QUIET_STEPS \
	(SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH)

/* Set once, before libmilter starts its threads. */
static struct ruad_intake *intake;

static sfsistat
quiet(const struct ruad_session *s, unsigned long step, sfsistat answer)
{
	return (s->steps & step) != 0 ? SMFIS_NOREPLY : answer;
}

static const char *
queue_id(SMFICTX *ctx)
{
	return smfi_getsymval(ctx, (char *)"i");
}

/* The session of this connection. An old mail server does not negotiate, so
 * that it may have none yet. NULL: out of memory. */
static struct ruad_session *
session_of(SMFICTX *ctx)
{
	struct ruad_session *s = smfi_getpriv(ctx);

	if (s != NULL)
		return s;
	s = ruad_session_new();
	if (s != NULL && smfi_setpriv(ctx, s) != MI_SUCCESS)
		ruad_session_free(&s);
	return s;
}

static sfsistat
out_of_order(struct ruad_session *s)
{
	ruad_log_write(intake->log, LOG_WARNING,
	    "milter: the mail server sent a command out of order");
	if (s != NULL)
		ruad_session_reset(s);
	return SMFIS_TEMPFAIL;
}

/* Hand the verdict on the message over to the mail server. */
static sfsistat
answer(SMFICTX *ctx, struct ruad_session *s, struct ruad_reply reply)
{
	if (reply.code != NULL &&
	    smfi_setreply(ctx, (char *)reply.code, (char *)reply.enhanced,
		(char *)reply.text) != MI_SUCCESS)
		ruad_log_write(intake->log, LOG_WARNING,
		    "milter: cannot set the reply %s", reply.code);
	switch (reply.action) {
	case RUAD_VERDICT_DELIVER:
		return SMFIS_ACCEPT;
	case RUAD_VERDICT_REMOVE:
		for (size_t i = 0; i < s->our_count; i++) {
			if (smfi_delrcpt(ctx, s->ours[i]) != MI_SUCCESS)
				ruad_log_write(intake->log, LOG_WARNING,
				    "milter: cannot delete a recipient");
		}
		return SMFIS_CONTINUE;
	case RUAD_VERDICT_DISCARD:
		return SMFIS_DISCARD;
	case RUAD_VERDICT_REJECT:
		return SMFIS_REJECT;
	case RUAD_VERDICT_TEMPFAIL:
		return SMFIS_TEMPFAIL;
	}
	return SMFIS_TEMPFAIL;
}

/* All recipients are known: is the mail for us, and can it be taken? Anything
 * but SMFIS_CONTINUE ends the message. */
static sfsistat
open_message(SMFICTX *ctx, struct ruad_session *s)
{
	struct ruad_reply reply;
	sfsistat r = SMFIS_ACCEPT;

	if (s->our_count > 0 || s->err.status != RUAD_OK) {
		if (ruad_intake_open(intake, s, queue_id(ctx), &reply))
			return SMFIS_CONTINUE;
		r = answer(ctx, s, reply);
	}
	ruad_session_reset(s);
	return r;
}

/* A step of a message towards its content; the first of them opens it. */
static sfsistat
advance(SMFICTX *ctx, struct ruad_session *s, enum ruad_session_event event)
{
	bool first = s->state == RUAD_SESSION_ENVELOPE;

	if (!ruad_session_move(s, event))
		return out_of_order(s);
	return first ? open_message(ctx, s) : SMFIS_CONTINUE;
}

static void
ask_for_macros(SMFICTX *ctx)
{
	static const int unused[] = { SMFIM_CONNECT, SMFIM_HELO, SMFIM_ENVFROM,
		SMFIM_ENVRCPT, SMFIM_EOH };

	for (size_t i = 0; i < sizeof(unused) / sizeof(unused[0]); i++)
		smfi_setsymlist(ctx, unused[i], (char *)"");
	smfi_setsymlist(ctx, SMFIM_DATA, (char *)"i");
	smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *actions_out,
    unsigned long *steps_out, unsigned long *unused2_out,
    unsigned long *unused3_out)
{
	struct ruad_session *s = session_of(ctx);
	unsigned long want = SMFIP_SKIP | SMFIP_HDR_LEADSPC;

	(void)unused2;
	(void)unused3;
	if (s == NULL)
		return SMFIS_REJECT;
	/* Without DATA the verdict is due at the first header field. */
	if ((steps & SMFIP_NODATA) != 0)
		want |= QUIET_STEPS;
	*actions_out = actions & (SMFIF_DELRCPT | SMFIF_SETSYMLIST);
	*steps_out |= want & steps;
	*unused2_out = *unused3_out = 0;
	s->steps = *steps_out;
	s->can_remove = (*actions_out & SMFIF_DELRCPT) != 0;
	if ((*actions_out & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx);
	return SMFIS_CONTINUE;
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct ruad_session *s = session_of(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	ruad_session_reset(s);
	ruad_session_move(s, RUAD_SESSION_MAIL);
	ruad_intake_begin(intake, s);
	ruad_session_keep(s, &s->mail_from, ruad_recipient_bare(argv[0]));
	return quiet(s, SMFIP_NR_MAIL, SMFIS_CONTINUE);
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct ruad_session *s = session_of(ctx);
	char *to = ruad_recipient_bare(argv[0]);
	const struct ruad_conf *conf;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (!ruad_session_move(s, RUAD_SESSION_RCPT))
		return quiet(s, SMFIP_NR_RCPT, out_of_order(s));
	conf = s->live->conf;
	ruad_session_recipient(s,
	    ruad_recipient_match(&conf->recipients, conf->recipient_delimiter,
		to),
	    to);
	return quiet(s, SMFIP_NR_RCPT, SMFIS_CONTINUE);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	struct ruad_session *s = session_of(ctx);

	return s == NULL ? SMFIS_TEMPFAIL : advance(ctx, s, RUAD_SESSION_DATA);
}

/* Without its brackets, for the log, which needs it also where nobody reads
 * the header. */
static void
keep_message_id(struct ruad_session *s, const char *value)
{
	char id[MESSAGE_ID_MAX_BYTES + 1];
	size_t len = strlen(value);

	ruad_text_trim(&value, &len);
	if (len >= 2 && value[0] == '<' && value[len - 1] == '>') {
		value++;
		len -= 2;
	}
	if (len >= sizeof(id))
		return;
	memcpy(id, value, len);
	id[len] = '\0';
	ruad_session_keep(s, &s->message_id, id);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct ruad_session *s = session_of(ctx);
	struct ruad_err err;
	sfsistat r;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	r = advance(ctx, s, RUAD_SESSION_FIELD);
	if (r != SMFIS_CONTINUE || s->err.status != RUAD_OK)
		return quiet(s, SMFIP_NR_HDR, r);
	if (strcasecmp(name, "Message-ID") == 0)
		keep_message_id(s, value);
	if (ruad_mail_header(s->mail, name, value,
		(s->steps & SMFIP_HDR_LEADSPC) != 0, &err) != RUAD_OK)
		ruad_session_fail(s, &err);
	return quiet(s, SMFIP_NR_HDR, SMFIS_CONTINUE);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct ruad_session *s = session_of(ctx);
	struct ruad_err err;
	sfsistat r;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	r = advance(ctx, s, RUAD_SESSION_EOH);
	if (r == SMFIS_CONTINUE && s->err.status == RUAD_OK &&
	    ruad_mail_end_header(s->mail, &err) != RUAD_OK)
		ruad_session_fail(s, &err);
	return quiet(s, SMFIP_NR_EOH, r);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	struct ruad_session *s = session_of(ctx);
	struct ruad_err err;

	if (s == NULL || !ruad_session_move(s, RUAD_SESSION_CHUNK))
		return out_of_order(s);
	if (s->err.status == RUAD_OK &&
	    ruad_mail_append(s->mail, data, len, &err) != RUAD_OK)
		ruad_session_fail(s, &err);
	if (s->err.status != RUAD_OK && (s->steps & SMFIP_SKIP) != 0)
		return SMFIS_SKIP;
	return SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct ruad_session *s = session_of(ctx);
	struct ruad_reply reply;
	sfsistat r;

	if (s == NULL || !ruad_session_move(s, RUAD_SESSION_EOM))
		return out_of_order(s);
	reply = ruad_intake_finish(intake, s, queue_id(ctx));
	r = answer(ctx, s, reply);
	ruad_session_reset(s);
	return r;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct ruad_session *s = smfi_getpriv(ctx);

	if (s != NULL)
		ruad_session_reset(s);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct ruad_session *s = smfi_getpriv(ctx);

	smfi_setpriv(ctx, NULL);
	ruad_session_free(&s);
	return SMFIS_CONTINUE;
}

enum ruad_status
ruad_milter_register(struct ruad_intake *in, const char *socket,
    struct ruad_err *err)
{
	/* Steps without a callback are not even sent. */
	struct smfiDesc desc = {
		.xxfi_name = (char *)"ruad",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = SMFIF_DELRCPT | SMFIF_SETSYMLIST,
		.xxfi_negotiate = on_negotiate,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_data = on_data,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
	};

	intake = in;
	if (smfi_setconn((char *)socket) != MI_SUCCESS ||
	    smfi_register(desc) != MI_SUCCESS)
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "milter: libmilter does not take socket %s", socket);
	/* Removes a socket that nobody listens to any more; the caller has
	 * made sure of that. */
	if (smfi_opensocket(1) != MI_SUCCESS)
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "milter: cannot listen on %s", socket);
	return RUAD_OK;
}

enum ruad_status
ruad_milter_run(struct ruad_err *err)
{
	if (smfi_main() != MI_SUCCESS)
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "milter: libmilter ended with a failure");
	return RUAD_OK;
}
