/* repair.c - one walk over the text. A token (tag, reference) is decided when
 * LOOKAHEAD bytes of it are in the window, or the piece ends; comments and
 * CDATA sections pass as they are.
 *
 * What stands inside an element that nobody knows is none of the report's,
 * whatever it is called. So such an element stays one where it has an end,
 * which only a survey of the whole piece can tell; and where one has no end,
 * it must not stand around elements that are known. */
#include "repair.h"
#include "element.h"
#include "intern.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEP 65536u
#define LOOKAHEAD 4096u
#define GROWTH 5u /* & becomes &amp; */
#define NAMES_MAX 1024u /* of unknown elements; a report has hardly any */
#define NAME_BYTES 256u /* the names of elements with more do not count */
#define NAMESPACES_MAX 32u

struct ruad_repair {
	struct ruad_source source;
	struct ruad_source *in; /* borrowed */
	uint64_t length; /* bytes of the piece */
	uint64_t left; /* of these, not read yet */
	enum ruad_repair_stage stage;
	bool surveying;
	struct ruad_arena *arena; /* owned: the names */
	struct ruad_intern *ended; /* unknown elements that have an end tag */
	uint32_t *open; /* of each, how many are open; in the arena */
	bool unended; /* behind a tag that became text, and may have been one */
	enum ruad_status failure; /* why the walk stopped */
	struct ruad_err why;
	const char *verbatim_end; /* inside a comment or CDATA: what ends it */
	unsigned char *raw; /* owned, STEP + LOOKAHEAD */
	size_t raw_len;
	const unsigned char *gt; /* the first ">" in raw behind where the walk
				  * looked last, or the end of raw */
	unsigned char *out; /* owned */
	size_t out_at, out_len;
	bool in_ended;
};

static void
put(struct ruad_repair *r, const void *bytes, size_t len)
{
	memcpy(r->out + r->out_len, bytes, len);
	r->out_len += len;
}

static bool
is_name_start(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    c >= 0x80;
}

static bool
is_name_char(unsigned char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' ||
	    c == '.';
}

/* What looks like a tag; its name in two halves. */
struct tag {
	const char *local;
	size_t local_len;
	const char *whole; /* with the prefix */
	size_t whole_len;
	bool prefixed;
	bool closing; /* "</" */
	bool empty; /* "/>" */
	const unsigned char *end; /* its ">"; NULL: not near */
};

static bool
read_name(const unsigned char *p, size_t len, struct tag *out)
{
	size_t i = 0, start = 0;

	if (len == 0 || !is_name_start(p[0]))
		return false;
	while (i < len && (is_name_char(p[i]) || (p[i] == ':' && start == 0))) {
		if (p[i] == ':') {
			start = i + 1;
			out->prefixed = true;
		}
		i++;
	}
	out->whole = (const char *)p;
	out->local = out->whole + start;
	out->local_len = i - start;
	out->whole_len = i;
	if (out->local_len == 0 || !is_name_start(p[start]))
		return false;
	/* What follows must be able to follow a name in a tag. */
	return i < len && strchr(" \t\r\n/>", p[i]) != NULL && p[i] != '\0';
}

/* The first ">" behind p, if it is near. Looked for once: tags without end may
 * follow each other closely. */
static const unsigned char *
find_end(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	if (r->gt == NULL || r->gt < p) {
		r->gt = memchr(p, '>', len);
		if (r->gt == NULL)
			r->gt = p + len;
	}
	return r->gt < p + (len < LOOKAHEAD ? len : LOOKAHEAD) ? r->gt : NULL;
}

/* The tag at the "<" at p; false: it is none. */
static bool
read_tag(struct ruad_repair *r, const unsigned char *p, size_t len,
    struct tag *out)
{
	size_t near = len < LOOKAHEAD ? len : LOOKAHEAD, slash;

	memset(out, 0, sizeof(*out));
	slash = near > 1 && p[1] == '/';
	if (!read_name(p + 1 + slash, near - 1 - slash, out))
		return false;
	out->closing = slash;
	out->end = find_end(r, p, len);
	out->empty = out->end != NULL && out->end[-1] == '/' && !slash &&
	    memchr(p + 1, '<', (size_t)(out->end - p - 1)) == NULL;
	return true;
}

static bool
local_is(const struct tag *t, const char *word)
{
	return t->local_len == strlen(word) &&
	    strncasecmp(t->local, word, t->local_len) == 0;
}

static bool
is_known(const struct tag *t)
{
	return ruad_element_known(t->local, t->local_len);
}

static void
stop(struct ruad_repair *r, enum ruad_status status, enum ruad_code code,
    const char *text)
{
	if (r->failure == RUAD_OK)
		r->failure = ruad_fail(&r->why, status, code, "%s", text);
}

/* Length of the reference at p that needs no repair; 0: it is a bare &. */
static size_t
reference(const unsigned char *p, size_t len)
{
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;",
		"&apos;" };
	size_t i, n;
	bool hex;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		n = strlen(names[i]);
		if (len >= n && memcmp(p, names[i], n) == 0)
			return n;
	}
	if (len < 4 || p[1] != '#')
		return 0;
	hex = p[2] == 'x';
	for (i = hex ? 3 : 2; i < len && i < 12; i++) {
		if (p[i] == ';' && i > (hex ? 3u : 2u))
			return i + 1;
		if (strchr(hex ? "0123456789abcdefABCDEF" : "0123456789",
			p[i]) == NULL)
			return 0;
	}
	return 0;
}

static size_t
repair_ampersand(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	size_t n = reference(p, len);

	if (n > 0 || r->stage < RUAD_REPAIR_AMPERSAND) {
		put(r, p, n > 0 ? n : 1);
		return n > 0 ? n : 1;
	}
	put(r, "&amp;", 5);
	return 1;
}

/* Whether the "<" at p begins a comment, a CDATA section or an instruction. */
static bool
special(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	if (len >= 4 && memcmp(p, "<!--", 4) == 0)
		r->verbatim_end = "-->";
	else if (len >= 9 && memcmp(p, "<![CDATA[", 9) == 0)
		r->verbatim_end = "]]>";
	else if (len < 2 || p[1] != '?')
		return false;
	return true;
}

/* Note the end tag of an element that nobody knows. */
static void
survey_tag(struct ruad_repair *r, const struct tag *t)
{
	const void *copy;

	if (!t->closing || t->whole_len > NAME_BYTES || is_known(t) ||
	    (t->prefixed && !local_is(t, "schema")))
		return;
	if (ruad_intern_put(r->ended, t->whole, t->whole_len, &copy) ==
	    RUAD_INTERN_FAILED) {
		if (r->failure == RUAD_OK)
			r->failure = ruad_fail_memory(&r->why, "repair");
	} else if (ruad_intern_count(r->ended) > NAMES_MAX) {
		stop(r, RUAD_LIMIT, RUAD_XML_LIMIT,
		    "repair: too many different elements that are unknown");
	}
}

/* Whether the tag of an unknown element is one, and not text. */
static bool
is_unknown_element(struct ruad_repair *r, const struct tag *t)
{
	uint32_t i = ruad_intern_find(r->ended, t->whole, t->whole_len);

	if (i == RUAD_INTERN_FAILED)
		return t->empty;
	if (!t->closing) {
		r->open[i] += !t->empty;
		return true;
	}
	if (r->open[i] == 0)
		return false;
	r->open[i]--;
	return true;
}

/* Whether the tag is one, and not text. */
static bool
is_markup(struct ruad_repair *r, const struct tag *t)
{
	if (is_known(t)) {
		if (t->closing)
			r->unended = false;
		else if (r->unended)
			stop(r, RUAD_BAD, RUAD_XML_MALFORMED,
			    "repair: an unknown element without end stands "
			    "around others");
		return true;
	}
	if (t->prefixed || is_unknown_element(r, t))
		return true;
	r->unended = r->unended || !t->closing;
	return false;
}

static const unsigned char *
skip_blanks(const unsigned char *p, const unsigned char *end)
{
	while (p < end && strchr(" \t\r\n", *p) != NULL && *p != '\0')
		p++;
	return p;
}

struct attribute {
	const unsigned char *name, *value, *end; /* end: the last quote */
	size_t name_len;
};

/* The well-formed attribute at p; false: it is none. */
static bool
read_attribute(const unsigned char *p, const unsigned char *end,
    struct attribute *out)
{
	out->name = p;
	while (p < end && (is_name_char(*p) || *p == ':'))
		p++;
	out->name_len = (size_t)(p - out->name);
	p = skip_blanks(p, end);
	if (out->name_len == 0 || p == end || *p != '=')
		return false;
	p = skip_blanks(p + 1, end);
	if (p == end || (*p != '"' && *p != '\''))
		return false;
	out->value = p + 1;
	out->end = memchr(out->value, *p, (size_t)(end - out->value));
	return out->end != NULL &&
	    memchr(out->value, '<', (size_t)(out->end - out->value)) == NULL;
}

/* Whether the attribute declares a namespace that none of kept[0..n) does. */
static bool
is_new_namespace(const struct attribute *a, const struct attribute *kept,
    size_t n)
{
	if (a->name_len < 5 || memcmp(a->name, "xmlns", 5) != 0 ||
	    (a->name_len > 5 && a->name[5] != ':'))
		return false;
	while (n-- > 0)
		if (kept[n].name_len == a->name_len &&
		    memcmp(kept[n].name, a->name, a->name_len) == 0)
			return false;
	return true;
}

/* Without its declaration, a foreign element would become one of ours. */
static void
keep_namespaces(struct ruad_repair *r, const unsigned char *p,
    const unsigned char *end)
{
	struct attribute kept[NAMESPACES_MAX], a;
	const unsigned char *v;
	size_t n = 0;

	while ((p = skip_blanks(p, end)) < end) {
		if (!read_attribute(p, end, &a)) {
			while (p < end && skip_blanks(p, end) == p)
				p++;
			continue;
		}
		p = a.end + 1;
		if (!is_new_namespace(&a, kept, n))
			continue;
		if (n == NAMESPACES_MAX) {
			stop(r, RUAD_LIMIT, RUAD_XML_LIMIT,
			    "repair: too many namespaces");
			return;
		}
		kept[n++] = a;
		put(r, " ", 1);
		put(r, a.name, (size_t)(a.value - a.name));
		for (v = a.value; v < a.end;)
			if (*v == '&')
				v +=
				    repair_ampersand(r, v, (size_t)(a.end - v));
			else
				put(r, v++, 1);
		put(r, a.end, 1);
	}
}

static size_t
repair_root(struct ruad_repair *r, const unsigned char *p, const struct tag *t)
{
	put(r, p, 1 + t->whole_len);
	keep_namespaces(r, p + 1 + t->whole_len, t->end);
	if (t->end[-1] == '/')
		put(r, "/", 1);
	put(r, ">", 1);
	return (size_t)(t->end - p) + 1;
}

/* Deal with a "<"; returns the bytes it took from the window. */
static size_t
repair_tag(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	struct tag t;
	bool named;

	if (special(r, p, len)) {
		put(r, p, 2);
		return 2;
	}
	if (len >= 9 && strncasecmp((const char *)p, "<!DOCTYPE", 9) == 0)
		stop(r, RUAD_BAD, RUAD_XML_DTD,
		    "repair: document type declaration");
	named = read_tag(r, p, len, &t);
	if (r->surveying) {
		if (named)
			survey_tag(r, &t);
	} else if (named && local_is(&t, "schema")) {
		if (r->stage >= RUAD_REPAIR_SCHEMA &&
		    !is_unknown_element(r, &t) && t.end != NULL)
			return (size_t)(t.end - p) + 1;
	} else if (named && !t.closing && t.end != NULL &&
	    local_is(&t, "feedback")) {
		if (r->stage >= RUAD_REPAIR_ROOT)
			return repair_root(r, p, &t);
	} else if (r->stage >= RUAD_REPAIR_MARKUP &&
	    !(named && is_markup(r, &t))) {
		put(r, "&lt;", 4);
		return 1;
	}
	put(r, p, 1);
	return 1;
}

/* Copy a comment or CDATA section up to what ends it. */
static size_t
pass_verbatim(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	size_t n = strlen(r->verbatim_end);
	const unsigned char *end = memmem(p, len, r->verbatim_end, n);

	if (end != NULL) {
		r->verbatim_end = NULL;
		len = (size_t)(end - p) + n;
	} else if (!r->in_ended) {
		len = len > n ? len - n : 0;
	}
	put(r, p, len);
	return len;
}

/* Bytes up to the next token, at least one. */
static size_t
plain_length(const unsigned char *p, size_t len)
{
	size_t n = 1;

	while (n < len && p[n] != '<' && p[n] != '&')
		n++;
	return n;
}

static void
walk(struct ruad_repair *r)
{
	size_t at = 0, keep = r->in_ended ? 0 : LOOKAHEAD;

	r->gt = NULL;
	while (at < r->raw_len && r->raw_len - at > keep &&
	    r->failure == RUAD_OK) {
		const unsigned char *p = r->raw + at;
		size_t have = r->raw_len - at, n;

		if (r->verbatim_end != NULL) {
			if ((n = pass_verbatim(r, p, have)) == 0)
				break;
		} else if (*p == '<') {
			n = repair_tag(r, p, have);
		} else if (*p == '&') {
			n = repair_ampersand(r, p, have);
		} else {
			n = plain_length(p, have);
			put(r, p, n);
		}
		at += n;
	}
	memmove(r->raw, r->raw + at, r->raw_len - at);
	r->raw_len -= at;
}

/* Read the next bytes of the piece, and repair what can be decided. */
static enum ruad_status
step(struct ruad_repair *r, struct ruad_err *err)
{
	size_t got, room = STEP + LOOKAHEAD - r->raw_len;
	enum ruad_status st;

	if (room > r->left)
		room = (size_t)r->left;
	st = ruad_source_fill(r->in, r->raw + r->raw_len, room, &got, err);
	if (st != RUAD_OK)
		return st;
	r->raw_len += got;
	r->left -= got;
	r->in_ended = r->left == 0 || got < room;
	r->out_at = r->out_len = 0;
	walk(r);
	if (r->failure != RUAD_OK)
		*err = r->why;
	return r->failure;
}

static enum ruad_status
repair_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_repair *r = (struct ruad_repair *)s;
	enum ruad_status st;

	while (r->out_at == r->out_len) {
		if (r->in_ended && r->raw_len == 0)
			return RUAD_END;
		if ((st = step(r, err)) != RUAD_OK)
			return st;
	}
	*len_out = r->out_len - r->out_at;
	if (*len_out > cap)
		*len_out = cap;
	memcpy(buf, r->out + r->out_at, *len_out);
	r->out_at += *len_out;
	return RUAD_OK;
}

static enum ruad_status
repair_rewind(struct ruad_source *s, struct ruad_err *err)
{
	(void)s;
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
	    "repair: cannot be read twice");
}

enum ruad_status
ruad_repair_new(struct ruad_source *in, uint64_t length,
    struct ruad_budget *budget, struct ruad_repair **out, struct ruad_err *err)
{
	struct ruad_repair *r = *out = calloc(1, sizeof(*r));

	if (r == NULL)
		return ruad_fail_memory(err, "repair");
	r->source.read = repair_read;
	r->source.rewind = repair_rewind;
	r->in = in;
	r->length = length;
	r->raw = malloc(STEP + LOOKAHEAD);
	r->out = malloc((STEP + LOOKAHEAD) * GROWTH);
	if ((r->arena = ruad_arena_new(budget)) != NULL) {
		r->ended = ruad_intern_new(r->arena);
		r->open =
		    ruad_arena_alloc(r->arena, NAMES_MAX * sizeof(*r->open));
	}
	if (r->raw == NULL || r->out == NULL || r->ended == NULL ||
	    r->open == NULL) {
		ruad_repair_free(out);
		return ruad_fail_memory(err, "repair");
	}
	ruad_repair_start(r, RUAD_REPAIR_NONE);
	return RUAD_OK;
}

enum ruad_status
ruad_repair_survey(struct ruad_repair *r, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	ruad_repair_start(r, RUAD_REPAIR_NONE);
	r->surveying = true;
	while (st == RUAD_OK && !(r->in_ended && r->raw_len == 0))
		st = step(r, err);
	return st;
}

void
ruad_repair_start(struct ruad_repair *r, enum ruad_repair_stage stage)
{
	r->stage = stage;
	r->surveying = r->unended = r->in_ended = false;
	r->failure = RUAD_OK;
	r->verbatim_end = NULL;
	r->left = r->length;
	r->raw_len = r->out_at = r->out_len = 0;
	memset(r->open, 0, NAMES_MAX * sizeof(*r->open));
}

struct ruad_source *
ruad_repair_source(struct ruad_repair *r)
{
	return &r->source;
}

void
ruad_repair_free(struct ruad_repair **r)
{
	if (*r == NULL)
		return;
	ruad_arena_free(&(*r)->arena);
	free((*r)->raw);
	free((*r)->out);
	free(*r);
	*r = NULL;
}
