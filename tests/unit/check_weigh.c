/* check_weigh.c - what mails are too heavy for the MIME parser, and that honest
 * ones are light. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "weigh.h"

#define MIB ((size_t)1024 * 1024)

static struct ruad_weight
weigh(const char *data, size_t len)
{
	struct ruad_weight w;

	ruad_weigh_mail((const unsigned char *)data, len, &w);
	return w;
}

/* A header, then `unit` so often, then an end. */
static struct ruad_weight
weigh_run(const char *head, const char *unit, size_t count, const char *tail)
{
	size_t n = strlen(unit), at = strlen(head), i;
	char *data = malloc(at + n * count + strlen(tail) + 1);
	struct ruad_weight w;

	ck_assert_ptr_nonnull(data);
	strcpy(data, head);
	for (i = 0; i < count; i++, at += n)
		memcpy(data + at, unit, n);
	strcpy(data + at, tail);
	w = weigh(data, at + strlen(tail));
	free(data);
	return w;
}

START_TEST(honest)
{
	static const char mail[] =
	    "Received: from a.example (a.example [192.0.2.1])\r\n"
	    "\tby b.example; Wed, 01 Jan 2025 10:00:00 +0000\r\n"
	    "From: DMARC Reports <reports@a.example>\r\n"
	    "To: rua@b.example\r\n"
	    "Subject: Report Domain: b.example Submitter: a.example\r\n"
	    "Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n"
	    "--x\r\nContent-Type: text/plain\r\n\r\nA report.\r\n"
	    "--x\r\nContent-Type: application/gzip; name=\"a.xml.gz\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nH4sI\r\n--x--\r\n";
	struct ruad_weight w = weigh(mail, sizeof(mail) - 1);

	ck_assert(!w.deadly);
	ck_assert_uint_lt(w.objects, 64 * 1024);
	ck_assert_uint_eq(w.texts, 2 * (sizeof(mail) - 1));
	/* 20 MB of a report as plain text, with the ends of comments */
	w = weigh_run("Content-Type: text/xml\n\n<feedback><!--\n-->\n",
	    "<record>2001:db8::1</record>\n", 700000, "</feedback>\n");
	ck_assert(!w.deadly);
	ck_assert_uint_lt(w.objects, 64 * 1024);
	ck_assert_uint_eq(w.texts, 0);
	/* the empty line ends the field, whatever follows */
	w = weigh_run("Content-Type: text/xml\r\n\r\n", " <record>\r\n", 700000,
	    "");
	ck_assert_uint_lt(w.objects, 64 * 1024);
	w = weigh_run("Content-Type: text/xml\r\n", "\r\n", 700000, "");
	ck_assert_uint_lt(w.objects, 64 * 1024);
}
END_TEST

static const struct row {
	const char *head, *unit;
	size_t light, heavy; /* how often: fits, and does not */
} rows[] = {
	{ "X: y\n\n", "--b\n\nx\n", 30000, 33000 },
	{ "", "a:\n", 100000, 140000 },
	{ "X: y\n\n", "--b\na:\n\nx\n", 20000, 30000 },
	{ "X:", " 0123456789012345\n", 800000, 1000000 },
	{ "Subject:", " =?utf-8?q?a?=\n", 200000, 300000 },
	{ "Content-Type: a/b", ";\n a*1*=b", 170000, 180000 },
	{ "", "To: a,a,a,a\n", 30000, 40000 },
};

START_TEST(heavy)
{
	const struct row *r = &rows[_i];
	struct ruad_weight w = weigh_run(r->head, r->unit, r->light, "\n\nx");

	ck_assert(!w.deadly);
	ck_assert_uint_le(w.objects, RUAD_WEIGH_MAX);
	w = weigh_run(r->head, r->unit, r->heavy, "\n\nx");
	ck_assert(!w.deadly);
	ck_assert_uint_gt(w.objects, RUAD_WEIGH_MAX);
	ck_assert_uint_lt(w.objects, RUAD_WEIGH_MAX + 1 * MIB);
}
END_TEST

START_TEST(deadly)
{
	ck_assert(!weigh_run("From: ", "a", 16384 - 6, "\n").deadly);
	ck_assert(weigh_run("From: ", "a", 16384 - 5, "\n").deadly);
	ck_assert(weigh_run("BCC \t:\n", " aaaaaaaaa\n", 1639, "").deadly);
	ck_assert(!weigh_run("BCC \t:\nX:", " aaaaaaaaa\n", 1639, "").deadly);
	ck_assert(!weigh_run("Reply-To: ", "a:", 63, "\n").deadly);
	ck_assert(weigh_run("Reply-To: ", "a:", 64, "\n").deadly);
	ck_assert(weigh_run("X: y\n\n--b\nTo:", " a:\n", 64, "\n").deadly);
	ck_assert(!weigh_run("Xto: ", "a:", 5000, "\n").deadly);
}
END_TEST

static Suite *
weigh_suite(void)
{
	Suite *s = suite_create("weigh");
	TCase *tc = tcase_create("weigh");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, honest);
	add_rows(tc, heavy, rows);
	tcase_add_test(tc, deadly);
	return s;
}

int
main(void)
{
	return run_suite(weigh_suite());
}
