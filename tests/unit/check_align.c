/* check_align.c - alignment (RFC 7489 section 3.1, RFC 9989 section 4.10.2) and
 * what is derived from it, with a suffix list of its own. */
#include <stdio.h>
#include <string.h>
#include "align.h"
#include "check_main.h"
#include "orgdom.h"
#include "read_xml.h"
#include "temp_dir.h"
#include "xml.h"

/* bank.example is a suffix below which others register. */
static const char suffixes[] = "com\nnet\norg\nexample\nuk\nco.uk\n"
			       "bank.example\n*.ck\n!www.ck\n";

static struct ruad_orgdom *
open_list(void)
{
	struct ruad_orgdom *o;
	struct ruad_err err;
	char path[200];
	FILE *f = fopen(temp_dir_path(path, "list"), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(suffixes, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(ruad_orgdom_open(path, &o, &err), RUAD_OK);
	return o;
}

/* A report with one record. The verdicts are left out where they are NULL. */
struct sample {
	const char *from; /* header_from; NULL: missing */
	const char *identifiers; /* what else stands there */
	const char *auth; /* what stands in auth_results */
	const char *dkim, *spf; /* verdicts of the reporter */
	const char *disposition; /* NULL: "none" */
	const char *policy; /* adkim and the like */
	const char *reason;
};

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static void
put_element(FILE *to, const char *name, const char *text)
{
	if (text != NULL)
		fprintf(to, "<%s>%s</%s>", name, text, name);
}

static struct ruad_report *
read_sample(const struct sample *s)
{
	char *xml;
	size_t len;
	FILE *to = open_memstream(&xml, &len);
	struct ruad_limits lim;
	struct ruad_report *r;
	struct ruad_err err;

	ck_assert_ptr_nonnull(to);
	fprintf(to,
	    "<feedback><report_metadata><org_name>o</org_name><report_id>1"
	    "</report_id><date_range><begin>1700006400</begin><end>1700092799"
	    "</end></date_range></report_metadata><policy_published><domain>"
	    "example.com</domain>%s</policy_published><record><row><source_ip>"
	    "203.0.114.1</source_ip><count>3</count><policy_evaluated>",
	    or_empty(s->policy));
	put_element(to, "disposition",
	    s->disposition != NULL ? s->disposition : "none");
	put_element(to, "dkim", s->dkim);
	put_element(to, "spf", s->spf);
	fprintf(to, "%s</policy_evaluated></row><identifiers>",
	    or_empty(s->reason));
	put_element(to, "header_from", s->from);
	fprintf(to,
	    "%s</identifiers><auth_results>%s</auth_results></record>"
	    "</feedback>",
	    or_empty(s->identifiers), or_empty(s->auth));
	ck_assert_int_eq(fclose(to), 0);
	ruad_limits_default(&lim);
	r = read_xml(xml, NULL, &lim, &err);
	ck_assert_msg(r != NULL, "%s", err.text);
	free(xml);
	return r;
}

#define DKIM(domain, result) \
	"<dkim><domain>" domain "</domain><result>" result "</result></dkim>"
#define SPF(domain, result) \
	"<spf><domain>" domain "</domain><result>" result "</result></spf>"
#define HELO(domain, result) \
	"<spf><domain>" domain "</domain><scope>helo</scope><result>" result \
	"</result></spf>"

#define NONE RUAD_ALIGNMENT_NONE
#define RELAXED RUAD_ALIGNMENT_RELAXED
#define STRICT RUAD_ALIGNMENT_STRICT

static const struct row {
	const char *name;
	const char *from, *identifiers, *auth;
	enum ruad_alignment dkim, spf;
} rows[] = {
	/* C.7 */
	{ "C.7: siblings", "news.example.com", NULL,
	    DKIM("foo.example.com", "pass") SPF("foo.example.com", "pass"),
	    RELAXED, RELAXED },
	{ "C.7: case", "news.example.com", NULL,
	    DKIM("NEWS.example.com", "pass") SPF("News.Example.Com.", "pass"),
	    STRICT, STRICT },
	{ "C.7: another suffix", "news.example.com", NULL,
	    DKIM("foo.example.net", "pass") SPF("foo.example.net", "pass"),
	    NONE, NONE },
	{ "C.7: parent", "child.example.com", NULL,
	    DKIM("example.com", "pass") SPF("example.com", "pass"), RELAXED,
	    RELAXED },
	{ "C.7: child", "example.com", NULL,
	    DKIM("child.example.com", "pass") SPF("a.b.example.com", "pass"),
	    RELAXED, RELAXED },
	{ "C.7: a public suffix", "example.com", NULL,
	    DKIM("com", "pass") SPF("com", "pass"), NONE, NONE },
	{ "C.7: both are one", "com", NULL, DKIM("com", "pass"), STRICT, NONE },
	{ "C.7: below a suffix of two labels", "giant.bank.example", NULL,
	    DKIM("mail.giant.bank.example", "pass"), RELAXED, NONE },
	{ "C.7: siblings below it", "giant.bank.example", NULL,
	    DKIM("mail.mega.bank.example", "pass"), NONE, NONE },
	{ "C.7: that suffix", "giant.bank.example", NULL,
	    DKIM("bank.example", "pass"), NONE, NONE },
	{ "C.7: co.uk", "a.co.uk", NULL,
	    DKIM("b.co.uk", "pass") SPF("x.a.co.uk", "pass"), NONE, RELAXED },
	{ "C.7: wildcard", "a.b.ck", NULL,
	    DKIM("c.b.ck", "pass") SPF("x.a.b.ck", "pass"), NONE, RELAXED },
	{ "C.7: exception", "www.ck", NULL, DKIM("a.www.ck", "pass"), RELAXED,
	    NONE },
	/* a prefix or an end in common is nothing */
	{ "a longer name", "example.com", NULL,
	    DKIM("badexample.com", "pass") SPF("example.com.evil.net", "pass"),
	    NONE, NONE },
	{ "U-label and A-label", "b\303\274cher.example", NULL,
	    DKIM("xn--bcher-kva.example", "pass"), STRICT, NONE },
	/* only what passed counts */
	{ "fail", "example.com", NULL,
	    DKIM("example.com", "fail") SPF("example.com", "softfail"), NONE,
	    NONE },
	{ "other words", "example.com", NULL,
	    DKIM("example.com", "good") SPF("example.com", "none"), NONE,
	    NONE },
	{ "one of several", "example.com", NULL,
	    DKIM("a.example.net", "pass") DKIM("example.com", "fail")
		DKIM("a.example.com", "pass"),
	    RELAXED, NONE },
	{ "the best of several", "example.com", NULL,
	    DKIM("a.example.com", "pass") DKIM("example.com", "pass")
		DKIM("b.example.com", "pass"),
	    STRICT, NONE },
	{ "of the other method", "example.com", NULL,
	    SPF("example.com", "pass"), NONE, STRICT },
	/* HELO stands in for the null reverse-path alone */
	{ "helo", "example.com", NULL, HELO("example.com", "pass"), NONE,
	    NONE },
	{ "helo, MAIL FROM is there", "example.com",
	    "<envelope_from>b.example</envelope_from>",
	    HELO("example.com", "pass"), NONE, NONE },
	{ "helo, null reverse-path", "example.com", "<envelope_from/>",
	    HELO("mail.example.com", "pass"), NONE, RELAXED },
	{ "helo beside mfrom", "example.com", NULL,
	    HELO("example.com", "pass") SPF("a.example.com", "pass"), NONE,
	    RELAXED },
	/* names that are none never align */
	{ "bad names", "exa mple.com", NULL, DKIM("exa mple.com", "pass"), NONE,
	    NONE },
	{ "addresses", "192.0.2.1", NULL, DKIM("192.0.2.1", "pass"), NONE,
	    NONE },
	{ "no header_from", NULL, NULL, DKIM("example.com", "pass"), NONE,
	    NONE },
	{ "no domain", "example.com", NULL,
	    "<dkim><result>pass</result></dkim>", NONE, NONE },
	{ "placeholder", "unknown", NULL, DKIM("unknown", "pass"), NONE, NONE },
	{ "no results", "example.com", NULL, NULL, NONE, NONE },
};

START_TEST(alignment)
{
	const struct row *row = &rows[_i];
	const struct sample s = { .from = row->from,
		.identifiers = row->identifiers,
		.auth = row->auth,
		.dkim = "fail",
		.spf = "fail" };
	struct ruad_orgdom *o = open_list();
	struct ruad_report *r = read_sample(&s);
	struct ruad_record *rec = ruad_report_record(r, 0);

	ruad_align(r, o);
	ck_assert_msg(rec->dkim_alignment == row->dkim, "%s: dkim %d",
	    row->name, rec->dkim_alignment);
	ck_assert_msg(rec->spf_alignment == row->spf, "%s: spf %d", row->name,
	    rec->spf_alignment);
	/* What the reporter says stays. */
	ck_assert_int_eq(rec->dkim, RUAD_VERDICT_FAIL);
	ck_assert_int_eq(rec->spf, RUAD_VERDICT_FAIL);
	ck_assert_int_eq(rec->derived, 0);
	ck_assert_int_eq(r->messages_pass, 0);
	ruad_report_free(&r);
	ruad_orgdom_close(&o);
}
END_TEST

#define PASS RUAD_VERDICT_PASS
#define FAIL RUAD_VERDICT_FAIL
#define UNKNOWN RUAD_VERDICT_UNKNOWN

static const struct derive_row {
	const char *name;
	struct sample sample;
	bool list; /* there is a suffix list */
	enum ruad_verdict dkim, spf;
	unsigned derived;
} derive_rows[] = {
	{ "A.6 1: no results", { .from = "example.com" }, true, FAIL, FAIL, 3 },
	{ "A.6 1: nothing passes",
	    { .from = "example.com",
		.auth =
		    DKIM("example.com", "fail") SPF("example.com", "none") },
	    true, FAIL, FAIL, 3 },
	{ "A.6 1: without a list",
	    { .from = "example.com", .auth = DKIM("example.com", "fail") },
	    false, FAIL, FAIL, 3 },
	{ "A.6 2: identical",
	    { .from = "example.com",
		.auth =
		    DKIM("example.com", "pass") SPF("Example.com", "pass") },
	    true, PASS, PASS, 3 },
	{ "A.6 2: without a list",
	    { .from = "example.com", .auth = DKIM("example.com", "pass") },
	    false, PASS, FAIL, 3 },
	{ "A.6 3: below, relaxed",
	    { .from = "example.com", .auth = DKIM("a.example.com", "pass") },
	    true, PASS, FAIL, 3 },
	{ "A.6 3: below, relaxed, without a list",
	    { .from = "example.com", .auth = DKIM("a.example.com", "pass") },
	    false, UNKNOWN, FAIL, 3 },
	{ "A.6 3: below, strict",
	    { .from = "example.com",
		.auth =
		    DKIM("a.example.com", "pass") SPF("a.example.com", "pass"),
		.policy = "<adkim>s</adkim>" },
	    true, FAIL, PASS, 3 },
	{ "A.6 3: strict, without a list",
	    { .from = "example.com",
		.auth = DKIM("a.example.com", "pass"),
		.policy = "<adkim>s</adkim>" },
	    false, FAIL, FAIL, 3 },
	{ "A.6 3: a suffix above",
	    { .from = "a.co.uk", .auth = DKIM("co.uk", "pass") }, true, FAIL,
	    FAIL, 3 },
	{ "A.6 3: elsewhere",
	    { .from = "example.com", .auth = SPF("example.net", "pass") }, true,
	    FAIL, FAIL, 3 },
	{ "A.6 4: helo does not count",
	    { .from = "example.com", .auth = HELO("example.com", "pass") },
	    true, FAIL, FAIL, 3 },
	{ "A.6 4: but for the null reverse-path",
	    { .from = "example.com",
		.identifiers = "<envelope_from/>",
		.auth = HELO("example.com", "pass") },
	    true, FAIL, PASS, 3 },
	{ "A.6: aspf",
	    { .from = "example.com",
		.auth = SPF("a.example.com", "pass"),
		.policy = "<aspf>s</aspf>" },
	    true, FAIL, FAIL, 3 },
	{ "A.6: what is present stays",
	    { .from = "example.com",
		.auth = DKIM("example.com", "pass") SPF("example.com", "pass"),
		.dkim = "fail" },
	    true, FAIL, PASS, RUAD_DERIVED_SPF },
	{ "A.6: no author domain, something passes",
	    { .auth = DKIM("example.com", "pass") }, true, UNKNOWN, FAIL, 3 },
	{ "A.6: no author domain, strict",
	    { .auth = DKIM("example.com", "pass"),
		.policy = "<adkim>s</adkim>" },
	    true, UNKNOWN, FAIL, 3 },
	{ "A.6: a word of neither",
	    { .from = "example.com", .dkim = "not.evaluated", .spf = "pass" },
	    true, FAIL, PASS, RUAD_DERIVED_DKIM },
};

START_TEST(derivation)
{
	const struct derive_row *row = &derive_rows[_i];
	struct ruad_orgdom *o = open_list();
	struct ruad_report *r = read_sample(&row->sample);
	struct ruad_record *rec = ruad_report_record(r, 0);

	ruad_align(r, row->list ? o : NULL);
	ck_assert_msg(rec->dkim == row->dkim && rec->spf == row->spf &&
		rec->derived == row->derived,
	    "%s: dkim %d spf %d derived %d", row->name, rec->dkim, rec->spf,
	    rec->derived);
	ck_assert_int_eq(r->messages_pass,
	    rec->dkim == RUAD_VERDICT_PASS || rec->spf == RUAD_VERDICT_PASS
		? 3
		: 0);
	ruad_report_free(&r);
	ruad_orgdom_close(&o);
}
END_TEST

/* Without policy_evaluated nothing was evaluated: a reporter that does not say
 * whether it looked is not made to say so. */
START_TEST(not_evaluated)
{
	const struct sample s = { .from = "example.com",
		.auth = DKIM("example.com", "pass"),
		.disposition = "" };
	struct ruad_orgdom *o = open_list();
	struct ruad_report *r = read_sample(&s);
	struct ruad_record *rec = ruad_report_record(r, 0);

	ruad_align(r, o);
	ck_assert_int_eq(rec->dkim, RUAD_VERDICT_UNKNOWN);
	ck_assert_int_eq(rec->spf, RUAD_VERDICT_UNKNOWN);
	ck_assert_int_eq(rec->derived, 0);
	ck_assert_int_eq(rec->dkim_alignment, RUAD_ALIGNMENT_STRICT);
	ck_assert_int_eq(r->messages_pass, 0);
	ruad_report_free(&r);
	ruad_orgdom_close(&o);
}
END_TEST

static const struct odd_row {
	const char *name;
	struct sample sample;
	bool odd;
} odd_rows[] = {
#define REASON "<reason><type>other</type></reason>"
#define VERDICTS(d, s, action) \
	.from = "example.com", .dkim = d, .spf = s, .disposition = action
	{ "pass, none", { VERDICTS("pass", "fail", "none") }, false },
	{ "pass, quarantine", { VERDICTS("pass", "fail", "quarantine") },
	    true },
	{ "pass, reject", { VERDICTS("fail", "pass", "reject") }, true },
	{ "fail, reject",
	    { VERDICTS("fail", "fail", "reject"), .policy = "<p>reject</p>" },
	    false },
	{ "fail, none, policy none",
	    { VERDICTS("fail", "fail", "none"), .policy = "<p>none</p>" },
	    false },
	{ "fail, none, no policy", { VERDICTS("fail", "fail", "none") },
	    false },
	{ "fail, none, policy reject",
	    { VERDICTS("fail", "fail", "none"), .policy = "<p>reject</p>" },
	    true },
	{ "fail, none, policy quarantine, a reason",
	    { VERDICTS("fail", "fail", "none"), .policy = "<p>quarantine</p>",
		.reason = REASON },
	    false },
	{ "pass, none, policy reject",
	    { VERDICTS("pass", "pass", "none"), .policy = "<p>reject</p>" },
	    false },
};

START_TEST(odd)
{
	const struct odd_row *row = &odd_rows[_i];
	struct ruad_orgdom *o = open_list();
	struct ruad_report *r = read_sample(&row->sample);

	ruad_align(r, o);
	ck_assert_msg(ruad_warned(&r->warnings, RUAD_ROW_ODD_VERDICT) ==
		row->odd,
	    "A.6: %s", row->name);
	ruad_report_free(&r);
	ruad_orgdom_close(&o);
}
END_TEST

static Suite *
align_suite(void)
{
	Suite *s = suite_create("align");
	TCase *tc = tcase_create("align");

	suite_add_tcase(s, tc);
	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, temp_dir_enter, NULL);
	add_rows(tc, alignment, rows);
	add_rows(tc, derivation, derive_rows);
	tcase_add_test(tc, not_evaluated);
	add_rows(tc, odd, odd_rows);
	return s;
}

int
main(void)
{
	ruad_xml_global_init();
	return run_suite(align_suite());
}
