/* output.h - rows of data to standard output, as a table, JSON or CSV. One
 * declaration of columns serves all formats; each row is a JSON object. */
#ifndef RUAD_TOOLS_OUTPUT_H
#define RUAD_TOOLS_OUTPUT_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "message.h"
#include "options.h"

/* How a value is read from the store, and shown in tables and CSV. */
enum ruad_column_kind {
	RUAD_COLUMN_TEXT,
	RUAD_COLUMN_INTEGER,
	RUAD_COLUMN_PERCENT, /* with one digit behind the point */
	RUAD_COLUMN_REAL, /* the same, of something else */
	RUAD_COLUMN_CHANGE, /* the same, always with its sign in tables */
	RUAD_COLUMN_TIME, /* ISO 8601 text */
	RUAD_COLUMN_WORDS, /* blank-separated in the store, an array in JSON */
	RUAD_COLUMN_NAMES, /* the same; of many, tables show the first */
	RUAD_COLUMN_AUTH, /* results of authentication, JSON in the store */
	RUAD_COLUMN_LIST /* of texts or objects, JSON in the store */
};

struct ruad_column {
	const char *name; /* in JSON and CSV, and of the store's column */
	const char *title; /* in tables; NULL: not there */
	enum ruad_column_kind kind;
	bool wide; /* may be wrapped to fit the terminal */
	bool shown_only; /* in tables alone */
	/* Colour of the cell of this row, a word of terminal-colors.d(5);
	 * NULL: none. The function may be NULL. */
	const char *(*tint)(const json_t *row);
};

/* A column of numbers, with the function that gives its colour. */
#define RUAD_COUNT_TINTED(column, heading, function) \
	{ \
		.name = (column), .title = (heading), \
		.kind = RUAD_COLUMN_INTEGER, .tint = (function) \
	}
#define RUAD_COUNT(column, heading) RUAD_COUNT_TINTED(column, heading, NULL)

struct ruad_output;

/* A document: rows, and before them what they belong to. */
struct ruad_layout {
	const struct ruad_column *columns;
	size_t column_count;
	/* The facts before the rows; without them the JSON is an array, with
	 * them an object that has the rows as `rows_name`. CSV and JSON lines
	 * have the rows only. */
	const struct ruad_column *facts;
	size_t fact_count;
	const char *rows_name;
};

/* Begin. The layout is borrowed, `facts` (may be NULL) is not kept. NULL: out
 * of memory. */
struct ruad_output *ruad_output_open(enum ruad_format format,
    const struct ruad_layout *layout, const json_t *facts);

/* Write a row, taking it over. A row may be NULL, which is "out of memory".
 * False: no more can be written, because of a failure or because nobody reads
 * any more. */
bool ruad_output_row(struct ruad_output *o, json_t *row);

/* Finish; sets *o NULL, which may be NULL already. The exit status: OK, also
 * where the reader went away; or TEMP, and the reason has been told. */
enum ruad_exit ruad_output_close(struct ruad_output **o);

/* Whether all that was written to `to`, which messages call `name`, has gone
 * out: OK, also where the reader of standard output went away; or TEMP, and the
 * reason has been told. */
enum ruad_exit ruad_output_flush(FILE *to, const char *name);

/* Print a line of text, escaped, for people. */
void ruad_output_line(const char *text);

/* Whether standard output is to have colour. */
bool ruad_output_colour(void);

/* JSON null for NULL; a text that is no UTF-8 is escaped. NULL: no memory. */
json_t *ruad_output_text(const char *text);

#endif
