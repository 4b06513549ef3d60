/* check_orgdom.c - organizational domains by a small list of our own, and by
 * the one that the system has. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check_main.h"
#include "orgdom.h"

static char path[4096];
static struct ruad_orgdom *orgdom;

static void
write_list(const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/ruad-psl.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	close(fd);
	write_list("// a comment\ncom\nuk\nco.uk\n*.ck\n!www.ck\n");
	ck_assert_int_eq(ruad_orgdom_open(path, &orgdom, NULL), RUAD_OK);
}

static void
teardown(void)
{
	ruad_orgdom_close(&orgdom);
	ck_assert_ptr_null(orgdom);
	ck_assert_int_eq(unlink(path), 0);
}

static const struct find_row {
	const char *domain;
	const char *want; /* NULL: none */
} find_rows[] = {
	{ "a.b.c.d.example.com", "example.com" },
	{ "example.com", "example.com" },
	{ "example.co.uk", "example.co.uk" },
	{ "x.example.co.uk", "example.co.uk" },
	{ "co.uk", NULL },
	{ "com", NULL },
	{ "www.ck", "www.ck" },
	{ "a.www.ck", "www.ck" },
	{ "b.c.ck", "b.c.ck" },
	{ "a.b.c.ck", "b.c.ck" },
	{ "c.ck", NULL },
	{ "a.b.unknowntld", "b.unknowntld" }, /* the implicit rule "*" */
	{ "unknowntld", NULL },
	/* no domain names */
	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
	{ ".com", NULL },
	{ ".example.com", NULL },
	{ "example.com.", NULL }, /* to be given without the final dot */
	{ "192.0.2.1", NULL },
	{ "1", NULL },
	{ "a.1", NULL },
	{ "a.1x", "a.1x" },
};

START_TEST(find)
{
	const struct find_row *row = &find_rows[_i];
	const char *got = ruad_orgdom_find(orgdom, row->domain);

	if (row->want == NULL) {
		ck_assert_ptr_null(got);
		return;
	}
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, row->want);
	/* It points into the domain itself. */
	ck_assert_ptr_eq(got,
	    row->domain + strlen(row->domain) - strlen(row->want));
}
END_TEST

/* libpsl has buffers of its own for labels. */
START_TEST(find_long)
{
	char domain[400];
	size_t n, i;

	for (n = 1; n < 300; n++) {
		for (i = 0; i < n; i++)
			domain[i] = i % 2 == 0 || i == n - 1 ? 'a' : '.';
		strcpy(domain + n, ".example.co.uk");
		ck_assert_str_eq(ruad_orgdom_find(orgdom, domain),
		    "example.co.uk");
		memset(domain, 'a', n);
		ck_assert_str_eq(ruad_orgdom_find(orgdom, domain),
		    "example.co.uk");
	}
}
END_TEST

START_TEST(system_list)
{
	struct ruad_orgdom *o;

	ck_assert_int_eq(ruad_orgdom_open(NULL, &o, NULL), RUAD_OK);
	ck_assert_str_eq(ruad_orgdom_find(o, "x.example.co.uk"),
	    "example.co.uk");
	ck_assert_ptr_null(ruad_orgdom_find(o, "co.uk"));
	ruad_orgdom_close(&o);
	ruad_orgdom_close(&o);
}
END_TEST

START_TEST(no_list)
{
	struct ruad_orgdom *o;
	struct ruad_err err;

	ck_assert_ptr_null(ruad_orgdom_find(NULL, "example.com"));
	ck_assert_int_eq(ruad_orgdom_open("/nonexistent/list", &o, &err),
	    RUAD_TEMP);
	ck_assert_ptr_null(o);
	ck_assert_int_eq(err.code, RUAD_OUR_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/list"));
	write_list("");
	ck_assert_int_eq(ruad_orgdom_open(path, &o, &err), RUAD_TEMP);
	ck_assert_ptr_null(o);
	/* Any text has lines that could be rules. */
	write_list("root:x:0:0:root:/root:/bin/sh\nexample\n");
	ck_assert_int_eq(ruad_orgdom_open(path, &o, &err), RUAD_TEMP);
	ck_assert_ptr_null(o);
}
END_TEST

static Suite *
orgdom_suite(void)
{
	Suite *s = suite_create("orgdom");
	TCase *tc = tcase_create("orgdom");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	add_rows(tc, find, find_rows);
	tcase_add_test(tc, find_long);
	tcase_add_test(tc, system_list);
	tcase_add_test(tc, no_list);
	return s;
}

int
main(void)
{
	return run_suite(orgdom_suite());
}
