/* text.c - escaping, cleaning and comparing hostile text. */
#include "text.h"
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NO_CHARACTER UINT32_MAX

size_t
ruad_text_escape(char *buf, size_t cap, const void *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	size_t i, at = 0;

	if (cap == 0)
		return 0;
	for (i = 0; i < len; i++) {
		if (p[i] >= 0x20 && p[i] < 0x7f) {
			if (at + 1 >= cap)
				break;
			buf[at++] = (char)p[i];
			continue;
		}
		if (at + 4 >= cap)
			break;
		buf[at++] = '\\';
		buf[at++] = 'x';
		buf[at++] = hex[p[i] >> 4];
		buf[at++] = hex[p[i] & 15];
	}
	buf[at] = '\0';
	return at;
}

void
ruad_text_format(char *buf, size_t cap, const char *fmt, va_list ap)
{
	/* Escaping never shortens, so what does not fit here is cut anyway. */
	char raw[RUAD_TEXT_FORMAT_MAX];

	assert(cap <= sizeof(raw));
	if (vsnprintf(raw, cap, fmt, ap) < 0)
		raw[0] = '\0';
	ruad_text_escape(buf, cap, raw, strlen(raw));
}

bool
ruad_text_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const struct invisible {
	const char *bytes;
	size_t len;
} invisibles[] = {
	{ "\xc2\xa0", 2 }, /* no-break space */
	{ "\xef\xbb\xbf", 3 }, /* byte order mark */
	{ "\xe2\x80\x8b", 3 }, /* zero width space */
};
#define INVISIBLES (sizeof(invisibles) / sizeof(*invisibles))

/* What nearly every text begins and ends with. */
static bool
is_graphic(char c)
{
	return c > ' ' && c < '\x7f';
}

/* Length of what is to be trimmed at the begin of s, or 0. */
static size_t
trim_front(const char *s, size_t len)
{
	size_t i;

	if (len == 0 || is_graphic(s[0]))
		return 0;
	if (ruad_text_blank(s[0]))
		return 1;
	for (i = 0; i < INVISIBLES; i++)
		if (len >= invisibles[i].len &&
		    memcmp(s, invisibles[i].bytes, invisibles[i].len) == 0)
			return invisibles[i].len;
	return 0;
}

static size_t
trim_back(const char *s, size_t len)
{
	size_t i, n;

	if (len == 0 || is_graphic(s[len - 1]))
		return 0;
	if (ruad_text_blank(s[len - 1]))
		return 1;
	for (i = 0; i < INVISIBLES; i++) {
		n = invisibles[i].len;
		if (len >= n &&
		    memcmp(s + len - n, invisibles[i].bytes, n) == 0)
			return n;
	}
	return 0;
}

void
ruad_text_trim(const char **s, size_t *len)
{
	size_t n;

	while ((n = trim_front(*s, *len)) > 0) {
		*s += n;
		*len -= n;
	}
	while ((n = trim_back(*s, *len)) > 0)
		*len -= n;
}

/* Decode the character at s, len > 0. Returns how many bytes it takes; bytes
 * that are none give NO_CHARACTER and the number of them that one U+FFFD
 * stands for (Unicode section 3.9, maximal subparts). */
static size_t
utf8_next(const unsigned char *s, size_t len, uint32_t *c_out)
{
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t n, i;

	*c_out = NO_CHARACTER;
	if (s[0] < 0x80) {
		*c_out = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 1;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	*c_out = s[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if (i == len || s[i] < low || s[i] > high) {
			*c_out = NO_CHARACTER;
			return i;
		}
		*c_out = *c_out << 6 | (s[i] & 0x3fu);
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

static bool
breaks_line(uint32_t c)
{
	return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 ||
	    c == 0x2029;
}

/* Controls, and what turns the direction of writing (Unicode UAX #9). */
static bool
is_dropped(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c ||
	    c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

/* Trim the string in buf, of len bytes. Returns the new length. */
static size_t
trim_in_place(char *buf, size_t len)
{
	const char *s = buf;

	ruad_text_trim(&s, &len);
	memmove(buf, s, len);
	buf[len] = '\0';
	return len;
}

size_t
ruad_text_clean(char *buf, size_t cap, const char *s, size_t len, bool *cut_out)
{
	const unsigned char *in = (const unsigned char *)s;
	size_t i, n, out_len, at = 0;
	const void *out;
	bool cut = false;
	uint32_t c;

	for (i = 0; i < len; i += n) {
		n = utf8_next(in + i, len - i, &c);
		out = in + i;
		out_len = n;
		if (c == NO_CHARACTER) {
			out = "\xef\xbf\xbd";
			out_len = 3;
		} else if (breaks_line(c)) {
			out = " ";
			out_len = 1;
		} else if (is_dropped(c)) {
			continue;
		}
		if (out_len >= cap - at) {
			cut = true;
			break;
		}
		memcpy(buf + at, out, out_len);
		at += out_len;
	}
	if (cut_out != NULL)
		*cut_out = cut;
	return trim_in_place(buf, at);
}

size_t
ruad_text_show(char *buf, size_t cap, const char *s, size_t len, bool *cut_out)
{
	bool cut;
	size_t n = ruad_text_clean(buf, cap, s, len, &cut);

	if (cut_out != NULL)
		*cut_out = cut;
	if (n <= len && memcmp(buf, s, n) == 0 && (n == len || cut))
		return n;
	n = ruad_text_escape(buf, cap, s, len);
	return trim_in_place(buf, n);
}

size_t
ruad_text_collapse(char *s)
{
	size_t i, at = 0;

	for (i = 0; s[i] != '\0'; i++) {
		if (!ruad_text_blank(s[i]))
			s[at++] = s[i];
		else if (at > 0 && s[at - 1] != ' ')
			s[at++] = ' ';
	}
	if (at > 0 && s[at - 1] == ' ')
		at--;
	s[at] = '\0';
	return at;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void
ruad_text_lower(char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		s[i] = lower(s[i]);
}

bool
ruad_text_is(const char *s, size_t len, const char *word)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (word[i] == '\0' || lower(s[i]) != lower(word[i]))
			return false;
	return word[len] == '\0';
}

size_t
ruad_text_distance(const char *a, const char *b)
{
	enum { MAX = 40 };
	size_t row[MAX + 1], la = strlen(a), lb = strlen(b);

	if (la > MAX || lb > MAX)
		return MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}
