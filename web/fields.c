/* fields.c - see fields.h. */
#include "fields.h"
#include <string.h>
#include "describe.h"
#include "utc.h"

static json_t *
words(const char *text)
{
	json_t *list = json_array();

	while (list != NULL && text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0)
			json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == ' ');
	}
	return list;
}

/* Bytes that are no UTF-8 may stand in such an array, too. */
static json_t *
array(const char *text)
{
	json_t *list =
	    text != NULL ? json_loads(text, JSON_ALLOW_NUL, NULL) : NULL;

	return list != NULL ? list : json_array();
}

static json_t *
value(const struct ruad_rows *rows, const struct ruad_member *f)
{
	if (f->kind == RUAD_MEMBER_WORDS)
		return words(ruad_rows_text(rows, f->name));
	if (f->kind == RUAD_MEMBER_JSON)
		return array(ruad_rows_text(rows, f->name));
	if (ruad_rows_is_null(rows, f->name))
		return json_null();
	if (f->kind == RUAD_MEMBER_INT)
		return json_integer(ruad_rows_int(rows, f->name));
	if (f->kind == RUAD_MEMBER_REAL)
		return json_real(ruad_rows_real(rows, f->name));
	if (f->kind == RUAD_MEMBER_BOOL)
		return json_boolean(ruad_rows_int(rows, f->name) != 0);
	return ruad_describe_text(ruad_rows_text(rows, f->name));
}

json_t *
ruad_fields_row(const struct ruad_rows *rows, const struct ruad_member *fields,
    size_t count)
{
	json_t *row = json_object();

	for (size_t i = 0; row != NULL && i < count; i++) {
		if (json_object_set_new(row, fields[i].name,
			value(rows, &fields[i])) == 0)
			continue;
		json_decref(row);
		row = NULL;
	}
	return row;
}

json_t *
ruad_fields_or_null(const char *text)
{
	return ruad_describe_text(text[0] != '\0' ? text : NULL);
}
