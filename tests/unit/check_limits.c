/* check_limits.c - every bound on input: what is exactly at it passes, what is
 * one past it is refused as a whole, with the code that limit.h names; what is
 * kept for each record is cut with a warning (F.0.2 of tests/corpus/rows). */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "ingest.h"
#include "make_archive.h"
#include "quota.h"
#include "read_xml.h"

#define MIB (UINT64_C(1024) * 1024)

/* The numbers that are documented, and that RFCs and peers are the basis of. */
START_TEST(defaults)
{
	struct ruad_limits lim;

	ruad_limits_default(&lim);
	ck_assert_uint_eq(lim.message_bytes, 25 * MIB);
	ck_assert_uint_eq(lim.mime_depth, 10);
	ck_assert_uint_eq(lim.mime_parts, 200);
	ck_assert_uint_eq(lim.layers, 3);
	ck_assert_uint_eq(lim.entries, 64);
	ck_assert_uint_eq(lim.xml_bytes, 64 * MIB);
	ck_assert_uint_eq(lim.total_bytes, 128 * MIB);
	ck_assert_uint_eq(lim.xml_depth, 32);
	ck_assert_uint_eq(lim.xml_attributes, 32);
	ck_assert_uint_eq(lim.text_bytes, 65536);
	ck_assert_uint_eq(lim.records, 1000000);
	ck_assert_uint_eq(lim.dkim_per_record, 100);
	ck_assert_uint_eq(lim.reasons_per_record, 16);
	ck_assert_uint_eq(lim.span_secs, 62 * 86400);
}
END_TEST

/* ---- input of n units ---- */

static void
add_times(struct bytes *b, const char *text, uint64_t n)
{
	while (n-- > 0)
		bytes_add_text(b, text);
}

static void
add_fill(struct bytes *b, char c, uint64_t n)
{
	char *fill = malloc(n + 1);

	ck_assert_ptr_nonnull(fill);
	memset(fill, c, n);
	bytes_add(b, fill, n);
	free(fill);
}

/* Replace b by a gzip of it. */
static void
wrap(struct bytes *b)
{
	struct bytes outer = make_gzip(b->data, b->len, NULL);

	bytes_free(b);
	*b = outer;
}

/* The sound report with text in front of something in it. */
static struct bytes
insert(const char *before, const struct bytes *text)
{
	struct bytes b = { NULL, 0 };
	const char *at = strstr(read_xml_sound, before);

	ck_assert_ptr_nonnull(at);
	bytes_add(&b, read_xml_sound, (size_t)(at - read_xml_sound));
	bytes_add(&b, text->data, text->len);
	bytes_add_text(&b, at);
	return b;
}

/* The same, and the text is let go. */
static struct bytes
inserted(const char *before, struct bytes *text)
{
	struct bytes b = insert(before, text);

	bytes_free(text);
	return b;
}

static struct bytes
nested_parts(uint64_t n)
{
	struct bytes b = { NULL, 0 };
	char line[100];
	uint64_t i;

	bytes_add_text(&b, "From: a@r.example\n");
	for (i = 1; i < n; i++) {
		snprintf(line, sizeof(line),
		    "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n",
		    (unsigned)i, (unsigned)i);
		bytes_add_text(&b, line);
	}
	bytes_add_text(&b, "Content-Type: text/xml\n\n");
	bytes_add_text(&b, read_xml_sound);
	return b;
}

static struct bytes
many_parts(uint64_t n)
{
	struct bytes b = { NULL, 0 };

	bytes_add_text(&b,
	    "From: a@r.example\nContent-Type: multipart/mixed; "
	    "boundary=b\n\n--b\nContent-Type: text/xml\n\n");
	bytes_add_text(&b, read_xml_sound);
	add_times(&b, "--b\nContent-Type: text/html\n\n\n", n - 2);
	bytes_add_text(&b, "--b--\n");
	return b;
}

static struct bytes
layers(uint64_t n)
{
	struct bytes b = { NULL, 0 };

	bytes_add_text(&b, read_xml_sound);
	while (n-- > 0)
		wrap(&b);
	return b;
}

static struct bytes
entries(uint64_t n)
{
	struct make_entry *e = calloc(n, sizeof(*e));
	struct bytes b;
	uint64_t i;

	ck_assert_ptr_nonnull(e);
	for (i = 0; i < n; i++)
		e[i] =
		    (struct make_entry){ .name = "x", .data = "x", .len = 1 };
	e[0].data = read_xml_sound;
	e[0].len = strlen(read_xml_sound);
	b = make_zip(e, n);
	free(e);
	return b;
}

static struct bytes
xml_bytes(uint64_t n)
{
	struct bytes blanks = { NULL, 0 }, b;

	add_fill(&blanks, ' ', n - strlen(read_xml_sound));
	b = inserted("<record>", &blanks);
	ck_assert_uint_eq(b.len, n);
	wrap(&b);
	return b;
}

static struct bytes
xml_depth(uint64_t n)
{
	struct bytes nest = { NULL, 0 };

	add_times(&nest, "<x>", n - 1);
	add_times(&nest, "</x>", n - 1);
	return inserted("<record>", &nest);
}

/* In what is read, not only in what is passed over. */
static struct bytes
xml_depth_around(uint64_t n)
{
	struct bytes b = { NULL, 0 };

	/* A dkim/domain is the 5th element from the root on. */
	add_times(&b, "<x>", n - 6);
	bytes_add_text(&b, "<y/>");
	add_times(&b, "</x>", n - 6);
	return inserted("example.com</domain><selector>", &b);
}

static struct bytes
attributes(uint64_t n)
{
	struct bytes x = { NULL, 0 };
	char text[40];
	uint64_t i;

	bytes_add_text(&x, "<x");
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), " a%u=\"\"", (unsigned)i);
		bytes_add_text(&x, text);
	}
	bytes_add_text(&x, "/>");
	return inserted("<record>", &x);
}

static struct bytes
declarations(uint64_t n)
{
	struct bytes x = { NULL, 0 };
	char text[40];
	uint64_t i;

	bytes_add_text(&x, "<x a=\"\"");
	for (i = 1; i < n; i++) {
		snprintf(text, sizeof(text), " xmlns:a%u=\"u\"", (unsigned)i);
		bytes_add_text(&x, text);
	}
	bytes_add_text(&x, "/>");
	return inserted("<record>", &x);
}

static struct bytes
text_bytes(uint64_t n)
{
	struct bytes x = { NULL, 0 };

	bytes_add_text(&x, "<extra_contact_info>");
	add_fill(&x, 'x', n);
	bytes_add_text(&x, "</extra_contact_info>");
	return inserted("</report_metadata>", &x);
}

/* What is cut off later counts, and so does a text in pieces. */
static struct bytes
text_in_pieces(uint64_t n)
{
	struct bytes x = { NULL, 0 };

	bytes_add_text(&x, "<reason><comment>");
	add_fill(&x, ' ', n / 2);
	bytes_add_text(&x, "<!-- --><![CDATA[");
	add_fill(&x, 'x', n - n / 2);
	bytes_add_text(&x, "]]></comment></reason>");
	return inserted("</policy_evaluated>", &x);
}

static struct bytes
records(uint64_t n)
{
	struct bytes x = { NULL, 0 };

	add_times(&x,
	    "<record><row><source_ip>203.0.114.1</source_ip><count>1</count>"
	    "</row></record>",
	    n - 1);
	return inserted("<record>", &x);
}

/* Rows that are dropped are rows. */
static struct bytes
bad_records(uint64_t n)
{
	struct bytes x = { NULL, 0 };

	add_times(&x, "<record/>", n - 1);
	return inserted("<record>", &x);
}

static struct bytes
span(uint64_t n)
{
	char period[100], *xml;
	struct bytes b = { NULL, 0 };

	snprintf(period, sizeof(period), "<begin>%lld</begin><end>%lld</end>",
	    (long long)(READ_XML_RECEIVED - (int64_t)n),
	    (long long)READ_XML_RECEIVED);
	xml = read_xml_edit(read_xml_sound,
	    "<begin>1700006400</begin><end>1700092799</end>", period);
	bytes_add_text(&b, xml);
	free(xml);
	return b;
}

static const struct row {
	const char *name;
	size_t field; /* of struct ruad_limits */
	uint64_t value; /* 0: the default */
	struct bytes (*make)(uint64_t n);
	enum ruad_code code;
} rows[] = {
#define LIMIT(name) #name, offsetof(struct ruad_limits, name)
	{ LIMIT(mime_depth), 0, nested_parts, RUAD_LIMIT_PARTS },
	{ LIMIT(mime_depth), 1, nested_parts, RUAD_LIMIT_PARTS },
	{ LIMIT(mime_parts), 0, many_parts, RUAD_LIMIT_PARTS },
	{ LIMIT(layers), 0, layers, RUAD_LIMIT_LAYERS },
	{ LIMIT(layers), 1, layers, RUAD_LIMIT_LAYERS },
	{ LIMIT(entries), 0, entries, RUAD_LIMIT_ENTRIES },
	{ LIMIT(xml_bytes), 100000, xml_bytes, RUAD_LIMIT_SIZE },
	/* larger than what is kept of a file to read it once */
	{ LIMIT(xml_bytes), 600000, xml_bytes, RUAD_LIMIT_SIZE },
	{ LIMIT(total_bytes), 100000, xml_bytes, RUAD_LIMIT_SIZE },
	{ LIMIT(xml_depth), 0, xml_depth, RUAD_XML_LIMIT },
	{ LIMIT(xml_depth), 8, xml_depth_around, RUAD_XML_LIMIT },
	{ LIMIT(xml_attributes), 0, attributes, RUAD_XML_LIMIT },
	{ LIMIT(xml_attributes), 0, declarations, RUAD_XML_LIMIT },
	{ LIMIT(text_bytes), 0, text_bytes, RUAD_XML_LIMIT },
	{ LIMIT(text_bytes), 0, text_in_pieces, RUAD_XML_LIMIT },
	{ LIMIT(records), 5, records, RUAD_XML_LIMIT },
	{ LIMIT(records), 5, bad_records, RUAD_XML_LIMIT },
	{ LIMIT(span_secs), 0, span, RUAD_REP_SPAN_HUGE },
};

static uint64_t *
limit_of(struct ruad_limits *lim, const struct row *row)
{
	return (uint64_t *)(void *)((char *)lim + row->field);
}

static struct ruad_delivery *
read_bytes(const struct ruad_limits *lim, const struct bytes *b)
{
	struct ruad_ingest_settings set = { .limits = *lim };
	struct ruad_ingest *in;
	struct ruad_mail *m;
	struct ruad_delivery *d;
	struct ruad_err err;

	ck_assert_int_eq(ruad_ingest_new(&set, &in, &err), RUAD_OK);
	ck_assert_int_eq(ruad_mail_borrow(b->data, b->len, READ_XML_RECEIVED,
			     &m, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_ingest_read(in, m, &d, &err), RUAD_OK);
	ruad_mail_free(&m);
	ruad_ingest_free(&in);
	return d;
}

START_TEST(at_limit)
{
	const struct row *row = &rows[_i];
	struct ruad_limits lim;
	struct ruad_delivery *d;
	struct bytes b;

	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	if (row->value != 0)
		*limit_of(&lim, row) = row->value;
	b = row->make(*limit_of(&lim, row));
	d = read_bytes(&lim, &b);
	ck_assert_msg(d->items != NULL && d->items->next == NULL &&
		d->items->outcome == RUAD_OUTCOME_NONE,
	    "%s: %s", row->name, ruad_code_name(d->items->code));
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

START_TEST(past_limit)
{
	const struct row *row = &rows[_i];
	struct ruad_limits lim;
	struct ruad_delivery *d;
	struct bytes b;

	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	if (row->value != 0)
		*limit_of(&lim, row) = row->value;
	b = row->make(*limit_of(&lim, row) + 1);
	d = read_bytes(&lim, &b);
	ck_assert_msg(d->items != NULL && d->items->next == NULL &&
		d->items->outcome == RUAD_REFUSED &&
		d->items->code == row->code,
	    "%s: %s %s", row->name, ruad_outcome_word(d->items->outcome),
	    ruad_code_name(d->items->code));
	ck_assert_ptr_nonnull(d->items->text);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- message_bytes: before anything is read ---- */

START_TEST(message_bytes)
{
	struct ruad_mail_settings set = { .spool_dir = "/tmp",
		.memory_bytes = 1 << 20,
		.message_bytes = 1000 };
	char text[1001];
	struct ruad_mail *m;
	struct ruad_err err;

	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(ruad_mail_new(&set, 0, &m, &err), RUAD_OK);
	ck_assert_int_eq(ruad_mail_append(m, text, 1000, &err), RUAD_OK);
	ck_assert_int_eq(ruad_mail_append(m, text, 1, &err), RUAD_LIMIT);
	ck_assert_int_eq(err.code, RUAD_LIMIT_SIZE);
	ruad_mail_free(&m);
}
END_TEST

/* ---- total_bytes: over all files of a mail ---- */

/* Files behind the one that breaks the limit are refused, those before it
 * stay. */
START_TEST(total_of_files)
{
	static const char part[] = "--b\nContent-Type: text/xml\n\n";
	struct bytes b = { NULL, 0 };
	struct ruad_limits lim;
	struct ruad_delivery *d;
	size_t n = strlen(read_xml_sound) - 1; /* the line end is the mail's */

	bytes_add_text(&b,
	    "From: a@r.example\nContent-Type: multipart/mixed; boundary=b\n\n");
	bytes_add_text(&b, part);
	bytes_add_text(&b, read_xml_sound);
	bytes_add_text(&b, part);
	bytes_add_text(&b, read_xml_sound);
	bytes_add_text(&b, "--b--\n");
	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	lim.total_bytes = 2 * n;
	d = read_bytes(&lim, &b);
	ck_assert_int_eq(d->items->code, RUAD_CODE_NONE);
	ck_assert_int_eq(d->items->next->code, RUAD_CODE_NONE);
	ruad_delivery_free(&d);
	lim.total_bytes = 2 * n - 1;
	d = read_bytes(&lim, &b);
	ck_assert_int_eq(d->items->code, RUAD_CODE_NONE);
	ck_assert_int_eq(d->items->next->code, RUAD_LIMIT_SIZE);
	ck_assert_ptr_null(d->items->next->next);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- kept for each record ---- */

static const struct kept_row {
	const char *name;
	size_t field;
	const char *before, *element;
} kept_rows[] = {
	{ LIMIT(dkim_per_record), "<dkim><domain>",
	    "<dkim><domain>example.org</domain><result>pass</result></dkim>" },
	{ LIMIT(reasons_per_record), "</policy_evaluated>",
	    "<reason><type>other</type><comment>x</comment></reason>" },
};

static uint32_t
kept(const struct ruad_report *r, bool dkim)
{
	const struct ruad_record *rec = ruad_report_record(r, 0);
	const struct ruad_auth_set *set = &r->auth_sets[rec->auth_set];
	uint32_t i, n = 0;

	if (!dkim)
		return r->reason_sets[rec->reason_set].count;
	for (i = 0; i < set->count; i++)
		n += set->auth[i].method == RUAD_METHOD_DKIM;
	return n;
}

START_TEST(kept_per_record)
{
	const struct kept_row *row = &kept_rows[_i / 2];
	bool dkim = _i / 2 == 0, past = _i % 2 == 1;
	struct ruad_limits lim;
	struct ruad_delivery *d;
	struct bytes x = { NULL, 0 }, b;
	uint64_t limit;

	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	limit = dkim ? lim.dkim_per_record : lim.reasons_per_record;
	/* The sound report has a result of its own. */
	add_times(&x, row->element, limit + past - dkim);
	b = inserted(row->before, &x);
	d = read_bytes(&lim, &b);
	ck_assert_msg(d->items->outcome == RUAD_OUTCOME_NONE, "%s: %s",
	    row->name, ruad_code_name(d->items->code));
	ck_assert_msg(kept(d->items->report, dkim) == limit, "%s: %u kept",
	    row->name, kept(d->items->report, dkim));
	ck_assert_msg(ruad_warned(&d->items->report->warnings,
			  RUAD_ROW_LIST_CUT) == past,
	    "%s: warned %d", row->name, !past);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* The next record begins anew. */
START_TEST(kept_per_next_record)
{
	struct ruad_limits lim;
	struct ruad_delivery *d;
	struct bytes x = { NULL, 0 }, b;

	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	bytes_add_text(&x,
	    "<record><row><source_ip>203.0.114.1</source_ip><count>1</count>"
	    "</row><auth_results>");
	add_times(&x, "<dkim><result>pass</result></dkim>",
	    lim.dkim_per_record + 1);
	bytes_add_text(&x, "</auth_results></record>");
	b = inserted("<record>", &x);
	d = read_bytes(&lim, &b);
	ck_assert_int_eq(d->items->outcome, RUAD_OUTCOME_NONE);
	ck_assert_uint_eq(d->items->report->records, 2);
	ck_assert_uint_eq(d->items->report
			      ->auth_sets[ruad_report_record(d->items->report,
				  1)
					      ->auth_set]
			      .count,
	    2);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

/* ---- read_msecs ---- */

/* More work than anybody does in a millisecond. */
START_TEST(read_msecs)
{
	struct ruad_limits lim;
	struct ruad_delivery *d;
	struct bytes x = { NULL, 0 }, b;
	int i;

	bytes_add_text(&x, "");
	for (i = 0; i < 100; i++)
		add_fill(&x, '\n', 200000);
	b = inserted("<record>", &x);
	wrap(&b);
	ruad_limits_default(&lim);
	lim.read_msecs = 1;
	d = read_bytes(&lim, &b);
	ck_assert_int_eq(d->items->outcome, RUAD_REFUSED);
	ck_assert_int_eq(d->items->code, RUAD_LIMIT_TIME);
	ck_assert_ptr_null(d->items->report);
	ruad_delivery_free(&d);
	/* 0: no limit. */
	lim.read_msecs = 0;
	d = read_bytes(&lim, &b);
	ck_assert_int_eq(d->items->outcome, RUAD_OUTCOME_NONE);
	ruad_delivery_free(&d);
	bytes_free(&b);
}
END_TEST

START_TEST(read_msecs_of_large_mails)
{
	static const struct {
		size_t bytes;
		uint64_t factor;
	} mails[] = { { 0, 1 }, { MIB, 1 }, { 2 * MIB - 1, 1 }, { 2 * MIB, 2 },
		{ 25 * MIB, 25 } };
	struct ruad_limits lim;
	struct ruad_quota q;
	size_t i;

	ruad_limits_default(&lim);
	ck_assert_uint_eq(lim.read_msecs, 1500);
	for (i = 0; i < COUNT(mails); i++) {
		ruad_quota_start(&q, &lim, mails[i].bytes);
		ck_assert_uint_eq(q.max_msecs, 1500 * mails[i].factor);
	}
	lim.read_msecs = 0;
	ruad_quota_start(&q, &lim, 25 * MIB);
	ck_assert_uint_eq(q.max_msecs, 0);
}
END_TEST

/* An entry whose length stands behind it is unpacked to find the next one. */
START_TEST(read_msecs_in_zip)
{
	struct bytes x = { NULL, 0 }, zip;
	struct make_entry entry = { .name = "a.bin", .flags = MAKE_STREAMED };
	struct ruad_limits lim;
	struct ruad_delivery *d;
	size_t directory;

	add_fill(&x, 'x', 50 * MIB);
	entry.data = x.data;
	entry.len = x.len;
	zip = make_zip_at(&entry, 1, &directory);
	zip.len = directory;
	ruad_limits_default(&lim);
	lim.read_msecs = 1;
	d = read_bytes(&lim, &zip);
	ck_assert_int_eq(d->items->code, RUAD_LIMIT_TIME);
	ck_assert_ptr_null(d->items->next);
	ruad_delivery_free(&d);
	bytes_free(&zip);
	bytes_free(&x);
}
END_TEST

/* ---- what a mail may leave behind ---- */

static void
check_items(const struct bytes *b, unsigned want, enum ruad_code last)
{
	struct ruad_limits lim;
	struct ruad_delivery *d;
	const struct ruad_item *item;
	unsigned n = 0;

	ruad_limits_default(&lim);
	lim.read_msecs = 0; /* an answer must not depend on time */
	d = read_bytes(&lim, b);
	for (item = d->items; item != NULL; item = item->next) {
		n++;
		ck_assert_int_eq(item->code == RUAD_LIMIT_ENTRIES,
		    n == want && last == RUAD_LIMIT_ENTRIES);
		if (item->next == NULL)
			ck_assert_int_eq(item->code, last);
	}
	ck_assert_uint_eq(n, want);
	ruad_delivery_free(&d);
}

START_TEST(items)
{
	struct bytes b = { NULL, 0 };

	add_times(&b, "<feedback/>", 100);
	check_items(&b, 100, RUAD_REP_NO_METADATA);
	add_times(&b, "<feedback/>", 1);
	check_items(&b, 101, RUAD_LIMIT_ENTRIES);
	add_times(&b, "<feedback/>", 50000);
	check_items(&b, 101, RUAD_LIMIT_ENTRIES);
	bytes_free(&b);
	add_times(&b, read_xml_sound, 1000);
	check_items(&b, 1000, RUAD_CODE_NONE);
	add_times(&b, read_xml_sound, 500);
	check_items(&b, 1001, RUAD_LIMIT_ENTRIES);
	bytes_free(&b);
}
END_TEST

/* 64 archives of 64 entries of nothing to read are within every other limit. */
START_TEST(entries_of_all_archives)
{
	struct make_entry in[64] = { 0 }, out[64] = { 0 };
	struct bytes inner, outer;
	size_t i;

	for (i = 0; i < 64; i++)
		in[i] =
		    (struct make_entry){ .name = "a", .data = "x", .len = 1 };
	inner = make_zip(in, 64);
	for (i = 0; i < 64; i++)
		out[i] = (struct make_entry){ .name = "a.zip",
			.data = inner.data,
			.len = inner.len };
	outer = make_zip(out, 15);
	check_items(&outer, 1, RUAD_MAIL_NO_REPORT);
	bytes_free(&outer);
	outer = make_zip(out, 64);
	check_items(&outer, 1, RUAD_LIMIT_ENTRIES);
	bytes_free(&outer);
	bytes_free(&inner);
}
END_TEST

static Suite *
limits_suite(void)
{
	Suite *s = suite_create("limits");
	TCase *tc = tcase_create("limits");

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, defaults);
	add_rows(tc, at_limit, rows);
	add_rows(tc, past_limit, rows);
	tcase_add_test(tc, message_bytes);
	tcase_add_test(tc, total_of_files);
	tcase_add_loop_test(tc, kept_per_record, 0, 2 * (int)COUNT(kept_rows));
	tcase_add_test(tc, kept_per_next_record);
	tcase_add_test(tc, read_msecs);
	tcase_add_test(tc, read_msecs_of_large_mails);
	tcase_add_test(tc, read_msecs_in_zip);
	tcase_add_test(tc, items);
	tcase_add_test(tc, entries_of_all_archives);
	return s;
}

int
main(void)
{
	return run_suite(limits_suite());
}
