/* compare.c - both reports are described by the same function, and the
 * descriptions are compared. Records are described only where they differ. */
#include "compare.h"
#include "value.h"
#include "word.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 30
#define NUMBERS_MAX 10
#define LIST_BYTES 1200 /* of a list in words, which is cut to fit */

/* Fields in a fixed order. */
struct description {
	struct {
		const char *name, *text;
	} field[FIELDS_MAX];
	unsigned count, number_count;
	char number[NUMBERS_MAX][24];
	char hash[65], warnings[2048], ip[46];
	char errors[LIST_BYTES], auth[LIST_BYTES], reasons[LIST_BYTES];
};

struct comparison {
	const struct ruad_report *stored, *read;
	ruad_difference_found *found;
	void *arg;
	/* Sets that are known to be equal. */
	uint32_t auth_stored, auth_read, reason_stored, reason_read;
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void
ruad_compare_field(uint32_t row_no, const char *field, const char *stored,
    const char *read, ruad_difference_found *found, void *arg)
{
	struct ruad_difference d = { row_no, field, stored, read };

	if (!same_text(stored, read))
		found(arg, &d);
}

static void
add(struct description *d, const char *name, const char *text)
{
	d->field[d->count].name = name;
	d->field[d->count++].text = text;
}

/* A word of word.h. */
static void
add_word(struct description *d, const char *name, const char *word)
{
	add(d, name, word[0] != '\0' ? word : NULL);
}

static void
add_number(struct description *d, const char *name, int64_t n)
{
	char *text = d->number[d->number_count++];

	snprintf(text, sizeof(d->number[0]), "%" PRId64, n);
	add(d, name, text);
}

/* Append to a list, cut to fit. */
static void append(char list[LIST_BYTES], const char *fmt, ...)
    RUAD_PRINTF(2, 3);

static void
append(char list[LIST_BYTES], const char *fmt, ...)
{
	size_t len = strlen(list);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(list + len, LIST_BYTES - len, fmt, ap);
	va_end(ap);
}

static void
describe_errors(struct description *d, const struct ruad_report *r)
{
	const struct ruad_report_error *e;

	for (e = r->errors; e != NULL; e = e->next)
		append(d->errors, "%s%s", e == r->errors ? "" : "; ", e->text);
	add_word(d, "errors", d->errors);
}

static void
describe_policy(struct description *d, const struct ruad_report *r)
{
	add(d, "policy_domain", ruad_report_text(r, r->policy_domain));
	add_word(d, "p", ruad_policy_word(r->p));
	add_word(d, "sp", ruad_policy_word(r->sp));
	add_word(d, "np", ruad_policy_word(r->np));
	add_word(d, "adkim", ruad_mode_word(r->adkim));
	add_word(d, "aspf", ruad_mode_word(r->aspf));
	if (r->pct >= 0)
		add_number(d, "pct", r->pct);
	else
		add(d, "pct", NULL);
	add(d, "fo", r->fo);
	add_word(d, "testing", ruad_testing_word(r->testing));
	add_word(d, "discovery_method",
	    ruad_discovery_word(r->discovery_method));
}

static void
describe_report(struct description *d, const struct ruad_report *r)
{
	size_t i;

	memset(d, 0, sizeof(*d));
	add(d, "org_name", r->org_name);
	add(d, "org_email", r->email);
	add(d, "extra_contact_info", r->extra_contact_info);
	add(d, "report_id", r->report_id);
	add_number(d, "begin_epoch", r->begin);
	add_number(d, "end_epoch", r->end);
	add(d, "generator", r->generator);
	describe_errors(d, r);
	describe_policy(d, r);
	add_word(d, "dialect", ruad_dialect_word(r->dialect));
	add(d, "version", r->version_raw);
	add(d, "namespace", r->namespace_uri);
	add(d, "part", r->where);
	add_number(d, "records", r->records);
	add_number(d, "messages", r->messages);
	add_number(d, "messages_pass", r->messages_pass);
	add_number(d, "rows_refused", r->rows_refused);
	add(d, "warnings",
	    ruad_warnings_text(&r->warnings, d->warnings, sizeof(d->warnings)));
	for (i = 0; i < sizeof(r->content_hash); i++)
		sprintf(d->hash + 2 * i, "%02x", r->content_hash[i]);
	add(d, "content_hash", d->hash);
}

/* "dkim=pass example.com/s1 (what people say), spf=fail helo example.net" */
static void
describe_auth(char list[LIST_BYTES], const struct ruad_report *r,
    const struct ruad_auth_set *set)
{
	uint32_t i;

	for (i = 0; i < set->count; i++) {
		const struct ruad_auth *a = &set->auth[i];
		const char *raw = ruad_report_text(r, a->result_raw);
		const char *domain = ruad_report_text(r, a->domain);
		const char *selector = ruad_report_text(r, a->selector);
		const char *human = ruad_report_text(r, a->human_result);

		append(list, "%s%s=%s", i > 0 ? ", " : "",
		    ruad_method_word(a->method), ruad_result_word(a->result));
		if (raw != NULL)
			append(list, " \"%s\"", raw);
		if (a->scope == RUAD_SCOPE_HELO)
			append(list, " helo");
		if (domain != NULL)
			append(list, " %s", domain);
		if (selector != NULL)
			append(list, "/%s", selector);
		if (human != NULL)
			append(list, " (%s)", human);
	}
}

static void
describe_reasons(char list[LIST_BYTES], const struct ruad_report *r,
    const struct ruad_reason_set *set)
{
	uint32_t i;

	for (i = 0; i < set->count; i++) {
		const struct ruad_reason *x = &set->reason[i];
		const char *raw = ruad_report_text(r, x->type_raw);
		const char *comment = ruad_report_text(r, x->comment);

		append(list, "%s%s", i > 0 ? ", " : "",
		    ruad_reason_word(x->type));
		if (raw != NULL)
			append(list, " \"%s\"", raw);
		if (comment != NULL)
			append(list, " (%s)", comment);
	}
}

static const char *
derived_text(uint8_t derived)
{
	static const char *const text[] = { NULL, "dkim", "spf", "dkim spf" };

	return text[derived & (RUAD_DERIVED_DKIM | RUAD_DERIVED_SPF)];
}

static void
describe_record(struct description *d, const struct ruad_report *r,
    const struct ruad_record *rec)
{
	memset(d, 0, sizeof(*d));
	add(d, "source_ip", ruad_value_ip_text(rec->ip, d->ip, sizeof(d->ip)));
	add_number(d, "messages", rec->messages);
	add_word(d, "disposition", ruad_disposition_word(rec->disposition));
	add_word(d, "dkim", ruad_verdict_word(rec->dkim));
	add_word(d, "spf", ruad_verdict_word(rec->spf));
	add(d, "derived", derived_text(rec->derived));
	add_word(d, "dkim_alignment", ruad_alignment_word(rec->dkim_alignment));
	add_word(d, "spf_alignment", ruad_alignment_word(rec->spf_alignment));
	add(d, "header_from", ruad_report_text(r, rec->header_from));
	add(d, "envelope_from", ruad_report_text(r, rec->envelope_from));
	add(d, "envelope_to", ruad_report_text(r, rec->envelope_to));
	describe_auth(d->auth, r, &r->auth_sets[rec->auth_set]);
	add_word(d, "auth_results", d->auth);
	describe_reasons(d->reasons, r, &r->reason_sets[rec->reason_set]);
	add_word(d, "reasons", d->reasons);
}

/* Returns how many fields differ. */
static unsigned
compare_descriptions(const struct comparison *c, uint32_t row_no,
    const struct description *stored, const struct description *read)
{
	unsigned i, count = 0;

	for (i = 0; i < stored->count; i++) {
		if (same_text(stored->field[i].text, read->field[i].text))
			continue;
		ruad_compare_field(row_no, stored->field[i].name,
		    stored->field[i].text, read->field[i].text, c->found,
		    c->arg);
		count++;
	}
	return count;
}

static bool
same_name(const struct comparison *c, ruad_text stored, ruad_text read)
{
	return same_text(ruad_report_text(c->stored, stored),
	    ruad_report_text(c->read, read));
}

static bool
same_auth(struct comparison *c, uint32_t stored, uint32_t read)
{
	const struct ruad_auth_set *a = &c->stored->auth_sets[stored];
	const struct ruad_auth_set *b = &c->read->auth_sets[read];
	uint32_t i;

	if (stored == c->auth_stored && read == c->auth_read)
		return true;
	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		const struct ruad_auth *x = &a->auth[i], *y = &b->auth[i];

		if (x->method != y->method || x->result != y->result ||
		    x->scope != y->scope ||
		    !same_name(c, x->domain, y->domain) ||
		    !same_name(c, x->selector, y->selector) ||
		    !same_name(c, x->result_raw, y->result_raw) ||
		    !same_name(c, x->human_result, y->human_result))
			return false;
	}
	c->auth_stored = stored;
	c->auth_read = read;
	return true;
}

static bool
same_reasons(struct comparison *c, uint32_t stored, uint32_t read)
{
	const struct ruad_reason_set *a = &c->stored->reason_sets[stored];
	const struct ruad_reason_set *b = &c->read->reason_sets[read];
	uint32_t i;

	if (stored == c->reason_stored && read == c->reason_read)
		return true;
	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->reason[i].type != b->reason[i].type ||
		    !same_name(c, a->reason[i].type_raw,
			b->reason[i].type_raw) ||
		    !same_name(c, a->reason[i].comment, b->reason[i].comment))
			return false;
	c->reason_stored = stored;
	c->reason_read = read;
	return true;
}

static bool
same_record(struct comparison *c, const struct ruad_record *a,
    const struct ruad_record *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0 &&
	    a->messages == b->messages && a->disposition == b->disposition &&
	    a->dkim == b->dkim && a->spf == b->spf &&
	    a->derived == b->derived &&
	    a->dkim_alignment == b->dkim_alignment &&
	    a->spf_alignment == b->spf_alignment &&
	    same_name(c, a->header_from, b->header_from) &&
	    same_name(c, a->envelope_from, b->envelope_from) &&
	    same_name(c, a->envelope_to, b->envelope_to) &&
	    same_auth(c, a->auth_set, b->auth_set) &&
	    same_reasons(c, a->reason_set, b->reason_set);
}

/* Two records that are not the same. */
static void
compare_record(struct comparison *c, const struct ruad_record *a,
    const struct ruad_record *b, struct description *stored,
    struct description *read)
{
	struct ruad_difference cut = { a->row_no, "auth_results", stored->auth,
		read->auth };

	describe_record(stored, c->stored, a);
	describe_record(read, c->read, b);
	/* The lists may differ behind what is shown of them. */
	if (compare_descriptions(c, a->row_no, stored, read) == 0)
		c->found(c->arg, &cut);
}

static void
compare_records(struct comparison *c, struct description *stored,
    struct description *read)
{
	static const struct ruad_record none;
	uint32_t i = 0, j = 0;

	while (i < c->stored->records || j < c->read->records) {
		const struct ruad_record *a = i < c->stored->records
		    ? ruad_report_record(c->stored, i)
		    : &none;
		const struct ruad_record *b = j < c->read->records
		    ? ruad_report_record(c->read, j)
		    : &none;

		if (b == &none || (a != &none && a->row_no < b->row_no)) {
			describe_record(stored, c->stored, a);
			ruad_compare_field(a->row_no, "row",
			    stored->field[0].text, NULL, c->found, c->arg);
			i++;
		} else if (a == &none || b->row_no < a->row_no) {
			describe_record(read, c->read, b);
			ruad_compare_field(b->row_no, "row", NULL,
			    read->field[0].text, c->found, c->arg);
			j++;
		} else {
			if (!same_record(c, a, b))
				compare_record(c, a, b, stored, read);
			i++;
			j++;
		}
	}
}

/* What a report has any number of, to be compared as a set. */
struct extra {
	uint32_t row_no;
	const char *field, *text;
};

static int
extra_order(const void *left, const void *right)
{
	const struct extra *a = left, *b = right;
	int order;

	if (a->row_no != b->row_no)
		return a->row_no < b->row_no ? -1 : 1;
	order = strcmp(a->field, b->field);
	return order != 0 ? order : strcmp(a->text, b->text);
}

static size_t
count_extras(const struct ruad_report *r)
{
	const struct ruad_raw_word *w;
	const struct ruad_refused_row *f;
	size_t n = 0;

	for (w = r->raw_words; w != NULL; w = w->next)
		n++;
	for (f = r->refused_rows; f != NULL; f = f->next)
		n++;
	return n;
}

/* The words that were replaced and the rows that were refused, sorted, each
 * once; NULL: no memory. */
static struct extra *
list_extras(const struct ruad_report *r, size_t *count_out)
{
	size_t n = 0, i, kept = 0, count = count_extras(r);
	struct extra *list = malloc((count + 1) * sizeof(*list));
	const struct ruad_raw_word *w;
	const struct ruad_refused_row *f;

	if (list == NULL)
		return NULL;
	for (w = r->raw_words; w != NULL; w = w->next)
		list[n++] = (struct extra){ w->row_no, w->field, w->word };
	for (f = r->refused_rows; f != NULL; f = f->next)
		list[n++] = (struct extra){ f->row_no, ruad_code_name(f->code),
			f->text != NULL ? f->text : "" };
	if (n > 0)
		qsort(list, n, sizeof(*list), extra_order);
	for (i = 0; i < n; i++)
		if (kept == 0 || extra_order(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	*count_out = kept;
	return list;
}

static enum ruad_status
compare_extras(struct comparison *c, struct ruad_err *err)
{
	size_t n, m, i = 0, j = 0;
	struct extra *stored = list_extras(c->stored, &n);
	struct extra *read = list_extras(c->read, &m);
	enum ruad_status st = RUAD_OK;

	if (stored == NULL || read == NULL)
		st = ruad_fail_memory(err, "compare");
	while (st == RUAD_OK && (i < n || j < m)) {
		int order = i == n ? 1
		    : j == m       ? -1
				   : extra_order(&stored[i], &read[j]);
		const struct extra *x = order <= 0 ? &stored[i] : &read[j];

		ruad_compare_field(x->row_no, x->field,
		    order <= 0 ? x->text : NULL, order >= 0 ? x->text : NULL,
		    c->found, c->arg);
		i += order <= 0;
		j += order >= 0;
	}
	free(stored);
	free(read);
	return st;
}

enum ruad_status
ruad_compare_reports(const struct ruad_report *stored,
    const struct ruad_report *read, ruad_difference_found *found, void *arg,
    struct ruad_err *err)
{
	struct comparison c = { .stored = stored,
		.read = read,
		.found = found,
		.arg = arg };
	struct description *d = malloc(2 * sizeof(*d));
	enum ruad_status st;

	if (d == NULL)
		return ruad_fail_memory(err, "compare");
	describe_report(&d[0], stored);
	describe_report(&d[1], read);
	compare_descriptions(&c, 0, &d[0], &d[1]);
	st = compare_extras(&c, err);
	if (st == RUAD_OK)
		compare_records(&c, &d[0], &d[1]);
	free(d);
	return st;
}
