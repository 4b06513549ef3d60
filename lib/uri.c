/* uri.c - characters as RFC 3986 has them, mailto as RFC 6068; a size behind
 * "!" is none of either and is taken off first. */
#include "uri.h"
#include <ctype.h>
#include <string.h>
#include "text.h"
#include "value.h"

struct reader {
	const char *text; /* of the record */
	const char *tag;
	struct ruad_remarks *remarks;
};

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F');
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 3986 section 2, without "!" and ",", which are marks of the list. */
static bool
is_uri_char(char c)
{
	return c != '\0' &&
	    (is_alpha(c) || is_digit(c) ||
		strchr("-._~:/?#[]@$&'()*+=%", c) != NULL);
}

/* Refuse the URI, pointing at one byte of it. */
static bool
refuse(struct reader *r, struct ruad_uri *u, size_t at, const char *why)
{
	size_t end = u->at + u->len;

	u->valid = false;
	ruad_remark(r->remarks, RUAD_RECORD_URI, RUAD_REMARK_ERROR,
	    RUAD_OF_BOTH, at, at < end ? 1 : 0,
	    "%s: %s; receivers leave this address out", r->tag, why);
	return false;
}

/* Read "10m" at s[0..len); false: it is no size. */
static bool
read_size(const char *s, size_t len, uint64_t *out)
{
	static const char units[] = "kmgt";
	const char *unit;
	unsigned shift = 0;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < len && is_digit(s[i]); i++) {
		if (n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(s[i] - '0');
	}
	if (i == 0 || len - i > 1)
		return false;
	if (i < len) {
		unit = strchr(units, tolower((unsigned char)s[i]));
		if (unit == NULL || *unit == '\0')
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (n > UINT64_MAX >> shift)
		return false;
	*out = n << shift;
	return true;
}

/* Take the size off the end of the URI. */
static bool
take_size(struct reader *r, struct ruad_uri *u)
{
	const char *s = r->text + u->at;
	const char *mark = memchr(s, '!', u->len);
	size_t before;

	if (mark == NULL)
		return true;
	before = (size_t)(mark - s);
	if (!read_size(mark + 1, u->len - before - 1, &u->max_bytes))
		return refuse(r, u, u->at + before,
		    "\"!\" begins a size, digits and perhaps k, m, g or t; in "
		    "an address write %21");
	ruad_remark(r->remarks, RUAD_RECORD_URI_SIZE, RUAD_REMARK_INFO,
	    RUAD_OF_BOTH, u->at + before, u->len - before,
	    "%s: receivers of RFC 7489 send no report above this size here; "
	    "those of RFC 9989 ignore the limit",
	    r->tag);
	u->size_len = u->len - before;
	u->len = before;
	return true;
}

/* Whether every byte may stand in a URI. */
static bool
check_bytes(struct reader *r, struct ruad_uri *u)
{
	const char *s = r->text + u->at;

	for (size_t i = 0; i < u->len; i++) {
		if (is_wsp(s[i])) {
			u->valid = false;
			ruad_remark(r->remarks, RUAD_RECORD_URI_BLANK,
			    RUAD_REMARK_ERROR, RUAD_OF_BOTH, u->at + i, 1,
			    "%s: a blank inside an address; several are "
			    "separated by commas, and receivers leave this one "
			    "out",
			    r->tag);
			return false;
		}
		if (!is_uri_char(s[i]))
			return refuse(r, u, u->at + i,
			    "a character that must be written as %XX");
		if (s[i] == '%' &&
		    (i + 2 >= u->len || !is_hex(s[i + 1]) || !is_hex(s[i + 2])))
			return refuse(r, u, u->at + i,
			    "two hexadecimal digits must follow %");
	}
	return true;
}

static int
hex_value(char c)
{
	return is_digit(c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Undo percent-encoding of s[0..len); false: too long, or not printable. */
static bool
decode(const char *s, size_t len, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '%') {
			c = (char)(hex_value(s[i + 1]) * 16 +
			    hex_value(s[i + 2]));
			i += 2;
		}
		if (n + 1 >= cap || (unsigned char)c < 0x20 || c == 0x7f)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/* The address of a mailto, which begins at `at`. */
static bool
take_address(struct reader *r, struct ruad_uri *u, size_t at)
{
	const char *s = r->text + at, *query, *sign;
	size_t len = u->at + u->len - at;
	bool address;

	query = memchr(s, '?', len);
	if (query != NULL)
		len = (size_t)(query - s);
	sign = memrchr(s, '@', len);
	if (sign == NULL)
		return refuse(r, u, at + len, "an address has an \"@\"");
	if (sign == s || (size_t)(sign - s) > 64)
		return refuse(r, u, at,
		    "before the \"@\" there must be 1 to 64 characters");
	if (memchr(s, '@', (size_t)(sign - s)) != NULL)
		return refuse(r, u, at,
		    "an \"@\" before the last one must be written as %40");
	at += (size_t)(sign - s) + 1;
	if (ruad_value_domain(sign + 1, len - (size_t)(sign - s) - 1, u->host,
		sizeof(u->host), &address) != RUAD_DOMAIN_OK ||
	    address) {
		u->host[0] = '\0';
		return refuse(r, u, at, "what follows \"@\" is no domain");
	}
	if (!decode(s, len, u->address, sizeof(u->address)))
		return refuse(r, u, at, "too long, or not printable");
	return true;
}

static void
read_uri(struct reader *r, struct ruad_uri *u)
{
	const char *s = r->text + u->at;
	size_t scheme = 0;

	if (u->len == 0) {
		refuse(r, u, u->at, "a comma with no address beside it");
		return;
	}
	if (!take_size(r, u) || !check_bytes(r, u))
		return;
	while (scheme < u->len &&
	    (is_alpha(s[scheme]) ||
		(scheme > 0 &&
		    (is_digit(s[scheme]) || strchr("+-.", s[scheme]) != NULL))))
		scheme++;
	if (scheme == 0 || scheme >= u->len || s[scheme] != ':') {
		refuse(r, u, u->at, "\"mailto:\" is missing in front of it");
		return;
	}
	if (scheme + 1 == u->len) {
		refuse(r, u, u->at + u->len, "nothing follows the \":\"");
		return;
	}
	u->mailto = ruad_text_is(s, scheme, "mailto");
	if (!u->mailto)
		ruad_remark(r->remarks, RUAD_RECORD_URI_SCHEME,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, u->at, scheme,
		    "%s: senders of reports know mailto: only", r->tag);
	u->valid = !u->mailto || take_address(r, u, u->at + scheme + 1);
}

/* Narrow to what is between blanks. */
static void
trim(const char *text, struct ruad_uri *u)
{
	while (u->len > 0 && is_wsp(text[u->at])) {
		u->at++;
		u->len--;
	}
	while (u->len > 0 && is_wsp(text[u->at + u->len - 1]))
		u->len--;
}

static void
check_list(struct reader *r, const struct ruad_uri *u, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t j = 0; j < i && u[i].host[0] != '\0'; j++) {
			if (strcmp(u[i].address, u[j].address) != 0)
				continue;
			ruad_remark(r->remarks, RUAD_RECORD_URI_TWICE,
			    RUAD_REMARK_WARNING, RUAD_OF_BOTH, u[i].at,
			    u[i].len, "%s: this address stands here twice",
			    r->tag);
			break;
		}
	}
	if (count > 2)
		ruad_remark(r->remarks, RUAD_RECORD_URI_MANY,
		    RUAD_REMARK_WARNING, RUAD_OF_BOTH, u[2].at, 0,
		    "%s: senders need not serve more than two addresses, so "
		    "this one and those behind it may get nothing",
		    r->tag);
}

size_t
ruad_uri_read(const char *text, size_t at, size_t len, const char *tag,
    struct ruad_uri *out, size_t max, struct ruad_remarks *remarks)
{
	struct reader r = { .text = text, .tag = tag, .remarks = remarks };
	size_t end = at + len, count = 0;

	while (at <= end && count < max) {
		const char *comma =
		    at < end ? memchr(text + at, ',', end - at) : NULL;
		size_t stop = comma != NULL ? (size_t)(comma - text) : end;
		struct ruad_uri *u = &out[count++];

		*u = (struct ruad_uri){ .at = at, .len = stop - at };
		trim(text, u);
		read_uri(&r, u);
		at = stop + 1;
	}
	check_list(&r, out, count);
	return count;
}
