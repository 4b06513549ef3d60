/* check_rehearse.c - what a policy makes of a message, and when it is ready:
 * rehearse.h and ready.h. */
#include "check_main.h"
#include "ready.h"
#include "rehearse.h"
#include "sender.h"
#include <string.h>

/* Short names for the tables. */
enum { U, P, F }; /* enum ruad_verdict */
enum { NONE, RELAXED, STRICT }; /* enum ruad_alignment */
#define R RUAD_MODE_RELAXED
#define S RUAD_MODE_STRICT
#define BIT(name) (1u << RUAD_REASON_##name)

/* One mechanism, DKIM or SPF, under another mode; the other one fails. */
static const struct {
	int verdict, aligned;
	enum ruad_mode seen, asked;
	int then;
} modes[] = {
	/* Nothing changes: the reporter has the word, whatever we see. */
	{ P, NONE, R, R, P },
	{ F, STRICT, R, R, F },
	{ P, NONE, S, S, P },
	{ U, RELAXED, R, R, U },
	/* From relaxed to strict. */
	{ P, STRICT, R, S, P },
	{ P, RELAXED, R, S, F },
	{ P, NONE, R, S, U },
	{ F, RELAXED, R, S, F },
	{ U, STRICT, R, S, U },
	/* From strict to relaxed. */
	{ P, STRICT, S, R, P },
	{ F, RELAXED, S, R, P },
	{ F, STRICT, S, R, P },
	{ F, NONE, S, R, F },
	/* Reports of a day that do not agree. */
	{ F, RELAXED, RUAD_MODE_UNKNOWN, R, U },
	{ F, NONE, RUAD_MODE_UNKNOWN, R, F },
	{ P, RELAXED, RUAD_MODE_UNKNOWN, S, F },
	/* A record that does not say is relaxed. */
	{ P, RELAXED, R, RUAD_MODE_UNKNOWN, P },
	{ P, RELAXED, S, RUAD_MODE_UNKNOWN, P },
};

START_TEST(rehearse_mode)
{
	const struct ruad_rehearse_auth auth = { 0 };
	struct ruad_rehearse_ask ask = { 0 };
	struct ruad_rehearse_row row = { .auth = &auth };

	row.dkim = (enum ruad_verdict)modes[_i].verdict;
	row.dkim_alignment = (enum ruad_alignment)modes[_i].aligned;
	row.spf = RUAD_VERDICT_FAIL;
	row.seen.adkim = modes[_i].seen;
	row.seen.aspf = R;
	ask.policy = (struct ruad_rehearse_policy){ .p = RUAD_POLICY_REJECT,
		.adkim = modes[_i].asked,
		.aspf = R };
	ck_assert_int_eq(ruad_rehearse(&ask, &row).then, modes[_i].then);

	row.spf = row.dkim;
	row.spf_alignment = row.dkim_alignment;
	row.dkim = RUAD_VERDICT_FAIL;
	row.dkim_alignment = RUAD_ALIGNMENT_NONE;
	row.seen.aspf = modes[_i].seen;
	row.seen.adkim = R;
	ask.policy.aspf = modes[_i].asked;
	ask.policy.adkim = R;
	ck_assert_int_eq(ruad_rehearse(&ask, &row).then, modes[_i].then);
}
END_TEST

#define D(n, o) \
	{ \
		n, o, false \
	}
static const struct ruad_rehearse_name own = D("example.com", "example.com");
static const struct ruad_rehearse_name below =
    D("mail.example.com", "example.com");
static const struct ruad_rehearse_name other =
    D("b.mailer.example", "mailer.example");

static struct ruad_rehearse_auth
fold(const struct ruad_rehearse_ask *ask, bool null_path,
    const struct ruad_rehearse_result *list, size_t count)
{
	struct ruad_rehearse_auth auth = { 0 };

	for (size_t i = 0; i < count; i++)
		ruad_rehearse_add(&auth, ask, &own, null_path, &list[i]);
	return auth;
}

START_TEST(rehearse_results)
{
	const struct ruad_rehearse_result list[] = {
		{ RUAD_METHOD_SPF, RUAD_RESULT_PASS, RUAD_SCOPE_MFROM, below,
		    NULL },
		{ RUAD_METHOD_DKIM, RUAD_RESULT_PASS, 0, own, "S1" },
		{ RUAD_METHOD_DKIM, RUAD_RESULT_PASS, 0, below, NULL },
		{ RUAD_METHOD_DKIM, RUAD_RESULT_FAIL, 0, below, "s3" },
		{ RUAD_METHOD_DKIM, RUAD_RESULT_PASS, 0, other, "k" },
		{ RUAD_METHOD_SPF, RUAD_RESULT_PASS, RUAD_SCOPE_HELO, own,
		    NULL },
	};
	const struct ruad_rehearse_ask nothing = { 0 };
	const struct ruad_rehearse_ask without = { .without_dkim = "s1",
		.without_spf = "mail.example.com" };
	struct ruad_rehearse_auth a = fold(&nothing, false, list, COUNT(list));

	ck_assert_int_eq(a.dkim, STRICT);
	ck_assert_int_eq(a.dkim_left, STRICT);
	/* HELO is for the null reverse-path. */
	ck_assert_int_eq(a.spf, RELAXED);
	ck_assert(a.own_broken);
	ck_assert_int_eq(a.basis, RUAD_SENDER_DKIM);
	ck_assert_str_eq(a.sender, "mailer.example");

	a = fold(&without, true, list, COUNT(list));
	ck_assert_int_eq(a.dkim, STRICT);
	ck_assert_int_eq(a.dkim_left, NONE);
	ck_assert_int_eq(a.dkim_unsure, RELAXED);
	ck_assert_int_eq(a.spf, STRICT);
	ck_assert_int_eq(a.spf_left, STRICT);

	a = fold(&without, false, list, 2);
	ck_assert_int_eq(a.spf_left, NONE);
	ck_assert_int_eq(a.basis, RUAD_SENDER_OWN_DKIM);
	ck_assert_str_eq(a.sender, "example.com");
	ck_assert(!a.own_broken);
}
END_TEST

/* A pass of DKIM, strict, when a selector is given up. */
static const struct {
	int all, left, unsure;
	bool gone; /* the records are */
	int then;
} taken[] = {
	{ STRICT, STRICT, NONE, false, P },
	{ STRICT, RELAXED, NONE, false, P },
	{ STRICT, NONE, NONE, false, F },
	{ STRICT, NONE, RELAXED, false, U },
	{ NONE, NONE, NONE, false, U },
	{ STRICT, STRICT, NONE, true, U },
};

START_TEST(rehearse_without)
{
	const struct ruad_rehearse_auth auth = {
		.dkim = (enum ruad_alignment)taken[_i].all,
		.dkim_left = (enum ruad_alignment)taken[_i].left,
		.dkim_unsure = (enum ruad_alignment)taken[_i].unsure,
	};
	const struct ruad_rehearse_ask ask = { .without_dkim = "s1",
		.policy = { .p = RUAD_POLICY_REJECT } };
	struct ruad_rehearse_row row = { .dkim = RUAD_VERDICT_PASS,
		.dkim_alignment = RUAD_ALIGNMENT_STRICT,
		.spf = RUAD_VERDICT_FAIL,
		.seen = { .adkim = R, .aspf = R },
		.auth = taken[_i].gone ? NULL : &auth };

	ck_assert_int_eq(ruad_rehearse(&ask, &row).then, taken[_i].then);
	/* Who passes by SPF does not care. */
	row.spf = RUAD_VERDICT_PASS;
	ck_assert_int_eq(ruad_rehearse(&ask, &row).then, RUAD_VERDICT_PASS);
}
END_TEST

/* A failing message under p=reject. */
#define DISP(word) RUAD_DISPOSITION_##word
#define POLICY(word) RUAD_POLICY_##word
static const struct {
	enum ruad_policy seen;
	enum ruad_disposition did;
	unsigned reasons;
	bool gone, sampled;
	enum ruad_policy asked;
	enum ruad_disposition then;
	bool spared;
} failing[] = {
	{ POLICY(NONE), DISP(NONE), 0, 0, 0, POLICY(REJECT), DISP(REJECT), 0 },
	{ POLICY(NONE), DISP(NONE), 0, 0, 0, POLICY(NONE), DISP(NONE), 0 },
	/* Under none nobody needs an exception. */
	{ POLICY(NONE), DISP(NONE), BIT(FORWARDED), 0, 0, POLICY(REJECT),
	    DISP(REJECT), 0 },
	{ POLICY(REJECT), DISP(NONE), BIT(MAILING_LIST), 0, 0, POLICY(REJECT),
	    DISP(NONE), 1 },
	{ POLICY(QUARANTINE), DISP(PASS), BIT(OTHER), 0, 0, POLICY(REJECT),
	    DISP(NONE), 1 },
	{ POLICY(REJECT), DISP(QUARANTINE), BIT(LOCAL_POLICY), 0, 0,
	    POLICY(REJECT), DISP(QUARANTINE), 1 },
	/* Not weaker than what is asked. */
	{ POLICY(REJECT), DISP(QUARANTINE), BIT(LOCAL_POLICY), 0, 0,
	    POLICY(NONE), DISP(NONE), 0 },
	/* Stricter than published, of the receiver's own. */
	{ POLICY(NONE), DISP(REJECT), BIT(LOCAL_POLICY), 0, 0,
	    POLICY(QUARANTINE), DISP(REJECT), 0 },
	/* pct and t are none of the receiver's. */
	{ POLICY(REJECT), DISP(NONE), BIT(SAMPLED_OUT), 0, 1, POLICY(REJECT),
	    DISP(REJECT), 0 },
	{ POLICY(REJECT), DISP(QUARANTINE), BIT(POLICY_TEST_MODE), 0, 1,
	    POLICY(REJECT), DISP(REJECT), 0 },
	/* Without a reason it is no exception that can be relied on. */
	{ POLICY(REJECT), DISP(NONE), 0, 0, 0, POLICY(REJECT), DISP(REJECT),
	    0 },
	/* Where reasons are gone, what was done tells. */
	{ POLICY(REJECT), DISP(NONE), 0, 1, 0, POLICY(REJECT), DISP(NONE), 1 },
	{ POLICY(REJECT), DISP(NONE), 0, 1, 1, POLICY(REJECT), DISP(REJECT),
	    0 },
	{ POLICY(UNKNOWN), DISP(NONE), 0, 1, 0, POLICY(REJECT), DISP(REJECT),
	    0 },
	{ POLICY(REJECT), DISP(UNKNOWN), BIT(FORWARDED), 0, 0, POLICY(REJECT),
	    DISP(REJECT), 0 },
};

START_TEST(rehearse_disposition)
{
	const struct ruad_rehearse_auth auth = { 0 };
	const struct ruad_rehearse_ask ask = { .policy = {
						   .p = failing[_i].asked } };
	const struct ruad_rehearse_row row = { .dkim = RUAD_VERDICT_FAIL,
		.spf = RUAD_VERDICT_FAIL,
		.disposition = failing[_i].did,
		.seen = { .p = failing[_i].seen, .adkim = R, .aspf = R },
		.reasons = failing[_i].reasons,
		.sampled = failing[_i].sampled,
		.auth = failing[_i].gone ? NULL : &auth };
	struct ruad_rehearse_outcome o = ruad_rehearse(&ask, &row);

	ck_assert_int_eq(o.disposition, failing[_i].then);
	ck_assert_int_eq(o.spared, failing[_i].spared);
	ck_assert_int_eq(o.hit, failing[_i].then >= DISP(QUARANTINE));
}
END_TEST

static const struct {
	enum ruad_policy p, sp, np;
	enum ruad_rehearse_place place;
	enum ruad_disposition then;
} places[] = {
	{ POLICY(REJECT), POLICY(NONE), 0, RUAD_PLACE_OWN, DISP(REJECT) },
	{ POLICY(REJECT), POLICY(NONE), 0, RUAD_PLACE_BELOW, DISP(NONE) },
	{ POLICY(REJECT), 0, 0, RUAD_PLACE_BELOW, DISP(REJECT) },
	{ POLICY(NONE), 0, POLICY(REJECT), RUAD_PLACE_BELOW, DISP(NONE) },
	{ POLICY(NONE), 0, POLICY(REJECT), RUAD_PLACE_UNSEEN, DISP(REJECT) },
	{ POLICY(NONE), POLICY(QUARANTINE), 0, RUAD_PLACE_UNSEEN,
	    DISP(QUARANTINE) },
	{ POLICY(QUARANTINE), 0, 0, RUAD_PLACE_UNSEEN, DISP(QUARANTINE) },
};

START_TEST(rehearse_place)
{
	const struct ruad_rehearse_auth auth = { 0 };
	const struct ruad_rehearse_ask ask = { .policy = { .p = places[_i].p,
						   .sp = places[_i].sp,
						   .np = places[_i].np } };
	const struct ruad_rehearse_row row = { .dkim = RUAD_VERDICT_FAIL,
		.spf = RUAD_VERDICT_FAIL,
		.place = places[_i].place,
		.auth = &auth };

	ck_assert_int_eq(ruad_rehearse(&ask, &row).disposition,
	    places[_i].then);
}
END_TEST

#define CLASS(word) RUAD_REHEARSED_##word
static const struct {
	int dkim; /* SPF fails */
	unsigned reasons;
	bool arc, broken, own_source, strict;
	enum ruad_rehearse_class class;
	bool forwarder;
	enum ruad_sender_label label;
} classes[] = {
	{ P, 0, 0, 0, 0, 0, CLASS(MINE_PASS), 0, 0 },
	{ P, BIT(FORWARDED), 0, 0, 0, 0, CLASS(MINE_PASS), 0, 0 },
	{ F, 0, 0, 0, 0, 0, CLASS(STRANGER), 0, 0 },
	{ F, BIT(OTHER), 0, 0, 0, 0, CLASS(STRANGER), 0, 0 },
	{ F, BIT(LOCAL_POLICY), 0, 0, 0, 0, CLASS(STRANGER), 0, 0 },
	{ F, BIT(LOCAL_POLICY), 1, 0, 0, 0, CLASS(FORWARDED), 0, 0 },
	{ F, BIT(MAILING_LIST), 0, 1, 1, 0, CLASS(FORWARDED), 0, 0 },
	{ F, BIT(TRUSTED_FORWARDER), 0, 0, 0, 0, CLASS(FORWARDED), 0, 0 },
	{ F, 0, 0, 1, 0, 0, CLASS(MINE_FAIL), 0, 0 },
	{ F, 0, 0, 0, 1, 0, CLASS(MINE_FAIL), 0, 0 },
	/* It passes as published, and would not under strict alignment. */
	{ P, 0, 0, 0, 0, 1, CLASS(MINE_FAIL), 0, 0 },
	{ P, BIT(FORWARDED), 0, 0, 0, 1, CLASS(MINE_FAIL), 0, 0 },
	{ U, BIT(FORWARDED), 0, 1, 1, 0, CLASS(UNSURE), 0, 0 },
	/* Who is known to forward, and what the operator says. */
	{ F, 0, 0, 1, 0, 0, CLASS(FORWARDED), 1, 0 },
	{ F, 0, 0, 0, 0, 0, CLASS(MINE_FAIL), 1, RUAD_LABEL_MINE },
	{ F, BIT(FORWARDED), 0, 0, 0, 0, CLASS(MINE_FAIL), 0, RUAD_LABEL_MINE },
	{ F, 0, 0, 1, 1, 0, CLASS(STRANGER), 1, RUAD_LABEL_NOT_MINE },
	{ F, 0, 0, 1, 1, 0, CLASS(FORWARDED), 0, RUAD_LABEL_FORWARDER },
	{ P, 0, 0, 0, 0, 0, CLASS(MINE_PASS), 1, RUAD_LABEL_NOT_MINE },
	/* It has our authentication. */
	{ P, 0, 0, 0, 0, 1, CLASS(MINE_FAIL), 1, RUAD_LABEL_NOT_MINE },
	{ U, 0, 0, 0, 0, 0, CLASS(UNSURE), 0, RUAD_LABEL_MINE },
};

START_TEST(rehearse_class)
{
	const struct ruad_rehearse_auth auth = { .own_broken =
						     classes[_i].broken };
	const struct ruad_rehearse_ask ask = {
		.policy = { .p = RUAD_POLICY_REJECT,
		    .adkim = classes[_i].strict ? S : R }
	};
	const struct ruad_rehearse_row row = {
		.dkim = (enum ruad_verdict)classes[_i].dkim,
		.dkim_alignment = RUAD_ALIGNMENT_RELAXED,
		.spf = RUAD_VERDICT_FAIL,
		.seen = { .p = RUAD_POLICY_NONE, .adkim = R, .aspf = R },
		.reasons = classes[_i].reasons,
		.arc = classes[_i].arc,
		.own_source = classes[_i].own_source,
		.forwarder = classes[_i].forwarder,
		.label = classes[_i].label,
		.auth = &auth,
	};

	ck_assert_str_eq(ruad_rehearse_class_word(
			     ruad_rehearse(&ask, &row).class),
	    ruad_rehearse_class_word(classes[_i].class));
}
END_TEST

/* Each fact at its bound, and one past it. */
static const struct ruad_ready_limits limits = { .days = 28,
	.day_percent = 80,
	.reporters = 3,
	.fail_share = 10,
	.fail_messages = 50,
	.new_days = 14,
	.unknown_share = 50,
	.unknown_messages = 100 };

static const struct ruad_ready_facts good = { .days = 28,
	.report_days = 23,
	.reporters = 3,
	.history_days = 15,
	.messages = 100000,
	.mine = 50000,
	.mine_fail = 50,
	.unsure = 50,
	.enforced = true };

static void
check_one(struct ruad_ready_facts f, enum ruad_ready_code code,
    enum ruad_ready_verdict verdict)
{
	struct ruad_ready_condition c[RUAD_READY_COUNT];

	ck_assert_int_eq(ruad_ready_judge(&f, &limits, c), verdict);
	ck_assert(!c[code].met);
	ck_assert_str_ne(ruad_ready_advice(code), "");
}

#define CHECK(field, value, code, verdict) \
	do { \
		struct ruad_ready_facts one = good; \
\
		one.field = value; \
		check_one(one, RUAD_READY_##code, verdict); \
	} while (0)

START_TEST(ready_bounds)
{
	struct ruad_ready_condition c[RUAD_READY_COUNT];
	struct ruad_ready_facts f = good;

	ck_assert_int_eq(ruad_ready_judge(&f, &limits, c), RUAD_READY);
	for (int i = 0; i < RUAD_READY_COUNT; i++)
		ck_assert(c[i].met);
	CHECK(report_days, 22, DAYS, RUAD_READY_NO_DATA);
	/* More days were looked at: more of them must have reports. */
	CHECK(days, 30, DAYS, RUAD_READY_NO_DATA);
	CHECK(reporters, 2, REPORTERS, RUAD_READY_NO_DATA);
	CHECK(history_days, 14, HISTORY, RUAD_READY_NO_DATA);
	CHECK(unsure, 51, UNSURE, RUAD_READY_NO_DATA);
	CHECK(mine_fail, 51, FAIL_MESSAGES, RUAD_READY_NOT_YET);
	CHECK(mine, 49999, FAIL_SHARE, RUAD_READY_NOT_YET);
	CHECK(new_senders, 1, NEW_SENDERS, RUAD_READY_NOT_YET);
	CHECK(large_unknown, 1, UNKNOWN_SENDERS, RUAD_READY_NOT_YET);
	/* Few days are not enough, however good they are. */
	f.days = f.report_days = 3;
	check_one(f, RUAD_READY_DAYS, RUAD_READY_NO_DATA);
	/* What refuses nothing is always ready. */
	f = (struct ruad_ready_facts){ .mine_fail = 900 };
	ck_assert_int_eq(ruad_ready_judge(&f, &limits, c), RUAD_READY);
	ck_assert(c[RUAD_READY_DAYS].met);
	/* No message at all. */
	f.enforced = true;
	f.mine_fail = 0;
	ck_assert_int_eq(ruad_ready_judge(&f, &limits, c), RUAD_READY_NO_DATA);
}
END_TEST

START_TEST(ready_large)
{
	ck_assert(!ruad_ready_is_large(&limits, 100, 1000000));
	ck_assert(ruad_ready_is_large(&limits, 101, 1000000));
	ck_assert(!ruad_ready_is_large(&limits, 50, 10000));
	ck_assert(ruad_ready_is_large(&limits, 51, 10000));
	ck_assert(!ruad_ready_is_large(&limits, 0, 0));
	ck_assert(ruad_ready_is_large(&limits, INT64_MAX, INT64_MAX));
	ck_assert_str_eq(ruad_ready_verdict_word(RUAD_READY_NOT_YET),
	    "not yet");
	ck_assert_str_eq(ruad_ready_code_word(RUAD_READY_DAYS), "report_days");
}
END_TEST

static const struct {
	const char *domain, *name; /* NULL: not there */
	enum ruad_sender_kind kind;
} known[] = {
	{ "sendgrid.net", "SendGrid", RUAD_SENDER_SERVICE },
	{ "u1.em.sendgrid.net", "SendGrid", RUAD_SENDER_SERVICE },
	{ "google.com", "Google", RUAD_SENDER_MAILBOX },
	{ "a.googlegroups.com", "Google Groups", RUAD_SENDER_FORWARDER },
	{ "notgoogle.com", NULL, RUAD_SENDER_UNKNOWN },
	{ "google.com.example", NULL, RUAD_SENDER_UNKNOWN },
	{ "com", NULL, RUAD_SENDER_UNKNOWN },
	{ "", NULL, RUAD_SENDER_UNKNOWN },
};

START_TEST(sender_known)
{
	struct ruad_sender s = { .kind = RUAD_SENDER_UNKNOWN };

	ck_assert_int_eq(ruad_sender_find(known[_i].domain, &s),
	    known[_i].name != NULL);
	if (known[_i].name != NULL)
		ck_assert_str_eq(s.name, known[_i].name);
	ck_assert_str_eq(ruad_sender_kind_word(s.kind),
	    ruad_sender_kind_word(known[_i].kind));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rehearse");
	TCase *tc = tcase_create("all");

	add_rows(tc, rehearse_mode, modes);
	tcase_add_test(tc, rehearse_results);
	add_rows(tc, rehearse_without, taken);
	add_rows(tc, rehearse_disposition, failing);
	add_rows(tc, rehearse_place, places);
	add_rows(tc, rehearse_class, classes);
	add_rows(tc, sender_known, known);
	tcase_add_test(tc, ready_bounds);
	tcase_add_test(tc, ready_large);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
