/* check_trust.c - Authentication-Results as filters write them, as the RFC
 * allows them, and as a forger would have them (G.6 of tests/corpus/rows). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "authres.h"
#include "check_main.h"
#include "orgdom.h"
#include "trust.h"

#define AR "Authentication-Results"

static const char *const ids[] = { "mx.example" };
static struct ruad_orgdom *orgdom;

static void
setup(void)
{
	char path[4096];
	const char *tmp = getenv("TMPDIR");
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "%s/ruad-psl.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("com\nuk\nco.uk\n", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(ruad_orgdom_open(path, &orgdom, NULL), RUAD_OK);
	ck_assert_int_eq(unlink(path), 0);
}

static void
teardown(void)
{
	ruad_orgdom_close(&orgdom);
}

/* What a mail with one author domain comes to. */
static enum ruad_auth_result
decide(const char *const *id_list, size_t id_count, unsigned received,
    const struct ruad_field *fields, size_t count, const char *from,
    bool null_sender, struct ruad_orgdom *o, struct ruad_trust *out)
{
	struct ruad_trust_settings set = { id_list, id_count, received };

	memset(out, 0xff, sizeof(*out));
	ruad_trust_decide(&set, fields, count, &from, 1, null_sender, o, out);
	return out->result;
}

static enum ruad_auth_result
decide_value(const char *value, struct ruad_trust *out)
{
	struct ruad_field field = { AR, value };

	return decide(ids, 1, 0, &field, 1, "google.com", false, NULL, out);
}

/* The authserv-id is mx.example, From is google.com, no suffix list. */
static const struct value_row {
	const char *value;
	enum ruad_auth_result want;
} value_rows[] = {
	{ "mx.example; dmarc=pass (p=none dis=none) header.from=google.com",
	    RUAD_AUTH_PASS },
	{ "MX.EXAMPLE 1; dmarc=PASS header.from=Google.com", RUAD_AUTH_PASS },
	{ "mx.example 2; dmarc=pass header.from=google.com",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example/4XyZ; dmarc=pass header.from=google.com",
	    RUAD_AUTH_PASS },
	{ "\"mx.example\"; dmarc=pass header.from=google.com", RUAD_AUTH_PASS },
	{ "\"mx.exampl\"e; dmarc=pass header.from=google.com",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example.evil.test; dmarc=pass header.from=google.com",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example; none", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=pass header.from=evil.test", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=fail (a ; dmarc=pass header.from=google.com) "
	  "header.from=google.com",
	    RUAD_AUTH_FAIL },
	{ "mx.example; dkim=pass reason=\"x; dmarc=pass\" header.d=evil.test",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass (2048-bit key; unprotected) "
	  "header.d=google.com header.b=a/b+c=",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; dkim=policy header.d=google.com",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "spf=pass smtp.mailfrom=google.com; dmarc=pass action=none "
	  "header.from=google.com",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=bestguesspass header.from=google.com",
	    RUAD_AUTH_NONE },
	{ "mx.example; spf=pass smtp.mailfrom=bounce@google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; spf=pass smtp.helo=google.com", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dmarc =pass header . from = google.com",
	    RUAD_AUTH_PASS },
	{ "mx.example;dmarc=pass(c)header.from=google.com", RUAD_AUTH_PASS },

	/* the producers of spec G.5 */
	{ "mx.example; dkim=pass (2048-bit key; unprotected) "
	  "header.d=google.com header.i=@google.com header.b=glE73hE7; "
	  "dkim-atps=neutral",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; dkim=fail reason=\"signature verification failed\" "
	  "(1024-bit key) header.d=google.com header.i=@google.com; "
	  "dkim-atps=neutral",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=none", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; spf=pass smtp.mailfrom=google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; dmarc=pass header.from=google.com", RUAD_AUTH_PASS },
	{ "mx.example;\n\tdmarc=pass (policy=reject) header.from=google.com;"
	  "\n\tdkim=pass header.d=google.com;\n\tspf=pass "
	  "smtp.mailfrom=a@google.com;\n\tarc=pass (i=1)",
	    RUAD_AUTH_PASS },
	{ "mx.example;\n\tarc=pass (i=1);\n\tspf=pass smtp.mailfrom=a@x;\n"
	  "\tdmarc=fail reason=\"SPF not aligned (relaxed), No valid DKIM\" "
	  "header.from=google.com (policy=none)",
	    RUAD_AUTH_FAIL },
	{ "mx.example; spf=hardfail smtp.mailfrom=google.com; dkim=none",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; iprev=fail smtp.remote-ip=192.0.2.1; spf=softfail "
	  "smtp.mailfrom=google.com; dmarc=none header.from=google.com",
	    RUAD_AUTH_NONE },
	{ "spf=pass (sender IP is 103.13.69.22) smtp.mailfrom=google.com; "
	  "dkim=pass (signature was verified) header.d=google.com;"
	  "dmarc=pass action=none header.from=google.com;compauth=pass "
	  "reason=100",
	    RUAD_AUTH_UNTRUSTED },
	{ "spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=google.com; "
	  "tenant.mail.onmicrosoft.com; dkim=fail (body hash did not "
	  "verify) header.d=google.com;tenant.mail.onmicrosoft.com; "
	  "dmarc=fail action=oreject header.from=google.com;",
	    RUAD_AUTH_UNTRUSTED },
	/* the same behind an authserv-id: what is no result is passed over */
	{ "mx.example; spf=softfail (x) smtp.mailfrom=google.com; "
	  "tenant.mail.onmicrosoft.com; dkim=fail (y) header.d=google.com;"
	  "tenant.mail.onmicrosoft.com; dmarc=fail action=oreject "
	  "header.from=google.com;",
	    RUAD_AUTH_FAIL },
	{ "mx.example; dkim=pass header.i=@google.com header.s=s "
	  "header.b=Ab/c+d==; spf=pass (google.com: domain of "
	  "x@google.com designates 192.0.2.1 as permitted sender) "
	  "smtp.mailfrom=x@google.com; dmarc=pass (p=REJECT sp=REJECT "
	  "dis=NONE) header.from=google.com",
	    RUAD_AUTH_PASS },
	{ "mx.example; spf=Pass smtp.mailfrom=x@google.com; dkim=pass "
	  "(signature verified) header.i=@google.com; dmarc=pass "
	  "(p=reject dis=none) d=google.com",
	    RUAD_AUTH_PASS },

	/* authserv-id and version */
	{ " (c) mx.example (c) 01 (c) ; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example 0; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.example 11; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.example x; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.example dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.example 1 x; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.exampl; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "mx.example-x; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "\"mx.\\example/1\"; dmarc=pass", RUAD_AUTH_PASS },
	{ "\"mx.example=\"; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "; dmarc=pass", RUAD_AUTH_UNTRUSTED },
	{ "", RUAD_AUTH_UNTRUSTED },
	{ "(", RUAD_AUTH_UNTRUSTED },
	{ "mx.example", RUAD_AUTH_NONE },
	{ "mx.example;", RUAD_AUTH_NONE },
	{ "mx.example;;;; ;dmarc=pass;", RUAD_AUTH_PASS },

	/* methods and words */
	{ "mx.example; dmarc/1=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc / 1 = pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc/2=fail; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc/=fail; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc/x=fail; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; xdmarc=fail; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=pass; dmarc=fail", RUAD_AUTH_FAIL },
	{ "mx.example; dmarc=temperror; dmarc=pass", RUAD_AUTH_TEMPERROR },
	{ "mx.example; dmarc=permerror; dmarc=temperror", RUAD_AUTH_TEMPERROR },
	{ "mx.example; dmarc=pass; dmarc=permerror", RUAD_AUTH_PERMERROR },
	{ "mx.example; dmarc=none; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=neutral", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=policy; dkim=softfail", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=passx", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=", RUAD_AUTH_NONE },
	{ "mx.example; dmarc", RUAD_AUTH_NONE },
	{ "mx.example; =pass; dmarc=pass", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=\"pass\"", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=(c)pass(c)", RUAD_AUTH_PASS },

	/* header.from */
	{ "mx.example; dmarc=pass header.from=x@google.com.", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=pass header.from=google.com "
	  "header.from=evil.test",
	    RUAD_AUTH_NONE },
	{ "mx.example; dmarc=pass header.from=evil.test "
	  "header.from=google.com",
	    RUAD_AUTH_NONE },
	{ "mx.example; dmarc=pass header.from=", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=pass header.from=\"google.com\"", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=pass header.from=google.com\xff", RUAD_AUTH_NONE },
	{ "mx.example; dmarc=pass smtp.from=evil.test", RUAD_AUTH_PASS },
	{ "mx.example; dmarc=pass policy.dmarc=none header.from=google.com",
	    RUAD_AUTH_PASS },
	/* RFC 8601 section 2.3: an unknown ptype makes the result void */
	{ "mx.example; dmarc=pass magic.from=google.com", RUAD_AUTH_NONE },
	/* garbage ends a result, and what stands before it counts */
	{ "mx.example; dmarc=pass header.from=google.com x y=z; dmarc=none",
	    RUAD_AUTH_PASS },
	{ "mx.example; dmarc=pass ) header.from=evil.test", RUAD_AUTH_PASS },

	/* derived from DKIM and SPF */
	{ "mx.example; dkim=pass header.i=x@google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; dkim=pass header.d=evil.test header.i=x@google.com",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass header.d=mail.google.com", RUAD_AUTH_UNKNOWN },
	{ "mx.example; dkim=pass header.d=com", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass header.d=xgoogle.com",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass header.d=oogle.com", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; dkim=pass header.d=mail.google.com; spf=pass "
	  "smtp.mailfrom=google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; dkim=fail header.d=google.com; dkim=pass "
	  "header.d=google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; spf=pass smtp.mailfrom=\"a;b\"@google.com",
	    RUAD_AUTH_PASS_DERIVED },
	{ "mx.example; spf=pass smtp.mailfrom=\"a@google.com\"@evil.test",
	    RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; spf=pass smtp.mailfrom=", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; spf=none; dkim=temperror", RUAD_AUTH_FAIL_DERIVED },
	{ "mx.example; iprev=pass", RUAD_AUTH_NONE },

	/* fields that cannot be read to their end */
	{ "mx.example; dmarc=pass header.from=google.com (",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass header.from=google.com reason=\"",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass header.from=google.com (\\)",
	    RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass (()", RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass (\\", RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass x=\"\\", RUAD_AUTH_UNTRUSTED },
	{ "mx.example; dmarc=pass (\\(\\)()(()))", RUAD_AUTH_PASS },
	{ "mx.example; x \"(\" y; dmarc=pass", RUAD_AUTH_PASS },
};

START_TEST(one_field)
{
	const struct value_row *row = &value_rows[_i];
	struct ruad_trust out;
	enum ruad_auth_result got;
	char *copy;

	/* A copy of just its size, for tools that watch memory. */
	copy = strdup(row->value);
	got = decide_value(copy, &out);
	free(copy);
	ck_assert_msg(got == row->want, "%s: %s", row->value,
	    ruad_auth_result_word(got));
	ck_assert_str_eq(out.from_domain, "google.com");
	ck_assert_str_eq(out.authserv_id,
	    got == RUAD_AUTH_UNTRUSTED ? "" : ids[0]);
}
END_TEST

/* Cut anywhere, a field is read to its end and no further. */
START_TEST(one_field_cut)
{
	const struct value_row *row = &value_rows[_i];
	size_t len = strlen(row->value), n;
	struct ruad_trust out;
	char *copy;

	for (n = 0; n < len; n++) {
		copy = strndup(row->value, n);
		decide_value(copy, &out);
		free(copy);
		ck_assert_uint_lt(strlen(out.dkim_domain), 254);
	}
}
END_TEST

#define PASS "mx.example; dmarc=pass header.from=google.com"
#define FAIL "mx.example; dmarc=fail header.from=google.com"
#define BROKEN "mx.example; dmarc=fail header.from=google.com (("
#define MAX_FIELDS 4

static const struct fields_row {
	struct ruad_field fields[MAX_FIELDS];
	unsigned trusted_received;
	enum ruad_auth_result want;
} fields_rows[] = {
	{ { { 0 } }, 0, RUAD_AUTH_NONE },
	{ { { AR, PASS }, { AR, FAIL } }, 0, RUAD_AUTH_FAIL },
	{ { { AR, FAIL }, { AR, PASS } }, 0, RUAD_AUTH_FAIL },
	{ { { AR, PASS }, { AR, "other.example; dmarc=fail" } }, 0,
	    RUAD_AUTH_PASS },
	{ { { AR, "mx.example; dkim=pass header.d=google.com" }, { AR, FAIL } },
	    0, RUAD_AUTH_FAIL },
	{ { { "authentication-RESULTS", PASS } }, 0, RUAD_AUTH_PASS },
	/* by position */
	{ { { "Received", "x" }, { AR, PASS } }, 0, RUAD_AUTH_UNTRUSTED },
	{ { { "RECEIVED", "x" }, { AR, PASS } }, 1, RUAD_AUTH_PASS },
	{ { { "Received", "x" }, { "Received", "x" }, { AR, PASS } }, 1,
	    RUAD_AUTH_UNTRUSTED },
	{ { { AR, PASS }, { "Received", "x" }, { AR, FAIL } }, 0,
	    RUAD_AUTH_PASS },
	{ { { "X-Received", "x" }, { AR, PASS } }, 0, RUAD_AUTH_PASS },
	/* by name */
	{ { { "ARC-" AR, PASS }, { "X-" AR, PASS }, { AR "-Original", PASS },
	      { "Authentication-Result", PASS } },
	    0, RUAD_AUTH_NONE },
	/* what cannot be read may hide a fail, but never makes a pass */
	{ { { AR, PASS }, { AR, BROKEN } }, 0, RUAD_AUTH_UNKNOWN },
	{ { { AR, BROKEN }, { AR, PASS } }, 0, RUAD_AUTH_UNKNOWN },
	{ { { AR, BROKEN },
	      { AR, "mx.example; dkim=pass header.d=google.com" } },
	    0, RUAD_AUTH_UNKNOWN },
	{ { { AR, FAIL }, { AR, BROKEN } }, 0, RUAD_AUTH_FAIL },
	{ { { AR, BROKEN } }, 0, RUAD_AUTH_UNTRUSTED },
	{ { { AR, PASS }, { AR, "other.example; dmarc=fail ((" } }, 0,
	    RUAD_AUTH_PASS },
	/* two authors */
	{ { { "From", "a@google.com" }, { AR, PASS } }, 0, RUAD_AUTH_PASS },
	{ { { "From", "a@google.com" }, { AR, PASS },
	      { "from", "b@google.com" } },
	    0, RUAD_AUTH_FAIL },
};

START_TEST(several_fields)
{
	const struct fields_row *row = &fields_rows[_i];
	struct ruad_trust out;
	size_t n = 0;

	while (n < MAX_FIELDS && row->fields[n].name != NULL)
		n++;
	ck_assert_int_eq(decide(ids, 1, row->trusted_received, row->fields, n,
			     "google.com", false, NULL, &out),
	    row->want);
}
END_TEST

/* With a suffix list. */
static const struct aligned_row {
	const char *value, *from;
	bool null_sender;
	enum ruad_auth_result want;
	const char *dkim_domain, *dkim_selector;
} aligned_rows[] = {
	{ "mx.example; dkim=pass header.d=Mail.Google.com header.s=S1",
	    "google.com", false, RUAD_AUTH_PASS_DERIVED, "mail.google.com",
	    "s1" },
	{ "mx.example; dkim=pass header.d=google.com", "mail.google.com", false,
	    RUAD_AUTH_PASS_DERIVED, "google.com", "" },
	{ "mx.example; dkim=pass header.d=a.google.com", "b.google.com", false,
	    RUAD_AUTH_PASS_DERIVED, "a.google.com", "" },
	{ "mx.example; dkim=pass header.d=a.co.uk", "b.co.uk", false,
	    RUAD_AUTH_FAIL_DERIVED, "a.co.uk", "" },
	{ "mx.example; dkim=pass header.d=co.uk", "b.co.uk", false,
	    RUAD_AUTH_FAIL_DERIVED, "co.uk", "" },
	{ "mx.example; dkim=pass header.d=co.uk", "co.uk", false,
	    RUAD_AUTH_PASS_DERIVED, "co.uk", "" },
	{ "mx.example; spf=pass smtp.mailfrom=x.3.4", "y.3.4", false,
	    RUAD_AUTH_FAIL_DERIVED, "", "" },
	/* the signature that fits best */
	{ "mx.example; dkim=pass header.d=evil.test header.s=a; dkim=pass "
	  "header.d=x.google.com header.s=b; dkim=pass "
	  "header.d=google.com header.s=c; dkim=pass header.d=z.com "
	  "header.s=d; dkim=fail header.d=google.com header.s=e",
	    "google.com", false, RUAD_AUTH_PASS_DERIVED, "google.com", "c" },
	{ "mx.example; dmarc=pass; dkim=pass header.d=esp.example "
	  "header.s=k1",
	    "google.com", false, RUAD_AUTH_PASS, "esp.example", "k1" },
	{ "mx.example; dmarc=pass; dkim=pass header.d=<script> "
	  "header.s=\"a b\"",
	    "google.com", false, RUAD_AUTH_PASS, "", "" },
	/* HELO counts for the null reverse-path only */
	{ "mx.example; spf=pass smtp.helo=google.com", "google.com", false,
	    RUAD_AUTH_FAIL_DERIVED, "", "" },
	{ "mx.example; spf=pass smtp.helo=google.com", "google.com", true,
	    RUAD_AUTH_PASS_DERIVED, "", "" },
	{ "mx.example; spf=pass smtp.mailfrom=<> smtp.helo=google.com",
	    "google.com", true, RUAD_AUTH_PASS_DERIVED, "", "" },
	{ "mx.example; spf=pass smtp.mailfrom=evil.test "
	  "smtp.helo=google.com",
	    "google.com", true, RUAD_AUTH_FAIL_DERIVED, "", "" },
	/* U-labels */
	{ "mx.example; dmarc=pass header.from=B\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example", false, RUAD_AUTH_PASS, "", "" },
	{ "mx.example; dkim=pass header.d=b\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example", false, RUAD_AUTH_PASS_DERIVED,
	    "xn--bcher-kva.example", "" },
	{ "mx.example; dmarc=pass header.from=b\xc3"
	  "cher.example",
	    "xn--bcher-kva.example", false, RUAD_AUTH_NONE, "", "" },
};

START_TEST(aligned)
{
	const struct aligned_row *row = &aligned_rows[_i];
	struct ruad_field field = { AR, row->value };
	struct ruad_trust out;

	ck_assert_int_eq(decide(ids, 1, 0, &field, 1, row->from,
			     row->null_sender, orgdom, &out),
	    row->want);
	ck_assert_str_eq(out.dkim_domain, row->dkim_domain);
	ck_assert_str_eq(out.dkim_selector, row->dkim_selector);
	ck_assert_str_eq(out.from_domain, row->from);
}
END_TEST

START_TEST(from_domains)
{
	static const char *const froms[] = { "google.com", "google.com" };
	static const char *const bad[] = { "", "a b", "\xff" };
	struct ruad_trust_settings set = { ids, 1, 0 };
	struct ruad_field field = { AR, "mx.example; dmarc=pass" };
	struct ruad_trust out;
	size_t i;

	ruad_trust_decide(&set, &field, 1, froms, 2, false, NULL, &out);
	ck_assert_int_eq(out.result, RUAD_AUTH_FAIL);
	ck_assert_str_eq(out.from_domain, "");
	ruad_trust_decide(&set, &field, 1, NULL, 0, false, NULL, &out);
	ck_assert_int_eq(out.result, RUAD_AUTH_FAIL);
	for (i = 0; i < COUNT(bad); i++) {
		ruad_trust_decide(&set, &field, 1, &bad[i], 1, false, NULL,
		    &out);
		ck_assert_int_eq(out.result, RUAD_AUTH_FAIL);
	}
	set.authserv_id_count = 0;
	ruad_trust_decide(&set, &field, 1, froms, 1, false, NULL, &out);
	ck_assert_int_eq(out.result, RUAD_AUTH_OFF);
	ck_assert_str_eq(out.from_domain, "google.com");
	ck_assert_str_eq(out.authserv_id, "");
}
END_TEST

/* The id that is reported is the one whose word counted, as configured. */
START_TEST(who_says_so)
{
	static const char *const two[] = { "", "A.example", "b.example" };
	struct ruad_field fields[] = {
		{ AR, "a.example; dkim=pass header.d=google.com" },
		{ AR, "b.example/1; dmarc=pass" },
		{ AR, "a.example; dmarc=fail" },
	};
	struct ruad_trust out;

	ck_assert_int_eq(decide(two, 3, 0, fields, 1, "google.com", false, NULL,
			     &out),
	    RUAD_AUTH_PASS_DERIVED);
	ck_assert_str_eq(out.authserv_id, "A.example");
	ck_assert_int_eq(decide(two, 3, 0, fields, 2, "google.com", false, NULL,
			     &out),
	    RUAD_AUTH_PASS);
	ck_assert_str_eq(out.authserv_id, "b.example");
	ck_assert_int_eq(decide(two, 3, 0, fields, 3, "google.com", false, NULL,
			     &out),
	    RUAD_AUTH_FAIL);
	ck_assert_str_eq(out.authserv_id, "A.example");
}
END_TEST

/* "mx.example; dmarc=pass", a text some times, and an end. */
static char *
long_value(const char *text, size_t times, const char *after)
{
	static const char begin[] = "mx.example; dmarc=pass";
	size_t len = strlen(text), at = sizeof(begin) - 1, i;
	char *s = malloc(sizeof(begin) + len * times + strlen(after));

	ck_assert_ptr_nonnull(s);
	memcpy(s, begin, at);
	for (i = 0; i < times; i++, at += len)
		memcpy(s + at, text, len);
	strcpy(s + at, after);
	return s;
}

static const struct bound_row {
	const char *text;
	size_t times; /* just within the bound */
	const char *after;
	size_t after_times; /* how often `after` is needed */
} bound_rows[] = {
	{ " ", RUAD_AUTHRES_FIELD_BYTES - 22, "", 0 },
	{ ";x=y", RUAD_AUTHRES_RESULTS - 1, "", 0 },
	{ " x=y", RUAD_AUTHRES_PROPS, "", 0 },
	{ "(", RUAD_AUTHRES_DEPTH, ")", RUAD_AUTHRES_DEPTH },
};

START_TEST(bounds)
{
	const struct bound_row *row = &bound_rows[_i];
	char after[2 * RUAD_AUTHRES_DEPTH] = "", *s;
	struct ruad_trust out;
	size_t i;

	for (i = 0; i < row->after_times; i++)
		strcat(after, row->after);
	s = long_value(row->text, row->times, after);
	ck_assert_int_eq(decide_value(s, &out), RUAD_AUTH_PASS);
	free(s);
	strcat(after, row->after);
	s = long_value(row->text, row->times + 1, after);
	ck_assert_int_eq(decide_value(s, &out), RUAD_AUTH_UNTRUSTED);
	free(s);
}
END_TEST

/* Tokens longer than any buffer match nothing and harm nothing. */
START_TEST(long_tokens)
{
	static const char *const texts[] = { "m", "\"", "=", "/1", ";", ".",
		"@", "\xff", "a.b=" };
	struct ruad_trust out;
	size_t i;
	char *s;

	for (i = 0; i < COUNT(texts); i++) {
		s = long_value(texts[i], 3000, "; dmarc=none");
		decide_value(s, &out);
		free(s);
	}
	s = long_value(" header.from=", 1, "");
	s = realloc(s, 4000);
	memset(s + strlen(s), 'a', 2000);
	strcpy(s + 2035, "@google.com");
	ck_assert_int_eq(decide_value(s, &out), RUAD_AUTH_NONE);
	free(s);
}
END_TEST

static Suite *
trust_suite(void)
{
	Suite *s = suite_create("trust");
	TCase *tc = tcase_create("trust");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	add_rows(tc, one_field, value_rows);
	add_rows(tc, one_field_cut, value_rows);
	add_rows(tc, several_fields, fields_rows);
	add_rows(tc, aligned, aligned_rows);
	tcase_add_test(tc, from_domains);
	tcase_add_test(tc, who_says_so);
	add_rows(tc, bounds, bound_rows);
	tcase_add_test(tc, long_tokens);
	return s;
}

int
main(void)
{
	return run_suite(trust_suite());
}
