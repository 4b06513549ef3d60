/* check_recipient.c - addresses as clients type them after RCPT TO:, against
 * the patterns of the configuration. */
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "recipient.h"

static const char *patterns[] = {
	"rua@reports.example",
	"Dmarc+agg@two.example",
	"*@all.example",
	"b\303\274ro@xn--bcher-kva.example",
};
static const struct ruad_strings list = { patterns, COUNT(patterns) };

static const struct row {
	const char *argument;
	bool match;
} rows[] = {
	/* the forms of a path */
	{ "<rua@reports.example>", true },
	{ "rua@reports.example", true },
	{ " <rua@reports.example> ", true },
	{ "<@hop.example:rua@reports.example>", true },
	{ "<@a.example,@b.example:rua@reports.example>", true },
	{ "<\"rua\"@reports.example>", true },
	{ "<\"r\\ua\"@reports.example>", true },
	{ "<rua@reports.example.>", true },
	/* case */
	{ "<RUA@Reports.Example>", true },
	{ "<dmarc+AGG@two.example>", true },
	/* extensions */
	{ "<rua+x@reports.example>", true },
	{ "<rua+@reports.example>", true },
	{ "<rua+x+y@reports.example>", true },
	{ "<\"rua+x\"@reports.example>", true },
	{ "<dmarc+agg+x@two.example>", false },
	{ "<dmarc@two.example>", false },
	{ "<dmarc+other@two.example>", false },
	{ "<+rua@reports.example>", false },
	{ "<rua-x@reports.example>", false },
	/* a whole domain, and none below it */
	{ "<anybody@all.example>", true },
	{ "<a+b@ALL.example>", true },
	{ "<\"a b\"@all.example>", true },
	{ "<\"a@b\"@all.example>", true },
	{ "<x@sub.all.example>", false },
	{ "<x@notall.example>", false },
	/* SMTPUTF8 */
	{ "<b\303\274ro@b\303\274cher.example>", true },
	{ "<b\303\274ro@B\xc3\x9c"
	  "CHER.example>",
	    true },
	{ "<b\303\274ro@xn--bcher-kva.example>", true },
	{ "<b\303\274ro+x@XN--BCHER-KVA.example>", true },
	{ "<buro@b\303\274cher.example>", false },
	{ "<b\xfcro@b\xfc"
	  "cher.example>",
	    false },
	/* not these */
	{ "<rua@reports.example.org>", false },
	{ "<xrua@reports.example>", false },
	{ "<ru@reports.example>", false },
	{ "<rua@x@reports.example>", false },
	{ "<*@all.example.org>", false },
	{ "<rua%reports.example@relay.example>", false },
	/* no addresses */
	{ "", false },
	{ "<>", false },
	{ "<", false },
	{ "@", false },
	{ "<@>", false },
	{ "<rua>", false },
	{ "<rua@>", false },
	{ "<@reports.example>", false },
	{ "<@hop.example:>", false },
	{ "<\"rua@reports.example>", false },
	{ "<\"rua\"x@reports.example>", false },
	{ "<\"\"@all.example>", false },
	{ "<\"rua\\", false },
	{ "<rua@reports..example>", false },
	{ "<rua@[192.0.2.1]>", false },
};

START_TEST(one_address)
{
	const struct row *row = &rows[_i];
	/* A copy of its own size: a step past its end is found out. */
	char *copy = strdup(row->argument);

	ck_assert_msg(ruad_recipient_match(&list, "+", copy) == row->match,
	    "%s", copy);
	free(copy);
}
END_TEST

START_TEST(delimiters)
{
	ck_assert(ruad_recipient_match(&list, "+-", "<rua-x@reports.example>"));
	ck_assert(ruad_recipient_match(&list, "+-", "<rua+x@reports.example>"));
	ck_assert(!ruad_recipient_match(&list, "", "<rua+x@reports.example>"));
	ck_assert(ruad_recipient_match(&list, "", "<rua@reports.example>"));
}
END_TEST

START_TEST(no_patterns)
{
	const struct ruad_strings none = { NULL, 0 };

	ck_assert(!ruad_recipient_match(&none, "+", "<rua@reports.example>"));
}
END_TEST

static const struct bare_row {
	const char *argument, *bare;
} bare_rows[] = {
	{ "<a@b.example>", "a@b.example" },
	{ "a@b.example", "a@b.example" },
	{ "<@c.example:a@b.example>", "a@b.example" },
	{ "@c.example,@d.example:a@b.example", "a@b.example" },
	{ "<\"a b\"@b.example>", "\"a b\"@b.example" },
	{ "<@c.example>", "@c.example" },
	{ "<>", "" },
	{ "<", "<" },
	{ "", "" },
};

START_TEST(bare)
{
	char *copy = strdup(bare_rows[_i].argument);

	ck_assert_str_eq(ruad_recipient_bare(copy), bare_rows[_i].bare);
	free(copy);
}
END_TEST

/* A local-part of the longest size, and one of a byte more. */
START_TEST(long_addresses)
{
	char text[1100];

	memset(text, 'a', sizeof(text));
	strcpy(text + 319, "@all.example");
	ck_assert(ruad_recipient_match(&list, "+", text));
	memset(text, 'a', sizeof(text));
	strcpy(text + 320, "@all.example");
	ck_assert(!ruad_recipient_match(&list, "+", text));
	memset(text, 'a', sizeof(text));
	memcpy(text, "rua@", 4);
	strcpy(text + 1000, ".reports.example");
	ck_assert(!ruad_recipient_match(&list, "+", text));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("recipient");
	TCase *tc = tcase_create("recipient");

	add_rows(tc, one_address, rows);
	add_rows(tc, bare, bare_rows);
	tcase_add_test(tc, delimiters);
	tcase_add_test(tc, no_patterns);
	tcase_add_test(tc, long_addresses);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
