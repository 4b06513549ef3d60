/* body.c - a text, searched for what tells. */
#include "body.h"
#include "text.h"
#include <string.h>

const unsigned char *
ruad_body_find_report(const unsigned char *data, size_t len,
    struct ruad_err *why)
{
	const char *s = (const char *)data, *tag, *declaration;

	ruad_text_trim(&s, &len);
	if (memmem(s, len, "<feedback", 9) == NULL &&
	    memmem(s, len, "&lt;feedback", 12) != NULL &&
	    memmem(s, len, "&lt;/feedback", 13) != NULL) {
		ruad_fail(why, RUAD_BAD, RUAD_XML_MALFORMED,
		    "body: the report in the text of the mail has entities "
		    "where its brackets should be");
		return NULL;
	}
	tag = memmem(s, len, "<feedback", 9);
	if (tag == NULL || memmem(s, len, "</feedback", 10) == NULL)
		return NULL;
	if (*s == '>' || memmem(s, len, "\n>", 2) != NULL) {
		ruad_fail(why, RUAD_BAD, RUAD_XML_MALFORMED,
		    "body: the report in the text of the mail is quoted");
		return NULL;
	}
	declaration = memmem(s, (size_t)(tag - s), "<?xml", 5);
	if (tag != s && declaration != s &&
	    memmem(tag + 1, (size_t)(s + len - tag - 1), "<feedback", 9) !=
		NULL) {
		ruad_fail(why, RUAD_BAD, RUAD_XML_MALFORMED,
		    "body: several reports within the text of the mail");
		return NULL;
	}
	return (const unsigned char *)(declaration != NULL ? declaration : tag);
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
