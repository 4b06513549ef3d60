/* webstore.h - the database of the console: opened, and used in short
 * transactions by whatever thread. Schema: sql/web/. */
#ifndef RUAD_WEBSTORE_H
#define RUAD_WEBSTORE_H
#include "err.h"
#include "sql.h"
#include <stdint.h>

struct ruad_webstore;

/* Open the file, creating and migrating it as needed. Fails like
 * ruad_migrate_open(). */
RUAD_NODISCARD enum ruad_status ruad_webstore_open(const char *path,
    struct ruad_webstore **out, struct ruad_err *err);
void ruad_webstore_close(struct ruad_webstore **s); /* sets *s NULL */

/* Begin a transaction, which other threads wait for; where that fails, there is
 * none. Between the two, statements are asked for, run as sql.h has it, and put
 * away. End it: commit where `st` is RUAD_OK, else undo and pass `st` on. */
RUAD_NODISCARD enum ruad_status ruad_webstore_begin(struct ruad_webstore *s,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_webstore_end(struct ruad_webstore *s,
    enum ruad_status st, struct ruad_err *err);

/* The same for reading, which cannot fail and waits for no writer. */
void ruad_webstore_lock(struct ruad_webstore *s);
void ruad_webstore_unlock(struct ruad_webstore *s);

/* A statement, a constant of ours. */
struct ruad_bound ruad_webstore_ask(struct ruad_webstore *s, const char *sql);
void ruad_webstore_done(struct ruad_bound *b);

/* Run one that gives no rows, and put it away; *changed_out (may be NULL) counts
 * the rows that it changed. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_webstore_run(struct ruad_bound *b,
    int64_t *changed_out, struct ruad_err *err);

/* Text n of the row; "" for NULL. Valid until the next step. */
const char *ruad_webstore_text(const struct ruad_bound *b, int n);

/* What somebody did, within a transaction. */
struct ruad_audit_entry {
	int64_t epoch;
	const char *actor, *via, *address, *action;
	const char *object, *detail; /* NULL: none; detail is JSON */
};
RUAD_NODISCARD enum ruad_status ruad_webstore_audit(struct ruad_webstore *s,
    const struct ruad_audit_entry *e, struct ruad_err *err);

#endif
