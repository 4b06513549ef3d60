/* body.c - a text, searched for what tells. */
#include "body.h"
#include "markup.h"
#include "text.h"
#include <string.h>

/* Whether a text without markup holds a report all the same: one with its
 * brackets as references. */
static bool
is_disguised(const char *s, size_t len)
{
	static const char *const words[] = { "&lt;feedback", "&#60;feedback",
		"&#x3c;feedback", "&#x3C;feedback" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(s, len, words[i], strlen(words[i])) != NULL)
			return memmem(s, len, "/feedback", 9) != NULL;
	return false;
}

/* The same for one in UTF-16, big or little endian. */
static bool
is_utf16(const char *s, size_t len)
{
	static const char word[] = "<\0f\0e\0e\0d\0b\0a\0c\0k";

	return memmem(s, len, word, sizeof(word) - 1) != NULL;
}

static const unsigned char *
refuse(struct ruad_err *why, const char *text)
{
	ruad_fail(why, RUAD_BAD, RUAD_XML_MALFORMED, "body: %s", text);
	return NULL;
}

/* Where the document begins whose feedback tag is at s[tag]: what stands before
 * the root belongs to it. */
static const char *
document_start(const char *s, size_t tag)
{
	const char *declaration = memmem(s, tag, "<?xml", 5);
	ptrdiff_t doctype = ruad_markup_find(s, tag, RUAD_MARKUP_DOCTYPE);

	if (declaration != NULL)
		return declaration;
	return s + (doctype >= 0 ? (size_t)doctype : tag);
}

const unsigned char *
ruad_body_find_report(const unsigned char *data, size_t len,
    struct ruad_err *why)
{
	const char *s = (const char *)data, *begin;
	ptrdiff_t found;
	size_t tag;

	if (is_utf16(s, len))
		return data;
	ruad_text_trim(&s, &len);
	found = ruad_markup_find(s, len, RUAD_MARKUP_OPENING);
	if (found < 0)
		return is_disguised(s, len)
		    ? refuse(why,
			  "the report in the text of the mail has "
			  "entities where its brackets should be")
		    : NULL;
	tag = (size_t)found;
	begin = document_start(s, tag);
	/* A text that begins like a report is one, even if it has no end. */
	if (begin != s &&
	    ruad_markup_find(s + tag, len - tag, RUAD_MARKUP_CLOSING) < 0)
		return NULL;
	if (*s == '>' || memmem(s, len, "\n>", 2) != NULL)
		return refuse(why,
		    "the report in the text of the mail is quoted");
	if (begin != s &&
	    ruad_markup_find(s + tag + 1, len - tag - 1, RUAD_MARKUP_OPENING) >=
		0)
		return refuse(why,
		    "several reports within the text of the "
		    "mail");
	return (const unsigned char *)begin;
}

/* Of its six fields four are proof enough. */
bool
ruad_body_is_error_report(const unsigned char *data, size_t len)
{
	static const char *const names[] = { "Report-Date:", "Report-Domain:",
		"Report-ID:", "Report-Size:", "Submitter:", "Submitting-URI:" };
	enum { NAMES = sizeof(names) / sizeof(*names) };
	const unsigned char *p = data, *end = p + len, *eol;
	bool seen[NAMES] = { false };
	size_t i, n, count = 0;

	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		for (i = 0; i < NAMES; i++) {
			n = strlen(names[i]);
			if (seen[i] || (size_t)(eol - p) < n ||
			    !ruad_text_is((const char *)p, n, names[i]))
				continue;
			seen[i] = true;
			count++;
		}
		if (eol == end)
			break;
	}
	return count >= 4;
}
