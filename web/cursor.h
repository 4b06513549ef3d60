/* cursor.h - a place in a list, as text that clients send back. Whoever changes
 * one gets another place in the same list, nothing more. */
#ifndef RUAD_WEB_CURSOR_H
#define RUAD_WEB_CURSOR_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The position, an array of texts and numbers, of the list that `question`
 * names, as base64url that the caller frees. NULL: no memory. */
char *ruad_cursor_write(const json_t *position, uint64_t question);

/* The position, owned by the caller; NULL: no cursor, or one of another
 * list. */
json_t *ruad_cursor_read(const char *text, uint64_t question);

#endif
