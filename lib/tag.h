/* tag.h - "name=value; name=value" lists, as DMARC (RFC 9989 section 4.7) and
 * DKIM keys (RFC 6376 section 3.2) are written, cut into tags with their
 * positions. What the tags mean is not known here. Pure functions. */
#ifndef RUAD_TAG_H
#define RUAD_TAG_H
#include <stdbool.h>
#include <stddef.h>

/* Positions are bytes from the beginning of the text; blanks around name and
 * value (SP, TAB) are not part of them. */
struct ruad_tag {
	size_t at, len; /* the name; len 0: there is nothing before the ";" */
	size_t value_at, value_len;
	bool equals; /* there is a "=" */
};

/* Cut text[0..len) into at most max tags; what follows is left out. What is
 * behind the last ";" is no tag where it is blank. Returns how many. */
size_t ruad_tag_split(const char *text, size_t len, struct ruad_tag *out,
    size_t max);

/* Whether the name, or the value, is this word in whatever case. */
bool ruad_tag_named(const char *text, const struct ruad_tag *t,
    const char *word);
bool ruad_tag_valued(const char *text, const struct ruad_tag *t,
    const char *word);

#endif
