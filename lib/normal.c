/* normal.c - three steps from window to window: decode (iconv, or the mixture
 * of UTF-8 and windows-1252), drop the head once, scrub forbidden characters.
 * Each step leaves what it cannot decide yet for the next round; at the end of
 * input it must decide. A step that has nothing to do has no window: the usual
 * file is read into the middle one and handed out from there. */
#include "normal.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define STEP 65536u
#define GROWTH 4u /* no step makes more than four bytes of one */
#define JUNK_BYTES 256u
#define DECLARATION_BYTES 200u
#define REFERENCE_BYTES 14u /* longest character reference looked at */

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

struct window {
	unsigned char *data; /* owned */
	size_t at, len; /* what is left: data[at..len) */
};

struct ruad_normal {
	struct ruad_source source;
	struct ruad_source *in; /* borrowed */
	struct ruad_survey survey;
	uint64_t left; /* bytes of input before the trailing blanks */
	iconv_t cd;
	bool converting;
	size_t unit; /* bytes of the smallest character of that encoding */
	struct window raw, mid, clean;
	struct window *first; /* what is read into: raw or mid */
	struct window *last; /* what is handed out: mid or clean */
	bool head_done, in_ended, ended;
	struct ruad_warnings warnings;
};

/* Windows-1252 0x80..0x9f; 0 where it has no character. */
static const unsigned short cp1252[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

static void
put(struct window *w, const void *bytes, size_t len)
{
	memcpy(w->data + w->len, bytes, len);
	w->len += len;
}

/* Keep what is left at the beginning of the window. */
static void
compact(struct window *w)
{
	memmove(w->data, w->data + w->at, w->len - w->at);
	w->len -= w->at;
	w->at = 0;
}

static void
put_cp1252(struct window *w, unsigned char c)
{
	unsigned u = c >= 0xa0 ? c : cp1252[c - 0x80];
	char utf8[3];

	if (u == 0) {
		put(w, replacement, 3);
	} else if (u < 0x800) {
		utf8[0] = (char)(0xc0 | u >> 6);
		utf8[1] = (char)(0x80 | (u & 0x3f));
		put(w, utf8, 2);
	} else {
		utf8[0] = (char)(0xe0 | u >> 12);
		utf8[1] = (char)(0x80 | (u >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (u & 0x3f));
		put(w, utf8, 3);
	}
}

/* Length of the valid UTF-8 sequence at p: 0 if none, more than `len` if it
 * may become one with further bytes. */
static size_t
sequence(const unsigned char *p, size_t len)
{
	unsigned char min = 0x80, max = 0xbf;
	size_t need, i;

	if (*p < 0x80)
		return 1;
	if (*p >= 0xc2 && *p <= 0xdf)
		need = 2;
	else if ((*p & 0xf0) == 0xe0)
		need = 3;
	else if (*p >= 0xf0 && *p <= 0xf4)
		need = 4;
	else
		return 0;
	if (*p == 0xe0)
		min = 0xa0;
	else if (*p == 0xed)
		max = 0x9f;
	else if (*p == 0xf0)
		min = 0x90;
	else if (*p == 0xf4)
		max = 0x8f;
	for (i = 1; i < need && i < len; i++) {
		if (p[i] < min || p[i] > max)
			return 0;
		min = 0x80;
		max = 0xbf;
	}
	return need;
}

static void
decode_mixed(struct ruad_normal *n)
{
	struct window *r = &n->raw;

	while (r->at < r->len) {
		const unsigned char *p = r->data + r->at;
		size_t have = r->len - r->at, k = sequence(p, have);

		if (k > have && !n->in_ended)
			return;
		if (k == 0 || k > have) {
			put_cp1252(&n->mid, *p);
			ruad_warn(&n->warnings, RUAD_XML_BAD_UTF8);
			k = 1;
		} else {
			put(&n->mid, p, k);
		}
		r->at += k;
	}
}

static void
decode_iconv(struct ruad_normal *n)
{
	struct window *r = &n->raw, *m = &n->mid;

	while (r->at < r->len) {
		char *from = (char *)r->data + r->at;
		char *to = (char *)m->data + m->len;
		size_t have = r->len - r->at;
		size_t room = STEP * GROWTH - m->len;
		size_t rc = iconv(n->cd, &from, &have, &to, &room);

		r->at = r->len - have;
		m->len = STEP * GROWTH - room;
		if (rc != (size_t)-1 || errno == E2BIG)
			return;
		if (errno == EINVAL && !n->in_ended)
			return;
		put(m, replacement, 3);
		ruad_warn(&n->warnings, RUAD_XML_BAD_UTF8);
		have = r->len - r->at;
		r->at += have < n->unit ? have : n->unit;
	}
}

static void
decode(struct ruad_normal *n)
{
	switch (n->survey.charset) {
	case RUAD_CHARSET_UTF8: /* is read into mid */
		return;
	case RUAD_CHARSET_MIXED:
		decode_mixed(n);
		break;
	case RUAD_CHARSET_ICONV:
		decode_iconv(n);
		break;
	}
	compact(&n->raw);
}

static void
skip_blanks(struct window *w)
{
	while (w->at < w->len && memchr(" \t\r\n", w->data[w->at], 5) != NULL)
		w->at++;
}

/* Drop what stands before the first element. memchr() above counts the NUL of
 * its string: NULs are blanks here. */
static void
drop_head(struct ruad_normal *n)
{
	struct window *w = &n->mid;
	const unsigned char *p;
	size_t have;

	if (w->len - w->at >= 3 &&
	    memcmp(w->data + w->at, "\xef\xbb\xbf", 3) == 0)
		w->at += 3;
	skip_blanks(w);
	have = w->len - w->at;
	p = memchr(w->data + w->at, '<',
	    have <= JUNK_BYTES ? have : JUNK_BYTES + 1);
	if (p != NULL && p != w->data + w->at) {
		ruad_warn(&n->warnings, RUAD_XML_LEADING_JUNK);
		w->at = (size_t)(p - w->data);
	}
	have = w->len - w->at;
	if (have < 6 || memcmp(w->data + w->at, "<?xml", 5) != 0 ||
	    memchr(" \t\r\n?", w->data[w->at + 5], 5) == NULL)
		return;
	p = memchr(w->data + w->at, '>',
	    have < DECLARATION_BYTES ? have : DECLARATION_BYTES);
	if (p != NULL)
		w->at = (size_t)(p - w->data) + 1;
	skip_blanks(w);
}

/* XML 1.0 section 2.2: what may not occur, not even as a reference. */
static bool
is_forbidden(unsigned long u)
{
	return (u < 0x20 && u != '\t' && u != '\n' && u != '\r') ||
	    (u >= 0xd800 && u <= 0xdfff) || u == 0xfffe || u == 0xffff ||
	    u > 0x10ffff;
}

/* Length of the reference to a forbidden character at p; 0 if it is none. */
static size_t
forbidden_reference(const unsigned char *p, size_t len)
{
	char text[REFERENCE_BYTES + 1];
	size_t n = len < REFERENCE_BYTES ? len : REFERENCE_BYTES;
	char *end;
	unsigned long u;
	bool hex;

	memcpy(text, p, n);
	text[n] = '\0';
	if (n < 4 || text[1] != '#')
		return 0;
	hex = text[2] == 'x';
	if (strchr(hex ? "0123456789abcdefABCDEF" : "0123456789",
		text[hex ? 3 : 2]) == NULL)
		return 0;
	u = strtoul(text + (hex ? 3 : 2), &end, hex ? 16 : 10);
	if (*end != ';' || !is_forbidden(u))
		return 0;
	return (size_t)(end - text) + 1;
}

/* Length of the forbidden character or reference at p; 0: p is fine. */
static size_t
forbidden(const unsigned char *p, size_t have)
{
	if (*p == '&')
		return forbidden_reference(p, have);
	if (*p < 0x20)
		return *p != '\t' && *p != '\n' && *p != '\r';
	if (*p == 0xef && have >= 3 && p[1] == 0xbf && p[2] >= 0xbe)
		return 3;
	return 0;
}

static void
scrub(struct ruad_normal *n)
{
	struct window *m = &n->mid;

	while (m->at < m->len) {
		const unsigned char *p = m->data + m->at;
		size_t have = m->len - m->at, k;

		if ((*p == '&' || *p == 0xef) && have < REFERENCE_BYTES &&
		    !n->in_ended)
			break;
		if ((k = forbidden(p, have)) > 0) {
			put(&n->clean, replacement, 3);
			ruad_warn(&n->warnings, RUAD_XML_BAD_UTF8);
		} else {
			n->clean.data[n->clean.len++] = *p;
			k = 1;
		}
		m->at += k;
	}
	compact(m);
}

/* Read the next piece of input, never past the trailing blanks. */
static enum ruad_status
refill_first(struct ruad_normal *n, struct ruad_err *err)
{
	struct window *w = n->first;
	size_t room = STEP - w->len, got;
	enum ruad_status st;

	if (room > n->left)
		room = (size_t)n->left;
	st = ruad_source_fill(n->in, w->data + w->len, room, &got, err);
	if (st != RUAD_OK)
		return st;
	w->len += got;
	n->left -= got;
	n->in_ended = n->left == 0 || got < room;
	return RUAD_OK;
}

static enum ruad_status
refill(struct ruad_normal *n, struct ruad_err *err)
{
	enum ruad_status st;

	while (n->last->at == n->last->len && !n->ended) {
		n->last->at = n->last->len = 0;
		if ((st = refill_first(n, err)) != RUAD_OK)
			return st;
		decode(n);
		if (!n->head_done) {
			drop_head(n);
			n->head_done = true;
		}
		if (n->survey.scrub)
			scrub(n);
		n->ended = n->in_ended && n->raw.len == 0 &&
		    (n->last == &n->mid || n->mid.len == 0);
	}
	return RUAD_OK;
}

static enum ruad_status
normal_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_normal *n = (struct ruad_normal *)s;
	enum ruad_status st;
	size_t have;

	if ((st = refill(n, err)) != RUAD_OK)
		return st;
	have = n->last->len - n->last->at;
	if (have == 0)
		return RUAD_END;
	*len_out = have < cap ? have : cap;
	memcpy(buf, n->last->data + n->last->at, *len_out);
	n->last->at += *len_out;
	return RUAD_OK;
}

static void
restart(struct ruad_normal *n)
{
	n->left = n->survey.bytes;
	n->raw.at = n->raw.len = 0;
	n->mid.at = n->mid.len = 0;
	n->clean.at = n->clean.len = 0;
	n->head_done = n->in_ended = n->ended = false;
	if (n->converting)
		iconv(n->cd, NULL, NULL, NULL, NULL);
}

static enum ruad_status
normal_rewind(struct ruad_source *s, struct ruad_err *err)
{
	struct ruad_normal *n = (struct ruad_normal *)s;

	restart(n);
	return ruad_source_rewind(n->in, err);
}

/* False: no memory. */
static bool
make_windows(struct ruad_normal *n)
{
	bool decodes = n->survey.charset != RUAD_CHARSET_UTF8;
	size_t mid = STEP * (decodes ? GROWTH : 1u);

	n->first = decodes ? &n->raw : &n->mid;
	n->last = n->survey.scrub ? &n->clean : &n->mid;
	n->mid.data = malloc(mid);
	if (n->mid.data == NULL)
		return false;
	if (decodes && (n->raw.data = malloc(STEP)) == NULL)
		return false;
	/* Scrubbing may triple what the middle window holds. */
	return !n->survey.scrub || (n->clean.data = malloc(3 * mid)) != NULL;
}

enum ruad_status
ruad_normal_new(struct ruad_source *in, const struct ruad_survey *survey,
    struct ruad_normal **out, struct ruad_err *err)
{
	struct ruad_normal *n = *out = calloc(1, sizeof(*n));

	if (n == NULL)
		return ruad_fail_memory(err, "normal");
	n->source.read = normal_read;
	n->source.rewind = normal_rewind;
	n->in = in;
	n->survey = *survey;
	if (!make_windows(n))
		goto fail;
	if (survey->charset == RUAD_CHARSET_ICONV) {
		n->cd = iconv_open("UTF-8", survey->name);
		if (n->cd == (iconv_t)-1)
			goto fail;
		n->converting = true;
		n->unit = strncmp(survey->name, "UTF-16", 6) == 0 ? 2 : 1;
	}
	if (survey->contradicted)
		ruad_warn(&n->warnings, RUAD_XML_BAD_UTF8);
	restart(n);
	return RUAD_OK;
fail:
	ruad_normal_free(out);
	return ruad_fail_memory(err, "normal");
}

struct ruad_source *
ruad_normal_source(struct ruad_normal *n)
{
	return &n->source;
}

struct ruad_warnings
ruad_normal_warnings(const struct ruad_normal *n)
{
	return n->warnings;
}

void
ruad_normal_free(struct ruad_normal **n)
{
	if (*n == NULL)
		return;
	if ((*n)->converting)
		iconv_close((*n)->cd);
	free((*n)->raw.data);
	free((*n)->mid.data);
	free((*n)->clean.data);
	free(*n);
	*n = NULL;
}
