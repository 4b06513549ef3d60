/* tag.c - see tag.h. */
#include "tag.h"
#include <string.h>
#include "text.h"

static bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Narrow a range to what is between its blanks. */
static void
narrow(const char *text, size_t *at, size_t *len)
{
	while (*len > 0 && is_wsp(text[*at])) {
		++*at;
		--*len;
	}
	while (*len > 0 && is_wsp(text[*at + *len - 1]))
		--*len;
}

static struct ruad_tag
cut(const char *text, size_t at, size_t len)
{
	const char *eq = memchr(text + at, '=', len);
	struct ruad_tag t = { .at = at, .len = len, .equals = eq != NULL };

	if (eq != NULL) {
		t.len = (size_t)(eq - text) - at;
		t.value_at = at + t.len + 1;
		t.value_len = len - t.len - 1;
		narrow(text, &t.value_at, &t.value_len);
	}
	narrow(text, &t.at, &t.len);
	if (eq == NULL)
		t.value_at = t.at + t.len;
	return t;
}

size_t
ruad_tag_split(const char *text, size_t len, struct ruad_tag *out, size_t max)
{
	size_t count = 0, at = 0;

	while (at <= len && count < max) {
		const char *end =
		    at < len ? memchr(text + at, ';', len - at) : NULL;
		size_t n = (end != NULL ? (size_t)(end - text) : len) - at;
		struct ruad_tag t = cut(text, at, n);

		if (end == NULL && t.len == 0 && !t.equals)
			break;
		out[count++] = t;
		at += n + 1;
	}
	return count;
}

bool
ruad_tag_named(const char *text, const struct ruad_tag *t, const char *word)
{
	return ruad_text_is(text + t->at, t->len, word);
}

bool
ruad_tag_valued(const char *text, const struct ruad_tag *t, const char *word)
{
	return ruad_text_is(text + t->value_at, t->value_len, word);
}
