/* rows.h - rows of SQL as JSON objects. What stands in a store is text that
 * others wrote: it becomes JSON text, whatever it is. One handle, one thread. */
#ifndef RUAD_WEB_ROWS_H
#define RUAD_WEB_ROWS_H
#include "err.h"
#include <jansson.h>
#include <sqlite3.h>

struct ruad_json_rows {
	sqlite3 *db; /* borrowed */
	sqlite3_stmt *stmt; /* owned */
};

/* Prepare a statement, and bind the members of `args` (an object, borrowed) by
 * the names of its parameters; what is not there is NULL. After a failure, too,
 * it may be closed. All of these fail like ruad_sql_fail(), and with RUAD_TEMP
 * where memory ran out. */
RUAD_NODISCARD enum ruad_status ruad_json_rows_open(struct ruad_json_rows *r,
    sqlite3 *db, const char *sql, const json_t *args, struct ruad_err *err);

/* The next row, which the caller owns: a member for each column. A name that
 * ends in "?" makes a boolean of a number. RUAD_END: no more. */
RUAD_NODISCARD enum ruad_status ruad_json_rows_next(struct ruad_json_rows *r,
    json_t **out, struct ruad_err *err);
void ruad_json_rows_close(struct ruad_json_rows *r);

/* All rows of a statement as an array of objects; the first one, which is an
 * empty object where there is none; or all rows as arrays. The caller owns
 * them. */
RUAD_NODISCARD enum ruad_status ruad_json_all(sqlite3 *db, const char *sql,
    const json_t *args, json_t **out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_json_first(sqlite3 *db, const char *sql,
    const json_t *args, json_t **out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_json_arrays(sqlite3 *db, const char *sql,
    const json_t *args, json_t **out, struct ruad_err *err);

/* A text that may be anything, as JSON; NULL: null. */
json_t *ruad_json_text(const char *text);

/* Take over the members of `from` (may be NULL), which is freed. */
void ruad_json_merge(json_t *to, json_t *from);

#endif
