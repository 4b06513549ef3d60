/* query.h - the SQLite reader: asks questions of a store. Read-only, in one
 * snapshot. One handle, one thread. */
#ifndef RUAD_QUERY_H
#define RUAD_QUERY_H
#include "err.h"
#include "question.h"
#include <stdbool.h>
#include <stdint.h>

struct ruad_query;
struct ruad_rows;

/* Open a store that exists. RUAD_BAD: there is none, it is not one of ours, or
 * of a version that this program does not read; RUAD_TEMP: locked, or this
 * host failed. */
RUAD_NODISCARD enum ruad_status ruad_query_open(const char *path,
    unsigned busy_msecs, struct ruad_query **out, struct ruad_err *err);

/* Open a store, of any version that this program can upgrade, which nobody
 * writes: a backup. Nothing is written beside it. RUAD_TEMP also where somebody
 * has it open. Otherwise like ruad_query_open(). */
RUAD_NODISCARD enum ruad_status ruad_query_open_still(const char *path,
    struct ruad_query **out, struct ruad_err *err);

/* Ask. *out belongs to the handle and is valid until the same question is
 * asked again. RUAD_TEMP or RUAD_BAD: as above. */
RUAD_NODISCARD enum ruad_status ruad_query_ask(struct ruad_query *q,
    enum ruad_question question, const struct ruad_filter *filter,
    struct ruad_rows **out, struct ruad_err *err);

/* Step to the first or next row. RUAD_END: no more; RUAD_TEMP, RUAD_BAD: as
 * above. */
RUAD_NODISCARD enum ruad_status ruad_rows_next(struct ruad_rows *rows,
    struct ruad_err *err);

/* The value of a column of the current row, by its name; asking for a column
 * that the question does not have is a programming error. Texts are valid
 * until the next step; NULL, 0 and 0.0 stand for NULL. */
bool ruad_rows_is_null(const struct ruad_rows *rows, const char *column);
const char *ruad_rows_text(const struct ruad_rows *rows, const char *column);
int64_t ruad_rows_int(const struct ruad_rows *rows, const char *column);
double ruad_rows_real(const struct ruad_rows *rows, const char *column);

/* Whether the question has this column. */
bool ruad_rows_has(const struct ruad_rows *rows, const char *column);

/* Take a new snapshot, which holds what has been written since. Rows of before
 * are gone. RUAD_TEMP, RUAD_BAD: as above. */
RUAD_NODISCARD enum ruad_status ruad_query_refresh(struct ruad_query *q,
    struct ruad_err *err);

/* End the snapshot of a handle that is kept for later; the next one takes
 * ruad_query_refresh(). */
void ruad_query_release(struct ruad_query *q);

/* The database, for the modules that read more than rows out of it. */
struct sqlite3 *ruad_query_handle(struct ruad_query *q);

void ruad_query_close(struct ruad_query **q); /* sets *q NULL; NULL is fine */

#endif
