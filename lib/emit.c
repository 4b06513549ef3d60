/* emit.c - one decoder of UTF-8, one table of what is not let through. */
#include "emit.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Characters that a terminal obeys or does not show, and those that are none.
 * Sorted. */
static const struct {
	uint32_t first, last;
} unsafe[] = {
	{ 0x0, 0x1f }, /* C0 controls */
	{ 0x7f, 0x9f }, /* DEL, C1 controls */
	{ 0xad, 0xad }, /* soft hyphen */
	{ 0x34f, 0x34f }, /* combining grapheme joiner */
	{ 0x61c, 0x61c }, /* Arabic letter mark */
	{ 0x115f, 0x1160 }, /* Hangul fillers */
	{ 0x180e, 0x180e }, /* Mongolian vowel separator */
	{ 0x200b, 0x200f }, /* of zero width; direction of writing */
	{ 0x2028, 0x202e }, /* line breaks; direction of writing */
	{ 0x2060, 0x206f }, /* of zero width; direction of writing */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xfdd0, 0xfdef }, /* no characters */
	{ 0xfeff, 0xfeff }, /* byte order mark */
	{ 0xffa0, 0xffa0 }, /* Hangul filler */
	{ 0xfff0, 0xfffb }, /* interlinear annotation */
	{ 0xfffe, 0xffff }, /* no characters */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors */
	{ 0xf0000, 0x10ffff }, /* private use */
};

static bool
is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
		if (c <= unsafe[i].last)
			return c >= unsafe[i].first;
	}
	return false;
}

/* Decode the character at p, which has len > 0 bytes. Returns its length in
 * bytes; 0: no UTF-8, as RFC 3629 section 4 has it. */
static size_t
decode(const unsigned char *p, size_t len, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80      ? 1
	    : (p[0] & 0xe0) == 0xc0 ? 2
	    : (p[0] & 0xf0) == 0xe0 ? 3
	    : (p[0] & 0xf8) == 0xf0 ? 4
				    : 0;
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

/* Write the character or byte at p as it may be shown, as a string into
 * piece. Returns how many bytes were read. */
static size_t
next_piece(const unsigned char *p, size_t len, enum ruad_emit_charset charset,
    char piece[16])
{
	uint32_t c;
	size_t n = decode(p, len, &c);

	if (n == 0 || (n == 1 && is_unsafe(c))) {
		snprintf(piece, 16, "\\x%02x", p[0]);
		return 1;
	}
	if (is_unsafe(c) || (n > 1 && charset == RUAD_EMIT_ASCII)) {
		snprintf(piece, 16, "\\u%04" PRIx32, c);
		return n;
	}
	memcpy(piece, p, n);
	piece[n] = '\0';
	return n;
}

size_t
ruad_emit_escape(char *buf, size_t cap, const void *bytes, size_t len,
    enum ruad_emit_charset charset)
{
	const unsigned char *p = bytes;
	size_t total = 0, written = 0;
	char piece[16];

	while (len > 0) {
		size_t n = next_piece(p, len, charset, piece);
		size_t size = strlen(piece);

		p += n;
		len -= n;
		total += size;
		/* Once one did not fit, total is beyond cap for good. */
		if (total < cap) {
			memcpy(buf + written, piece, size);
			written += size;
		}
	}
	if (cap > 0)
		buf[written] = '\0';
	return total;
}

char *
ruad_emit_escaped(const char *text, enum ruad_emit_charset charset)
{
	size_t len = strlen(text);
	size_t size = ruad_emit_escape(NULL, 0, text, len, charset) + 1;
	char *out = malloc(size);

	if (out != NULL)
		ruad_emit_escape(out, size, text, len, charset);
	return out;
}

void
ruad_emit_text(FILE *to, const char *text, enum ruad_emit_charset charset)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = strlen(text);
	char piece[16];

	while (len > 0) {
		size_t n = next_piece(p, len, charset, piece);

		p += n;
		len -= n;
		fputs(piece, to);
	}
}

bool
ruad_emit_is_utf8(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint32_t c;

	while (len > 0) {
		size_t n = decode(p, len, &c);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* A sign, digits with at most one point, an exponent: what a spreadsheet takes
 * for a number whichever way. */
static bool
is_number(const char *s)
{
	size_t digits;

	s += *s == '+' || *s == '-';
	digits = strspn(s, "0123456789");
	s += digits;
	if (*s == '.') {
		size_t more = strspn(++s, "0123456789");

		digits += more;
		s += more;
	}
	if (digits == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		digits = strspn(s, "0123456789");
		s += digits;
	}
	return digits > 0 && *s == '\0';
}

/* What a spreadsheet would calculate. In some languages it takes the full-width
 * forms of the signs, too: U+FF1D, U+FF0B, U+FF0D and U+FF20. */
static bool
is_formula(const char *s)
{
	if (strncmp(s, "\xEF\xBC", 2) == 0)
		return s[2] != '\0' && strchr("\x9D\x8B\x8D\xA0", s[2]) != NULL;
	return strchr("=+-@\t\r\n", s[0]) != NULL && !is_number(s);
}

static void
next_cell(struct ruad_csv *c)
{
	if (c->in_row)
		putc(',', c->to);
	c->in_row = true;
}

void
ruad_csv_text(struct ruad_csv *c, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	bool formula, quoted;
	char piece[16];
	size_t len;

	next_cell(c);
	if (text == NULL || text[0] == '\0')
		return;
	len = strlen(text);
	formula = is_formula(text);
	/* A blank at either end would be lost in some readers. */
	quoted = strpbrk(text, "\",\r\n\t") != NULL || text[0] == ' ' ||
	    text[len - 1] == ' ';
	if (quoted)
		putc('"', c->to);
	if (formula)
		putc('\'', c->to);
	while (len > 0) {
		size_t n = 1;

		if (*p == '\t' || *p == '\r' || *p == '\n') {
			putc(*p, c->to);
		} else {
			n = next_piece(p, len, RUAD_EMIT_UTF8, piece);
			fputs(piece, c->to);
			if (*p == '"')
				putc('"', c->to);
		}
		p += n;
		len -= n;
	}
	if (quoted)
		putc('"', c->to);
}

void
ruad_csv_int(struct ruad_csv *c, int64_t n)
{
	next_cell(c);
	fprintf(c->to, "%" PRId64, n);
}

void
ruad_csv_end(struct ruad_csv *c)
{
	fputs("\r\n", c->to);
	c->in_row = false;
}
