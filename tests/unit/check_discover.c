/* check_discover.c - modules resolver and discover: which record holds for a
 * domain, in zones in memory. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check_main.h"
#include "discover.h"
#include "word.h"
#include "zone.h"

static char list_path[4096];
static struct ruad_orgdom *orgdom;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");
	FILE *f;
	int fd;

	snprintf(list_path, sizeof(list_path), "%s/ruad-psl.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(list_path);
	ck_assert_int_ge(fd, 0);
	f = fdopen(fd, "w");
	fputs("com\nnet\nuk\nco.uk\nexample\n", f);
	fclose(f);
	ck_assert_int_eq(ruad_orgdom_open(list_path, &orgdom, NULL), RUAD_OK);
}

static void
teardown(void)
{
	ruad_orgdom_close(&orgdom);
	unlink(list_path);
}

#define R "v=DMARC1; p=reject; sp=quarantine; np=none"
#define R_N R "; psd=n"
#define R_Y R "; psd=y"
#define ROWS_MAX 4

/* The vectors of the tree walk: records at names, and what is to come out. The
 * names themselves exist. */
static const struct walk_row {
	const char *domain;
	struct {
		const char *name, *text;
	} record[ROWS_MAX];
	size_t queries;
	const char *org;
	const char *policy_at; /* NULL: no DMARC */
	enum ruad_record_tag tag;
} walks[] = {
	{ "example.com", { { "example.com", R } }, 2, "example.com",
	    "example.com", RUAD_TAG_P },
	{ "a.mail.example.com",
	    { { "mail.example.com", R }, { "example.com", R } }, 4,
	    "example.com", "example.com", RUAD_TAG_SP },
	{ "a.mail.example.com", { { "mail.example.com", R_N } }, 2,
	    "mail.example.com", "mail.example.com", RUAD_TAG_SP },
	{ "a.mail.example.com",
	    { { "mail.example.com", R_N }, { "example.com", R } }, 2,
	    "mail.example.com", "mail.example.com", RUAD_TAG_SP },
	{ "a.mail.example.com", { { "com", R_Y } }, 4, "example.com", "com",
	    RUAD_TAG_SP },
	{ "signing.example.com",
	    { { "signing.example.com", R }, { "example.com", R } }, 3,
	    "example.com", "signing.example.com", RUAD_TAG_P },
	{ "a.b.c.d.e.f.g.h.i.j.k.example.com", { { "example.com", R } }, 8,
	    "example.com", "example.com", RUAD_TAG_SP },
	{ "giant.bank.example",
	    { { "giant.bank.example", R }, { "bank.example", R_Y } }, 2,
	    "giant.bank.example", "giant.bank.example", RUAD_TAG_P },
	{ "mail.giant.bank.example",
	    { { "giant.bank.example", R }, { "bank.example", R_Y } }, 3,
	    "giant.bank.example", "giant.bank.example", RUAD_TAG_SP },
	{ "mail.mega.bank.example",
	    { { "giant.bank.example", R }, { "bank.example", R_Y } }, 3,
	    "mega.bank.example", "bank.example", RUAD_TAG_SP },
	{ "mail.a.b.c.d.e.f.g.example.com",
	    { { "b.c.d.e.f.g.example.com", R_N }, { "example.com", R } }, 8,
	    "example.com", "example.com", RUAD_TAG_SP },
	{ "bank.example", { { "bank.example", R_Y } }, 1, "bank.example",
	    "bank.example", RUAD_TAG_P },
	{ "example.com", { { NULL } }, 2, "example.com", NULL, 0 },
	{ "a.b.c.example.com", { { NULL } }, 5, "a.b.c.example.com", NULL, 0 },
	{ "a.b.c.d.e.f.g.com", { { "b.c.d.e.f.g.com", R } }, 8,
	    "b.c.d.e.f.g.com", "b.c.d.e.f.g.com", RUAD_TAG_SP },
	{ "z.a.b.c.d.e.f.g.com",
	    { { "a.b.c.d.e.f.g.com", R_N }, { "g.com", R } }, 8, "g.com",
	    "g.com", RUAD_TAG_SP },
	{ "sub.example.com",
	    { { "sub.example.com", R }, { "sub.example.com", R_N },
		{ "example.com", R } },
	    3, "example.com", "example.com", RUAD_TAG_SP },
	{ "x.b.example", { { "b.example", R_Y }, { "example", R_Y } }, 2,
	    "x.b.example", "b.example", RUAD_TAG_SP },
	{ "example.com", { { "example.com", R }, { "com", R } }, 2, "com",
	    "example.com", RUAD_TAG_P },
	{ "example.com", { { "example.com", R_N }, { "com", R } }, 1,
	    "example.com", "example.com", RUAD_TAG_P },
	{ "www.example.co.uk", { { "co.uk", R_Y } }, 3, "example.co.uk",
	    "co.uk", RUAD_TAG_SP },
	{ "example.com", { { "com", R_Y } }, 2, "example.com", "com",
	    RUAD_TAG_SP },
	{ "a.example.com", { { "a.example.com", R_Y }, { "example.com", R } },
	    1, "a.example.com", "a.example.com", RUAD_TAG_P },
};

static struct ruad_discovered *
discover(struct zone *z, const char *domain)
{
	struct ruad_discovered *d;
	struct ruad_err err;

	ck_assert_int_eq(ruad_discover(&z->resolver, orgdom, domain, &d, &err),
	    RUAD_OK);
	return d;
}

START_TEST(tree_walk)
{
	const struct walk_row *w = &walks[_i];
	struct zone_row rows[ROWS_MAX + 1] = {
		{ .name = w->domain, .type = RUAD_DNS_A, .text = "192.0.2.1" }
	};
	const struct ruad_found *f;
	struct ruad_discovered *d;
	char names[ROWS_MAX][300];
	struct zone z;
	size_t n = 1;

	for (size_t i = 0; i < ROWS_MAX && w->record[i].name != NULL; i++) {
		snprintf(names[i], sizeof(names[i]), "_dmarc.%s",
		    w->record[i].name);
		rows[n++] = (struct zone_row){ .name = names[i],
			.type = RUAD_DNS_TXT,
			.text = w->record[i].text };
	}
	zone_init(&z, rows, n);
	d = discover(&z, w->domain);
	f = &d->found[RUAD_RFC_9989];
	ck_assert_uint_eq(d->walk_count, w->queries);
	ck_assert_str_eq(f->org_domain, w->org);
	if (w->policy_at == NULL) {
		ck_assert_int_eq(f->state, RUAD_FOUND_NOTHING);
	} else {
		ck_assert_int_eq(f->state, RUAD_FOUND_POLICY);
		ck_assert_str_eq(f->at->name, w->policy_at);
		ck_assert_int_eq(f->tag, w->tag);
		ck_assert_int_eq(f->policy,
		    w->tag == RUAD_TAG_P ? RUAD_POLICY_REJECT
					 : RUAD_POLICY_QUARANTINE);
	}
	ruad_discovery_free(&d);
	ck_assert_ptr_null(d);
}
END_TEST

/* The names that a walk asks for, in order. */
START_TEST(tree_queries)
{
	static const char *const want[] = {
		"a.b.c.d.e.f.g.h.i.j.mail.example.com",
		"g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
		"i.j.mail.example.com", "j.mail.example.com",
		"mail.example.com", "example.com", "com"
	};
	struct ruad_discovered *d;
	struct zone z;

	zone_init(&z, NULL, 0);
	d = discover(&z, want[0]);
	ck_assert_uint_eq(d->walk_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		ck_assert_str_eq(d->walk[i]->name, want[i]);
	ruad_discovery_free(&d);
	/* Eight labels: nothing is passed over. */
	d = discover(&z, "a.b.c.d.e.f.example.com");
	ck_assert_uint_eq(d->walk_count, 8);
	ck_assert_str_eq(d->walk[1]->name, "b.c.d.e.f.example.com");
	ruad_discovery_free(&d);
}
END_TEST

/* By the suffix list: RFC 7489. */
static const struct psl_row {
	const char *domain;
	const char *own, *second, *org; /* records; NULL: none */
	enum ruad_found_state state;
	const char *at;
	enum ruad_policy policy;
} psl_rows[] = {
	{ "a.example.com", R, NULL, NULL, RUAD_FOUND_POLICY, "a.example.com",
	    RUAD_POLICY_REJECT },
	{ "a.example.com", NULL, NULL, R, RUAD_FOUND_POLICY, "example.com",
	    RUAD_POLICY_QUARANTINE },
	{ "a.example.com", R, R, R, RUAD_FOUND_SEVERAL, "a.example.com", 0 },
	{ "a.example.com", R, "v=spf1 -all", NULL, RUAD_FOUND_POLICY,
	    "a.example.com", RUAD_POLICY_REJECT },
	{ "a.example.com", "v=spf1 -all", NULL, R, RUAD_FOUND_POLICY,
	    "example.com", RUAD_POLICY_QUARANTINE },
	{ "a.example.com", "v=DMARC1", NULL, R, RUAD_FOUND_BAD, "a.example.com",
	    0 },
	{ "a.example.com", NULL, NULL, NULL, RUAD_FOUND_NOTHING, NULL, 0 },
};

START_TEST(suffix_list)
{
	const struct psl_row *p = &psl_rows[_i];
	const char *texts[] = { p->own, p->second, p->org };
	struct zone_row rows[3];
	struct ruad_found *f;
	struct ruad_discovered *d;
	struct zone z;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		if (texts[i] != NULL)
			rows[n++] = (struct zone_row){ .name = i < 2
				    ? "_dmarc.a.example.com"
				    : "_dmarc.example.com",
				.type = RUAD_DNS_TXT,
				.text = texts[i] };
	}
	zone_init(&z, rows, n);
	d = discover(&z, p->domain);
	f = &d->found[RUAD_RFC_7489];
	ck_assert_int_eq(f->state, p->state);
	ck_assert_str_eq(f->org_domain, "example.com");
	if (p->at == NULL)
		ck_assert_ptr_null(f->at);
	else
		ck_assert_str_eq(f->at->name, p->at);
	ck_assert_int_eq(f->policy, p->policy);
	ruad_discovery_free(&d);
}
END_TEST

/* A name that does not exist: np. */
START_TEST(absent_name)
{
	static const struct zone_row rows[] = { { .name = "_dmarc.example.com",
	    .type = RUAD_DNS_TXT,
	    .text = R } };
	struct ruad_discovered *d;
	struct zone z;

	zone_init(&z, rows, COUNT(rows));
	d = discover(&z, "nothing.example.com");
	ck_assert_int_eq(d->existence, RUAD_DNS_NO_NAME);
	ck_assert_int_eq(d->found[RUAD_RFC_9989].tag, RUAD_TAG_NP);
	ck_assert_int_eq(d->found[RUAD_RFC_9989].policy, RUAD_POLICY_NONE);
	ck_assert_int_eq(d->found[RUAD_RFC_7489].policy,
	    RUAD_POLICY_QUARANTINE);
	ruad_discovery_free(&d);
	/* A public suffix has no organizational domain. */
	d = discover(&z, "co.uk");
	ck_assert_str_eq(d->found[RUAD_RFC_7489].org_domain, "");
	ruad_discovery_free(&d);
}
END_TEST

static const struct {
	enum ruad_dns_outcome own, org;
	enum ruad_found_state old, new;
} failures[] = {
	{ RUAD_DNS_TIMEOUT, RUAD_DNS_FOUND, RUAD_FOUND_UNKNOWN,
	    RUAD_FOUND_UNKNOWN },
	{ RUAD_DNS_FAILED, RUAD_DNS_FOUND, RUAD_FOUND_UNKNOWN,
	    RUAD_FOUND_UNKNOWN },
	{ RUAD_DNS_BOGUS, RUAD_DNS_FOUND, RUAD_FOUND_BOGUS, RUAD_FOUND_BOGUS },
	{ RUAD_DNS_NO_DATA, RUAD_DNS_TIMEOUT, RUAD_FOUND_UNKNOWN,
	    RUAD_FOUND_UNKNOWN },
	/* The record of the domain holds, whatever fails above it. */
	{ RUAD_DNS_FOUND, RUAD_DNS_TIMEOUT, RUAD_FOUND_POLICY,
	    RUAD_FOUND_POLICY },
};

START_TEST(dns_failure)
{
	const struct zone_row rows[] = {
		{ .name = "_dmarc.a.example.com",
		    .type = RUAD_DNS_TXT,
		    .text = R,
		    .outcome = failures[_i].own },
		{ .name = "_dmarc.example.com",
		    .type = RUAD_DNS_TXT,
		    .text = R,
		    .outcome = failures[_i].org },
	};
	struct ruad_discovered *d;
	struct zone z;

	zone_init(&z, rows, COUNT(rows));
	d = discover(&z, "a.example.com");
	ck_assert_int_eq(d->found[RUAD_RFC_7489].state, failures[_i].old);
	ck_assert_int_eq(d->found[RUAD_RFC_9989].state, failures[_i].new);
	ck_assert_str_eq(d->found[RUAD_RFC_9989].org_domain, "");
	ruad_discovery_free(&d);
}
END_TEST

START_TEST(texts)
{
	static const unsigned char damaged[] = { 3, 'a', 'b' },
				   null_mx[] = { 0, 0, 0 },
				   bad_mx[] = { 0, 10, 64, 'a', 0 };
	struct ruad_dns_answer *a = ruad_dns_answer_new(RUAD_DNS_FOUND);
	char host[256], *text;
	size_t len;

	ck_assert(ruad_dns_answer_add(a, damaged, sizeof(damaged)));
	ck_assert(ruad_dns_answer_add(a, null_mx, sizeof(null_mx)));
	ck_assert(ruad_dns_answer_add(a, bad_mx, sizeof(bad_mx)));
	ck_assert(ruad_dns_answer_add(a, "", 0));
	text = ruad_dns_txt(a, 0, &len);
	ck_assert_str_eq(text, "ab");
	free(text);
	text = ruad_dns_txt(a, 3, &len);
	ck_assert_uint_eq(len, 0);
	free(text);
	ck_assert(ruad_dns_mx(a, 1, host));
	ck_assert_str_eq(host, "");
	ck_assert(!ruad_dns_mx(a, 2, host));
	ck_assert(!ruad_dns_mx(a, 3, host));
	ruad_dns_answer_free(&a);
	ck_assert_ptr_null(a);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("discover");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	add_rows(tc, tree_walk, walks);
	add_rows(tc, suffix_list, psl_rows);
	add_rows(tc, dns_failure, failures);
	tcase_add_test(tc, tree_queries);
	tcase_add_test(tc, absent_name);
	tcase_add_test(tc, texts);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
