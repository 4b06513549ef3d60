/* weigh.c - one walk over the lines. What a line costs is measured, and rounded
 * up. A field goes on as long as lines begin with a blank. */
#include "weigh.h"
#include "mend.h"
#include "text.h"
#include <string.h>
#include <strings.h>

#define PART_COST 2048u /* behind a line that may be a boundary */
#define FIELD_COST 512u
#define BYTE_COST 4u /* of any field: copies of the name and the value */
/* Finding the end of an address takes time that grows with the rest of the
 * field. */
#define ADDRESSES_BYTES 16384u
/* Groups are read by recursion, one inside the other, which no honest field
 * has: colons of one field. */
#define GROUPS_MAX 64u

/* Fields that are taken apart, and what a byte of them costs. */
enum form { FORM_PLAIN, FORM_ADDRESSES, FORM_PARAMETERS };

static const struct kind {
	const char *name;
	enum form form;
	unsigned byte_cost;
} kinds[] = {
	{ "from", FORM_ADDRESSES, 128 },
	{ "sender", FORM_ADDRESSES, 128 },
	{ "reply-to", FORM_ADDRESSES, 128 },
	{ "to", FORM_ADDRESSES, 128 },
	{ "cc", FORM_ADDRESSES, 128 },
	{ "bcc", FORM_ADDRESSES, 128 },
	{ "content-type", FORM_PARAMETERS, 48 },
	{ "content-disposition", FORM_PARAMETERS, 48 },
	{ "subject", FORM_PLAIN, 16 },
	{ "message-id", FORM_PLAIN, 16 },
	{ "date", FORM_PLAIN, 16 },
	{ "content-description", FORM_PLAIN, 16 },
};

static const struct kind other = { "", FORM_PLAIN, BYTE_COST };

/* The field that the line at hand belongs to. */
struct field {
	const struct kind *kind; /* NULL: none */
	size_t len;
	unsigned colons;
};

/* What a field of this name is; white space may stand before the colon. */
static const struct kind *
kind_of(const unsigned char *line, size_t len)
{
	const unsigned char *colon = memchr(line, ':', len);
	size_t i, n = colon != NULL ? (size_t)(colon - line) : 0;

	while (n > 0 && ruad_text_blank((char)line[n - 1]))
		n--;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strlen(kinds[i].name) == n &&
		    strncasecmp(kinds[i].name, (const char *)line, n) == 0)
			return &kinds[i];
	return ruad_mend_is_field(line, len) ? &other : NULL;
}

static bool
mentions_multipart(const unsigned char *line, size_t len)
{
	static const char word[] = "multipart";
	size_t i, n = sizeof(word) - 1;

	for (i = 0; i + n <= len; i++)
		if (strncasecmp((const char *)line + i, word, n) == 0)
			return true;
	return false;
}

static unsigned
count_colons(const unsigned char *line, size_t len)
{
	const unsigned char *p = line, *end = line + len;
	unsigned n = 0;

	while ((p = memchr(p, ':', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* Add the line to the field that it begins or continues. */
static void
weigh_field(struct field *f, const unsigned char *line, size_t len,
    struct ruad_weight *w)
{
	w->objects += len * f->kind->byte_cost;
	f->len += len;
	if (f->kind->form == FORM_ADDRESSES) {
		f->colons += count_colons(line, len);
		if (f->len > ADDRESSES_BYTES || f->colons > GROUPS_MAX)
			w->deadly = true;
	}
}

static void
weigh_line(struct field *f, const unsigned char *line, size_t len,
    struct ruad_weight *w)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len >= 2 && line[0] == '-' && line[1] == '-')
		w->objects += PART_COST;
	if (len == 0 || !ruad_text_blank((char)line[0])) {
		f->kind = kind_of(line, len);
		f->len = f->colons = 0;
		if (f->kind != NULL)
			w->objects += FIELD_COST;
	}
	if (f->kind != NULL)
		weigh_field(f, line, len, w);
}

void
ruad_weigh_mail(const unsigned char *data, size_t len, struct ruad_weight *out)
{
	const unsigned char *p = data, *end = data + len, *eol;
	struct field f = { .kind = NULL };
	bool multipart = false;

	memset(out, 0, sizeof(*out));
	for (; p < end && !out->deadly && out->objects <= RUAD_WEIGH_MAX;
	     p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		weigh_line(&f, p, (size_t)(eol - p), out);
		if (!multipart && f.kind != NULL &&
		    f.kind->form == FORM_PARAMETERS)
			multipart = mentions_multipart(p, (size_t)(eol - p));
	}
	/* The texts before the first part and behind the last are read into a
	 * growing buffer, then copied. */
	out->texts = multipart ? 2 * len : 0;
}
