/* repair.c - one walk over the text. A token (tag, reference) is decided when
 * LOOKAHEAD bytes of it are in the window, or the piece ends; comments and
 * CDATA sections pass as they are. */
#include "repair.h"
#include "element.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEP 65536u
#define LOOKAHEAD 4096u
#define GROWTH 5u /* & becomes &amp; */

struct ruad_repair {
	struct ruad_source source;
	struct ruad_source *in; /* borrowed */
	uint64_t left; /* bytes of the piece not read yet */
	enum ruad_repair_stage stage;
	const char *verbatim_end; /* inside a comment or CDATA: what ends it */
	unsigned char *raw; /* owned, STEP + LOOKAHEAD */
	size_t raw_len;
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

/* The name of a tag at p, behind "<" or "</", in its two halves. */
struct tag_name {
	const char *local;
	size_t local_len;
	size_t whole_len; /* with the prefix */
	bool prefixed;
};

static bool
read_name(const unsigned char *p, size_t len, struct tag_name *out)
{
	size_t i = 0, start = 0;

	memset(out, 0, sizeof(*out));
	if (len == 0 || !is_name_start(p[0]))
		return false;
	while (i < len && (is_name_char(p[i]) || (p[i] == ':' && start == 0))) {
		if (p[i] == ':') {
			start = i + 1;
			out->prefixed = true;
		}
		i++;
	}
	out->local = (const char *)p + start;
	out->local_len = i - start;
	out->whole_len = i;
	if (out->local_len == 0 || !is_name_start(p[start]))
		return false;
	/* What follows must be able to follow a name in a tag. */
	return i < len && strchr(" \t\r\n/>", p[i]) != NULL && p[i] != '\0';
}

static bool
local_is(const struct tag_name *n, const char *word)
{
	return n->local_len == strlen(word) &&
	    strncasecmp(n->local, word, n->local_len) == 0;
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

/* Deal with a "<"; returns the bytes it took from the window. */
static size_t
repair_tag(struct ruad_repair *r, const unsigned char *p, size_t len)
{
	size_t slash = len > 1 && p[1] == '/';
	size_t near = len < LOOKAHEAD ? len : LOOKAHEAD;
	const unsigned char *end;
	struct tag_name name;
	bool named;

	if (special(r, p, len)) {
		put(r, p, 2);
		return 2;
	}
	named = read_name(p + 1 + slash, near - 1 - slash, &name);
	if (named && r->stage >= RUAD_REPAIR_SCHEMA &&
	    local_is(&name, "schema") && (end = memchr(p, '>', near)) != NULL)
		return (size_t)(end - p) + 1;
	if (named && !slash && r->stage >= RUAD_REPAIR_ROOT &&
	    local_is(&name, "feedback") &&
	    (end = memchr(p, '>', near)) != NULL) {
		put(r, p, 1 + name.whole_len);
		if (end[-1] == '/')
			put(r, "/", 1);
		put(r, ">", 1);
		return (size_t)(end - p) + 1;
	}
	if (r->stage >= RUAD_REPAIR_MARKUP &&
	    !(named &&
		(name.prefixed ||
		    ruad_element_known(name.local, name.local_len)))) {
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

	while (at < r->raw_len && r->raw_len - at > keep) {
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

static enum ruad_status
repair_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_repair *r = (struct ruad_repair *)s;
	enum ruad_status st;
	size_t got, room;

	while (r->out_at == r->out_len) {
		if (r->in_ended && r->raw_len == 0)
			return RUAD_END;
		room = STEP + LOOKAHEAD - r->raw_len;
		if (room > r->left)
			room = (size_t)r->left;
		st = ruad_source_fill(r->in, r->raw + r->raw_len, room, &got,
		    err);
		if (st != RUAD_OK)
			return st;
		r->raw_len += got;
		r->left -= got;
		r->in_ended = r->left == 0 || got < room;
		r->out_at = r->out_len = 0;
		walk(r);
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
    enum ruad_repair_stage stage, struct ruad_repair **out,
    struct ruad_err *err)
{
	struct ruad_repair *r = *out = calloc(1, sizeof(*r));

	if (r == NULL)
		return ruad_fail_memory(err, "repair");
	r->source.read = repair_read;
	r->source.rewind = repair_rewind;
	r->in = in;
	r->left = length;
	r->stage = stage;
	r->raw = malloc(STEP + LOOKAHEAD);
	r->out = malloc((STEP + LOOKAHEAD) * GROWTH);
	if (r->raw != NULL && r->out != NULL)
		return RUAD_OK;
	ruad_repair_free(out);
	return ruad_fail_memory(err, "repair");
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
	free((*r)->raw);
	free((*r)->out);
	free(*r);
	*r = NULL;
}
