/* charset.c - one pass over the bytes with a small UTF-8 automaton, and a
 * second one through iconv where a multi-byte encoding is declared. */
#include "charset.h"
#include <endian.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STEP 65536u
#define DECLARATION_BYTES 200u

/* The automaton's whole state between two pieces of input. */
struct scan {
	uint64_t at; /* bytes seen */
	uint64_t end; /* behind the last that is no NUL and no blank */
	unsigned need; /* continuation bytes still due */
	unsigned char min, max; /* range of the next of them */
	bool invalid, high, sequence, control, reference, nul_pending;
};

static bool
starts_ci(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

static bool
is_cjk(const char *name)
{
	return starts_ci(name, "gb") || starts_ci(name, "big5") ||
	    starts_ci(name, "euc-") || starts_ci(name, "shift_jis") ||
	    starts_ci(name, "sjis") || starts_ci(name, "iso-2022-");
}

static bool
is_single_byte(const char *name)
{
	static const char *const prefixes[] = { "iso-8859", "iso8859",
		"iso_8859", "latin", "windows-125", "cp125", "cp437", "cp85",
		"cp866", "koi8", "mac", "tis-620", "ibm" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (starts_ci(name, prefixes[i]))
			return true;
	return false;
}

/* The encoding of the XML declaration, if there is one near the beginning. */
static void
declared_name(const unsigned char *head, size_t len, char *name, size_t cap)
{
	static const char name_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz"
					 "0123456789._-";
	char text[512 + 1];
	const char *p, *end;
	size_t n;

	name[0] = '\0';
	if (len > sizeof(text) - 1)
		len = sizeof(text) - 1;
	memcpy(text, head, len);
	text[len] = '\0';
	if ((p = memmem(text, len, "<?xml", 5)) == NULL)
		return;
	end = memchr(p, '>', (size_t)(text + len - p));
	if (end == NULL || end - p > (ptrdiff_t)DECLARATION_BYTES)
		return;
	p = memmem(p, (size_t)(end - p), "encoding", 8);
	if (p == NULL)
		return;
	p += 8;
	p += strspn(p, " \t\r\n=\"'");
	/* iconv_open() gives a meaning to other characters. */
	n = strspn(p, name_chars);
	if (n == 0 || n >= cap || strchr(" \t\r\n\"'?>", p[n]) == NULL)
		return;
	memcpy(name, p, n);
	name[n] = '\0';
}

static void
lead_byte(struct scan *s, unsigned char c)
{
	s->high = true;
	s->min = 0x80;
	s->max = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		s->need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		s->need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		s->need = 3;
	else
		s->invalid = true;
	/* Over-long forms, surrogates, and beyond U+10FFFF. */
	if (c == 0xe0)
		s->min = 0xa0;
	else if (c == 0xed)
		s->max = 0x9f;
	else if (c == 0xf0)
		s->min = 0x90;
	else if (c == 0xf4)
		s->max = 0x8f;
}

/* A byte while `need` more are due; false: it is none of them. */
static bool
continuation_byte(struct scan *s, unsigned char c)
{
	if (c < s->min || c > s->max) {
		s->invalid = true;
		s->need = 0;
		return false;
	}
	s->min = 0x80;
	s->max = 0xbf;
	s->need--;
	s->sequence = s->sequence || s->need == 0;
	return true;
}

static void
scan_odd_byte(struct scan *s, unsigned char c, const unsigned char *at,
    const unsigned char *begin)
{
	/* U+FFFE and U+FFFF end so; a false alarm costs little. */
	if ((c == 0xbe || c == 0xbf) && (at == begin || at[-1] == 0xbf))
		s->control = true;
	if (s->need > 0 && continuation_byte(s, c))
		return;
	if (c >= 0x80)
		lead_byte(s, c);
	else if (c == '#')
		s->reference = true;
	else if (c == '\0')
		s->nul_pending = true;
	else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
		s->control = true;
}

/* Length of the run of bytes at p that need no look: blanks and visible ASCII
 * but "#". Found eight at a time: most of a report is such a run. */
static size_t
plain_run(const unsigned char *p, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t w, hash, odd;
	size_t n = 0;

	for (; len - n >= sizeof(w); n += sizeof(w)) {
		memcpy(&w, p + n, sizeof(w));
		w = le64toh(w);
		hash = w ^ ones * '#';
		/* Beyond ASCII, a control character, a "#". A borrow may mark
		 * bytes behind the first that is marked, which counts alone. */
		odd = (w | (w - ones * ' ') | ((hash - ones) & ~hash)) & tops;
		if (odd != 0)
			return n + (size_t)__builtin_ctzll(odd) / 8;
	}
	return n;
}

/* Something that is no blank ends at offset `end`. */
static void
note_visible(struct scan *s, uint64_t end)
{
	s->end = end;
	s->control = s->control || s->nul_pending;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void
scan_bytes(struct scan *s, const unsigned char *p, size_t len)
{
	const unsigned char *begin = p, *end = p + len;
	size_t run, visible;

	while (p < end) {
		run = s->need > 0 ? 0 : plain_run(p, (size_t)(end - p));
		visible = run;
		while (visible > 0 && p[visible - 1] == ' ')
			visible--;
		if (visible > 0)
			note_visible(s,
			    s->at + (uint64_t)(p - begin) + visible);
		p += run;
		if (p == end)
			break;
		if (*p >= 0x80 || *p < 0x20 || *p == '#' || s->need > 0)
			scan_odd_byte(s, *p, p, begin);
		if (*p != '\0' && !is_blank(*p))
			note_visible(s, s->at + (uint64_t)(p - begin) + 1);
		p++;
	}
	s->at += len;
}

/* Whether iconv converts the whole of `in` without complaint. */
static enum ruad_status
try_iconv(struct ruad_source *in, const char *name, bool *converts_out,
    struct ruad_err *err)
{
	iconv_t cd = iconv_open("UTF-8", name);
	enum ruad_status st;
	char *buf = NULL, *sink = NULL;
	size_t n, kept = 0;

	*converts_out = false;
	if (cd == (iconv_t)-1)
		return RUAD_OK;
	if ((buf = malloc(STEP)) == NULL || (sink = malloc(STEP * 4)) == NULL) {
		st = ruad_fail_memory(err, "charset");
		goto out;
	}
	if ((st = ruad_source_rewind(in, err)) != RUAD_OK)
		goto out;
	while ((st = ruad_source_read(in, buf + kept, STEP - kept, &n, err)) ==
	    RUAD_OK) {
		char *from = buf, *to = sink;
		size_t left = kept + n, room = STEP * 4;

		if (iconv(cd, &from, &left, &to, &room) == (size_t)-1 &&
		    (errno != EINVAL || left > 16))
			goto out;
		memmove(buf, from, left);
		kept = left;
	}
	if (st == RUAD_END) {
		*converts_out = kept == 0;
		st = RUAD_OK;
	}
out:
	iconv_close(cd);
	free(buf);
	free(sink);
	return st;
}

/* Whether head begins, behind blanks and NULs, with a "<" in UTF-16; the lower
 * byte of a pair is at `low`. One NUL may stand before UTF-8 as well, so the
 * next character is looked at too. */
static bool
begins_utf16(const unsigned char *head, size_t len, size_t low)
{
	size_t i = 0;

	while (i + 3 < len && head[i + 1 - low] == 0 &&
	    (is_blank(head[i + low]) || head[i + low] == 0))
		i += 2;
	return i + 3 < len && head[i + low] == '<' && head[i + 1 - low] == 0 &&
	    head[i + 3 - low] == 0;
}

static bool
utf16_name(const unsigned char *head, size_t len, char *name)
{
	if ((len >= 2 && head[0] == 0xff && head[1] == 0xfe) ||
	    begins_utf16(head, len, 0))
		strcpy(name, "UTF-16LE");
	else if ((len >= 2 && head[0] == 0xfe && head[1] == 0xff) ||
	    begins_utf16(head, len, 1))
		strcpy(name, "UTF-16BE");
	else
		return false;
	return true;
}

static bool
has_bom(const unsigned char *head, size_t len)
{
	return len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0;
}

/* The rules in their order; the scan is over. */
static enum ruad_status
decide(struct ruad_source *in, const struct scan *s, const unsigned char *head,
    size_t head_len, struct ruad_survey *out, struct ruad_err *err)
{
	char declared[sizeof(out->name)];
	bool converts, valid = !s->invalid && s->need == 0;
	enum ruad_status st;
	iconv_t cd;

	out->charset = RUAD_CHARSET_UTF8;
	out->scrub = s->control || s->reference;
	if (utf16_name(head, head_len, out->name)) {
		out->charset = RUAD_CHARSET_ICONV;
		out->scrub = true;
		out->bytes = s->at;
		return RUAD_OK;
	}
	declared_name(head, head_len, declared, sizeof(declared));
	if (has_bom(head, head_len) && valid)
		return RUAD_OK;
	if (!has_bom(head, head_len) && is_cjk(declared)) {
		if ((st = try_iconv(in, declared, &converts, err)) != RUAD_OK)
			return st;
		if (converts) {
			out->charset = RUAD_CHARSET_ICONV;
			out->scrub = true;
			out->contradicted = valid && s->high;
			strcpy(out->name, declared);
			return RUAD_OK;
		}
	}
	if (valid) {
		out->contradicted = s->high && declared[0] != '\0' &&
		    strcasecmp(declared, "utf-8") != 0 &&
		    strcasecmp(declared, "utf8") != 0;
		return RUAD_OK;
	}
	out->charset = RUAD_CHARSET_MIXED;
	if (is_single_byte(declared) && !has_bom(head, head_len) &&
	    (cd = iconv_open("UTF-8", declared)) != (iconv_t)-1) {
		iconv_close(cd);
		out->charset = RUAD_CHARSET_ICONV;
		out->some_utf8 = s->sequence;
		strcpy(out->name, declared);
	}
	return RUAD_OK;
}

enum ruad_status
ruad_charset_survey(struct ruad_source *in, unsigned char *cache,
    size_t cache_len, struct ruad_survey *out, struct ruad_err *err)
{
	struct scan s = { 0 };
	unsigned char head[512];
	unsigned char *buf = malloc(STEP);
	size_t n, head_len = 0;
	enum ruad_status st;

	memset(out, 0, sizeof(*out));
	if (buf == NULL)
		return ruad_fail_memory(err, "charset");
	while ((st = ruad_source_read(in, buf, STEP, &n, err)) == RUAD_OK) {
		if (head_len < sizeof(head)) {
			size_t more = sizeof(head) - head_len;

			if (more > n)
				more = n;
			memcpy(head + head_len, buf, more);
			head_len += more;
		}
		if (s.at + n <= cache_len)
			memcpy(cache + s.at, buf, n);
		scan_bytes(&s, buf, n);
	}
	free(buf);
	if (st != RUAD_END)
		return st;
	out->bytes = s.end;
	out->cached = s.at <= cache_len;
	return decide(in, &s, head, head_len, out, err);
}
