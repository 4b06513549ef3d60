/* check_reply.c - every outcome under every policy and envelope, against the
 * verdicts that ruad(8) promises. */
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "reply.h"

enum { ALONE, OTHERS, OTHERS_STUCK, ENVELOPES };

static const struct ruad_envelope envelopes[ENVELOPES] = {
	[ALONE] = { .others = false, .can_remove = true },
	[OTHERS] = { .others = true, .can_remove = true },
	[OTHERS_STUCK] = { .others = true, .can_remove = false },
};

#define DELIVER RUAD_VERDICT_DELIVER
#define REMOVE RUAD_VERDICT_REMOVE
#define DISCARD RUAD_VERDICT_DISCARD
#define REJECT RUAD_VERDICT_REJECT
#define TEMPFAIL RUAD_VERDICT_TEMPFAIL

static const struct row {
	int after_store, on_refuse, on_error;
	/* verdict by class of outcome, alone, with others, with others that
	 * cannot be parted from */
	enum ruad_verdict_action stored[ENVELOPES], refused[ENVELOPES],
	    error[ENVELOPES];
} rows[] = {
	{ RUAD_AFTER_DELIVER, RUAD_REFUSE_DELIVER, RUAD_ERROR_TEMPFAIL,
	    { DELIVER, DELIVER, DELIVER }, { DELIVER, DELIVER, DELIVER },
	    { TEMPFAIL, TEMPFAIL, TEMPFAIL } },
	{ RUAD_AFTER_DISCARD, RUAD_REFUSE_DISCARD, RUAD_ERROR_ACCEPT,
	    { DISCARD, REMOVE, DELIVER }, { DISCARD, REMOVE, DELIVER },
	    { DELIVER, DELIVER, DELIVER } },
	{ RUAD_AFTER_DISCARD, RUAD_REFUSE_REJECT, RUAD_ERROR_TEMPFAIL,
	    { DISCARD, REMOVE, DELIVER }, { REJECT, DELIVER, DELIVER },
	    { TEMPFAIL, TEMPFAIL, TEMPFAIL } },
	{ RUAD_AFTER_DELIVER, RUAD_REFUSE_REJECT, RUAD_ERROR_ACCEPT,
	    { DELIVER, DELIVER, DELIVER }, { REJECT, DELIVER, DELIVER },
	    { DELIVER, DELIVER, DELIVER } },
};

static const enum ruad_outcome stored[] = { RUAD_STORED, RUAD_DUPLICATE,
	RUAD_CONFLICT };
static const enum ruad_outcome refused[] = { RUAD_REFUSED, RUAD_NOT_A_REPORT };
static const enum ruad_outcome error[] = { RUAD_ERROR, RUAD_OUTCOME_NONE };

static void
expect(const struct ruad_conf *c, const enum ruad_outcome *outcomes, size_t n,
    const enum ruad_verdict_action *want)
{
	struct ruad_reply r;

	for (size_t i = 0; i < n * ENVELOPES; i++) {
		r = ruad_reply_choose(c, outcomes[i / ENVELOPES],
		    RUAD_CODE_NONE, envelopes[i % ENVELOPES]);
		ck_assert_int_eq(r.action, want[i % ENVELOPES]);
	}
}

START_TEST(verdicts)
{
	const struct row *row = &rows[_i];
	const struct ruad_conf c = {
		.after_store = row->after_store,
		.on_refuse = row->on_refuse,
		.on_error = row->on_error,
	};

	expect(&c, stored, COUNT(stored), row->stored);
	expect(&c, refused, COUNT(refused), row->refused);
	expect(&c, error, COUNT(error), row->error);
}
END_TEST

static const struct code_row {
	enum ruad_code code;
	const char *smtp, *enhanced;
} codes[] = {
	{ RUAD_LIMIT_SIZE, "552", "5.3.4" },
	{ RUAD_REP_UNAUTHENTICATED, "550", "5.7.1" },
	{ RUAD_XML_DTD, "554", "5.6.0" },
	{ RUAD_MAIL_NO_REPORT, "554", "5.6.0" },
	{ RUAD_CODE_NONE, "554", "5.6.0" },
};

START_TEST(rejections)
{
	const struct code_row *row = &codes[_i];
	const struct ruad_conf c = { .on_refuse = RUAD_REFUSE_REJECT };
	struct ruad_reply r =
	    ruad_reply_choose(&c, RUAD_REFUSED, row->code, envelopes[ALONE]);

	ck_assert_str_eq(r.code, row->smtp);
	ck_assert_str_eq(r.enhanced, row->enhanced);
}
END_TEST

/* Sendmail makes a permanent 554 of a 4xx with a '%' in it; libmilter wants one
 * class in both codes, no line end, and at most 980 bytes. */
START_TEST(texts)
{
	struct ruad_conf c = { .on_refuse = RUAD_REFUSE_REJECT };
	struct ruad_reply r;

	for (int code = 0; code < RUAD_CODE_COUNT * 2; code++) {
		r = ruad_reply_choose(&c,
		    code % 2 == 0 ? RUAD_REFUSED : RUAD_ERROR,
		    (enum ruad_code)(code / 2), envelopes[ALONE]);
		ck_assert_ptr_nonnull(r.text);
		ck_assert_uint_ge(strlen(r.text), 10);
		ck_assert_uint_le(strlen(r.text), 100);
		ck_assert_ptr_null(strpbrk(r.text, "%\r\n"));
		ck_assert_uint_eq(strlen(r.code), 3);
		ck_assert_int_eq(r.code[0], r.enhanced[0]);
		ck_assert_int_eq(r.code[0], code % 2 == 0 ? '5' : '4');
	}
}
END_TEST

START_TEST(trouble)
{
	const struct ruad_conf c = { .on_error = RUAD_ERROR_TEMPFAIL };
	struct ruad_reply r =
	    ruad_reply_choose(&c, RUAD_ERROR, RUAD_OUR_STORE, envelopes[ALONE]);

	ck_assert_str_eq(r.code, "451");
	ck_assert_str_eq(r.enhanced, "4.3.0");
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(ruad_reply_word(DELIVER), "deliver");
	ck_assert_str_eq(ruad_reply_word(REMOVE), "remove");
	ck_assert_str_eq(ruad_reply_word(DISCARD), "discard");
	ck_assert_str_eq(ruad_reply_word(REJECT), "reject");
	ck_assert_str_eq(ruad_reply_word(TEMPFAIL), "tempfail");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	add_rows(tc, verdicts, rows);
	add_rows(tc, rejections, codes);
	tcase_add_test(tc, texts);
	tcase_add_test(tc, trouble);
	tcase_add_test(tc, words);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
