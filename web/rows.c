/* rows.c - see rows.h. */
#include "rows.h"
#include <string.h>
#include "sql.h"
#include "text.h"

enum { TEXT_MAX = 4000 };

json_t *
ruad_json_text(const char *text)
{
	char clean[TEXT_MAX];
	json_t *value;

	if (text == NULL)
		return json_null();
	value = json_string(text);
	if (value != NULL)
		return value;
	ruad_text_clean(clean, sizeof(clean), text, strlen(text), NULL);
	return json_string(clean);
}

void
ruad_json_merge(json_t *to, json_t *from)
{
	if (from != NULL)
		json_object_update(to, from);
	json_decref(from);
}

static int
bind(sqlite3_stmt *stmt, int i, const json_t *value)
{
	if (json_is_string(value))
		return sqlite3_bind_text(stmt, i, json_string_value(value), -1,
		    SQLITE_TRANSIENT);
	if (json_is_real(value))
		return sqlite3_bind_double(stmt, i, json_real_value(value));
	if (json_is_integer(value))
		return sqlite3_bind_int64(stmt, i, json_integer_value(value));
	return json_is_boolean(value)
	    ? sqlite3_bind_int(stmt, i, json_is_true(value))
	    : sqlite3_bind_null(stmt, i);
}

enum ruad_status
ruad_json_rows_open(struct ruad_json_rows *r, sqlite3 *db, const char *sql,
    const json_t *args, struct ruad_err *err)
{
	int n, rc;

	*r = (struct ruad_json_rows){ .db = db };
	rc = sqlite3_prepare_v2(db, sql, -1, &r->stmt, NULL);
	n = rc == SQLITE_OK ? sqlite3_bind_parameter_count(r->stmt) : 0;
	for (int i = 1; i <= n && rc == SQLITE_OK; i++) {
		const char *name = sqlite3_bind_parameter_name(r->stmt, i);

		if (name != NULL)
			rc = bind(r->stmt, i, json_object_get(args, name + 1));
	}
	return rc == SQLITE_OK ? RUAD_OK : ruad_sql_fail(db, rc, err);
}

static json_t *
value_of(sqlite3_stmt *stmt, int i, bool is_boolean)
{
	switch (sqlite3_column_type(stmt, i)) {
	case SQLITE_INTEGER:
		return is_boolean ? json_boolean(sqlite3_column_int(stmt, i))
				  : json_integer(sqlite3_column_int64(stmt, i));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(stmt, i));
	case SQLITE_TEXT:
		return ruad_json_text(
		    (const char *)sqlite3_column_text(stmt, i));
	default:
		return json_null();
	}
}

/* RUAD_OK: there is a row to be read. */
static enum ruad_status
step(struct ruad_json_rows *r, struct ruad_err *err)
{
	int rc = sqlite3_step(r->stmt);

	if (rc == SQLITE_ROW)
		return RUAD_OK;
	return rc == SQLITE_DONE ? RUAD_END : ruad_sql_fail(r->db, rc, err);
}

enum ruad_status
ruad_json_rows_next(struct ruad_json_rows *r, json_t **out,
    struct ruad_err *err)
{
	enum ruad_status st = step(r, err);
	json_t *row;

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	row = json_object();
	for (int i = 0; i < sqlite3_column_count(r->stmt); i++) {
		const char *name = sqlite3_column_name(r->stmt, i);
		size_t len = name != NULL ? strlen(name) : 0;
		bool is_boolean = len > 0 && name[len - 1] == '?';
		char plain[64];

		if (len == 0 || len >= sizeof(plain))
			continue;
		memcpy(plain, name, len);
		plain[is_boolean ? len - 1 : len] = '\0';
		if (json_object_set_new(row, plain,
			value_of(r->stmt, i, is_boolean)) != 0) {
			json_decref(row);
			return ruad_fail_memory(err, "rows");
		}
	}
	*out = row;
	return row != NULL ? RUAD_OK : ruad_fail_memory(err, "rows");
}

void
ruad_json_rows_close(struct ruad_json_rows *r)
{
	sqlite3_finalize(r->stmt);
	r->stmt = NULL;
}

enum ruad_status
ruad_json_all(sqlite3 *db, const char *sql, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	struct ruad_json_rows r;
	enum ruad_status st = ruad_json_rows_open(&r, db, sql, args, err);
	json_t *row;

	*out = json_array();
	if (st == RUAD_OK && *out == NULL)
		st = ruad_fail_memory(err, "rows");
	while (st == RUAD_OK &&
	    (st = ruad_json_rows_next(&r, &row, err)) == RUAD_OK)
		json_array_append_new(*out, row);
	ruad_json_rows_close(&r);
	if (st == RUAD_END)
		return RUAD_OK;
	json_decref(*out);
	*out = NULL;
	return st;
}

enum ruad_status
ruad_json_first(sqlite3 *db, const char *sql, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	struct ruad_json_rows r;
	enum ruad_status st = ruad_json_rows_open(&r, db, sql, args, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = ruad_json_rows_next(&r, out, err);
	ruad_json_rows_close(&r);
	if (st != RUAD_END)
		return st;
	*out = json_object();
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "rows");
}

enum ruad_status
ruad_json_arrays(sqlite3 *db, const char *sql, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	struct ruad_json_rows r;
	enum ruad_status st = ruad_json_rows_open(&r, db, sql, args, err);

	*out = json_array();
	if (st == RUAD_OK && *out == NULL)
		st = ruad_fail_memory(err, "rows");
	while (st == RUAD_OK && (st = step(&r, err)) == RUAD_OK) {
		json_t *row = json_array();

		for (int i = 0; i < sqlite3_column_count(r.stmt); i++)
			json_array_append_new(row, value_of(r.stmt, i, false));
		json_array_append_new(*out, row);
	}
	ruad_json_rows_close(&r);
	if (st == RUAD_END)
		return RUAD_OK;
	json_decref(*out);
	*out = NULL;
	return st;
}
