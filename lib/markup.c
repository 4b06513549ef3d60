/* markup.c - one scan from "<" to "<". */
#include "markup.h"
#include <string.h>
#include <strings.h>

ptrdiff_t
ruad_markup_find(const char *p, size_t len, enum ruad_markup what)
{
	static const char word[] = "feedback";
	const ptrdiff_t n = sizeof(word) - 1;
	const char *s = p, *end = p + len, *lt, *gt;

	while ((s = memchr(s, '<', (size_t)(end - s))) != NULL) {
		lt = s++;
		if (what == RUAD_MARKUP_DOCTYPE) {
			if (end - s >= 8 && memcmp(s, "!DOCTYPE", 8) == 0)
				return lt - p;
			continue;
		}
		if ((s < end && *s == '/') != (what == RUAD_MARKUP_CLOSING))
			continue;
		s += what == RUAD_MARKUP_CLOSING;
		gt = s;
		while (gt < end && strchr(" \t\r\n/><", *gt) == NULL)
			gt++;
		if (gt - s < n || strncasecmp(gt - n, word, (size_t)n) != 0 ||
		    (gt - n > s && gt[-n - 1] != ':'))
			continue;
		if (what == RUAD_MARKUP_OPENING && gt < end)
			return lt - p;
		while (gt < end && strchr(" \t\r\n", *gt) != NULL)
			gt++;
		if (what == RUAD_MARKUP_CLOSING && gt < end && *gt == '>')
			return gt - p + 1;
	}
	return -1;
}
