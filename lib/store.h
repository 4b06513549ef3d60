/* store.h - the SQLite store: open, migrate, and write what mails brought, one
 * transaction per batch. One handle, one thread. Schema: sql/ and
 * ruad-schema(5). */
#ifndef RUAD_STORE_H
#define RUAD_STORE_H
#include "delivery.h"
#include "err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ruad_sql;
struct ruad_store;

struct ruad_store_settings {
	unsigned busy_msecs; /* how long to wait for another writer */
	bool conflict_last; /* a conflicting report replaces the first */
};

/* Let SQLite keep no account of its memory, for which it would take a lock at
 * each allocation: some five per cent of what a report costs. To be called
 * before anything else of SQLite; later it does nothing. */
void ruad_store_global_init(void);

/* Open the file for writing, creating and migrating it as needed, with
 * synchronous=FULL, WAL and foreign keys on. RUAD_BAD: not a store of ours, or
 * one of a newer version (both numbers are in the text); RUAD_TEMP: cannot be
 * opened or written now. */
RUAD_NODISCARD enum ruad_status ruad_store_open(const char *path,
    const struct ruad_store_settings *set, struct ruad_store **out,
    struct ruad_err *err);

/* Store n deliveries in one transaction and conclude each of them with its own
 * outcome. One that fails is undone alone and concluded as RUAD_ERROR.
 * RUAD_OK: the transaction is durable on disk. RUAD_TEMP: none of it was
 * stored; every delivery is concluded as RUAD_ERROR. */
RUAD_NODISCARD enum ruad_status ruad_store_put(struct ruad_store *s,
    struct ruad_delivery **deliveries, size_t n, struct ruad_err *err);

/* Change the store in another way: run `work` in a transaction of its own. It
 * is committed where `work` returns RUAD_OK, and undone where it returns
 * anything else, which is passed on. Otherwise RUAD_TEMP, RUAD_BAD: nothing has
 * changed. */
struct ruad_put;
typedef enum ruad_status ruad_store_work(struct ruad_put *p, void *arg,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_store_do(struct ruad_store *s,
    ruad_store_work *work, void *arg, struct ruad_err *err);

/* The statements of the store, for modules that look before they change. They
 * belong to it, and read outside of a transaction. */
struct ruad_sql *ruad_store_sql(struct ruad_store *s);

/* Give a part of the free pages back to the file system, in a transaction of
 * its own; *left_out counts those that are free then, of which none goes where
 * the store was made by a program that did not provide for it. The file shrinks
 * with the next checkpoint. Fails like ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_store_shrink(struct ruad_store *s,
    int64_t *left_out, struct ruad_err *err);

/* Pages in the write-ahead log that may not be in the file yet. It is only
 * moved there by the next call, and when the store is closed. */
size_t ruad_store_wal_pages(const struct ruad_store *s);

/* Move the write-ahead log into the file, without waiting for readers. */
void ruad_store_checkpoint(struct ruad_store *s);

void ruad_store_close(struct ruad_store **s); /* sets *s NULL; NULL is fine */

/* The newest schema version that this program knows. */
int ruad_store_schema_version(void);

#endif
