/* check_emit.c - escaped text and CSV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "emit.h"

static const struct {
	const char *text, *utf8, *ascii;
} escapes[] = {
	{ "", "", "" },
	{ "plain ~ text", "plain ~ text", "plain ~ text" },
	{ "back\\slash \\x1b", "back\\slash \\x1b", "back\\slash \\x1b" },
	/* controls of ASCII */
	{ "\033[2J", "\\x1b[2J", "\\x1b[2J" },
	{ "a\tb\r\nc\001\177", "a\\x09b\\x0d\\x0ac\\x01\\x7f",
	    "a\\x09b\\x0d\\x0ac\\x01\\x7f" },
	/* C1: CSI in UTF-8, and the last of them */
	{ "\302\233m \302\237", "\\u009bm \\u009f", "\\u009bm \\u009f" },
	{ "\302\240", "\302\240", "\\u00a0" },
	/* wide and combining characters pass */
	{ "\346\227\245\346\234\254", "\346\227\245\346\234\254",
	    "\\u65e5\\u672c" },
	{ "e\314\201", "e\314\201", "e\\u0301" },
	{ "\360\237\230\200", "\360\237\230\200", "\\u1f600" },
	/* direction of writing, no width, line separators */
	{ "\342\200\256x", "\\u202ex", "\\u202ex" },
	{ "\342\201\246\342\201\251", "\\u2066\\u2069", "\\u2066\\u2069" },
	{ "\342\200\213\342\200\250\357\273\277", "\\u200b\\u2028\\ufeff",
	    "\\u200b\\u2028\\ufeff" },
	{ "\330\234", "\\u061c", "\\u061c" },
	/* tags, private use, no characters */
	{ "\363\240\201\201", "\\ue0041", "\\ue0041" },
	{ "\357\277\277", "\\uffff", "\\uffff" },
	{ "\364\217\277\277", "\\u10ffff", "\\u10ffff" },
	/* the replacement character is one to be seen */
	{ "\357\277\275", "\357\277\275", "\\ufffd" },
	/* no UTF-8: lone, cut, overlong, surrogate, too large */
	{ "\200", "\\x80", "\\x80" },
	{ "a\377b", "a\\xffb", "a\\xffb" },
	{ "\346\227", "\\xe6\\x97", "\\xe6\\x97" },
	{ "\346\227x", "\\xe6\\x97x", "\\xe6\\x97x" },
	{ "\300\233", "\\xc0\\x9b", "\\xc0\\x9b" },
	{ "\340\200\233", "\\xe0\\x80\\x9b", "\\xe0\\x80\\x9b" },
	{ "\355\240\200", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
	{ "\364\220\200\200", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\233\316", "\\x9b\\xce", "\\x9b\\xce" },
};

/* What fn wrote to a stream. */
#define CAPTURE(text_out, to, statement) \
	do { \
		size_t size; \
		FILE *to = open_memstream(&(text_out), &size); \
		ck_assert_ptr_nonnull(to); \
		statement; \
		ck_assert_int_eq(fclose(to), 0); \
	} while (0)

START_TEST(escape)
{
	char *text;

	text = ruad_emit_escaped(escapes[_i].text, RUAD_EMIT_UTF8);
	ck_assert_str_eq(text, escapes[_i].utf8);
	free(text);
	text = ruad_emit_escaped(escapes[_i].text, RUAD_EMIT_ASCII);
	ck_assert_str_eq(text, escapes[_i].ascii);
	free(text);
	CAPTURE(text, to, ruad_emit_text(to, escapes[_i].text, RUAD_EMIT_UTF8));
	ck_assert_str_eq(text, escapes[_i].utf8);
	free(text);
}
END_TEST

START_TEST(escape_nul)
{
	char buf[20];

	ck_assert_uint_eq(ruad_emit_escape(buf, sizeof(buf), "a\0b", 3,
			      RUAD_EMIT_UTF8),
	    6);
	ck_assert_str_eq(buf, "a\\x00b");
}
END_TEST

START_TEST(escape_every_byte)
{
	char buf[20];
	unsigned char c;

	for (unsigned i = 0; i < 256; i++) {
		c = (unsigned char)i;
		ruad_emit_escape(buf, sizeof(buf), &c, 1, RUAD_EMIT_UTF8);
		for (const char *p = buf; *p != '\0'; p++)
			ck_assert(*p >= ' ' && *p <= '~');
	}
}
END_TEST

/* Cut before a character or escape that does not fit. */
START_TEST(escape_cut)
{
	static const char text[] = "ab\033\303\251z";
	static const char *const wanted[] = { NULL, "", "a", "ab", "ab", "ab",
		"ab", "ab\\x1b", "ab\\x1b", "ab\\x1b\303\251",
		"ab\\x1b\303\251z", "ab\\x1b\303\251z" };
	char buf[20];

	for (size_t cap = 0; cap < COUNT(wanted); cap++) {
		memset(buf, '!', sizeof(buf));
		ck_assert_uint_eq(ruad_emit_escape(buf, cap, text, strlen(text),
				      RUAD_EMIT_UTF8),
		    9);
		if (wanted[cap] != NULL)
			ck_assert_str_eq(buf, wanted[cap]);
		ck_assert_int_eq(buf[cap], '!');
	}
}
END_TEST

START_TEST(utf8)
{
	ck_assert(ruad_emit_is_utf8("", 0));
	ck_assert(ruad_emit_is_utf8("a\0\033", 3));
	ck_assert(ruad_emit_is_utf8("\346\227\245", 3));
	ck_assert(!ruad_emit_is_utf8("\346\227\245", 2));
	ck_assert(!ruad_emit_is_utf8("a\377", 2));
	ck_assert(!ruad_emit_is_utf8("\355\240\200", 3));
}
END_TEST

static const struct {
	const char *text, *csv;
} cells[] = {
	{ NULL, "" },
	{ "", "" },
	{ "plain", "plain" },
	{ "a b", "a b" },
	{ " a", "\" a\"" },
	{ "a ", "\"a \"" },
	{ "a,b", "\"a,b\"" },
	{ "say \"x\"", "\"say \"\"x\"\"\"" },
	{ "two\nlines", "\"two\nlines\"" },
	{ "two\r\nlines", "\"two\r\nlines\"" },
	/* formulas */
	{ "=1+1", "'=1+1" },
	{ "\xEF\xBC\x9D(", "'\xEF\xBC\x9D(" },
	{ "\xEF\xBC\xA0SUM", "'\xEF\xBC\xA0SUM" },
	{ "\xEF\xBC\xA1", "\xEF\xBC\xA1" },
	{ "\n=1", "\"'\n=1\"" },
	{ "=A1,B1", "\"'=A1,B1\"" },
	{ "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
	{ "-2+3", "'-2+3" },
	{ "@SUM(1)", "'@SUM(1)" },
	{ "\t=1", "\"'\t=1\"" },
	{ "\r=1", "\"'\r=1\"" },
	{ "-", "'-" },
	{ "+", "'+" },
	{ "-.", "'-." },
	{ "-1e", "'-1e" },
	{ "--1", "'--1" },
	/* numbers */
	{ "-5", "-5" },
	{ "+12.50", "+12.50" },
	{ "-.5", "-.5" },
	{ "-1.", "-1." },
	{ "-1e-3", "-1e-3" },
	{ "1=1", "1=1" },
	{ "a=b", "a=b" },
	/* what a terminal would obey */
	{ "x\033[2J", "x\\x1b[2J" },
	{ "\342\200\256=1", "\\u202e=1" },
	{ "\377", "\\xff" },
	{ "\346\227\245", "\346\227\245" },
};

START_TEST(csv_cell)
{
	char *text, wanted[100];

	CAPTURE(text, to, {
		struct ruad_csv csv = { .to = to };

		ruad_csv_text(&csv, cells[_i].text);
		ruad_csv_end(&csv);
	});
	snprintf(wanted, sizeof(wanted), "%s\r\n", cells[_i].csv);
	ck_assert_str_eq(text, wanted);
	free(text);
}
END_TEST

START_TEST(csv_rows)
{
	char *text;

	CAPTURE(text, to, {
		struct ruad_csv csv = { .to = to };

		ruad_csv_text(&csv, NULL);
		ruad_csv_int(&csv, INT64_MIN);
		ruad_csv_text(&csv, "x");
		ruad_csv_end(&csv);
		ruad_csv_int(&csv, 7);
		ruad_csv_text(&csv, "");
		ruad_csv_end(&csv);
	});
	ck_assert_str_eq(text, ",-9223372036854775808,x\r\n7,\r\n");
	free(text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("emit");
	TCase *tc = tcase_create("emit");

	suite_add_tcase(s, tc);
	add_rows(tc, escape, escapes);
	tcase_add_test(tc, escape_nul);
	tcase_add_test(tc, escape_every_byte);
	tcase_add_test(tc, escape_cut);
	tcase_add_test(tc, utf8);
	add_rows(tc, csv_cell, cells);
	tcase_add_test(tc, csv_rows);
	return run_suite(s);
}
