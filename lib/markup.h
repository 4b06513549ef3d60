/* markup.h - the few tags that bound a report, found in text that nothing has
 * parsed yet. Pure functions. */
#ifndef RUAD_MARKUP_H
#define RUAD_MARKUP_H
#include <stddef.h>

/* A feedback tag counts in any case and with any prefix. */
enum ruad_markup {
	RUAD_MARKUP_OPENING, /* <feedback ...; found is where it begins */
	RUAD_MARKUP_CLOSING, /* </feedback>; found is what stands behind it */
	RUAD_MARKUP_DOCTYPE /* <!DOCTYPE; found is where it begins */
};

/* Look for the first one in p[0..len): its offset; -1 if there is none, or only
 * the beginning of one. */
ptrdiff_t ruad_markup_find(const char *p, size_t len, enum ruad_markup what);

#endif
