/* check_record.c - modules tag, remark, uri, record: what a DMARC record says
 * to each generation of receivers, and where it is wrong. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "draft.h"
#include "record.h"
#include "tag.h"
#include "word.h"

static struct ruad_dmarc_record *
read_text(const char *text)
{
	struct ruad_dmarc_record *r;
	struct ruad_err err;

	ck_assert_int_eq(ruad_record_read(text, strlen(text), &r, &err),
	    RUAD_OK);
	return r;
}

/* What both generations make of a record, and which code it earns (0: whatever
 * it may be). States: o ok, d doubtful, i ignored. */
static const struct vector {
	const char *text;
	char state[3];
	enum ruad_policy p[2];
	enum ruad_remark_code code;
} vectors[] = {
#define NONE RUAD_POLICY_NONE
#define QUARANTINE RUAD_POLICY_QUARANTINE
#define REJECT RUAD_POLICY_REJECT
#define NOTHING RUAD_POLICY_UNKNOWN
	{ "v=DMARC1; p=none", "oo", { NONE, NONE }, RUAD_RECORD_NO_RUA },
	{ "v=DMARC1;p=reject;", "oo", { REJECT, REJECT }, 0 },
	{ "V = DMARC1 ; P = Reject ;", "oo", { REJECT, REJECT }, 0 },
	{ "v=dmarc1; p=none", "ii", { NOTHING, NOTHING }, RUAD_RECORD_VERSION },
	{ "p=none; v=DMARC1", "ii", { NOTHING, NOTHING }, RUAD_RECORD_VERSION },
	{ " v=DMARC1; p=none", "ii", { NOTHING, NOTHING },
	    RUAD_RECORD_LEADING_BLANK },
	{ "v=DMARC1", "io", { NOTHING, NONE }, RUAD_RECORD_POLICY_MISSING },
	{ "v=DMARC1; sp=reject; p=none", "do", { NONE, NONE },
	    RUAD_RECORD_ORDER },
	{ "v=DMARC1; p=none; p=none", "ii", { NOTHING, NOTHING },
	    RUAD_RECORD_TAG_TWICE },
	{ "v=DMARC1; p=none;; rua=mailto:a@b.example", "dd", { NONE, NONE },
	    RUAD_RECORD_TAG_EMPTY },
	{ "v=DMARC1; p=quarantine; pct=0", "oo", { QUARANTINE, QUARANTINE },
	    RUAD_RECORD_SAMPLED },
	{ "v=DMARC1; p=reject; t=y", "oo", { REJECT, REJECT },
	    RUAD_RECORD_TESTING },
	{ "v=DMARC1; p=quarantine; t=y", "oo", { QUARANTINE, QUARANTINE },
	    RUAD_RECORD_TAG_NEW },
	{ "v=DMARC1; p=foo; rua=mailto:a@b.example", "oo", { NONE, NONE },
	    RUAD_RECORD_POLICY_WORD },
	{ "v=DMARC1; p=foo", "ii", { NOTHING, NOTHING },
	    RUAD_RECORD_POLICY_WORD },
	{ "v=DMARC1; p=reject; sp=foo; rua=mailto:a@b.example", "oo",
	    { NONE, NONE }, RUAD_RECORD_POLICY_WORD },
	{ "v=DMARC1; p=reject; np=foo; rua=mailto:a@b.example", "oo",
	    { REJECT, NONE }, RUAD_RECORD_POLICY_WORD },
	{ "v=DMARC1; p=none; rua=a@b.example", "oo", { NONE, NONE },
	    RUAD_RECORD_URI },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example!10m, mailto:c@d.example",
	    "oo", { NONE, NONE }, RUAD_RECORD_URI_SIZE },
	{ "v=DMARC1; p=none; adkim=x; fo=9", "oo", { NONE, NONE },
	    RUAD_RECORD_VALUE },
	{ "v=DMARC1; p=none; fo=0:1", "oo", { NONE, NONE }, RUAD_RECORD_FO },
	{ "v=DMARC1; p=none; fo=d:s:1", "oo", { NONE, NONE },
	    RUAD_RECORD_FO_UNUSED },
	{ "v=DMARC1; p=none; x9=1", "oo", { NONE, NONE },
	    RUAD_RECORD_TAG_SYNTAX },
	{ "v=DMARC1 p=none", "ii", { NOTHING, NOTHING }, RUAD_RECORD_VERSION },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example,https://h.example/x", "oo",
	    { NONE, NONE }, RUAD_RECORD_URI_SCHEME },
	/* Beyond those of the specification. */
	{ "", "ii", { NOTHING, NOTHING }, RUAD_RECORD_VERSION },
	{ "v=spf1 -all", "ii", { NOTHING, NOTHING }, RUAD_RECORD_VERSION },
	{ "v=DMARC1; rua=mailto:a@b.example", "oo", { NONE, NONE },
	    RUAD_RECORD_POLICY_MISSING },
	{ "v=DMARC1; p=reject; unknown=1", "oo", { REJECT, REJECT },
	    RUAD_RECORD_TAG_UNKNOWN },
	{ "v=DMARC1; p=reject; x=1; x=2", "ii", { NOTHING, NOTHING },
	    RUAD_RECORD_TAG_TWICE },
	{ "v=DMARC1; p=reject rua=mailto:a@b.example", "ii",
	    { NOTHING, NOTHING }, RUAD_RECORD_POLICY_WORD },
	{ "v=DMARC1; p=reject; rua", "dd", { REJECT, REJECT },
	    RUAD_RECORD_TAG_SYNTAX },
	{ "v=DMARC1; p=; rua=mailto:a@b.example", "oo", { NONE, NONE },
	    RUAD_RECORD_VALUE_EMPTY },
	{ "v=DMARC1; p=reject; t=\xe2\x80\x9cy\xe2\x80\x9d", "dd",
	    { REJECT, REJECT }, RUAD_RECORD_BYTES },
	{ "v=DMARC1; p=none; pct=101", "oo", { NONE, NONE },
	    RUAD_RECORD_VALUE },
	{ "v=DMARC1; p=none; rf=iodef; ri=4294967296", "oo", { NONE, NONE },
	    RUAD_RECORD_TAG_HISTORIC },
	{ "v=DMARC1; p=reject; sp=none", "oo", { REJECT, REJECT },
	    RUAD_RECORD_POLICY_WEAKER },
	{ "v=DMARC1; p=reject; psd=y", "oo", { REJECT, REJECT },
	    RUAD_RECORD_PSD },
};

START_TEST(record_vector)
{
	const struct vector *v = &vectors[_i];
	struct ruad_dmarc_record *r = read_text(v->text);
	const struct ruad_remarks *remarks = ruad_record_remarks(r);

	for (int i = 0; i < RUAD_RFC_COUNT; i++) {
		const struct ruad_reading *a =
		    ruad_record_reading(r, (enum ruad_rfc)i);

		ck_assert_msg("odi"[a->state] == v->state[i],
		    "%s: state %d is %c", v->text, i, "odi"[a->state]);
		ck_assert_msg(a->p == v->p[i], "%s: policy %d is %d", v->text,
		    i, (int)a->p);
	}
	if (v->code != 0)
		ck_assert_msg(ruad_remarked(remarks, v->code), "%s: no %s",
		    v->text, ruad_remark_name(v->code));
	for (size_t i = 0; i < remarks->count; i++) {
		ck_assert(remarks->item[i].at + remarks->item[i].len <=
		    strlen(v->text));
		ck_assert_str_ne(remarks->item[i].text, "");
	}
	ruad_record_free(&r);
}
END_TEST

static const struct ruad_reading *
of_9989(const struct ruad_dmarc_record *r)
{
	return ruad_record_reading(r, RUAD_RFC_9989);
}

static const struct ruad_reading *
of_7489(const struct ruad_dmarc_record *r)
{
	return ruad_record_reading(r, RUAD_RFC_7489);
}

START_TEST(record_applied)
{
	struct ruad_dmarc_record *r = read_text("v=DMARC1; p=reject; t=y");

	ck_assert_int_eq(ruad_reading_applied(of_7489(r), REJECT), REJECT);
	ck_assert_int_eq(ruad_reading_applied(of_9989(r), REJECT), QUARANTINE);
	ck_assert_int_eq(ruad_reading_applied(of_9989(r), QUARANTINE), NONE);
	ck_assert_int_eq(ruad_reading_applied(of_9989(r), NONE), NONE);
	ruad_record_free(&r);
	r = read_text("v=DMARC1; p=quarantine; pct=0");
	ck_assert_int_eq(ruad_reading_applied(of_7489(r), QUARANTINE), NONE);
	ck_assert_int_eq(ruad_reading_applied(of_9989(r), QUARANTINE),
	    QUARANTINE);
	ck_assert_int_eq(of_7489(r)->pct, 0);
	ck_assert_int_eq(of_9989(r)->pct, 100);
	ruad_record_free(&r);
}
END_TEST

START_TEST(record_tags)
{
	struct ruad_dmarc_record *r = read_text(
	    "v=DMARC1;p=reject;sp=quarantine;np=none;adkim=S;aspf=s;fo=1:d:s;"
	    "ruf=mailto:f@b.example;psd=n");

	ck_assert_int_eq(of_9989(r)->sp, QUARANTINE);
	ck_assert_int_eq(of_9989(r)->np, NONE);
	ck_assert_int_eq(of_7489(r)->np, QUARANTINE);
	ck_assert_int_eq(of_9989(r)->adkim, RUAD_MODE_STRICT);
	ck_assert_int_eq(of_7489(r)->aspf, RUAD_MODE_STRICT);
	ck_assert_uint_eq(of_9989(r)->fo, RUAD_FO_1 | RUAD_FO_D | RUAD_FO_S);
	ck_assert_int_eq(of_9989(r)->psd, 'n');
	ck_assert_int_eq(of_7489(r)->psd, 'u');
	ruad_record_free(&r);
	r = read_text("v=DMARC1; p=none; fo=0:1; ruf=mailto:f@b.example");
	ck_assert_uint_eq(of_7489(r)->fo, RUAD_FO_0 | RUAD_FO_1);
	ck_assert_uint_eq(of_9989(r)->fo, RUAD_FO_0);
	ruad_record_free(&r);
}
END_TEST

/* The first remark with this code. */
static const struct ruad_remark *
find(const struct ruad_dmarc_record *r, enum ruad_remark_code code)
{
	const struct ruad_remarks *list = ruad_record_remarks(r);

	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i].code == code)
			return &list->item[i];
	}
	ck_abort_msg("no %s", ruad_remark_name(code));
	return NULL;
}

/* Where the remark points: the text behind it. */
static const struct place {
	const char *text;
	enum ruad_remark_code code;
	const char *points_at;
} places[] = {
	{ "v=DMARC1; p=none; rua=mailto: a@b.example", RUAD_RECORD_URI_BLANK,
	    " a@b.example" },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example mailto:c@d.example",
	    RUAD_RECORD_URI_BLANK, " mailto:c@d.example" },
	{ "v=DMARC1; p=none; rua=a@b.example", RUAD_RECORD_URI, "a@b.example" },
	{ "v=DMARC1; p=none; rua=mailto:a.b.example", RUAD_RECORD_URI, "" },
	{ "v=DMARC1; p=none; rua=mailto:a@b@c.example", RUAD_RECORD_URI,
	    "a@b@c.example" },
	{ "v=DMARC1; p=none; rua=mailto:a@b..example", RUAD_RECORD_URI,
	    "b..example" },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example!x", RUAD_RECORD_URI, "!x" },
	{ "v=DMARC1; p=none; rua=mailto:%4@b.example", RUAD_RECORD_URI,
	    "%4@b.example" },
	{ "v=DMARC1; p=none; rua=mailto:<a@b.example>", RUAD_RECORD_URI,
	    "<a@b.example>" },
	{ "v=DMARC1; p=none; rua=mailto:a@b.example,", RUAD_RECORD_URI, "" },
	{ "v=DMARC1; p=none; adkim=x; fo=9", RUAD_RECORD_VALUE, "x; fo=9" },
	{ "v=DMARC1; p=foo", RUAD_RECORD_POLICY_WORD, "foo" },
	{ "v=DMARC1; p=none;; t=n", RUAD_RECORD_TAG_EMPTY, "; t=n" },
	{ "v=DMARC1; sp=none; p=none", RUAD_RECORD_ORDER, "p=none" },
	{ "v=DMARC1; p=none; rau=mailto:a@b.example", RUAD_RECORD_TAG_UNKNOWN,
	    "rau=mailto:a@b.example" },
};

START_TEST(record_place)
{
	const struct place *p = &places[_i];
	struct ruad_dmarc_record *r = read_text(p->text);
	const struct ruad_remark *remark = find(r, p->code);

	ck_assert_str_eq(p->text + remark->at, p->points_at);
	ruad_record_free(&r);
}
END_TEST

START_TEST(record_uris)
{
	struct ruad_dmarc_record *r = read_text(
	    "v=DMARC1; p=none; "
	    "rua=mailto:A%2Bb@B.Example!10m , https://h.example/x,nonsense,"
	    "mailto:c@d.example?subject=x");
	const struct ruad_uri *u = ruad_record_uri(r, RUAD_TAG_RUA, 0);

	ck_assert(u->valid && u->mailto);
	ck_assert_str_eq(u->address, "A+b@B.Example");
	ck_assert_str_eq(u->host, "b.example");
	ck_assert_uint_eq(u->max_bytes, 10u * 1024 * 1024);
	u = ruad_record_uri(r, RUAD_TAG_RUA, 1);
	ck_assert(u->valid && !u->mailto);
	ck_assert(!ruad_record_uri(r, RUAD_TAG_RUA, 2)->valid);
	u = ruad_record_uri(r, RUAD_TAG_RUA, 3);
	ck_assert(u->valid);
	ck_assert_str_eq(u->host, "d.example");
	ck_assert_ptr_null(ruad_record_uri(r, RUAD_TAG_RUA, 4));
	ck_assert_ptr_null(ruad_record_uri(r, RUAD_TAG_RUF, 0));
	ck_assert(ruad_remarked(ruad_record_remarks(r), RUAD_RECORD_URI_MANY));
	ruad_record_free(&r);
	r = read_text("v=DMARC1; p=none; rua=mailto:a@b.example!"
		      "18446744073709551616k");
	ck_assert(!ruad_record_uri(r, RUAD_TAG_RUA, 0)->valid);
	ruad_record_free(&r);
}
END_TEST

static const struct {
	const char *text, *want; /* NULL: none */
} canonical[] = {
	{ "V = DMARC1 ; P = Reject ;", "v=DMARC1; p=reject" },
	{ "v=DMARC1; rua=mailto:a@b.example",
	    "v=DMARC1; p=none; "
	    "rua=mailto:a@b.example" },
	{ "v=DMARC1; p=reject; sp=foo; rua=mailto:a@b.example",
	    "v=DMARC1; p=none; rua=mailto:a@b.example" },
	{ "v=DMARC1; RUF=mailto:A@b.example!5k ,x; fo = D:s; sp=None;p=reject",
	    "v=DMARC1; p=reject; sp=none; fo=d:s; ruf=mailto:A@b.example!5k" },
	{ "v=DMARC1; p=none; fo=1; adkim=x; x=1; pct=50",
	    "v=DMARC1; p=none; pct=50" },
	{ "v=DMARC1; p=none; p=none", NULL },
	{ "v=dmarc1; p=none", NULL },
};

START_TEST(record_canonical)
{
	struct ruad_dmarc_record *r = read_text(canonical[_i].text);
	char *text = ruad_record_canonical(r);

	if (canonical[_i].want == NULL)
		ck_assert_ptr_null(text);
	else
		ck_assert_str_eq(text, canonical[_i].want);
	free(text);
	ruad_record_free(&r);
}
END_TEST

START_TEST(record_authorisation)
{
	static const struct {
		const char *text;
		bool yes;
	} rows[] = { { "v=DMARC1", true }, { "v=DMARC1;", true },
		{ "v=DMARC1; rua=mailto:a@b.example", true },
		{ "v=dmarc1", false }, { "v=DMARC1 foo", false },
		{ "v=DMARC1; foo", false }, { "", false },
		{ "v=spf1 -all", false } };

	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(ruad_record_authorises(rows[i].text,
				  strlen(rows[i].text)) == rows[i].yes,
		    "%s", rows[i].text);
}
END_TEST

START_TEST(remark_bounds)
{
	struct ruad_remarks list = { 0 };

	for (int i = 0; i < 1100; i++)
		ruad_remark(&list, RUAD_RECORD_URI, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, 0, 0, "a\nb%d", i);
	ck_assert_uint_eq(list.count, 1000);
	ck_assert_str_eq(list.item[0].text, "a\\x0ab0");
	ck_assert_int_eq(ruad_remarks_worst(&list), RUAD_REMARK_WARNING);
	ck_assert(!list.failed);
	ruad_remarks_free(&list);
	ck_assert_int_eq(ruad_remarks_worst(&list), RUAD_REMARK_INFO);
	ck_assert_str_eq(ruad_remark_of(RUAD_OF_7489), "7489");
	for (int i = 0; i < RUAD_REMARK_COUNT; i++)
		ck_assert_str_ne(ruad_remark_name((enum ruad_remark_code)i),
		    "");
	for (int i = 0; i < RUAD_TAG_COUNT; i++)
		ck_assert_str_ne(ruad_record_tag_help((enum ruad_record_tag)i),
		    "");
}
END_TEST

/* A record in the making: words, our own address, and who must allow it. */
START_TEST(record_draft)
{
	static const char *ours[] = { "dmarc@rua.example.net" };
	char plus[] = "+";
	struct ruad_conf conf = { .recipients = { ours, 1 },
		.recipient_delimiter = plus };
	struct ruad_authorisation others[RUAD_AUTHORISATIONS_MAX];
	char uri[RUAD_DRAFT_URI_BYTES];
	struct ruad_draft d = { { NULL } };
	struct ruad_dmarc_record *r;
	struct ruad_orgdom *orgdom;
	enum ruad_draft_rua how;
	struct ruad_err err;
	size_t len;

	ck_assert(ruad_draft_own_uri(&conf, uri));
	ck_assert_str_eq(uri, "mailto:dmarc@rua.example.net");
	ck_assert(ruad_draft_set(&d, RUAD_TAG_P, "none"));
	ck_assert(ruad_draft_set_words(&d, RUAD_TAG_RUA,
	    "a@example.com,mailto:b@mail.example.org"));
	ck_assert(ruad_draft_add_rua(&d, &conf, &how));
	ck_assert_int_eq(how, RUAD_DRAFT_RUA_ADDED);
	ck_assert(ruad_draft_add_rua(&d, &conf, &how));
	ck_assert_int_eq(how, RUAD_DRAFT_RUA_THERE);
	r = ruad_draft_record(&d, &err);
	ck_assert_str_eq(ruad_record_text(r, &len),
	    "v=DMARC1; p=none; rua=mailto:dmarc@rua.example.net,"
	    "mailto:a@example.com,mailto:b@mail.example.org");
	ck_assert_int_eq(ruad_orgdom_open(NULL, &orgdom, &err), RUAD_OK);
	ck_assert_str_eq(ruad_draft_zone(orgdom, "a.b.example.com"),
	    "example.com");
	/* Not for an address in the domain itself, or beside it. */
	ck_assert_uint_eq(ruad_draft_authorisations(r, orgdom,
			      "mail.example.com", others),
	    2);
	ck_assert_str_eq(others[0].host, "rua.example.net");
	ck_assert_str_eq(others[1].record.name,
	    "mail.example.com._report._dmarc.mail.example.org");
	ck_assert_str_eq(others[1].record.zone, "example.org");
	ruad_orgdom_close(&orgdom);
	ruad_record_free(&r);
	ruad_draft_free(&d);
	conf.recipients.count = 0;
	ck_assert(ruad_draft_add_rua(&d, &conf, &how));
	ck_assert_int_eq(how, RUAD_DRAFT_RUA_NONE);
	ck_assert_ptr_null(d.value[RUAD_TAG_RUA]);
}
END_TEST

START_TEST(record_many)
{
	char text[4000] = "v=DMARC1; p=reject";
	struct ruad_dmarc_record *r;
	size_t len = strlen(text);

	/* Names of letters, none twice. */
	for (int i = 0; i < 120; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "; q%c%c=1", 'a' + i / 26, 'a' + i % 26);
	r = read_text(text);
	ck_assert(ruad_remarked(ruad_record_remarks(r), RUAD_RECORD_TAGS));
	ck_assert_int_eq(of_9989(r)->state, RUAD_RECORD_DOUBTFUL);
	ck_assert(ruad_remarked(ruad_record_remarks(r), RUAD_RECORD_LONG));
	ruad_record_free(&r);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("record");
	TCase *tc = tcase_create("all");

	add_rows(tc, record_vector, vectors);
	add_rows(tc, record_place, places);
	add_rows(tc, record_canonical, canonical);
	tcase_add_test(tc, record_applied);
	tcase_add_test(tc, record_tags);
	tcase_add_test(tc, record_uris);
	tcase_add_test(tc, record_authorisation);
	tcase_add_test(tc, remark_bounds);
	tcase_add_test(tc, record_many);
	tcase_add_test(tc, record_draft);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
