/* builder.c - walks the element table along with the document. The stack holds
 * the elements that are open; `skip` counts open elements of a subtree that is
 * passed over, and nothing else changes while it is not 0.
 *
 * An element under an odd name (the case of its letters, or an alias) counts
 * only where none of the right name stands beside it, before or behind. A leaf
 * waits for the end of what it stands in; a container is taken, and what it
 * brought is dropped when the right one comes. */
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

/* Elements that stand once in a record, by number. */
#define IN_RECORD \
	(UINT64_C(1) << RUAD_EL_ROW | UINT64_C(1) << RUAD_EL_EVALUATED | \
	    UINT64_C(1) << RUAD_EL_IDENTIFIERS)

struct open {
	const struct ruad_element_row *row;
	bool odd; /* under an odd name */
};

/* The text of a leaf under an odd name, while it waits. */
struct late {
	char *text; /* owned */
	size_t len, cap;
	unsigned depth; /* of what it stands in; 0: there is none */
};

struct ruad_builder {
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_report *report; /* owned until taken */
	struct ruad_row *row; /* in the report's arena */
	struct ruad_raw_report raw;
	const char *root_uri;
	struct open stack[STACK];
	unsigned depth; /* open elements from the root on; 0: not begun */
	unsigned outside; /* open elements around the root */
	uint64_t skip;
	uint64_t *stray; /* owned: bytes of text where none belongs, in each of
			  * the open elements */
	uint64_t seen; /* elements that may stand once and do, by number */
	uint64_t odd; /* of these, containers under an odd name */
	uint64_t barren; /* of these, containers without any value */
	struct late late[RUAD_EL_COUNT_OF];
	unsigned late_count;
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
	return b->depth == 0 ? RUAD_EL_NONE : b->stack[b->depth - 1].row->el;
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
	b->stack[b->depth++].row = e;
	return RUAD_XML_ON;
}

static void
forget(struct ruad_builder *b, enum ruad_element first, enum ruad_element last)
{
	unsigned el;

	for (el = first; el <= last; el++) {
		b->raw.text[el] = NULL;
		b->seen &= ~(UINT64_C(1) << el);
		b->odd &= ~(UINT64_C(1) << el);
	}
}

/* Drop what a container under an odd name brought. */
static void
drop(struct ruad_builder *b, enum ruad_element el)
{
	if (el == RUAD_EL_METADATA) {
		forget(b, RUAD_EL_ORG_NAME, RUAD_EL_GENERATOR);
		b->report->errors = NULL;
		b->error_tail = &b->report->errors;
		b->error_count = 0;
	} else if (el == RUAD_EL_DATE_RANGE) {
		forget(b, RUAD_EL_BEGIN, RUAD_EL_END);
	} else if (el == RUAD_EL_POLICY) {
		forget(b, RUAD_EL_DOMAIN, RUAD_EL_DISCOVERY);
	} else {
		if (el == RUAD_EL_ROW)
			forget(b, RUAD_EL_EVALUATED, RUAD_EL_EVALUATED);
		ruad_row_drop(b->row, el);
	}
}

static bool
stands_once(enum ruad_element el)
{
	return el == RUAD_EL_METADATA || el == RUAD_EL_POLICY ||
	    el == RUAD_EL_DATE_RANGE || el == RUAD_EL_ROW ||
	    el == RUAD_EL_EVALUATED || el == RUAD_EL_IDENTIFIERS;
}

/* Whether a container counts that should stand once: the first does, if it
 * says anything, and if none has a better name. The halves of a period may
 * stand in two places: what is in them are leaves. */
static bool
counts(struct ruad_builder *b, enum ruad_element el, bool odd)
{
	uint64_t bit = UINT64_C(1) << el;
	bool was_odd = b->odd & bit;

	if (b->seen & bit) {
		if (odd && !was_odd)
			return false;
		if (was_odd && !odd) {
			drop(b, el);
		} else {
			warn(b, RUAD_XML_DUP_ELEMENT);
			if (el != RUAD_EL_DATE_RANGE && !(b->barren & bit))
				return false;
		}
	}
	b->seen |= bit;
	b->barren |= bit;
	b->odd = odd ? b->odd | bit : b->odd & ~bit;
	return true;
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
	b->seen &= ~IN_RECORD;
	b->odd &= ~IN_RECORD;
	ruad_row_begin(b->row);
	return RUAD_XML_ON;
}

/* An element of ours that counts begins. */
static enum ruad_xml_next
start_element(struct ruad_builder *b, const struct ruad_element_row *e,
    bool odd)
{
	if (top(b) == RUAD_EL_REASON)
		b->children = true;
	b->text_len = 0;
	b->stack[b->depth++] = (struct open){ e, odd };
	if (e->el == RUAD_EL_RECORD)
		return start_record(b);
	if (e->el == RUAD_EL_REASON)
		b->children = false;
	if (e->form != RUAD_FORM_LEAF)
		ruad_row_open(b->row, e->el);
	return RUAD_XML_ON;
}

static enum ruad_xml_next
pass_over(struct ruad_builder *b)
{
	b->skip = 1;
	return RUAD_XML_ON;
}

/* Of the open elements, which is the innermost? */
static uint64_t
level(const struct ruad_builder *b)
{
	return b->outside + b->depth + b->skip;
}

static enum ruad_xml_next
start(struct ruad_builder *b, const char *name, const char *uri)
{
	const struct ruad_element_row *e;
	bool odd;

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
	if (e == NULL || is_foreign(b, uri) || b->depth == STACK)
		return pass_over(b);
	if (stands_once(e->el))
		return counts(b, e->el, odd) ? start_element(b, e, odd)
					     : pass_over(b);
	if (odd && (e->form != RUAD_FORM_LEAF || e->el == RUAD_EL_ERROR))
		warn(b, RUAD_XML_NAME_CASE);
	if (e->form != RUAD_FORM_SKIP)
		return start_element(b, e, odd);
	if (top(b) == RUAD_EL_FEEDBACK)
		b->seen |= UINT64_C(1) << e->el;
	return pass_over(b);
}

static enum ruad_xml_next
on_start(void *arg, const char *name, const char *uri)
{
	struct ruad_builder *b = arg;
	const char *colon = strrchr(name, ':');
	enum ruad_xml_next next;

	/* A prefix that is not declared is left in the name. */
	next = start(b, colon != NULL ? colon + 1 : name, uri);
	b->stray[level(b)] = 0;
	return next;
}

static enum ruad_xml_next
too_much_text(struct ruad_builder *b)
{
	const char *name = b->skip > 0 || b->depth == 0
	    ? "?"
	    : b->stack[b->depth - 1].row->name;

	b->failure = ruad_fail(&b->err, RUAD_LIMIT, RUAD_XML_LIMIT,
	    "report: more than %llu bytes of text in <%s> (max_text_bytes)",
	    (unsigned long long)b->lim->text_bytes, name);
	return RUAD_XML_STOP;
}

static enum ruad_xml_next
append_text(struct ruad_builder *b, const char *s, size_t len)
{
	size_t need = b->text_len + len;
	char *bigger;

	if (need > b->lim->text_bytes)
		return too_much_text(b);
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
	bool known = b->skip == 0 && b->depth > 0;

	if (known && b->stack[b->depth - 1].row->form != RUAD_FORM_CONTAINER)
		return append_text(b, s, len);
	ruad_text_trim(&trimmed, &n);
	if (n == 0)
		return RUAD_XML_ON; /* however much: it is the layout */
	if (known)
		warn(b, RUAD_XML_STRAY_TEXT);
	b->stray[level(b)] += len;
	return b->stray[level(b)] > b->lim->text_bytes ? too_much_text(b)
						       : RUAD_XML_ON;
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

static bool
leaf(struct ruad_builder *b, enum ruad_element el, const char *s, size_t len)
{
	unsigned i;

	if (b->barren != 0 && len > 0)
		for (i = 0; i < b->depth; i++)
			b->barren &= ~(UINT64_C(1) << b->stack[i].row->el);
	return el < RUAD_EL_RECORD ? report_leaf(b, el, s, len)
				   : ruad_row_leaf(b->row, el, s, len);
}

/* A leaf under an odd name waits. False: no memory. */
static bool
put_late(struct ruad_builder *b, enum ruad_element el, const char *s,
    size_t len)
{
	struct late *l = &b->late[el];
	char *bigger;

	if (l->depth > 0)
		warn(b, RUAD_XML_DUP_ELEMENT);
	else
		b->late_count++;
	if (l->depth > 0 && l->len > 0)
		return true;
	l->depth = b->depth;
	l->len = len;
	if (len > l->cap) {
		if ((bigger = realloc(l->text, len)) == NULL)
			return false;
		l->text = bigger;
		l->cap = len;
	}
	if (len > 0)
		memcpy(l->text, s, len);
	return true;
}

/* A container ends: the leaves in it that waited count where there was none of
 * the right name. False: no memory. */
static bool
take_late(struct ruad_builder *b)
{
	enum ruad_element el;
	struct late *l;
	bool ok = true;

	for (el = 0; el < RUAD_EL_COUNT_OF; el++) {
		l = &b->late[el];
		if (l->depth != b->depth)
			continue;
		l->depth = 0;
		b->late_count--;
		if (el < RUAD_EL_RECORD ? b->raw.text[el] != NULL
					: ruad_row_has(b->row, el))
			continue;
		warn(b, RUAD_XML_NAME_CASE);
		ok = leaf(b, el, l->len > 0 ? l->text : "", l->len) && ok;
	}
	return ok;
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

static bool
end_record(struct ruad_builder *b)
{
	if (b->odd & IN_RECORD)
		warn(b, RUAD_XML_NAME_CASE);
	return ruad_row_end(b->row);
}

static enum ruad_xml_next
end_element(struct ruad_builder *b)
{
	const struct open *o = &b->stack[b->depth - 1];
	enum ruad_element el = o->row->el;
	const char *s = b->text != NULL ? b->text : "";
	size_t len = b->text_len;
	bool ok = true;

	if (o->row->form != RUAD_FORM_LEAF && b->late_count > 0)
		ok = take_late(b);
	b->depth--;
	ruad_text_trim(&s, &len);
	if (!ok)
		return fail_memory(b);
	if (el == RUAD_EL_FEEDBACK) {
		if (b->odd & ~IN_RECORD)
			warn(b, RUAD_XML_NAME_CASE);
		return RUAD_XML_DONE;
	}
	if (el == RUAD_EL_RECORD)
		ok = end_record(b);
	else if (el == RUAD_EL_METADATA)
		b->raw.has_metadata = true;
	else if (o->row->form != RUAD_FORM_LEAF)
		ok = end_container(b, el, s, len);
	else if (o->odd && el != RUAD_EL_ERROR)
		ok = put_late(b, el, s, len);
	else
		ok = leaf(b, el, s, len);
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
	return end_element(b);
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
	b->stray = calloc(lim->xml_depth + 1, sizeof(*b->stray));
	if (b->row == NULL || b->text == NULL || b->stray == NULL) {
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
	for (size_t i = 0; i < RUAD_EL_COUNT_OF; i++)
		free((*b)->late[i].text);
	free((*b)->text);
	free((*b)->stray);
	free(*b);
	*b = NULL;
}
