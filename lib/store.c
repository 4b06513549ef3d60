/* store.c - the SQLite file, written in transactions. A
 * delivery is written by put.c; here it is made certain that each is stored
 * whole or not at all, and that none spoils another.
 *
 * Not done here: expiry and queries. */
#include "store.h"
#include "migrate.h"
#include "migrations.h"
#include "put.h"
#include "sql.h"
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION_ID 0x52554144 /* "RUAD" */

struct ruad_store {
	struct ruad_sql sql;
	struct ruad_put put;
	int64_t data_version; /* changes when another program writes */
	size_t wal_pages; /* in the log, perhaps not in the file */
};

static const struct ruad_schema report_schema = { APPLICATION_ID,
	ruad_migrations, &ruad_migration_count };

int
ruad_store_schema_version(void)
{
	return ruad_migration_count;
}

static int
note_wal(void *store, sqlite3 *db, const char *schema, int pages)
{
	struct ruad_store *s = store;

	(void)db;
	(void)schema;
	s->wal_pages = (size_t)pages;
	return SQLITE_OK;
}

static enum ruad_status
open_file(struct ruad_store *s, const char *path, unsigned busy_msecs,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_migrate_open(path, &report_schema,
	    busy_msecs, &s->sql.db, err);

	return st == RUAD_OK ? ruad_sql_prepare(&s->sql, err) : st;
}

enum ruad_status
ruad_store_open(const char *path, const struct ruad_store_settings *set,
    struct ruad_store **out, struct ruad_err *err)
{
	struct ruad_store *s = *out = calloc(1, sizeof(*s));
	enum ruad_status st;

	if (s == NULL)
		return ruad_fail_memory(err, "store");
	if (sodium_init() < 0) {
		st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "store: libsodium cannot be used here");
		goto fail;
	}
	ruad_put_init(&s->put, &s->sql, set->conflict_last);
	st = open_file(s, path, set->busy_msecs, err);
	if (st != RUAD_OK)
		goto fail;
	/* The owner of the store decides when its log is moved into the file,
	 * so that nobody waits for that. */
	sqlite3_wal_hook(s->sql.db, note_wal, s);
	return RUAD_OK;
fail:
	ruad_store_close(out);
	return st;
}

void
ruad_store_global_init(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Begin to write. What the caches hold is still true unless another program
 * has written; what is known of the schema, unless one has migrated. */
static enum ruad_status
begin(struct ruad_store *s, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;
	int64_t data_version, version;

	st = ruad_sql_do(&s->sql, RUAD_SQL_BEGIN, err);
	if (st != RUAD_OK)
		return st;
	b = ruad_sql_bind(&s->sql, RUAD_SQL_DATA_VERSION);
	st = ruad_sql_get(&b, &data_version, 1, err);
	if (st == RUAD_OK) {
		b = ruad_sql_bind(&s->sql, RUAD_SQL_USER_VERSION);
		st = ruad_sql_get(&b, &version, 1, err);
	}
	if (st == RUAD_OK && version != ruad_migration_count)
		st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "store: has been migrated to version %d by a newer"
		    " program, this one knows %d: restart it",
		    (int)version, ruad_migration_count);
	if (st != RUAD_OK) {
		sqlite3_exec(s->sql.db, "ROLLBACK", NULL, NULL, NULL);
		return st;
	}
	if (data_version != s->data_version)
		ruad_dict_clear(&s->put.dict);
	s->data_version = data_version;
	return RUAD_OK;
}

/* Undo the whole transaction, which SQLite may have done by itself. */
static void
undo(struct ruad_store *s, struct ruad_delivery **deliveries, size_t n)
{
	size_t i;

	sqlite3_exec(s->sql.db, "ROLLBACK", NULL, NULL, NULL);
	ruad_dict_clear(&s->put.dict);
	for (i = 0; i < n; i++)
		ruad_put_reset(deliveries[i]);
}

/* One transaction. Where it fails, all is as before; *begun_out says whether
 * it got so far as to write. A savepoint for each delivery would keep the
 * others; but it copies every page that it touches, and failures are rare. */
static enum ruad_status
put_batch(struct ruad_store *s, struct ruad_delivery **deliveries, size_t n,
    bool *begun_out, struct ruad_err *err)
{
	enum ruad_status st = begin(s, err);
	size_t i;

	*begun_out = st == RUAD_OK;
	if (st != RUAD_OK)
		return st;
	for (i = 0; i < n && st == RUAD_OK; i++)
		st = ruad_put_delivery(&s->put, deliveries[i], err);
	if (st == RUAD_OK)
		st = ruad_sql_do(&s->sql, RUAD_SQL_COMMIT, err);
	if (st != RUAD_OK) {
		undo(s, deliveries, n);
		return st;
	}
	for (i = 0; i < n; i++)
		ruad_delivery_conclude(deliveries[i]);
	return RUAD_OK;
}

static void
fail_all(struct ruad_delivery **deliveries, size_t n,
    const struct ruad_err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		ruad_delivery_fail(deliveries[i], err->code, err->text);
}

/* Each in a transaction of its own, after they have failed together. */
static void
put_each(struct ruad_store *s, struct ruad_delivery **deliveries, size_t n,
    struct ruad_err *err)
{
	bool begun = true;
	size_t i;

	for (i = 0; i < n && begun; i++)
		if (put_batch(s, &deliveries[i], 1, &begun, err) != RUAD_OK)
			fail_all(&deliveries[i], begun ? 1 : n - i, err);
}

enum ruad_status
ruad_store_put(struct ruad_store *s, struct ruad_delivery **deliveries,
    size_t n, struct ruad_err *err)
{
	struct ruad_err why = { 0 };
	enum ruad_status st;
	bool begun;
	size_t i;

	for (i = 0; i < n; i++)
		deliveries[i]->outcome = RUAD_OUTCOME_NONE;
	st = put_batch(s, deliveries, n, &begun, &why);
	if (st != RUAD_OK && begun && n > 1)
		put_each(s, deliveries, n, &why);
	else if (st != RUAD_OK)
		fail_all(deliveries, n, &why);
	for (i = 0; i < n; i++)
		if (deliveries[i]->outcome != RUAD_ERROR)
			return RUAD_OK;
	if (n == 0)
		return RUAD_OK;
	/* Even a damaged store can be restored before the next attempt. */
	if (err != NULL) {
		*err = why;
		err->status = RUAD_TEMP;
	}
	return RUAD_TEMP;
}

enum ruad_status
ruad_store_do(struct ruad_store *s, ruad_store_work *work, void *arg,
    struct ruad_err *err)
{
	enum ruad_status st = begin(s, err);

	if (st != RUAD_OK)
		return st;
	st = work(&s->put, arg, err);
	if (st == RUAD_OK)
		st = ruad_sql_do(&s->sql, RUAD_SQL_COMMIT, err);
	if (st != RUAD_OK)
		undo(s, NULL, 0);
	return st;
}

struct ruad_sql *
ruad_store_sql(struct ruad_store *s)
{
	return &s->sql;
}

enum ruad_status
ruad_store_shrink(struct ruad_store *s, int64_t *left_out, struct ruad_err *err)
{
	int pages = 0;
	enum ruad_status st;

	/* So few that who waits for the lock hardly notices. */
	st = ruad_sql_exec(s->sql.db, "PRAGMA incremental_vacuum(128)", err);
	if (st == RUAD_OK)
		st = ruad_sql_exec_int(s->sql.db, "PRAGMA freelist_count",
		    &pages, err);
	*left_out = pages;
	return st;
}

size_t
ruad_store_wal_pages(const struct ruad_store *s)
{
	return s->wal_pages;
}

void
ruad_store_checkpoint(struct ruad_store *s)
{
	int pages, moved;

	/* A failure costs nothing but the space of the log. */
	if (sqlite3_wal_checkpoint_v2(s->sql.db, NULL,
		SQLITE_CHECKPOINT_PASSIVE, &pages, &moved) == SQLITE_OK &&
	    moved >= pages)
		s->wal_pages = 0;
}

void
ruad_store_close(struct ruad_store **s)
{
	if (*s == NULL)
		return;
	ruad_dict_clear(&(*s)->put.dict);
	ruad_sql_close(&(*s)->sql);
	free(*s);
	*s = NULL;
}
