/* mend.c - walks over lines. A line is what stands before an LF, or before a CR
 * in a mail that has no LF. */
#include "mend.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAIL_BYTES 4096u
#define BOUNDARY_BYTES 70u /* RFC 2046 section 5.1.1 */

static bool
is_letter_or_digit(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

bool
ruad_mend_is_field(const unsigned char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len && line[i] != ':'; i++)
		if (!is_letter_or_digit(line[i]) && line[i] != '-' &&
		    line[i] != '_')
			return false;
	return i > 0 && i < len;
}

bool
ruad_mend_is_mail(const unsigned char *data, size_t len)
{
	size_t n = len < MAIL_BYTES ? len : MAIL_BYTES;
	const unsigned char *eol = memchr(data, '\n', n);

	return eol != NULL && ruad_mend_is_field(data, (size_t)(eol - data)) &&
	    (memmem(data, n, "Content-Type:", 13) != NULL ||
		memmem(data, n, "MIME-Version:", 13) != NULL);
}

static bool
starts_with(const unsigned char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp((const char *)line, word, n) == 0;
}

/* Length of the line at p without the white space at its end; *next_out is the
 * next line. */
static size_t
line_length(const unsigned char *p, const unsigned char *end, int line_end,
    const unsigned char **next_out)
{
	const unsigned char *eol = memchr(p, line_end, (size_t)(end - p));
	size_t len = (size_t)((eol != NULL ? eol : end) - p);

	*next_out = eol != NULL ? eol + 1 : end;
	while (len > 0 && ruad_text_blank((char)p[len - 1]))
		len--;
	return len;
}

/* Where in a mail the lines stand that were walked over so far. */
struct place {
	bool header; /* in the header of the mail or of a part */
	bool part; /* of a part */
	bool field; /* and behind a field that may be continued */
	bool mail; /* of a part that is a mail */
};

/* Whether the line cannot begin a field: no colon before white space, or one of
 * the parameters that are put on lines of their own. */
static bool
is_remainder(const unsigned char *line, size_t len)
{
	static const char *const parameters[] = { "boundary=", "name=",
		"charset=", "filename=" };
	size_t i;

	for (i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
		if (starts_with(line, len, parameters[i]))
			return true;
	for (i = 0; i < len && !ruad_text_blank((char)line[i]); i++)
		if (line[i] == ':')
			return false;
	return true;
}

/* Of a line inside a header: whether it goes on with the field above. Without
 * such a field a part has no header. */
static bool
continues(struct place *at, const unsigned char *line, size_t len)
{
	if (ruad_text_blank((char)line[0]))
		return false;
	if (!is_remainder(line, len)) {
		at->field = !at->part || starts_with(line, len, "Content-");
		if (starts_with(line, len, "Content-Type:") &&
		    memmem(line, len, "message/rfc822", 14) != NULL)
			at->mail = true;
		return false;
	}
	if (!at->field && at->part)
		at->header = false;
	return at->field;
}

/* Whether the line is a continuation that is not indented. Moves on. */
static bool
is_loose(struct place *at, const unsigned char *line, size_t len)
{
	if (len > 2 && line[0] == '-' && line[1] == '-') {
		memset(at, 0, sizeof(*at));
		at->header = at->part = true;
		return false;
	}
	if (!at->header)
		return false;
	if (len > 0)
		return continues(at, line, len);
	/* An attached mail begins with another header. */
	at->header = at->mail;
	at->part = at->field = at->mail = false;
	return false;
}

enum ruad_status
ruad_mend_lines(const unsigned char *data, size_t len, unsigned char **out,
    size_t *len_out, struct ruad_err *err)
{
	const unsigned char *p, *next, *end = data + len;
	int line_end = memchr(data, '\n', len) == NULL ? '\r' : '\n';
	struct place at = { .header = true };
	size_t loose = 0;
	unsigned char *to;

	*out = NULL;
	for (p = data; p < end; p = next)
		loose += is_loose(&at, p, line_length(p, end, line_end, &next));
	if (loose == 0 && (line_end == '\n' || memchr(data, '\r', len) == NULL))
		return RUAD_OK;
	*out = to = malloc(len + loose * strlen(RUAD_MEND_FOLD));
	if (to == NULL)
		return ruad_fail_memory(err, "mend");
	/* The same walk again. */
	at = (struct place){ .header = true };
	for (p = data; p < end; p = next) {
		if (is_loose(&at, p, line_length(p, end, line_end, &next)))
			to =
			    mempcpy(to, RUAD_MEND_FOLD, strlen(RUAD_MEND_FOLD));
		memcpy(to, p, (size_t)(next - p));
		to += next - p;
		if (to[-1] == '\r')
			to[-1] = '\n';
	}
	*len_out = (size_t)(to - *out);
	return RUAD_OK;
}

/* Whether "--token" can be a boundary that is declared between quotes. */
static bool
is_boundary(const unsigned char *line, size_t len)
{
	return len > 2 && len <= BOUNDARY_BYTES + 2 &&
	    memcmp(line, "--", 2) == 0 && memchr(line, '"', len) == NULL &&
	    memchr(line, '\\', len) == NULL;
}

enum ruad_status
ruad_mend_boundary(const unsigned char *data, size_t len, unsigned char **out,
    size_t *len_out, struct ruad_err *err)
{
	static const char before[] =
	    "Content-Type: multipart/mixed; boundary=\"";
	static const char behind[] = "\"\n\n";
	const unsigned char *p, *next, *behind_next, *end = data + len;
	size_t n, rest;

	*out = NULL;
	for (p = data; p < end; p = next) {
		n = line_length(p, end, '\n', &next);
		if (is_boundary(p, n) &&
		    starts_with(next,
			line_length(next, end, '\n', &behind_next), "Content-"))
			break;
	}
	if (p >= end)
		return RUAD_OK;
	rest = (size_t)(end - p);
	*len_out = sizeof(before) - 1 + n - 2 + sizeof(behind) - 1 + rest;
	*out = malloc(*len_out);
	if (*out == NULL)
		return ruad_fail_memory(err, "mend");
	memcpy(*out, before, sizeof(before) - 1);
	memcpy(*out + sizeof(before) - 1, p + 2, n - 2);
	memcpy(*out + sizeof(before) - 1 + n - 2, behind, sizeof(behind) - 1);
	memcpy(*out + *len_out - rest, p, rest);
	return RUAD_OK;
}

const unsigned char *
ruad_mend_find_base64(const unsigned char *data, size_t len,
    const unsigned char **end_out)
{
	static const char *const prefixes[] = { "H4sI", "UEsD", "PD94bWwg",
		"PGZlZWRi", "77u/", "//48AD8A", "//48AGYA", "/v8APAA/",
		"/v8APABm", "PAA/AHgA", "PABmAGUA", "ADwAPwB4", "ADwAZgBl" };
	const unsigned char *p, *q, *next, *begin = NULL, *end = data + len;
	size_t i, n;

	for (p = data; p < end; p = next) {
		n = line_length(p, end, '\n', &next);
		if (begin != NULL && (n == 0 || p[0] == '-'))
			break;
		for (q = p; n > 0 && (ruad_text_blank((char)*q) || *q == '\0');
		     n--)
			q++;
		for (i = 0;
		     begin == NULL && i < sizeof(prefixes) / sizeof(*prefixes);
		     i++)
			if (n >= strlen(prefixes[i]) &&
			    memcmp(q, prefixes[i], strlen(prefixes[i])) == 0)
				begin = q;
	}
	*end_out = p;
	return begin;
}
