/* check_base.c - the modules that all others stand on: code, err, limits,
 * arena, source, text. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "arena.h"
#include "check_main.h"
#include "code.h"
#include "err.h"
#include "limit.h"
#include "source.h"
#include "text.h"

START_TEST(code_table)
{
	unsigned i;
	bool warnings = false, warning;

	ck_assert_str_eq(ruad_code_name(RUAD_CODE_NONE), "");
	ck_assert_str_eq(ruad_code_name(RUAD_XML_DTD), "XML_DTD");
	ck_assert_str_eq(ruad_code_name(RUAD_ROW_LIST_CUT), "ROW_LIST_CUT");
	ck_assert_int_eq(ruad_code_class(RUAD_MAIL_BOUNCE), RUAD_CLASS_MAIL);
	ck_assert_int_eq(ruad_code_class(RUAD_LIMIT_SIZE), RUAD_CLASS_PART);
	ck_assert_int_eq(ruad_code_class(RUAD_REP_NO_ORG), RUAD_CLASS_REPORT);
	ck_assert_int_eq(ruad_code_class(RUAD_ROW_IP), RUAD_CLASS_ROW);
	ck_assert_int_eq(ruad_code_class(RUAD_OUR_BUSY), RUAD_CLASS_OURS);
	/* The warnings are the tail of the list, which sets rely on. */
	for (i = RUAD_CODE_NONE + 1; i < RUAD_CODE_COUNT; i++) {
		ck_assert_str_ne(ruad_code_name((enum ruad_code)i), "");
		ck_assert_str_ne(ruad_code_help((enum ruad_code)i), "");
		warning =
		    ruad_code_class((enum ruad_code)i) == RUAD_CLASS_WARNING;
		ck_assert(warning || !warnings);
		warnings = warning;
	}
	ck_assert(warnings);
}
END_TEST

START_TEST(code_warnings)
{
	struct ruad_warnings set = { 0 };
	char buf[64];

	ck_assert_int_eq(ruad_warnings_at(&set, 0), RUAD_CODE_NONE);
	ck_assert_str_eq(ruad_warnings_text(&set, buf, sizeof(buf)), "");
	ruad_warn(&set, RUAD_ROW_LIST_CUT);
	ruad_warn(&set, RUAD_MIME_INLINE);
	ruad_warn(&set, RUAD_REP_SPAN);
	ruad_warn(&set, RUAD_REP_SPAN);
	ck_assert(ruad_warned(&set, RUAD_REP_SPAN));
	ck_assert(!ruad_warned(&set, RUAD_REP_OVERLAP));
	ck_assert(!ruad_warned(&set, RUAD_XML_DTD));
	ck_assert(!ruad_warned(&set, RUAD_CODE_NONE));
	ck_assert_int_eq(ruad_warnings_at(&set, 0), RUAD_MIME_INLINE);
	ck_assert_int_eq(ruad_warnings_at(&set, 1), RUAD_REP_SPAN);
	ck_assert_int_eq(ruad_warnings_at(&set, 2), RUAD_ROW_LIST_CUT);
	ck_assert_int_eq(ruad_warnings_at(&set, 3), RUAD_CODE_NONE);
	ck_assert_str_eq(ruad_warnings_text(&set, buf, sizeof(buf)),
	    "MIME_INLINE REP_SPAN ROW_LIST_CUT");
	ck_assert_str_eq(ruad_warnings_text(&set, buf, 34),
	    "MIME_INLINE REP_SPAN ROW_LIST_CUT");
	ck_assert_str_eq(ruad_warnings_text(&set, buf, 33),
	    "MIME_INLINE REP_SPAN");
	ck_assert_str_eq(ruad_warnings_text(&set, buf, 11), "");
	ck_assert_str_eq(ruad_warnings_text(&set, buf, 1), "");
	buf[0] = 'x';
	ruad_warnings_text(&set, buf, 0);
	ck_assert_int_eq(buf[0], 'x');
}
END_TEST

START_TEST(err_text)
{
	struct ruad_err err;
	char longer[1000];

	ck_assert_int_eq(ruad_fail(&err, RUAD_BAD, RUAD_XML_DTD,
			     "xml: line %d: %s", 7, "a\nb\x1b[31m\xc3\xa4%n"),
	    RUAD_BAD);
	ck_assert_int_eq(err.status, RUAD_BAD);
	ck_assert_int_eq(err.code, RUAD_XML_DTD);
	ck_assert_str_eq(err.text, "xml: line 7: a\\x0ab\\x1b[31m\\xc3\\xa4%n");
	ck_assert_int_eq(ruad_fail(NULL, RUAD_LIMIT, RUAD_LIMIT_SIZE, "x"),
	    RUAD_LIMIT);
	ck_assert_int_eq(ruad_fail_memory(&err, "arena"), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_MEMORY);
	ck_assert_str_eq(err.text, "arena: out of memory");

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ruad_fail(&err, RUAD_BAD, RUAD_XML_DTD, "%s", longer);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	memset(longer, '\n', sizeof(longer) - 1);
	ruad_fail(&err, RUAD_BAD, RUAD_XML_DTD, "%s", longer);
	ck_assert_uint_eq(strlen(err.text) % 4, 0);
	/* A text may be made from the one before. */
	ruad_fail(&err, RUAD_BAD, RUAD_XML_DTD, "a\n");
	ruad_fail(&err, RUAD_BAD, RUAD_XML_DTD, "b: %s", err.text);
	ck_assert_str_eq(err.text, "b: a\\x0a");
}
END_TEST

START_TEST(limits_default)
{
	struct ruad_limits lim;

	memset(&lim, 0xff, sizeof(lim));
	ruad_limits_default(&lim);
	ck_assert_uint_eq(lim.message_bytes, 26214400);
	ck_assert_uint_eq(lim.mime_depth, 10);
	ck_assert_uint_eq(lim.mime_parts, 200);
	ck_assert_uint_eq(lim.layers, 3);
	ck_assert_uint_eq(lim.entries, 64);
	ck_assert_uint_eq(lim.xml_bytes, 67108864);
	ck_assert_uint_eq(lim.total_bytes, 134217728);
	ck_assert_uint_eq(lim.xml_depth, 32);
	ck_assert_uint_eq(lim.xml_attributes, 32);
	ck_assert_uint_eq(lim.text_bytes, 65536);
	ck_assert_uint_eq(lim.records, 1000000);
	ck_assert_uint_eq(lim.dkim_per_record, 100);
	ck_assert_uint_eq(lim.reasons_per_record, 16);
	ck_assert_uint_eq(lim.span_secs, 62 * 86400);
	ck_assert_uint_eq(lim.read_msecs, 1500);
}
END_TEST

START_TEST(budget)
{
	struct ruad_budget b = { .max = 100 }, unlimited = { .max = 0 };

	ck_assert(ruad_budget_take(&b, 100));
	ck_assert(!ruad_budget_take(&b, 1));
	ck_assert(!ruad_budget_take(&b, SIZE_MAX));
	ruad_budget_give(&b, 1);
	ck_assert(ruad_budget_take(&b, 1));
	ck_assert_uint_eq(b.used, 100);
	ck_assert(ruad_budget_take(&unlimited, SIZE_MAX));
	ck_assert(!ruad_budget_take(&unlimited, 1));
	ck_assert(ruad_budget_take(NULL, SIZE_MAX));
	ruad_budget_give(NULL, 1);
}
END_TEST

/* Whether all n bytes are c. */
static bool
all_bytes(const unsigned char *p, size_t n, unsigned char c)
{
	return n == 0 || (p[0] == c && memcmp(p, p + 1, n - 1) == 0);
}

START_TEST(arena_alloc)
{
	static const size_t sizes[] = { 0, 1, 7, 16, 100, 4000, 20000, 3, 70000,
		300000, 5 };
	struct ruad_budget b = { .max = 0 };
	struct ruad_arena *a = ruad_arena_new(&b);
	unsigned char *p[COUNT(sizes) * 40];
	size_t i, n, asked = 0;

	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(b.used, 0);
	for (i = 0; i < COUNT(p); i++) {
		n = sizes[i % COUNT(sizes)];
		asked += n;
		p[i] = ruad_arena_alloc(a, n);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		ck_assert(all_bytes(p[i], n, 0));
		memset(p[i], (int)(i & 0xff), n);
	}
	for (i = 0; i < COUNT(p); i++)
		ck_assert(all_bytes(p[i], sizes[i % COUNT(sizes)],
		    (unsigned char)(i & 0xff)));
	ck_assert_uint_ge(b.used, asked);
	ck_assert_uint_le(b.used, asked + asked / 4 + 1024 * 1024);
	ck_assert_ptr_null(ruad_arena_alloc(a, SIZE_MAX));
	ck_assert_ptr_null(ruad_arena_alloc(a, SIZE_MAX - 64));
	ck_assert_ptr_null(ruad_arena_strndup(a, "", SIZE_MAX));
	ruad_arena_free(&a);
	ck_assert_ptr_null(a);
	ck_assert_uint_eq(b.used, 0);
	ruad_arena_free(&a);
}
END_TEST

START_TEST(arena_budget)
{
	struct ruad_budget b = { .max = 40 * 1024 };
	struct ruad_arena *a = ruad_arena_new(&b), *second;

	ck_assert_ptr_nonnull(ruad_arena_alloc(a, 1));
	ck_assert_uint_eq(b.used, 16 * 1024);
	ck_assert_ptr_null(ruad_arena_alloc(a, 30 * 1024));
	ck_assert_uint_eq(b.used, 16 * 1024);
	/* What was refused does no harm to what fits. */
	ck_assert_ptr_nonnull(ruad_arena_alloc(a, 20 * 1024));
	second = ruad_arena_new(&b);
	ck_assert_ptr_null(ruad_arena_alloc(second, 1));
	ruad_arena_free(&a);
	ck_assert_ptr_nonnull(ruad_arena_alloc(second, 1));
	ruad_arena_free(&second);
	ck_assert_uint_eq(b.used, 0);
}
END_TEST

START_TEST(arena_strings)
{
	struct ruad_arena *a = ruad_arena_new(NULL);

	ck_assert_str_eq(ruad_arena_strdup(a, "abc"), "abc");
	ck_assert_str_eq(ruad_arena_strdup(a, ""), "");
	ck_assert_str_eq(ruad_arena_strndup(a, "abc", 2), "ab");
	ck_assert_str_eq(ruad_arena_strndup(a, NULL, 0), "");
	ck_assert_mem_eq(ruad_arena_strndup(a, "a\0b", 3), "a\0b\0", 4);
	ruad_arena_free(&a);
}
END_TEST

/* A source that gives one byte at a time and fails after the third. */
struct failing_source {
	struct ruad_source source;
	int reads;
};

static enum ruad_status
failing_read(struct ruad_source *self, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct failing_source *f = (struct failing_source *)self;

	ck_assert_uint_gt(cap, 0);
	if (++f->reads > 3)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_CRC, "broken");
	*(char *)buf = (char)('0' + f->reads);
	*len_out = 1;
	return RUAD_OK;
}

START_TEST(source_memory)
{
	struct ruad_memory_source m;
	char buf[8];
	size_t len;

	ruad_memory_source_init(&m, "abcdef", 6);
	ck_assert_int_eq(ruad_source_read(&m.source, buf, 4, &len, NULL),
	    RUAD_OK);
	ck_assert_uint_eq(len, 4);
	ck_assert_mem_eq(buf, "abcd", 4);
	ck_assert_int_eq(ruad_source_read(&m.source, buf, 4, &len, NULL),
	    RUAD_OK);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(buf, "ef", 2);
	ck_assert_int_eq(ruad_source_read(&m.source, buf, 4, &len, NULL),
	    RUAD_END);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(ruad_source_rewind(&m.source, NULL), RUAD_OK);
	ck_assert_int_eq(ruad_source_fill(&m.source, buf, 6, &len, NULL),
	    RUAD_OK);
	ck_assert_uint_eq(len, 6);
	ck_assert_int_eq(ruad_source_fill(&m.source, buf, 8, &len, NULL),
	    RUAD_OK);
	ck_assert_uint_eq(len, 0);

	ruad_memory_source_init(&m, NULL, 0);
	ck_assert_int_eq(ruad_source_read(&m.source, buf, 8, &len, NULL),
	    RUAD_END);
}
END_TEST

START_TEST(source_fill)
{
	struct failing_source f = { { failing_read, NULL }, 0 };
	struct ruad_err err;
	char buf[8];
	size_t len;

	ck_assert_int_eq(ruad_source_fill(&f.source, buf, 2, &len, &err),
	    RUAD_OK);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(buf, "12", 2);
	ck_assert_int_eq(ruad_source_fill(&f.source, buf, 8, &len, &err),
	    RUAD_BAD);
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(err.code, RUAD_ARC_CRC);
	ck_assert_int_eq(ruad_source_fill(&f.source, buf, 0, &len, &err),
	    RUAD_OK);
}
END_TEST

static const struct escape_row {
	const char *in;
	size_t len, cap;
	const char *out;
} escape_rows[] = {
	{ "plain ~", 7, 100, "plain ~" },
	{ "a\\b", 3, 100, "a\\b" },
	{ "\0\t\x7f\x80\xff", 5, 100, "\\x00\\x09\\x7f\\x80\\xff" },
	{ "abc", 3, 4, "abc" },
	{ "abc", 3, 3, "ab" },
	{ "a\n", 2, 6, "a\\x0a" },
	{ "a\nb", 3, 5, "a" },
	{ "a", 1, 1, "" },
	{ "", 0, 100, "" },
};

START_TEST(text_escape)
{
	const struct escape_row *row = &escape_rows[_i];
	char buf[100];
	size_t len;

	len = ruad_text_escape(buf, row->cap, row->in, row->len);
	ck_assert_str_eq(buf, row->out);
	ck_assert_uint_eq(len, strlen(row->out));
	buf[0] = 'x';
	ck_assert_uint_eq(ruad_text_escape(buf, 0, row->in, row->len), 0);
	ck_assert_int_eq(buf[0], 'x');
}
END_TEST

static const char *const trim_rows[][2] = {
	{ "abc", "abc" },
	{ " \t\r\nabc \t\r\n", "abc" },
	{ "\xc2\xa0"
	  "a b"
	  "\xc2\xa0",
	    "a b" },
	{ "\xef\xbb\xbf\xe2\x80\x8b"
	  "a"
	  "\xe2\x80\x8b \xef\xbb\xbf",
	    "a" },
	{ "", "" },
	{ " \xc2\xa0\n", "" },
	{ "\xa0", "\xa0" },
	{ "\xc3\xa0", "\xc3\xa0" },
	{ "\x0b", "\x0b" },
};

START_TEST(text_trim)
{
	const char *s = trim_rows[_i][0];
	size_t len = strlen(s);

	ruad_text_trim(&s, &len);
	ck_assert_uint_eq(len, strlen(trim_rows[_i][1]));
	ck_assert_mem_eq(s, trim_rows[_i][1], len);
}
END_TEST

#define FFFD "\xef\xbf\xbd"

static const struct clean_row {
	const char *in;
	size_t cap;
	const char *out;
	bool cut;
} clean_rows[] = {
	{ "plain", 100, "plain", false },
	{ "Gr\xc3\xbc\xc3\x9f"
	  "e \xe2\x82\xac \xf0\x9f\x98\x80",
	    100,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e \xe2\x82\xac \xf0\x9f\x98\x80",
	    false },
	{ "a\tb\nc\rd\x0b"
	  "e\x0c"
	  "f",
	    100, "a b c d e f", false },
	{ "a\x01\x1b[31mb\x7f"
	  "c",
	    100, "a[31mbc", false },
	{ "a\xc2\x85"
	  "b\xe2\x80\xa8"
	  "c\xc2\x9b"
	  "d",
	    100, "a b cd", false },
	{ "a\xe2\x80\xae"
	  "b\xe2\x81\xa6"
	  "c\xd8\x9c"
	  "d\xe2\x80\x8f",
	    100, "abcd", false },
	{ "\xff\xfe", 100, FFFD FFFD, false },
	{ "\xc0\xaf", 100, FFFD FFFD, false }, /* overlong */
	{ "\xe0\x80\x80", 100, FFFD FFFD FFFD, false },
	{ "\xed\xa0\x80", 100, FFFD FFFD FFFD, false }, /* surrogate */
	{ "\xf4\x90\x80\x80", 100, FFFD FFFD FFFD FFFD, false },
	{ "\xf5", 100, FFFD, false },
	{ "\xe2\x82", 100, FFFD, false }, /* cut inside a character */
	{ "\xe2\x82"
	  "a",
	    100, FFFD "a", false },
	{ "\xf0\x9f\x98", 100, FFFD, false },
	{ "abc", 4, "abc", false },
	{ "abc", 3, "ab", true },
	{ "a\xe2\x82\xac", 4, "a", true },
	{ "a\xe2\x82\xac", 5, "a\xe2\x82\xac", false },
	{ "a\xff", 4, "a", true },
	{ "ab\x01", 3, "ab", false },
	{ "a", 1, "", true },
	{ "", 1, "", false },
	{ "\x01 a\xe2\x80\xae \n", 100, "a", false },
	{ "ab cd", 4, "ab", true },
	{ "\xe2\x80\xae", 100, "", false },
};

START_TEST(text_clean)
{
	const struct clean_row *row = &clean_rows[_i];
	size_t len, in_len = strlen(row->in);
	char buf[100], *in;
	bool cut;

	/* A copy of just its size, for tools that watch memory. */
	in = malloc(in_len + 1);
	memcpy(in, row->in, in_len);
	len = ruad_text_clean(buf, row->cap, in, in_len, &cut);
	free(in);
	ck_assert_str_eq(buf, row->out);
	ck_assert_uint_eq(len, strlen(row->out));
	ck_assert_int_eq(cut, row->cut);
	ck_assert_uint_eq(ruad_text_clean(buf, row->cap, row->in, in_len, NULL),
	    len);
}
END_TEST

static const struct clean_row show_rows[] = {
	{ "pass", 100, "pass", false },
	{ "Gr\xc3\xbc\xc3\x9f", 100, "Gr\xc3\xbc\xc3\x9f", false },
	{ "p\xe2\x80\xae"
	  "ass",
	    100, "p\\xe2\\x80\\xaeass", false },
	{ "pass\x01", 100, "pass\\x01", false },
	{ "a\tb", 100, "a\\x09b", false },
	{ "\xff", 100, "\\xff", false },
	{ "abcdef", 4, "abc", true },
	{ "ab cdef", 4, "ab", true },
};

START_TEST(text_show)
{
	const struct clean_row *row = &show_rows[_i];
	char buf[100], again[100];
	bool cut;
	size_t len =
	    ruad_text_show(buf, row->cap, row->in, strlen(row->in), &cut);

	ck_assert_str_eq(buf, row->out);
	ck_assert_uint_eq(len, strlen(row->out));
	ck_assert_int_eq(cut, row->cut);
	ck_assert_uint_eq(ruad_text_show(again, row->cap, buf, len, NULL), len);
	ck_assert_str_eq(again, row->out);
}
END_TEST

static const char *const collapse_rows[][2] = {
	{ "", "" },
	{ "   ", "" },
	{ "a", "a" },
	{ "  a \t\r\n b  ", "a b" },
	{ "a b", "a b" },
};

START_TEST(text_collapse)
{
	char buf[100];

	strcpy(buf, collapse_rows[_i][0]);
	ck_assert_uint_eq(ruad_text_collapse(buf),
	    strlen(collapse_rows[_i][1]));
	ck_assert_str_eq(buf, collapse_rows[_i][1]);
}
END_TEST

START_TEST(text_case)
{
	char buf[] = "@AZ[`az{\xc3\x84";

	ruad_text_lower(buf, strlen(buf));
	ck_assert_str_eq(buf, "@az[`az{\xc3\x84");
	ck_assert(ruad_text_is("DoMaIn:", 6, "domain"));
	ck_assert(!ruad_text_is("domain", 5, "domain"));
	ck_assert(!ruad_text_is("domains", 7, "domain"));
	ck_assert(!ruad_text_is("[", 1, "{"));
	ck_assert(ruad_text_is("", 0, ""));
	ck_assert(!ruad_text_is("a\0b", 3, "a"));
}
END_TEST

static Suite *
base_suite(void)
{
	Suite *s = suite_create("base");
	TCase *tc = tcase_create("base");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, code_table);
	tcase_add_test(tc, code_warnings);
	tcase_add_test(tc, err_text);
	tcase_add_test(tc, limits_default);
	tcase_add_test(tc, budget);
	tcase_add_test(tc, arena_alloc);
	tcase_add_test(tc, arena_budget);
	tcase_add_test(tc, arena_strings);
	tcase_add_test(tc, source_memory);
	tcase_add_test(tc, source_fill);
	add_rows(tc, text_escape, escape_rows);
	add_rows(tc, text_trim, trim_rows);
	add_rows(tc, text_clean, clean_rows);
	add_rows(tc, text_show, show_rows);
	add_rows(tc, text_collapse, collapse_rows);
	tcase_add_test(tc, text_case);
	return s;
}

int
main(void)
{
	return run_suite(base_suite());
}
