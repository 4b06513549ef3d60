/* quarantine.h - the rows of what was refused: one for each item of a mail,
 * with the reason. Written within the open transaction. */
#ifndef RUAD_QUARANTINE_H
#define RUAD_QUARANTINE_H
#include "delivery.h"
#include "err.h"
#include "sql.h"
#include <stdbool.h>
#include <stdint.h>

/* A row that a mail has already; see ruad_quarantine_load(). */
struct ruad_quarantine_row {
	struct ruad_quarantine_row *next;
	int64_t key;
	const char *part; /* NULL: not known */
	bool renewed; /* an item has taken it over */
};

/* Whether the mail has a row that says just what the item does. This and all
 * below fail like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_quarantine_has(struct ruad_sql *sql,
    int64_t mail_key, const struct ruad_item *item, bool *yes_out,
    struct ruad_err *err);

/* Add a row for the item. */
RUAD_NODISCARD enum ruad_status ruad_quarantine_add(struct ruad_sql *sql,
    int64_t mail_key, const struct ruad_item *item, struct ruad_err *err);

/* A mail is read again: all rows that it has, allocated in `arena`. */
RUAD_NODISCARD enum ruad_status ruad_quarantine_load(struct ruad_sql *sql,
    int64_t mail_key, struct ruad_arena *arena,
    struct ruad_quarantine_row **out, struct ruad_err *err);

/* Write the item into a row of the same part that has not been renewed yet;
 * *done_out is false where there is none. */
RUAD_NODISCARD enum ruad_status ruad_quarantine_renew(struct ruad_sql *sql,
    struct ruad_quarantine_row *rows, const struct ruad_item *item,
    bool *done_out, struct ruad_err *err);

/* Remove those that have not been renewed: what they spoke of is read now. */
RUAD_NODISCARD enum ruad_status ruad_quarantine_sweep(struct ruad_sql *sql,
    const struct ruad_quarantine_row *rows, struct ruad_err *err);

/* Remove one row, *mail_key_out says of which mail; 0: there was none. */
RUAD_NODISCARD enum ruad_status ruad_quarantine_drop(struct ruad_sql *sql,
    int64_t key, int64_t *mail_key_out, struct ruad_err *err);

#endif
