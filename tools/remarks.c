/* remarks.c - see remarks.h. Positions are bytes, counted from 1. */
#include "remarks.h"
#include <stdlib.h>
#include <string.h>

static const char *
tint(const json_t *row)
{
	const char *word = json_string_value(json_object_get(row, "severity"));

	if (word == NULL || strcmp(word, "info") == 0)
		return NULL;
	return strcmp(word, "error") == 0 ? "red" : "yellow";
}

const struct ruad_column ruad_remark_columns[RUAD_REMARK_COLUMNS] = {
	{ .name = "severity", .title = "SEVERITY", .tint = tint },
	{ .name = "about", .title = "ABOUT" },
	{ .name = "code", .title = "CODE" },
	{ .name = "name", .title = "NAME" },
	{ .name = "at", .title = "AT", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "length", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "rfc", .title = "RFC" },
	{ .name = "text", .title = "WHAT", .wide = true },
};

static json_t *
row_of(const struct ruad_remark *r, const char *about, const char *name)
{
	bool placed = r->at != RUAD_NOWHERE;

	return json_pack("{s:s, s:s?, s:s, s:s?, s:o, s:o, s:s, s:s}",
	    "severity", ruad_severity_word(r->severity), "about", about, "code",
	    ruad_remark_name(r->code), "name", name, "at",
	    placed ? json_integer((json_int_t)r->at + 1) : json_null(),
	    "length", placed ? json_integer((json_int_t)r->len) : json_null(),
	    "rfc", ruad_remark_of(r->of), "text", r->text);
}

bool
ruad_remarks_rows(struct ruad_output *o, const struct ruad_remarks *list,
    const char *about, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!ruad_output_row(o, row_of(&list->item[i], about, name)))
			return false;
	}
	return true;
}

/* How much room text[0..len) takes once it is escaped. */
static size_t
width(const char *text, size_t len)
{
	char none[1];

	return ruad_emit_escape(none, sizeof(none), text, len,
	    ruad_message_charset());
}

void
ruad_remarks_marks(const struct ruad_remarks *list, const char *text,
    size_t len)
{
	size_t room = width(text, len) + 2;
	char *line = malloc(room), *marks = calloc(1, room);
	bool any = false;

	if (line == NULL || marks == NULL)
		goto out;
	memset(marks, ' ', room - 1);
	for (size_t i = 0; i < list->count; i++) {
		const struct ruad_remark *r = &list->item[i];

		if (r->severity == RUAD_REMARK_INFO || r->at > len)
			continue;
		marks[width(text, r->at)] = '^';
		any = true;
	}
	ruad_emit_escape(line, room, text, len, ruad_message_charset());
	ruad_output_line(line);
	for (size_t i = room - 1; i > 0 && marks[i - 1] == ' '; i--)
		marks[i - 1] = '\0';
	if (any)
		ruad_output_line(marks);
out:
	free(line);
	free(marks);
}

enum ruad_exit
ruad_remarks_exit(const struct ruad_remarks *list)
{
	switch (ruad_remarks_worst(list)) {
	case RUAD_REMARK_INFO:
	case RUAD_REMARK_WARNING:
		break;
	case RUAD_REMARK_ERROR:
		return RUAD_EXIT_FINDINGS;
	case RUAD_REMARK_UNKNOWN:
		return RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}
