/* builder.c - walks the element table along with the document. The stack holds
 * the elements that are open; `skip` counts open elements of a subtree that is
 * passed over, and nothing else changes while it is not 0. */
#include "builder.h"
#include "names.h"
#include "row.h"
#include "text.h"
#include "value.h"
#include <stdlib.h>
#include <string.h>

#define ROOT_DEPTH 3u /* a foreign wrapper is tolerated so deep */
#define ERRORS_KEPT 16u
#define ERROR_BYTES 1025u
#define FIRST_TEXT 4096u
#define STACK 64u /* no known element is nested deeper than 7 */

struct ruad_builder {
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_report *report; /* owned until taken */
	struct ruad_row *row; /* in the report's arena */
	struct ruad_raw_report raw;
	const char *root_uri;
	const struct ruad_element_row *stack[STACK];
	unsigned depth; /* open elements from the root on; 0: not begun */
	unsigned outside; /* open elements around the root */
	uint64_t skip;
	uint64_t seen; /* elements that may stand once and do, by number */
	bool children; /* the reason at hand has children */
	char *text; /* owned: of the leaf at hand */
	size_t text_len, text_cap;
	uint32_t error_count;
	struct ruad_report_error **error_tail;
	enum ruad_status failure;
	struct ruad_err err;
};

static enum ruad_xml_next
fail_memory(struct ruad_builder *b)
{
	b->failure = ruad_fail_memory(&b->err, "report");
	return RUAD_XML_STOP;
}

static enum ruad_element
top(const struct ruad_builder *b)
{
	return b->depth == 0 ? RUAD_EL_NONE : b->stack[b->depth - 1]->el;
}

static void
warn(struct ruad_builder *b, enum ruad_code code)
{
	ruad_warn(&b->report->warnings, code);
}

/* RFC 9990 section 3.2: elements of other namespaces may stand anywhere. Ours
 * are those of no namespace, of the root's, and of the versions. */
static bool
is_foreign(const struct ruad_builder *b, const char *uri)
{
	static const char *const ours[] = { "http://dmarc.org/dmarc-xml/0.1",
		"http://dmarc.org/dmarc-xml/0.2",
		"urn:ietf:params:xml:ns:dmarc-2.0" };
	size_t i;

	if (uri == NULL ||
	    (b->root_uri != NULL && strcmp(uri, b->root_uri) == 0))
		return false;
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (strcmp(uri, ours[i]) == 0)
			return false;
	return true;
}

static enum ruad_xml_next
start_root(struct ruad_builder *b, const struct ruad_element_row *e,
    const char *uri)
{
	char clean[256];

	if (b->outside > 0)
		warn(b, RUAD_XML_REPAIRED);
	if (uri != NULL) {
		ruad_text_clean(clean, sizeof(clean), uri, strlen(uri), NULL);
		b->root_uri = ruad_arena_strdup(b->report->arena, uri);
		b->report->namespace_uri =
		    ruad_arena_strdup(b->report->arena, clean);
		if (b->root_uri == NULL || b->report->namespace_uri == NULL)
			return fail_memory(b);
	}
	b->stack[b->depth++] = e;
	return RUAD_XML_ON;
}

/* Containers that may stand once: a second one is passed over. */
static bool
is_second(struct ruad_builder *b, enum ruad_element el)
{
	uint64_t bit = UINT64_C(1) << el;

	switch (el) {
	case RUAD_EL_METADATA:
	case RUAD_EL_POLICY:
	case RUAD_EL_DATE_RANGE:
	case RUAD_EL_ROW:
	case RUAD_EL_EVALUATED:
	case RUAD_EL_IDENTIFIERS:
		break;
	default:
		return false;
	}
	if (b->seen & bit) {
		warn(b, RUAD_XML_DUP_ELEMENT);
		return true;
	}
	b->seen |= bit;
	return false;
}

static enum ruad_xml_next
start_record(struct ruad_builder *b)
{
	if (ruad_row_count(b->row) >= b->lim->records) {
		b->failure = ruad_fail(&b->err, RUAD_LIMIT, RUAD_XML_LIMIT,
		    "report: more than %llu records (max_records)",
		    (unsigned long long)b->lim->records);
		return RUAD_XML_STOP;
	}
	b->seen &=
	    ~(UINT64_C(1) << RUAD_EL_ROW | UINT64_C(1) << RUAD_EL_EVALUATED |
		UINT64_C(1) << RUAD_EL_IDENTIFIERS);
	ruad_row_begin(b->row);
	return RUAD_XML_ON;
}

static enum ruad_xml_next
on_start(void *arg, const char *name, const char *uri)
{
	struct ruad_builder *b = arg;
	const struct ruad_element_row *e;
	const char *colon = strrchr(name, ':');
	bool odd;

	/* A prefix that is not declared is left in the name. */
	if (colon != NULL)
		name = colon + 1;
	if (b->skip > 0) {
		b->skip++;
		return RUAD_XML_ON;
	}
	e = ruad_element_find(top(b), name, &odd);
	if (b->depth == 0) {
		if (e == NULL || b->outside >= ROOT_DEPTH) {
			b->outside++;
			return RUAD_XML_ON;
		}
		if (odd)
			warn(b, RUAD_XML_NAME_CASE);
		return start_root(b, e, uri);
	}
	if (e == NULL || is_foreign(b, uri) || b->depth == STACK) {
		b->skip = 1;
		return RUAD_XML_ON;
	}
	if (odd)
		warn(b, RUAD_XML_NAME_CASE);
	if (e->form == RUAD_FORM_SKIP || is_second(b, e->el)) {
		if (top(b) == RUAD_EL_FEEDBACK)
			b->seen |= UINT64_C(1) << e->el;
		b->skip = 1;
		return RUAD_XML_ON;
	}
	if (top(b) == RUAD_EL_REASON)
		b->children = true;
	b->text_len = 0;
	b->stack[b->depth++] = e;
	if (e->el == RUAD_EL_RECORD)
		return start_record(b);
	if (e->el == RUAD_EL_REASON)
		b->children = false;
	if (e->form != RUAD_FORM_LEAF)
		ruad_row_open(b->row, e->el);
	return RUAD_XML_ON;
}

static enum ruad_xml_next
append_text(struct ruad_builder *b, const char *s, size_t len)
{
	size_t need = b->text_len + len;
	char *bigger;

	if (need > b->lim->text_bytes) {
		b->failure = ruad_fail(&b->err, RUAD_LIMIT, RUAD_XML_LIMIT,
		    "report: more than %llu bytes of text in <%s> "
		    "(max_text_bytes)",
		    (unsigned long long)b->lim->text_bytes,
		    b->stack[b->depth - 1]->name);
		return RUAD_XML_STOP;
	}
	if (need > b->text_cap) {
		bigger = realloc(b->text, 2 * need);
		if (bigger == NULL)
			return fail_memory(b);
		b->text = bigger;
		b->text_cap = 2 * need;
	}
	memcpy(b->text + b->text_len, s, len);
	b->text_len += len;
	return RUAD_XML_ON;
}

static enum ruad_xml_next
on_text(void *arg, const char *s, size_t len)
{
	struct ruad_builder *b = arg;
	const char *trimmed = s;
	size_t n = len;

	if (b->skip > 0 || b->depth == 0)
		return RUAD_XML_ON;
	if (b->stack[b->depth - 1]->form != RUAD_FORM_CONTAINER)
		return append_text(b, s, len);
	ruad_text_trim(&trimmed, &n);
	if (n > 0)
		warn(b, RUAD_XML_STRAY_TEXT);
	return RUAD_XML_ON;
}

static bool
add_error(struct ruad_builder *b, const char *s, size_t len)
{
	struct ruad_arena *a = b->report->arena;
	struct ruad_report_error *e;
	char clean[ERROR_BYTES];
	bool cut;

	if (b->error_count == ERRORS_KEPT) {
		warn(b, RUAD_REP_TEXT_CUT);
		return true;
	}
	if (ruad_text_clean(clean, sizeof(clean), s, len, &cut) == 0)
		return true;
	if (cut)
		warn(b, RUAD_REP_TEXT_CUT);
	e = ruad_arena_alloc(a, sizeof(*e));
	if (e == NULL || (e->text = ruad_arena_strdup(a, clean)) == NULL)
		return false;
	*b->error_tail = e;
	b->error_tail = &e->next;
	b->error_count++;
	return true;
}

/* A leaf of the report itself: kept raw, the first one that says something. */
static bool
report_leaf(struct ruad_builder *b, enum ruad_element el, const char *s,
    size_t len)
{
	if (el == RUAD_EL_ERROR)
		return len == 0 || add_error(b, s, len);
	if (b->seen & UINT64_C(1) << el)
		warn(b, RUAD_XML_DUP_ELEMENT);
	b->seen |= UINT64_C(1) << el;
	if (len == 0 || b->raw.text[el] != NULL)
		return true;
	b->raw.text[el] = ruad_arena_strndup(b->report->arena, s, len);
	return b->raw.text[el] != NULL;
}

/* Only a reason may have text, and that counts only where it is all. */
static bool
end_container(struct ruad_builder *b, enum ruad_element el, const char *s,
    size_t len)
{
	if (b->children && len > 0) {
		warn(b, RUAD_XML_STRAY_TEXT);
		len = 0;
	}
	return ruad_row_close(b->row, el, s, len);
}

static enum ruad_xml_next
end_element(struct ruad_builder *b, const struct ruad_element_row *e)
{
	const char *s = b->text != NULL ? b->text : "";
	size_t len = b->text_len;
	bool ok = true;

	if (e->el == RUAD_EL_FEEDBACK)
		return RUAD_XML_DONE;
	ruad_text_trim(&s, &len);
	if (e->el == RUAD_EL_RECORD)
		ok = ruad_row_end(b->row);
	else if (e->el == RUAD_EL_METADATA)
		b->raw.has_metadata = true;
	else if (e->form == RUAD_FORM_LEAF && e->el < RUAD_EL_RECORD)
		ok = report_leaf(b, e->el, s, len);
	else if (e->form == RUAD_FORM_LEAF)
		ok = ruad_row_leaf(b->row, e->el, s, len);
	else
		ok = end_container(b, e->el, s, len);
	b->text_len = 0;
	return ok ? RUAD_XML_ON : fail_memory(b);
}

static enum ruad_xml_next
on_end(void *arg)
{
	struct ruad_builder *b = arg;

	if (b->skip > 0) {
		b->skip--;
		return RUAD_XML_ON;
	}
	if (b->depth == 0) {
		b->outside--;
		return RUAD_XML_ON;
	}
	return end_element(b, b->stack[--b->depth]);
}

static struct ruad_report *
new_report(struct ruad_budget *budget)
{
	struct ruad_arena *arena = ruad_arena_new(budget);
	struct ruad_report *r;

	if (arena == NULL)
		return NULL;
	r = ruad_arena_alloc(arena, sizeof(*r));
	if (r == NULL) {
		ruad_arena_free(&arena);
		return NULL;
	}
	r->arena = arena;
	r->policy_domain = RUAD_ABSENT;
	r->pct = -1;
	if (!ruad_names_init(r))
		ruad_report_free(&r);
	return r;
}

enum ruad_status
ruad_builder_new(const struct ruad_limits *lim, struct ruad_budget *budget,
    struct ruad_builder **out, struct ruad_err *err)
{
	struct ruad_builder *b = *out = calloc(1, sizeof(*b));

	if (b == NULL)
		return ruad_fail_memory(err, "report");
	b->lim = lim;
	b->report = new_report(budget);
	if (b->report != NULL)
		b->row = ruad_row_new(b->report, lim);
	b->text = malloc(FIRST_TEXT);
	b->text_cap = FIRST_TEXT;
	if (b->row == NULL || b->text == NULL) {
		ruad_builder_free(out);
		return ruad_fail_memory(err, "report");
	}
	b->error_tail = &b->report->errors;
	return RUAD_OK;
}

struct ruad_xml_handler
ruad_builder_handler(struct ruad_builder *b)
{
	return (struct ruad_xml_handler){ .start = on_start,
		.text = on_text,
		.end = on_end,
		.arg = b };
}

bool
ruad_builder_begun(const struct ruad_builder *b)
{
	return b->depth > 0;
}

enum ruad_status
ruad_builder_failure(const struct ruad_builder *b, struct ruad_err *err)
{
	if (b->failure != RUAD_OK)
		*err = b->err;
	return b->failure;
}

static bool
has_seen(const struct ruad_builder *b, enum ruad_element el)
{
	return b->seen & UINT64_C(1) << el;
}

/* Rule of display: a label, never a switch. */
static enum ruad_dialect
dialect_of(const struct ruad_builder *b)
{
	const char *uri = b->report->namespace_uri;

	if (uri != NULL && strcmp(uri, "urn:ietf:params:xml:ns:dmarc-2.0") == 0)
		return RUAD_DIALECT_D2;
	if (has_seen(b, RUAD_EL_TESTING) || has_seen(b, RUAD_EL_DISCOVERY) ||
	    has_seen(b, RUAD_EL_GENERATOR) || has_seen(b, RUAD_EL_EXTENSION))
		return RUAD_DIALECT_D2_LIKE;
	if (has_seen(b, RUAD_EL_VERSION) ||
	    (uri != NULL && strcmp(uri, "http://dmarc.org/dmarc-xml/0.1") == 0))
		return RUAD_DIALECT_D1;
	return RUAD_DIALECT_D0;
}

struct ruad_report *
ruad_builder_take(struct ruad_builder *b, struct ruad_raw_report *raw_out)
{
	struct ruad_report *r = b->report;

	r->dialect = dialect_of(b);
	*raw_out = b->raw;
	b->report = NULL;
	return r;
}

void
ruad_builder_free(struct ruad_builder **b)
{
	if (*b == NULL)
		return;
	ruad_report_free(&(*b)->report);
	free((*b)->text);
	free(*b);
	*b = NULL;
}
