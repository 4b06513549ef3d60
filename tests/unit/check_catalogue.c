/* check_catalogue.c - well-known senders. */
#include "catalogue.h"
#include <string.h>
#include "check_main.h"

/* A search by halves needs the order; a name is found by what is in it only if
 * it is written as domains are kept. */
START_TEST(entries)
{
	const struct ruad_known_sender *e, *before = NULL;
	size_t n;

	for (n = 0; (e = ruad_catalogue_entry(n)) != NULL; n++) {
		ck_assert_msg(before == NULL ||
			strcmp(before->domain, e->domain) < 0,
		    "%s is out of order", e->domain);
		ck_assert_msg(strspn(e->domain,
				  "abcdefghijklmnopqrstuvwxyz0123456789.-") ==
			    strlen(e->domain) &&
			strchr(e->domain, '.') != NULL,
		    "%s is no domain", e->domain);
		ck_assert_str_ne(e->name, "");
		ck_assert_int_ne(e->kind, RUAD_SENDER_UNKNOWN);
		ck_assert_ptr_eq(ruad_catalogue_find(e->domain), e);
		before = e;
	}
	ck_assert_uint_gt(n, 150);
	ck_assert_ptr_null(ruad_catalogue_entry(n + 1));
}
END_TEST

static const struct {
	const char *domain, *name;
} finds_rows[] = {
	{ "amazonses.com", "Amazon SES" },
	{ "eu-west-1.amazonses.com", "Amazon SES" },
	{ "em1234.example.com.sendgrid.net", "SendGrid" },
	{ "xamazonses.com", NULL },
	{ "amazonses.com.evil.example", NULL },
	{ "com", NULL },
	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
};

START_TEST(finds)
{
	const struct ruad_known_sender *e =
	    ruad_catalogue_find(finds_rows[_i].domain);

	if (finds_rows[_i].name == NULL)
		ck_assert_ptr_null(e);
	else
		ck_assert_str_eq(e->name, finds_rows[_i].name);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("catalogue");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, entries);
	add_rows(tc, finds, finds_rows);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
