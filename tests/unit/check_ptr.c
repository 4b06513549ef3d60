/* check_ptr.c - names of addresses, and what makes them believed. */
#include "check_main.h"
#include "ptr.h"
#include "zone.h"

#define IP6_REVERSE \
	"9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.0.0.0.7.0.0.0.8.b.d.0.1.0.0.2.ip6." \
	"arpa"

static const struct zone_row rows[] = {
	{ .name = "1.2.0.192.in-addr.arpa",
	    .type = RUAD_DNS_PTR,
	    .text = "Mail.Example.COM" },
	{ .name = "mail.example.com", .type = RUAD_DNS_A, .text = "192.0.2.9" },
	{ .name = "mail.example.com", .type = RUAD_DNS_A, .text = "192.0.2.1" },
	/* A name that has another address. */
	{ .name = "2.2.0.192.in-addr.arpa",
	    .type = RUAD_DNS_PTR,
	    .text = "mail.example.com" },
	/* One that does not exist, and then one that is right. */
	{ .name = "9.2.0.192.in-addr.arpa",
	    .type = RUAD_DNS_PTR,
	    .text = "none.example.com" },
	{ .name = "9.2.0.192.in-addr.arpa",
	    .type = RUAD_DNS_PTR,
	    .text = "mail.example.com" },
	{ .name = IP6_REVERSE,
	    .type = RUAD_DNS_PTR,
	    .text = "six.example.com" },
	{ .name = "six.example.com",
	    .type = RUAD_DNS_AAAA,
	    .text = "2001:db8:7:8::9" },
	/* DNS fails at either step. */
	{ .name = "4.2.0.192.in-addr.arpa", .outcome = RUAD_DNS_TIMEOUT },
	{ .name = "5.2.0.192.in-addr.arpa",
	    .type = RUAD_DNS_PTR,
	    .text = "fails.example.com" },
	{ .name = "fails.example.com", .outcome = RUAD_DNS_FAILED },
	{ .name = "6.2.0.192.in-addr.arpa", .type = RUAD_DNS_PTR, .text = "" },
};

static const struct {
	unsigned char ip[16];
	const char *name;
	bool known;
} cases[] = {
#define IP4(n) \
	{ \
		[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = (n) \
	}
	{ IP4(1), "mail.example.com", true },
	{ IP4(2), "", true },
	{ IP4(3), "", true },
	{ IP4(4), "", false },
	{ IP4(5), "", false },
	{ IP4(6), "", true },
	{ IP4(9), "mail.example.com", true },
	{ { 0x20, 1, 0x0d, 0xb8, 0, 7, 0, 8, [15] = 9 }, "six.example.com",
	    true },
	{ { 0x20, 1, 0x0d, 0xb8, 0, 7, 0, 8, [15] = 8 }, "", true },
};

START_TEST(ptr_confirmed)
{
	struct zone z;
	struct ruad_err err;
	char name[256];
	bool known;

	zone_init(&z, rows, COUNT(rows));
	ck_assert_int_eq(ruad_ptr_ask(&z.resolver, cases[_i].ip, name, &known,
			     &err),
	    RUAD_OK);
	ck_assert_str_eq(name, cases[_i].name);
	ck_assert_int_eq(known, cases[_i].known);
}
END_TEST

/* Many names: only some are asked for. */
START_TEST(ptr_bounded)
{
	struct zone_row many[20];
	struct zone z;
	struct ruad_err err;
	char name[256];
	bool known;

	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct zone_row){ .name = "1.2.0.192.in-addr.arpa",
			.type = RUAD_DNS_PTR,
			.text = "none.example.com" };
	zone_init(&z, many, COUNT(many));
	ck_assert_int_eq(ruad_ptr_ask(&z.resolver, cases[0].ip, name, &known,
			     &err),
	    RUAD_OK);
	ck_assert_str_eq(name, "");
	ck_assert_uint_eq(z.asked, 1 + RUAD_PTR_NAMES_MAX);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ptr");
	TCase *tc = tcase_create("all");

	add_rows(tc, ptr_confirmed, cases);
	tcase_add_test(tc, ptr_bounded);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
