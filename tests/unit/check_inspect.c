/* check_inspect.c - modules spf, dkim_key, inspect: what is said of a domain's
 * DNS, in zones in memory. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "dkim_key.h"
#include "inspect.h"
#include "spf.h"
#include "trail.h"
#include "zone.h"

/* Public keys made for this test; their private halves are gone. */
#define RSA_512 \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANLuFXKEYGPSPz6hGF5gFQj1N7BL" \
	"oTOupXE10spmbNmBzAzVQe9KKVhkKLSXCtGov4oTLLhgFWUzaWTKzOKj4skC" \
	"AwEAAQ=="
#define RSA_1024 \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDUijsxLIKCe93ncap2zmp7" \
	"2SiZeeZGsCzsv/ZTLxwoq9kQTOrEnMbYKhoX2wetq9fLxZFZTxlj4URbTizl" \
	"U9cTbpu7ux1xEX7IGNz1z9tsyT2oA6fgA3K+ekwDXMJcslmdj7z8kDpPy5BK" \
	"B7wVTFd0vIl7Rfj6VlJAfBeZPD597QIDAQAB"
#define RSA_2048 \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtMC9P7abO+KNQTPZ" \
	"0ii4Yg4FqhXy95oH4fV/zlcqGaZmsyuMv1STjzFhcic0yaJy8lldV4JACuDp" \
	"NjlEq/6xDFz2mfEzh+4A+XcAu6FWRvstSDmKF49qxtgotP5Un7/2NcMLJsIu" \
	"eKaL+5+9A18kEw4UxVzuNt0xmMWhVE4lOJX9HXBZTJcIkMjx3n5upwYlUCjH" \
	"V3bMULEQKrRGcze1eZ6vJ/XxJutRRHvZhxIBDAmJ0cIZJTdrx2alDcMxsBmO" \
	"gqj/0YJIJePDi2kKC0A+vmMwxQxXRCQOM6DGicYfXS31ycSv8bF+6BpI7+1y" \
	"FP/i5DXL1FkBFuz3BFO6M2nXvwIDAQAB"
#define RSA_BARE \
	"MIGJAoGBAK0GUDnlXoaS+x8Nf5yAvVeaqXlxdPXRikO75rKKm8nqLMdCWR8u" \
	"qnhS5QyBLeKkrxr1xl8zF5MUVx6/9fKrv+lV86ZuGRyV00UgiZFxHGrSZJzn" \
	"UdtZj3PejNO+Ibf24ZpwFj1FAf5Z5IGkVu3Tbb83iykamsLnRPt1RK6H8y4F" \
	"AgMBAAE="

#define SPF(owner, value) \
	{ \
		.name = owner, .type = RUAD_DNS_TXT, .text = value \
	}
#define HOST(owner) \
	{ \
		.name = owner, .type = RUAD_DNS_A, .text = "192.0.2.1" \
	}

static const struct zone_row spf_zone[] = {
	SPF("ok.example",
	    "v=spf1 ip4:192.0.2.0/24 a mx include:in.example "
	    "-all"),
	HOST("ok.example"),
	{ .name = "ok.example", .type = RUAD_DNS_MX, .text = "ok.example" },
	SPF("in.example", "v=spf1 ip6:2001:db8::/32 ~all"),
	SPF("plus.example", "v=spf1 +all"),
	SPF("bare.example", "v=spf1 all"),
	SPF("maybe.example", "v=spf1 ?all"),
	SPF("open.example", "v=spf1 ip4:192.0.2.1"),
	SPF("two.example", "v=spf1 -all"),
	SPF("two.example", "V=SPF1 ~all"),
	SPF("almost.example", "v=spf10 -all"),
	SPF("redirect.example", "v=spf1 redirect=in.example"),
	SPF("unused.example", "v=spf1 -all redirect=none.example"),
	SPF("gone.example", "v=spf1 include:none.example -all"),
	SPF("empty.example", "v=spf1 include: -all"),
	SPF("loop.example", "v=spf1 include:loop.example -all"),
	SPF("macro.example", "v=spf1 exists:%{i}.x.example -all"),
	SPF("ptr.example", "v=spf1 ptr -all"),
	SPF("word.example", "v=spf1 foo -all"),
	SPF("void.example",
	    "v=spf1 a:x.example a:y.example mx:z.example "
	    "-all"),
	SPF("slow.example", "v=spf1 include:silent.example -all"),
	{ .name = "silent.example", .outcome = RUAD_DNS_TIMEOUT },
};

/* What the record of a domain earns. */
static const struct spf_row {
	const char *domain;
	enum ruad_remark_code code;
	enum ruad_severity worst;
} spf_rows[] = {
	{ "ok.example", RUAD_SPF_OK, RUAD_REMARK_INFO },
	{ "plus.example", RUAD_SPF_ALL, RUAD_REMARK_ERROR },
	{ "bare.example", RUAD_SPF_ALL, RUAD_REMARK_ERROR },
	{ "maybe.example", RUAD_SPF_ALL, RUAD_REMARK_WARNING },
	{ "open.example", RUAD_SPF_NO_ALL, RUAD_REMARK_WARNING },
	{ "two.example", RUAD_SPF_SEVERAL, RUAD_REMARK_ERROR },
	{ "almost.example", RUAD_SPF_NONE, RUAD_REMARK_WARNING },
	{ "none.example", RUAD_SPF_NONE, RUAD_REMARK_WARNING },
	{ "redirect.example", RUAD_SPF_OK, RUAD_REMARK_INFO },
	{ "unused.example", RUAD_SPF_OK, RUAD_REMARK_INFO },
	{ "gone.example", RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR },
	{ "empty.example", RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR },
	{ "loop.example", RUAD_SPF_LOOKUPS, RUAD_REMARK_ERROR },
	{ "macro.example", RUAD_SPF_OK, RUAD_REMARK_INFO },
	{ "ptr.example", RUAD_SPF_SYNTAX, RUAD_REMARK_WARNING },
	{ "word.example", RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR },
	{ "void.example", RUAD_SPF_VOID, RUAD_REMARK_ERROR },
	{ "slow.example", RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN },
	{ "silent.example", RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN },
};

START_TEST(spf)
{
	const struct spf_row *row = &spf_rows[_i];
	struct ruad_remarks list = { NULL };
	struct ruad_err err;
	struct zone z;
	char *text;

	zone_init(&z, spf_zone, COUNT(spf_zone));
	ck_assert_int_eq(ruad_spf_check(&z.resolver, row->domain, &text, &list,
			     &err),
	    RUAD_OK);
	ck_assert_msg(ruad_remarked(&list, row->code), "%s: no %s", row->domain,
	    ruad_remark_name(row->code));
	ck_assert_msg(ruad_remarks_worst(&list) == row->worst, "%s: %s",
	    row->domain, list.item[0].text);
	for (size_t i = 0; i < list.count; i++)
		ck_assert(list.item[i].at == RUAD_NOWHERE ||
		    list.item[i].at + list.item[i].len <= strlen(text));
	ck_assert_uint_lt(z.asked, 50);
	free(text);
	ruad_remarks_free(&list);
}
END_TEST

/* The tree below a record, its costs, and every question asked once. */
START_TEST(spf_tree)
{
	static const struct zone_row rows[] = {
		SPF("t.example",
		    "v=spf1 include:a.example  mx:no.example "
		    "redirect=b.example"),
		SPF("a.example", "v=spf1 include:c.example ?all"),
		SPF("b.example", "v=spf1 a:h.example -all ip4:192.0.2.1"),
		SPF("c.example", "v=spf1 ip4:192.0.2.0/24"),
		HOST("h.example"),
	};
	struct ruad_remarks list = { NULL };
	const struct ruad_spf_node *n;
	struct ruad_trail *trail;
	struct ruad_spf *found;
	struct ruad_err err;
	struct zone z;

	zone_init(&z, rows, COUNT(rows));
	ck_assert_int_eq(ruad_trail_new(&z.resolver, &trail, &err), RUAD_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(ruad_spf_look(ruad_trail_resolver(trail),
				     "t.example", &found, &list, &err),
		    RUAD_OK);
		ck_assert_uint_eq(found->lookups, 5);
		ck_assert_uint_eq(found->voids, 1);
		n = found->root;
		ck_assert_uint_eq(n->count, 3);
		ck_assert_uint_eq(n->lookups, 5);
		ck_assert_str_eq(n->term[0].text, "include:a.example");
		ck_assert_uint_eq(n->term[0].at, 7);
		ck_assert_uint_eq(n->term[0].node->lookups, 1);
		ck_assert_uint_eq(n->term[1].at, 26);
		ck_assert(n->term[1].lookup && n->term[1].node == NULL);
		n = n->term[2].node;
		ck_assert_str_eq(n->domain, "b.example");
		ck_assert_uint_eq(n->lookups, 1);
		ck_assert_uint_eq(n->count, 2); /* nothing behind all */
		ruad_spf_free(&found);
		ck_assert_uint_eq(z.asked, 6);
	}
	ck_assert_str_eq(ruad_trail_step(trail, 0)->name, "t.example");
	ck_assert_int_eq(ruad_trail_step(trail, 3)->type, RUAD_DNS_MX);
	ck_assert_ptr_null(ruad_trail_step(trail, 6));
	ruad_trail_free(&trail);
	ruad_remarks_free(&list);
}
END_TEST

static const struct dkim_row {
	const char *text; /* NULL: no key */
	bool passes;
	enum ruad_remark_code code;
	enum ruad_severity worst;
} dkim_rows[] = {
	{ "v=DKIM1; k=rsa; p=" RSA_2048, true, RUAD_DKIM_OK, RUAD_REMARK_INFO },
	{ "p=" RSA_2048, true, RUAD_DKIM_OK, RUAD_REMARK_INFO },
	{ "v=DKIM1; p=" RSA_1024, true, RUAD_DKIM_SHORT, RUAD_REMARK_WARNING },
	{ "v=DKIM1; p=" RSA_BARE, true, RUAD_DKIM_SHORT, RUAD_REMARK_WARNING },
	{ "v=DKIM1; p=" RSA_512, true, RUAD_DKIM_SHORT, RUAD_REMARK_ERROR },
	{ "v=DKIM1; t=s:y; p=" RSA_2048, true, RUAD_DKIM_TESTING,
	    RUAD_REMARK_WARNING },
	{ "v=DKIM1; t=s; p=" RSA_2048, true, RUAD_DKIM_OK, RUAD_REMARK_INFO },
	{ "v=DKIM1; p=", true, RUAD_DKIM_REVOKED, RUAD_REMARK_WARNING },
	{ "v=DKIM1; p=", false, RUAD_DKIM_REVOKED, RUAD_REMARK_INFO },
	{ "v=DKIM1; p=!!!", true, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR },
	{ "v=DKIM1; p=MIGf", true, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR },
	{ "v=DKIM1; k=rsa", true, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR },
	{ "v=DKIM2; p=" RSA_2048, true, RUAD_DKIM_SYNTAX, RUAD_REMARK_ERROR },
	{ "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA", true, RUAD_DKIM_SYNTAX,
	    RUAD_REMARK_ERROR },
	{ "v=DKIM1; k=ed25519; p=q1JaXOorQlawlj7h6I1KfBZpPF8lNvs6UOoC+XgmAdQ=",
	    true, RUAD_DKIM_OK, RUAD_REMARK_INFO },
	{ "v=DKIM1; k=new; p=AAAA", true, RUAD_DKIM_SYNTAX,
	    RUAD_REMARK_WARNING },
	{ NULL, true, RUAD_DKIM_MISSING, RUAD_REMARK_WARNING },
	{ NULL, false, RUAD_DKIM_MISSING, RUAD_REMARK_INFO },
};

START_TEST(dkim)
{
	const struct dkim_row *row = &dkim_rows[_i];
	const struct zone_row rows[] = { { .name = "s1._domainkey.a.example",
	    .type = RUAD_DNS_TXT,
	    .text = row->text } };
	struct ruad_remarks list = { NULL };
	struct ruad_err err;
	struct zone z;

	zone_init(&z, rows, row->text != NULL);
	ck_assert_int_eq(ruad_dkim_key_check(&z.resolver, "a.example", "s1",
			     row->passes, &list, &err),
	    RUAD_OK);
	ck_assert(ruad_remarked(&list, row->code));
	ck_assert_int_eq(ruad_remarks_worst(&list), row->worst);
	ruad_remarks_free(&list);
}
END_TEST

START_TEST(report_name)
{
	char name[256], domain[250];

	ck_assert(ruad_inspect_report_name("blue.example.com",
	    "red.example.net", name));
	ck_assert_str_eq(name,
	    "blue.example.com._report._dmarc.red.example.net");
	memset(domain, 'a', sizeof(domain) - 1);
	domain[sizeof(domain) - 1] = '\0';
	ck_assert(!ruad_inspect_report_name(domain, "red.example.net", name));
}
END_TEST

/* What is found for a.example in a zone. */
static struct ruad_inspection *
inspect_zone(struct ruad_inspect_settings *set, const struct zone_row *rows,
    size_t count)
{
	struct ruad_orgdom *orgdom;
	struct ruad_inspection *in;
	struct ruad_err err;
	struct zone z;

	zone_init(&z, rows, count);
	set->resolver = &z.resolver;
	ck_assert_int_eq(ruad_orgdom_open(NULL, &orgdom, &err), RUAD_OK);
	set->orgdom = orgdom;
	ck_assert_int_eq(ruad_inspect(set, "a.example", &in, &err), RUAD_OK);
	ruad_orgdom_close(&orgdom);
	return in;
}

/* The whole, as for a domain that reports come in for. */
START_TEST(whole)
{
	static const struct zone_row rows[] = {
		HOST("mail.a.example"),
		SPF("a.example", "v=spf1 -all"),
		SPF("_dmarc.a.example",
		    "v=DMARC1; p=reject; rua=mailto:dmarc+x@mail.a.example,"
		    "mailto:x@b.example; ruf=mailto:f@a.example"),
		SPF("a.example._report._dmarc.b.example", "v=DMARC1;"),
		HOST("b.example"),
		SPF("s._domainkey.a.example", "v=DKIM1; p="),
	};
	static const char *const about[] = { "record", "rua", "rua", "ruf",
		"spf", "dkim" };
	static const struct ruad_selector selector = { "a.example", "s",
		false };
	const char *recipients[] = { "dmarc@mail.a.example" };
	const struct ruad_strings list = { recipients, 1 };
	struct ruad_inspect_settings set = { .recipients = &list,
		.delimiters = "+",
		.selectors = &selector,
		.selector_count = 1 };
	struct ruad_inspection *in;

	in = inspect_zone(&set, rows, COUNT(rows));
	ck_assert(in->reports_here);
	ck_assert_uint_eq(in->count, COUNT(about));
	for (size_t i = 0; i < COUNT(about); i++)
		ck_assert_str_eq(in->section[i].about, about[i]);
	ck_assert(ruad_remarked(&in->section[2].remarks, RUAD_RUA_AUTHORISED));
	/* Mail for failure reports cannot be delivered. */
	ck_assert(ruad_remarked(&in->section[3].remarks, RUAD_RUA_NO_MX));
	ck_assert_int_eq(ruad_inspection_worst(in)->severity,
	    RUAD_REMARK_ERROR);
	ruad_inspection_free(&in);
	recipients[0] = "other@a.example";
	in = inspect_zone(&set, rows, COUNT(rows));
	ck_assert(!in->reports_here);
	ck_assert(ruad_remarked(&in->section[0].remarks, RUAD_RUA_NOT_HERE));
	ruad_inspection_free(&in);
}
END_TEST

/* Another organisation allows the reports, and may want them elsewhere: only
 * where they arrive counts. */
static const struct {
	const char *wish;
	bool here;
} wishes[] = {
	{ "v=DMARC1", true },
	{ "v=DMARC1; rua=mailto:x@b.example", true },
	{ "v=DMARC1; rua=mailto:y@b.example", false },
	{ "v=DMARC1; rua=mailto:x@c.example", false },
};

START_TEST(wanted_elsewhere)
{
	const struct zone_row rows[] = {
		HOST("a.example"),
		SPF("_dmarc.a.example",
		    "v=DMARC1; p=reject; rua=mailto:x@b.example"),
		SPF("a.example._report._dmarc.b.example", wishes[_i].wish),
		HOST("b.example"),
	};
	const char *recipients[] = { "x@b.example", "x@c.example" };
	const struct ruad_strings list = { recipients, 2 };
	struct ruad_inspect_settings set = { .recipients = &list,
		.delimiters = "" };
	struct ruad_inspection *in;

	in = inspect_zone(&set, rows, COUNT(rows));
	ck_assert(in->reports_here == wishes[_i].here);
	ruad_inspection_free(&in);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("inspect");
	TCase *tc = tcase_create("all");

	add_rows(tc, spf, spf_rows);
	add_rows(tc, dkim, dkim_rows);
	tcase_add_test(tc, spf_tree);
	tcase_add_test(tc, report_name);
	tcase_add_test(tc, whole);
	tcase_add_loop_test(tc, wanted_elsewhere, 0, COUNT(wishes));
	suite_add_tcase(s, tc);
	return run_suite(s);
}
