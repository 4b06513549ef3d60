/* check_delivery.c - the outcome of a mail from those of its items, and the
 * words of word.c. */
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "delivery.h"
#include "word.h"

#define MAX_ITEMS 4

static const struct conclude_row {
	enum ruad_outcome items[MAX_ITEMS]; /* up to the first NONE */
	enum ruad_outcome want;
	int decides; /* which item gives code and text; -1: none */
} conclude_rows[] = {
	{ { 0 }, RUAD_NOT_A_REPORT, -1 },
	{ { RUAD_STORED }, RUAD_STORED, 0 },
	{ { RUAD_DUPLICATE }, RUAD_DUPLICATE, 0 },
	{ { RUAD_CONFLICT }, RUAD_CONFLICT, 0 },
	{ { RUAD_REFUSED }, RUAD_REFUSED, 0 },
	{ { RUAD_NOT_A_REPORT }, RUAD_NOT_A_REPORT, 0 },
	{ { RUAD_ERROR }, RUAD_ERROR, 0 },
	{ { RUAD_REFUSED, RUAD_STORED }, RUAD_STORED, 1 },
	{ { RUAD_DUPLICATE, RUAD_CONFLICT, RUAD_STORED }, RUAD_STORED, 2 },
	{ { RUAD_DUPLICATE, RUAD_CONFLICT }, RUAD_CONFLICT, 1 },
	{ { RUAD_REFUSED, RUAD_DUPLICATE }, RUAD_DUPLICATE, 1 },
	{ { RUAD_NOT_A_REPORT, RUAD_REFUSED, RUAD_REFUSED }, RUAD_REFUSED, 1 },
	{ { RUAD_NOT_A_REPORT, RUAD_NOT_A_REPORT }, RUAD_NOT_A_REPORT, 0 },
	{ { RUAD_STORED, RUAD_ERROR, RUAD_STORED }, RUAD_ERROR, 1 },
};

START_TEST(conclude)
{
	static const char *const texts[MAX_ITEMS] = { "a", "b", "c", "d" };
	const struct conclude_row *row = &conclude_rows[_i];
	struct ruad_delivery *d = ruad_delivery_new(NULL);
	struct ruad_item *it;
	int i;

	for (i = 0; i < MAX_ITEMS && row->items[i] != RUAD_OUTCOME_NONE; i++) {
		it = ruad_delivery_add(d, NULL);
		ck_assert_int_eq(it->outcome, RUAD_REFUSED);
		it->outcome = row->items[i];
		it->code = (enum ruad_code)(RUAD_XML_DTD + i);
		it->text = texts[i];
	}
	ruad_delivery_conclude(d);
	ck_assert_int_eq(d->outcome, row->want);
	if (row->decides >= 0) {
		ck_assert_int_eq((int)d->code, RUAD_XML_DTD + row->decides);
		ck_assert_ptr_eq(d->text, texts[row->decides]);
	} else {
		ck_assert_int_eq(d->code, RUAD_MAIL_NO_REPORT);
	}
	ruad_delivery_free(&d);
	ck_assert_ptr_null(d);
	ruad_delivery_free(&d);
}
END_TEST

START_TEST(conclude_without_items)
{
	struct ruad_delivery *d = ruad_delivery_new(NULL);

	d->code = RUAD_MAIL_BOUNCE;
	d->text = "a bounce";
	ruad_delivery_conclude(d);
	ck_assert_int_eq(d->outcome, RUAD_NOT_A_REPORT);
	ck_assert_int_eq(d->code, RUAD_MAIL_BOUNCE);
	ck_assert_str_eq(d->text, "a bounce");
	ruad_delivery_free(&d);
}
END_TEST

/* What the store has not seen is not stored: the sender has to try again. */
START_TEST(conclude_unseen)
{
	struct ruad_delivery *d = ruad_delivery_new(NULL);

	ruad_delivery_add(d, NULL)->outcome = RUAD_STORED;
	ruad_delivery_add(d, NULL)->outcome = RUAD_OUTCOME_NONE;
	ruad_delivery_conclude(d);
	ck_assert_int_eq(d->outcome, RUAD_ERROR);
	ck_assert_int_eq(d->code, RUAD_OUR_STORE);
	ruad_delivery_free(&d);
}
END_TEST

START_TEST(fail)
{
	struct ruad_delivery *d = ruad_delivery_new(NULL);
	char text[] = "the store is locked";
	struct ruad_item *it;

	ruad_delivery_add(d, NULL)->code = RUAD_XML_DTD;
	ruad_delivery_add(d, NULL)->outcome = RUAD_STORED;
	ruad_delivery_fail(d, RUAD_OUR_BUSY, text);
	memset(text, 'x', sizeof(text) - 1);
	for (it = d->items; it != NULL; it = it->next) {
		ck_assert_int_eq(it->outcome, RUAD_ERROR);
		ck_assert_int_eq(it->code, RUAD_OUR_BUSY);
		ck_assert_str_eq(it->text, "the store is locked");
	}
	ck_assert_int_eq(d->outcome, RUAD_ERROR);
	ck_assert_str_eq(d->text, "the store is locked");
	ruad_delivery_conclude(d);
	ck_assert_int_eq(d->outcome, RUAD_ERROR);
	ck_assert_int_eq(d->code, RUAD_OUR_BUSY);
	ruad_delivery_fail(d, RUAD_OUR_IO, NULL);
	ck_assert_ptr_null(d->text);
	ruad_delivery_free(&d);
}
END_TEST

START_TEST(budget)
{
	struct ruad_budget b = { .max = 20000 };
	struct ruad_delivery *d = ruad_delivery_new(&b);
	unsigned n;

	ck_assert_ptr_nonnull(d);
	ck_assert(d->keep_content);
	ck_assert_int_eq(d->trust, RUAD_AUTH_OFF);
	ck_assert_ptr_null(ruad_delivery_new(&b));
	for (n = 0; ruad_delivery_add(d, NULL) != NULL; n++)
		;
	ck_assert_uint_gt(n, 10);
	/* Even then the failure can be told, without its text. */
	ruad_delivery_fail(d, RUAD_OUR_MEMORY, "no memory");
	ck_assert_int_eq(d->code, RUAD_OUR_MEMORY);
	d->raw = malloc(10);
	ruad_delivery_free(&d);
	ck_assert_uint_eq(b.used, 0);
}
END_TEST

START_TEST(outcome_words)
{
	ck_assert_str_eq(ruad_outcome_word(RUAD_OUTCOME_NONE), "none");
	ck_assert_str_eq(ruad_outcome_word(RUAD_STORED), "stored");
	ck_assert_str_eq(ruad_outcome_word(RUAD_DUPLICATE), "duplicate");
	ck_assert_str_eq(ruad_outcome_word(RUAD_CONFLICT), "conflict");
	ck_assert_str_eq(ruad_outcome_word(RUAD_REFUSED), "refused");
	ck_assert_str_eq(ruad_outcome_word(RUAD_NOT_A_REPORT), "not-a-report");
	ck_assert_str_eq(ruad_outcome_word(RUAD_ERROR), "error");
}
END_TEST

START_TEST(auth_result_words)
{
	static const char *const words[] = {
		[RUAD_AUTH_UNKNOWN] = "unknown",
		[RUAD_AUTH_PASS] = "pass",
		[RUAD_AUTH_FAIL] = "fail",
		[RUAD_AUTH_NONE] = "none",
		[RUAD_AUTH_TEMPERROR] = "temperror",
		[RUAD_AUTH_PERMERROR] = "permerror",
		[RUAD_AUTH_PASS_DERIVED] = "pass-derived",
		[RUAD_AUTH_FAIL_DERIVED] = "fail-derived",
		[RUAD_AUTH_UNTRUSTED] = "untrusted",
		[RUAD_AUTH_OFF] = "off",
	};
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		ck_assert_str_eq(ruad_auth_result_word(
				     (enum ruad_auth_result)i),
		    words[i]);
}
END_TEST

/* The numbers stand in stores: this fails when one of them moves. */
#define check_words(function, type, ...) \
	do { \
		static const char *const want[] = { __VA_ARGS__, "" }; \
		size_t n; \
\
		for (n = 0; n < COUNT(want); n++) \
			ck_assert_str_eq(function((type)n), want[n]); \
	} while (0)

START_TEST(report_words)
{
	check_words(ruad_policy_word, enum ruad_policy, "", "none",
	    "quarantine", "reject");
	check_words(ruad_mode_word, enum ruad_mode, "", "r", "s");
	check_words(ruad_testing_word, enum ruad_testing, "", "n", "y");
	check_words(ruad_discovery_word, enum ruad_discovery, "", "psl",
	    "treewalk");
	check_words(ruad_disposition_word, enum ruad_disposition, "", "none",
	    "pass", "quarantine", "reject");
	check_words(ruad_verdict_word, enum ruad_verdict, "", "pass", "fail");
	check_words(ruad_alignment_word, enum ruad_alignment, "none", "relaxed",
	    "strict");
	check_words(ruad_method_word, enum ruad_method, "", "dkim", "spf");
	check_words(ruad_result_word, enum ruad_result, "other", "none", "pass",
	    "fail", "policy", "neutral", "softfail", "temperror", "permerror");
	check_words(ruad_scope_word, enum ruad_scope, "", "mfrom", "helo");
	check_words(ruad_reason_word, enum ruad_reason_type, "", "other",
	    "forwarded", "sampled_out", "trusted_forwarder", "mailing_list",
	    "local_policy", "policy_test_mode");
	check_words(ruad_dialect_word, enum ruad_dialect, "", "D0", "D1", "D2?",
	    "D2");
}
END_TEST

static Suite *
delivery_suite(void)
{
	Suite *s = suite_create("delivery");
	TCase *tc = tcase_create("delivery");

	suite_add_tcase(s, tc);
	add_rows(tc, conclude, conclude_rows);
	tcase_add_test(tc, conclude_without_items);
	tcase_add_test(tc, conclude_unseen);
	tcase_add_test(tc, fail);
	tcase_add_test(tc, budget);
	tcase_add_test(tc, outcome_words);
	tcase_add_test(tc, auth_result_words);
	tcase_add_test(tc, report_words);
	return s;
}

int
main(void)
{
	return run_suite(delivery_suite());
}
