/* check_hint.c - Subjects and file names as reporters write them, and as
 * nobody should (B.2 of tests/corpus/rows). */
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "hint.h"

static const struct subject_row {
	const char *subject;
	const char *domain, *submitter, *report_id;
} subject_rows[] = {
	/* Google: lower-case d, bare id */
	{ "Report domain: stalw.art Submitter: google.com "
	  "Report-ID: 5264580628977113351",
	    "stalw.art", "google.com", "5264580628977113351" },
	/* Mail.Ru: semicolons, folded */
	{ "Report Domain: stalw.art; Submitter: Mail.Ru;\r\n "
	  "Report-ID: 28557140613018480001285600",
	    "stalw.art", "Mail.Ru", "28557140613018480001285600" },
	/* Microsoft, decoded, with the prefix of its preview */
	{ "Report Domain: stalw.art Submitter: protection.outlook.com "
	  "Report-ID: 725c8f9d4a3b4cf1",
	    "stalw.art", "protection.outlook.com", "725c8f9d4a3b4cf1" },
	{ "[Preview] Report Domain: ueber.net Submitter: "
	  "protection.outlook.com Report-ID: 8be45a4f",
	    "ueber.net", "protection.outlook.com", "8be45a4f" },
	/* Amazon: braces, a name as submitter, a date between */
	{ "Dmarc Aggregate Report Domain: {stalw.art}  Submitter: "
	  "{Amazon SES}  Date: {2022-09-19}  Report-ID: "
	  "{6b06c0a7-0d3e-4a0c}",
	    "stalw.art", "Amazon SES", "6b06c0a7-0d3e-4a0c" },
	{ "Report Domain: afvalonline.nl Submitter: zeeland.nl "
	  "Report-ID: <2018.3.21.3204>",
	    "afvalonline.nl", "zeeland.nl", "2018.3.21.3204" },
	/* OpenDMARC */
	{ "Report Domain: d.example Submitter: s.example "
	  "Report-ID: d.example-1700000000@s.example",
	    "d.example", "s.example", "d.example-1700000000@s.example" },
	{ "FW: Report Domain: a.example Submitter: b.example", "a.example",
	    "b.example", "" },
	/* RFC 7489 read literally: no blank before the id */
	{ "Report Domain: a.example Submitter: b.example Report-ID:<x@y>",
	    "a.example", "b.example", "x@y" },
	{ "\r\n Report\r\n\tDomain:\n a.example\n\tSubmitter : "
	  "Two\r\n\t Words\n Report-ID: x\n",
	    "a.example", "Two Words", "x" },
	/* any order */
	{ "Report-ID: x Submitter: b.example Domain: a.example", "a.example",
	    "b.example", "x" },
	{ "REPORT DOMAIN:a.example;SUBMITTER:b.example,REPORT-ID:x,",
	    "a.example", "b.example", "x" },
	/* the first of each counts */
	{ "Domain: a.example Domain: b.example Submitter: c", "a.example", "c",
	    "" },
	/* only whole words are keywords */
	{ "Subdomain: a.example update: x Submitter: b", "", "b", "" },
	{ "Submitter: update: now Report-ID: my-date: x", "", "update: now",
	    "my-date: x" },
	{ "Domain: Submitter: Report-ID:", "", "", "" },
	{ "Domain: {} Submitter: <> Report-ID: ;;", "", "", "" },
	{ "Domain: {a Submitter: <b> c Report-ID: <<x>>", "{a", "<b> c",
	    "<x>" },
	{ "the domain of a submitter", "", "", "" },
	{ "domain", "", "", "" },
	{ "domain ", "", "", "" },
	{ "domain:", "", "", "" },
	{ "", "", "", "" },
	{ NULL, "", "", "" },
	/* hostile bytes */
	{ "Domain: a\x01\x1b[2J.example Submitter: \xe2\x80\xae"
	  "b\xff Report-ID: \xc2\xa0x\xc2\xa0",
	    "a[2J.example", "b\xef\xbf\xbd", "x" },
};

START_TEST(subject)
{
	const struct subject_row *row = &subject_rows[_i];
	struct ruad_subject_hint hint;
	bool any;

	memset(&hint, 0xff, sizeof(hint));
	any = row->domain[0] != '\0' || row->submitter[0] != '\0' ||
	    row->report_id[0] != '\0';
	ck_assert_int_eq(ruad_hint_subject(row->subject, &hint), any);
	ck_assert_str_eq(hint.domain, row->domain);
	ck_assert_str_eq(hint.submitter, row->submitter);
	ck_assert_str_eq(hint.report_id, row->report_id);
}
END_TEST

/* A repetition of a text; the caller frees it. */
static char *
repeat(const char *before, const char *text, size_t times, const char *after)
{
	size_t len = strlen(text), i, at = strlen(before);
	char *s = malloc(at + len * times + strlen(after) + 1);

	ck_assert_ptr_nonnull(s);
	memcpy(s, before, at);
	for (i = 0; i < times; i++, at += len)
		memcpy(s + at, text, len);
	strcpy(s + at, after);
	return s;
}

START_TEST(subject_fits)
{
	struct ruad_subject_hint hint;
	char *s;

	s = repeat("Domain: x Report-ID: ", "a", 512, "");
	ck_assert(ruad_hint_subject(s, &hint));
	ck_assert_uint_eq(strlen(hint.report_id), 512);
	free(s);
	s = repeat("Domain: x Report-ID: ", "a", 513, "");
	ck_assert(ruad_hint_subject(s, &hint));
	ck_assert_str_eq(hint.domain, "x");
	ck_assert_str_eq(hint.report_id, "");
	free(s);
	s = repeat("Domain: ", "a", 253, "");
	ck_assert(ruad_hint_subject(s, &hint));
	ck_assert_uint_eq(strlen(hint.domain), 253);
	free(s);
	s = repeat("Domain: ", "a", 254, "");
	ck_assert(!ruad_hint_subject(s, &hint));
	free(s);
}
END_TEST

static const char *const long_texts[] = { "domain", "domain ",
	"domain: ", "Report-ID:Submitter:", " ", "{", "date", ";",
	"\xe2\x80\x8b" };

/* Work is in proportion to length: these would not end otherwise. */
START_TEST(subject_long)
{
	struct ruad_subject_hint hint;
	char *s = repeat("Domain: x ", long_texts[_i], 300000, " Submitter: y");

	ck_assert(ruad_hint_subject(s, &hint));
	free(s);
}
END_TEST

static const struct file_row {
	const char *name;
	bool ok;
	const char *receiver, *policy_domain;
	int64_t begin, end;
	const char *unique_id;
} file_rows[] = {
	{ "google.com!example.com!1700000000!1700086399.xml", true,
	    "google.com", "example.com", 1700000000, 1700086399, "" },
	{ "google.com!example.com!1700000000!1700086399.zip", true,
	    "google.com", "example.com", 1700000000, 1700086399, "" },
	{ "a!b!1!2!id123.xml.gz", true, "a", "b", 1, 2, "id123" },
	{ "a!b!1!2.gz", true, "a", "b", 1, 2, "" },
	{ "a!b!1!2.XML.Zip", true, "a", "b", 1, 2, "" },
	{ "a!b!1!2!x.xml.txt.gz.zip", true, "a", "b", 1, 2, "x" },
	{ "a!b!1!2", true, "a", "b", 1, 2, "" },
	{ "!example.com!1!2.xml", true, "", "example.com", 1, 2, "" },
	{ "a!!1!2.xml", true, "a", "", 1, 2, "" },
	/* whatever follows is the unique id */
	{ "a!b!1!2!x!y.xml", true, "a", "b", 1, 2, "x!y" },
	{ "a!b!1!2!.xml", true, "a", "b", 1, 2, "" },
	{ "a!b!1!2!3.4-5@c.xml", true, "a", "b", 1, 2, "3.4-5@c" },
	/* directories */
	{ "dir/a!b!1!2.xml", true, "a", "b", 1, 2, "" },
	{ "../../etc/a!b!1!2.xml", true, "a", "b", 1, 2, "" },
	{ "C:\\reports\\a!b!1!2.xml", true, "a", "b", 1, 2, "" },
	{ "a!b!1!2/c.xml", false, "", "", 0, 0, "" },
	/* remains of a parameter, folded */
	{ "\"a!b!1!2.xml\";", true, "a", "b", 1, 2, "" },
	{ " a!b!\r\n 1! 2 !x.xml ; ", true, "a", "b", 1, 2, "x" },
	{ "a!b!0!9223372036854775799", true, "a", "b", 0,
	    INT64_C(9223372036854775799), "" },
	{ "a!b!007!2", true, "a", "b", 7, 2, "" },
	/* says nothing */
	{ "a!b!1!9223372036854775808", false, "", "", 0, 0, "" },
	{ "a!b!1!99999999999999999999999999", false, "", "", 0, 0, "" },
	{ "a!b!1!-2", false, "", "", 0, 0, "" },
	{ "a!b!+1!2", false, "", "", 0, 0, "" },
	{ "a!b!1.5!2", false, "", "", 0, 0, "" },
	{ "a!b!!2", false, "", "", 0, 0, "" },
	{ "a!b!1!", false, "", "", 0, 0, "" },
	{ "a!b!1", false, "", "", 0, 0, "" },
	{ "a!b!1.xml!2.xml", false, "", "", 0, 0, "" },
	{ "report.xml", false, "", "", 0, 0, "" },
	{ ".xml.gz", false, "", "", 0, 0, "" },
	{ "!!!", false, "", "", 0, 0, "" },
	{ "", false, "", "", 0, 0, "" },
	{ NULL, false, "", "", 0, 0, "" },
	/* hostile bytes */
	{ "a\x1b!b\xff\x7f!1!2!\xe2\x80\xaex", true, "a", "b\xef\xbf\xbd", 1, 2,
	    "x" },
};

START_TEST(file_name)
{
	const struct file_row *row = &file_rows[_i];
	struct ruad_file_hint hint;

	memset(&hint, 0xff, sizeof(hint));
	ck_assert_int_eq(ruad_hint_file_name(row->name, &hint), row->ok);
	ck_assert_str_eq(hint.receiver, row->receiver);
	ck_assert_str_eq(hint.policy_domain, row->policy_domain);
	ck_assert_int_eq(hint.begin, row->begin);
	ck_assert_int_eq(hint.end, row->end);
	ck_assert_str_eq(hint.unique_id, row->unique_id);
}
END_TEST

START_TEST(file_name_long)
{
	struct ruad_file_hint hint;
	char *s;

	s = repeat("", ".xml.gz", 300000, "");
	ck_assert(!ruad_hint_file_name(s, &hint));
	free(s);
	s = repeat("a!b!1!2", ".xml.gz", 300000, "");
	ck_assert(ruad_hint_file_name(s, &hint));
	ck_assert_str_eq(hint.unique_id, "");
	free(s);
	s = repeat("a!b!1!2", "!", 300000, "");
	ck_assert(ruad_hint_file_name(s, &hint));
	ck_assert_str_eq(hint.unique_id, "");
	free(s);
	s = repeat("", "r", 256, "!b!1!2");
	ck_assert(ruad_hint_file_name(s, &hint));
	ck_assert_str_eq(hint.receiver, "");
	ck_assert_str_eq(hint.policy_domain, "b");
	free(s);
}
END_TEST

static Suite *
hint_suite(void)
{
	Suite *s = suite_create("hint");
	TCase *tc = tcase_create("hint");

	suite_add_tcase(s, tc);
	add_rows(tc, subject, subject_rows);
	tcase_add_test(tc, subject_fits);
	add_rows(tc, subject_long, long_texts);
	add_rows(tc, file_name, file_rows);
	tcase_add_test(tc, file_name_long);
	return s;
}

int
main(void)
{
	return run_suite(hint_suite());
}
