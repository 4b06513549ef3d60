/* fields.h - rows of a question as JSON objects, by a table of what a schema of
 * web/openapi.json has. What stands in a store is text that others wrote: it
 * becomes JSON text, whatever it is. */
#ifndef RUAD_WEB_FIELDS_H
#define RUAD_WEB_FIELDS_H
#include "query.h"
#include <jansson.h>
#include <stddef.h>

enum ruad_member_kind {
	RUAD_MEMBER_TEXT,
	RUAD_MEMBER_INT,
	RUAD_MEMBER_REAL,
	RUAD_MEMBER_BOOL,
	RUAD_MEMBER_WORDS, /* blank-separated: an array of texts */
	RUAD_MEMBER_JSON /* an array that SQLite made */
};

struct ruad_member {
	const char *name; /* of the column and of the member */
	enum ruad_member_kind kind;
};

/* The current row, which the caller owns; NULL: no memory. */
json_t *ruad_fields_row(const struct ruad_rows *rows,
    const struct ruad_member *fields, size_t count);

/* null for "". */
json_t *ruad_fields_or_null(const char *text);

#endif
