/* intake.c - the only place where a mail meets parser and writer. Every way out
 * of ruad_intake_finish() has a log line and a verdict. */
#include "intake.h"
#include <sodium.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

enum {
	/* Failures of the store in a row after which it counts as unusable. One
	 * alone may be the fault of one mail. */
	FAILURES_MAX = 3,
	DRAIN_POLL_NSECS = 10 * 1000 * 1000,
	/* libmilter writes the reply after the callback has returned. */
	DRAIN_GRACE_NSECS = 200 * 1000 * 1000
};

void
ruad_intake_init(struct ruad_intake *in, struct ruad_reload *reload,
    struct ruad_writer *writer, struct ruad_budget *budget,
    struct ruad_log *log)
{
	in->reload = reload;
	in->writer = writer;
	in->budget = budget;
	in->log = log;
	atomic_init(&in->busy, 0);
	atomic_init(&in->failures, 0);
	atomic_init(&in->closed, false);
	memset(&in->tally, 0, sizeof(in->tally));
}

static int64_t
now_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct ruad_envelope
envelope_of(const struct ruad_session *s)
{
	return (struct ruad_envelope){
		.others = s->others,
		.can_remove = s->can_remove,
	};
}

/* Log trouble and choose the answer to it. */
static struct ruad_reply
give_up(struct ruad_intake *in, const struct ruad_session *s,
    const char *queue_id, const struct ruad_err *err, int64_t start_msecs)
{
	struct ruad_reply reply = ruad_reply_choose(s->live->conf, RUAD_ERROR,
	    err->code, envelope_of(s));
	struct ruad_log_mail line = {
		.queue_id = queue_id,
		.message_id = s->message_id,
		.mail_from = s->mail_from,
		.verdict = ruad_reply_word(reply.action),
		.msecs = (long)(now_msecs() - start_msecs),
	};

	ruad_tally_outcome(&in->tally, RUAD_ERROR);
	ruad_tally_code(&in->tally, err->code);
	ruad_log_trouble(in->log, &line, err);
	return reply;
}

void
ruad_intake_begin(struct ruad_intake *in, struct ruad_session *s)
{
	s->live = ruad_reload_get(in->reload);
}

/* Whether it makes sense to receive a mail at all. While mails wait for a store
 * that has failed again and again, more of them would only wait as well, in
 * the few threads that ordinary mail needs too; once none waits, the next one
 * tries. */
static enum ruad_status
check_room(struct ruad_intake *in, struct ruad_err *err)
{
	if (atomic_load(&in->closed))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "intake: the daemon is stopping");
	if (atomic_load(&in->failures) >= FAILURES_MAX &&
	    atomic_load(&in->busy) > 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "intake: the store has failed and is being tried");
	if (in->budget->max != 0 &&
	    atomic_load(&in->budget->used) >= in->budget->max)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_MEMORY,
		    "intake: memory_max is used up by other mails");
	return RUAD_OK;
}

/* Set what is known about the mail outside of its bytes. */
static enum ruad_status
open_mail(struct ruad_intake *in, struct ruad_session *s, const char *queue_id,
    struct ruad_err *err)
{
	struct ruad_mail_settings set = s->live->setup->mail;
	enum ruad_status st;

	/* A directory of a later configuration may not be there. */
	set.spool_dir = ruad_reload_first(in->reload)->setup->mail.spool_dir;
	st = ruad_mail_new(&set, (int64_t)time(NULL), &s->mail, err);
	if (st != RUAD_OK)
		return st;
	if (ruad_mail_set_queue_id(s->mail, queue_id) != RUAD_OK ||
	    ruad_mail_set_mail_from(s->mail, s->mail_from) != RUAD_OK)
		return ruad_fail_memory(err, "intake");
	return RUAD_OK;
}

bool
ruad_intake_open(struct ruad_intake *in, struct ruad_session *s,
    const char *queue_id, struct ruad_reply *reply_out)
{
	struct ruad_err err = s->err;

	if (err.status == RUAD_OK && check_room(in, &err) == RUAD_OK &&
	    open_mail(in, s, queue_id, &err) == RUAD_OK)
		return true;
	*reply_out = give_up(in, s, queue_id, &err, now_msecs());
	return false;
}

static void
digest_text(crypto_generichash_state *h, const char *s)
{
	if (s != NULL)
		crypto_generichash_update(h, (const unsigned char *)s,
		    strlen(s) + 1);
}

/* The bytes of a mail that is too large were let go: what stands for it in the
 * store is told apart by its envelope. */
static void
digest_envelope(struct ruad_delivery *d)
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, sizeof(d->digest));
	digest_text(&h, d->queue_id);
	digest_text(&h, d->message_id);
	digest_text(&h, d->mail_from);
	crypto_generichash_update(&h, (const unsigned char *)&d->received_epoch,
	    sizeof(d->received_epoch));
	crypto_generichash_final(&h, d->digest, sizeof(d->digest));
}

/* What could not be read as a mail still has the name that the MTA saw. */
static void
name_delivery(struct ruad_delivery *d, const struct ruad_session *s)
{
	if (d->message_id == NULL && s->message_id != NULL)
		d->message_id = ruad_arena_strdup(d->arena, s->message_id);
}

/* A mail that is too large to be read is a refused one like any other, but
 * without content. */
static enum ruad_status
refuse_oversize(struct ruad_intake *in, const struct ruad_session *s,
    struct ruad_delivery **out, struct ruad_err *err)
{
	struct ruad_delivery *d = ruad_delivery_new(in->budget);
	struct ruad_item *item;

	*out = d;
	if (d == NULL)
		return ruad_fail_memory(err, "intake");
	item = ruad_delivery_add(d, NULL);
	if (item == NULL)
		return ruad_fail_memory(err, "intake");
	item->outcome = RUAD_REFUSED;
	item->code = RUAD_LIMIT_SIZE;
	item->text = ruad_arena_strdup(d->arena, s->err.text);
	item->bytes = ruad_mail_size(s->mail);
	d->bytes = item->bytes;
	d->is_mail = true;
	d->keep_content = false;
	d->received_epoch = ruad_mail_received(s->mail);
	if (ruad_mail_queue_id(s->mail) != NULL)
		d->queue_id =
		    ruad_arena_strdup(d->arena, ruad_mail_queue_id(s->mail));
	if (ruad_mail_mail_from(s->mail) != NULL)
		d->mail_from =
		    ruad_arena_strdup(d->arena, ruad_mail_mail_from(s->mail));
	name_delivery(d, s);
	digest_envelope(d);
	return RUAD_OK;
}

/* From the bytes of a mail to a concluded delivery. */
static enum ruad_status
take_in(struct ruad_intake *in, struct ruad_session *s,
    struct ruad_delivery **out, struct ruad_err *err)
{
	enum ruad_status st = s->err.status;

	*err = s->err;
	if (atomic_load(&in->closed))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "intake: the daemon is stopping");
	if (st == RUAD_OK)
		st = ruad_ingest_read(s->live->ingest, s->mail, out, err);
	else if (st == RUAD_LIMIT)
		st = refuse_oversize(in, s, out, err);
	if (st != RUAD_OK)
		return st;
	name_delivery(*out, s);
	/* While it waits for the store, others may be read. */
	ruad_mail_drop(s->mail);
	st = ruad_writer_put(in->writer, out,
	    (unsigned)s->live->conf->commit_msecs, err);
	/* A wrong clock is no fault of the store. */
	if (st == RUAD_OK &&
	    ((*out)->outcome != RUAD_ERROR || (*out)->code == RUAD_OUR_CLOCK))
		atomic_store(&in->failures, 0);
	else
		atomic_fetch_add(&in->failures, 1);
	return st;
}

struct ruad_reply
ruad_intake_finish(struct ruad_intake *in, struct ruad_session *s,
    const char *queue_id)
{
	int64_t start_msecs = now_msecs();
	struct ruad_delivery *d = NULL;
	struct ruad_log_mail line;
	struct ruad_reply reply;
	struct ruad_err err;

	atomic_fetch_add(&in->busy, 1);
	if (ruad_mail_queue_id(s->mail) == NULL &&
	    ruad_mail_set_queue_id(s->mail, queue_id) != RUAD_OK) {
		ruad_fail_memory(&err, "intake");
		ruad_session_fail(s, &err);
	}
	queue_id = ruad_mail_queue_id(s->mail);
	if (take_in(in, s, &d, &err) != RUAD_OK) {
		reply = give_up(in, s, queue_id, &err, start_msecs);
	} else {
		reply = ruad_reply_choose(s->live->conf, d->outcome, d->code,
		    envelope_of(s));
		line = (struct ruad_log_mail){
			.queue_id = queue_id,
			.message_id = s->message_id,
			.mail_from = s->mail_from,
			.verdict = ruad_reply_word(reply.action),
			.msecs = (long)(now_msecs() - start_msecs),
		};
		ruad_tally_outcome(&in->tally, d->outcome);
		ruad_tally_code(&in->tally, d->code);
		ruad_log_delivery(in->log, &line, d);
	}
	ruad_delivery_free(&d);
	atomic_fetch_sub(&in->busy, 1);
	return reply;
}

bool
ruad_intake_drain(struct ruad_intake *in, unsigned secs)
{
	const struct timespec poll = { .tv_nsec = DRAIN_POLL_NSECS };
	const struct timespec grace = { .tv_nsec = DRAIN_GRACE_NSECS };
	int64_t end = now_msecs() + (int64_t)secs * 1000;

	atomic_store(&in->closed, true);
	while (atomic_load(&in->busy) > 0) {
		if (now_msecs() > end)
			return false;
		nanosleep(&poll, NULL);
	}
	nanosleep(&grace, NULL);
	return true;
}
