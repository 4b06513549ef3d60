/* check_session.c - walks the table of legal moves, and the life of a message
 * within a session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "session.h"

#define IDLE RUAD_SESSION_IDLE
#define ENVELOPE RUAD_SESSION_ENVELOPE
#define HEADER RUAD_SESSION_HEADER
#define BODY RUAD_SESSION_BODY

/* All legal moves but ABORT and CLOSE, which are legal everywhere, and MAIL,
 * which always begins a message. */
static const struct edge {
	enum ruad_session_state from;
	enum ruad_session_event event;
	enum ruad_session_state to;
} edges[] = {
	{ ENVELOPE, RUAD_SESSION_RCPT, ENVELOPE },
	{ ENVELOPE, RUAD_SESSION_DATA, HEADER },
	{ ENVELOPE, RUAD_SESSION_FIELD, HEADER }, /* no DATA in protocol 2 */
	{ ENVELOPE, RUAD_SESSION_EOH, BODY },
	{ HEADER, RUAD_SESSION_FIELD, HEADER },
	{ HEADER, RUAD_SESSION_EOH, BODY },
	{ BODY, RUAD_SESSION_CHUNK, BODY },
	{ BODY, RUAD_SESSION_EOM, IDLE },
};

static enum ruad_session_state
wanted(enum ruad_session_state from, enum ruad_session_event event)
{
	if (event == RUAD_SESSION_MAIL)
		return ENVELOPE;
	if (event == RUAD_SESSION_ABORT || event == RUAD_SESSION_CLOSE)
		return IDLE;
	for (size_t i = 0; i < COUNT(edges); i++) {
		if (edges[i].from == from && edges[i].event == event)
			return edges[i].to;
	}
	return RUAD_SESSION_STATES;
}

START_TEST(table)
{
	struct ruad_session s = { 0 };

	for (int n = 0; n < RUAD_SESSION_STATES * RUAD_SESSION_EVENTS; n++) {
		enum ruad_session_state from =
		    (enum ruad_session_state)(n / RUAD_SESSION_EVENTS);
		enum ruad_session_event event =
		    (enum ruad_session_event)(n % RUAD_SESSION_EVENTS);
		enum ruad_session_state to = wanted(from, event);

		ck_assert_int_eq(ruad_session_next(from, event), to);
		s.state = from;
		ck_assert_int_eq(ruad_session_move(&s, event),
		    to != RUAD_SESSION_STATES);
		ck_assert_int_eq(s.state,
		    to != RUAD_SESSION_STATES ? to : from);
	}
}
END_TEST

/* From everywhere the way leads back to a new message. */
START_TEST(no_dead_end)
{
	for (int n = 0; n < RUAD_SESSION_STATES; n++) {
		struct ruad_session s = {
			.state = (enum ruad_session_state)n,
		};

		ck_assert(ruad_session_move(&s, RUAD_SESSION_ABORT));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_MAIL));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_RCPT));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_DATA));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_FIELD));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_EOH));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_CHUNK));
		ck_assert(ruad_session_move(&s, RUAD_SESSION_EOM));
		ck_assert_int_eq(s.state, IDLE);
	}
}
END_TEST

START_TEST(recipients)
{
	struct ruad_session *s = ruad_session_new();

	ruad_session_recipient(s, true, "<a@b.example>");
	ck_assert(!s->others);
	ruad_session_recipient(s, false, "<x@y.example>");
	ruad_session_recipient(s, true, "<c@d.example>");
	ck_assert(s->others);
	ck_assert_uint_eq(s->our_count, 2);
	ck_assert_str_eq(s->ours[0], "<a@b.example>");
	ck_assert_str_eq(s->ours[1], "<c@d.example>");
	ck_assert_int_eq(s->err.status, RUAD_OK);
	ruad_session_free(&s);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(recipients_bound)
{
	struct ruad_session *s = ruad_session_new();

	for (int i = 0; i < RUAD_SESSION_RECIPIENTS_MAX; i++)
		ruad_session_recipient(s, true, "<a@b.example>");
	ck_assert_int_eq(s->err.status, RUAD_OK);
	ruad_session_recipient(s, true, "<a@b.example>");
	ck_assert_int_eq(s->err.status, RUAD_TEMP);
	ck_assert_uint_eq(s->our_count, RUAD_SESSION_RECIPIENTS_MAX);
	ruad_session_free(&s);
}
END_TEST

START_TEST(first_failure_counts)
{
	struct ruad_session *s = ruad_session_new();
	struct ruad_err err;

	ruad_fail(&err, RUAD_LIMIT, RUAD_LIMIT_SIZE, "first");
	ruad_session_fail(s, &err);
	ruad_fail(&err, RUAD_TEMP, RUAD_OUR_IO, "second");
	ruad_session_fail(s, &err);
	ck_assert_int_eq(s->err.status, RUAD_LIMIT);
	ck_assert_str_eq(s->err.text, "first");
	ruad_session_free(&s);
}
END_TEST

START_TEST(first_text_counts)
{
	struct ruad_session *s = ruad_session_new();

	ruad_session_keep(s, &s->message_id, "<1@x.example>");
	ruad_session_keep(s, &s->message_id, "<2@x.example>");
	ck_assert_str_eq(s->message_id, "<1@x.example>");
	ruad_session_free(&s);
}
END_TEST

/* What belongs to the connection stays, the message goes. */
START_TEST(reset)
{
	struct ruad_session *s = ruad_session_new();
	const struct ruad_mail_settings set = { .spool_dir = "/tmp",
		.memory_bytes = 100,
		.message_bytes = 1000 };
	struct ruad_err err;

	s->steps = 7;
	s->can_remove = true;
	ruad_session_move(s, RUAD_SESSION_MAIL);
	ruad_session_keep(s, &s->mail_from, "");
	ruad_session_keep(s, &s->message_id, "<1@x.example>");
	ruad_session_recipient(s, true, "<a@b.example>");
	ruad_session_recipient(s, false, "<c@d.example>");
	ck_assert_int_eq(ruad_mail_new(&set, 1, &s->mail, &err), RUAD_OK);
	ruad_fail(&s->err, RUAD_TEMP, RUAD_OUR_IO, "x");

	ruad_session_reset(s);
	ck_assert_int_eq(s->state, IDLE);
	ck_assert_uint_eq(s->steps, 7);
	ck_assert(s->can_remove);
	ck_assert_ptr_null(s->mail_from);
	ck_assert_ptr_null(s->message_id);
	ck_assert_ptr_null(s->ours);
	ck_assert_uint_eq(s->our_count, 0);
	ck_assert(!s->others);
	ck_assert_ptr_null(s->mail);
	ck_assert_ptr_null(s->live);
	ck_assert_int_eq(s->err.status, RUAD_OK);
	ruad_session_free(&s);
	ruad_session_free(&s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("session");
	TCase *tc = tcase_create("session");

	tcase_add_test(tc, table);
	tcase_add_test(tc, no_dead_end);
	tcase_add_test(tc, recipients);
	tcase_add_test(tc, recipients_bound);
	tcase_add_test(tc, first_failure_counts);
	tcase_add_test(tc, first_text_counts);
	tcase_add_test(tc, reset);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
