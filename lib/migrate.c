/* migrate.c - SQLite files opened for writing, each migration in a transaction
 * of its own.
 *
 * Not done here: migrations that must turn foreign keys off. */
#include "migrate.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sql.h"

/* Between two attempts at what SQLite's own busy handler does not wait for. */
#define RETRY_MSECS 10

/* A file that root makes is for the program whose directory it is in. */
static void
give_to_owner(int fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	struct stat st;

	if (slash == NULL || slash == path ||
	    (size_t)(slash - path) >= sizeof(dir))
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (stat(dir, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		errno = 0; /* that program will tell */
}

/* SQLite would create the file readable by all. Only a file that was not there
 * is opened here: closing a descriptor of a store that this process has open
 * would drop its locks. */
static void
create_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	/* Whatever went wrong, SQLite meets it again and tells. */
	if (fd < 0)
		return;
	if (geteuid() == 0)
		give_to_owner(fd, path);
	close(fd);
}

/* Read the schema version within the open transaction; 0 is a new file. */
static enum ruad_status
get_version(sqlite3 *db, const struct ruad_schema *schema, int *version_out,
    struct ruad_err *err)
{
	const char *path = sqlite3_db_filename(db, "main");
	int id, tables;
	enum ruad_status st;

	st = ruad_sql_exec_int(db, "PRAGMA application_id", &id, err);
	if (st == RUAD_OK)
		st = ruad_sql_exec_int(db, "PRAGMA user_version", version_out,
		    err);
	if (st == RUAD_OK)
		st = ruad_sql_exec_int(db, "SELECT count(*) FROM sqlite_schema",
		    &tables, err);
	if (st != RUAD_OK)
		return st;
	if (id == 0 && *version_out == 0 && tables == 0)
		return RUAD_OK;
	if (id != schema->application_id || *version_out < 1)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a store of ours, but an SQLite file of"
		    " another program",
		    path);
	if (*version_out > *schema->count)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: has schema version %d, but this program knows"
		    " only versions up to %d: upgrade it",
		    path, *version_out, *schema->count);
	return RUAD_OK;
}

/* Look before anything is changed. */
static enum ruad_status
inspect(sqlite3 *db, const struct ruad_schema *schema, int *version_out,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_exec(db, "BEGIN", err);

	if (st != RUAD_OK)
		return st;
	st = get_version(db, schema, version_out, err);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

/* The next migration, unless another program has done it meanwhile. */
static enum ruad_status
migrate_once(sqlite3 *db, const struct ruad_schema *schema, int *version,
    struct ruad_err *err)
{
	char sql[100];
	enum ruad_status st = ruad_sql_exec(db, "BEGIN IMMEDIATE", err);

	if (st != RUAD_OK)
		return st;
	st = get_version(db, schema, version, err);
	if (st != RUAD_OK || *version == *schema->count)
		goto undo;
	snprintf(sql, sizeof(sql),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d;",
	    schema->application_id, *version + 1);
	st = ruad_sql_exec(db, schema->migrations[*version], err);
	if (st == RUAD_OK)
		st = ruad_sql_exec(db, sql, err);
	if (st == RUAD_OK)
		st = ruad_sql_exec(db, "COMMIT", err);
	if (st != RUAD_OK)
		goto undo;
	++*version;
	return RUAD_OK;
undo:
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return st;
}

static enum ruad_status
migrate(sqlite3 *db, const struct ruad_schema *schema, int version,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	while (version < *schema->count && st == RUAD_OK)
		st = migrate_once(db, schema, &version, err);
	return st;
}

/* Switch to the write-ahead log. It needs the file for itself for a moment,
 * and SQLite does not always wait for that: two programs that open a new file
 * at once would otherwise meet here. */
static enum ruad_status
set_wal(sqlite3 *db, unsigned busy_msecs, struct ruad_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum ruad_status st = RUAD_OK;
	const char *mode = NULL;
	unsigned waited;
	int rc;

	rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &stmt,
	    NULL);
	for (waited = 0; rc == SQLITE_OK; waited += RETRY_MSECS) {
		rc = sqlite3_step(stmt);
		if ((rc & 0xff) != SQLITE_BUSY || waited >= busy_msecs)
			break;
		sqlite3_sleep(RETRY_MSECS);
		sqlite3_reset(stmt);
		rc = SQLITE_OK;
	}
	if (rc == SQLITE_ROW)
		mode = (const char *)sqlite3_column_text(stmt, 0);
	if (rc != SQLITE_ROW)
		st = ruad_sql_fail(db, rc, err);
	else if (mode == NULL || strcmp(mode, "wal") != 0)
		st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "store: %s: SQLite cannot keep a write-ahead log there, a"
		    " local file system is needed",
		    sqlite3_db_filename(db, "main"));
	sqlite3_finalize(stmt);
	return st;
}

/* What needs no look at the file. */
static enum ruad_status
configure(sqlite3 *db, unsigned busy_msecs, struct ruad_err *err)
{
	static const struct {
		int option, value;
	} options[] = {
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
	};
	size_t i;
	int rc;

	sqlite3_busy_timeout(db, (int)busy_msecs);
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		rc = sqlite3_db_config(db, options[i].option, options[i].value,
		    NULL);
		if (rc != SQLITE_OK)
			return ruad_sql_fail(db, rc, err);
	}
	return RUAD_OK;
}

enum ruad_status
ruad_migrate_open(const char *path, const struct ruad_schema *schema,
    unsigned busy_msecs, sqlite3 **out, struct ruad_err *err)
{
	enum ruad_status st;
	int version, rc;
	sqlite3 *db;

	create_file(path);
	rc = sqlite3_open_v2(path, out,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		SQLITE_OPEN_EXRESCODE,
	    NULL);
	db = *out;
	if (rc != SQLITE_OK)
		return ruad_sql_fail_open(db, path, rc, err);
	st = configure(db, busy_msecs, err);
	if (st == RUAD_OK)
		st = inspect(db, schema, &version, err);
	/* Only possible before the first page is written. */
	if (st == RUAD_OK && version == 0)
		st = ruad_sql_exec(db, "PRAGMA auto_vacuum = INCREMENTAL", err);
	if (st == RUAD_OK)
		st = set_wal(db, busy_msecs, err);
	if (st == RUAD_OK)
		st = ruad_sql_exec(db,
		    "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
		    "PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;"
		    "PRAGMA journal_size_limit = 67108864;",
		    err);
	return st == RUAD_OK ? migrate(db, schema, version, err) : st;
}
