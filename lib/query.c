/* query.c - prepares what question.c has composed, and binds the values of the
 * filter by their names. */
#include "query.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sql.h"
#include "store.h"

#define APPLICATION_ID 0x52554144 /* "RUAD" */
#define COLUMNS_MAX 50

/* The first read takes the snapshot. */
#define SNAPSHOT "BEGIN; SELECT count(*) FROM sqlite_schema"

struct ruad_rows {
	sqlite3_stmt *stmt; /* owned */
	unsigned conditions; /* that the statement has, as bits */
	unsigned column_count;
	const char *column[COLUMNS_MAX]; /* names, owned by the statement */
};

struct ruad_query {
	sqlite3 *db; /* owned */
	struct ruad_rows rows[RUAD_ASK_COUNT];
};

static enum ruad_status
open_database(struct ruad_query *q, const char *path, int flags,
    unsigned busy_msecs, struct ruad_err *err)
{
	int rc;

	sqlite3_close(q->db);
	q->db = NULL;
	rc = sqlite3_open_v2(path, &q->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | flags, NULL);
	if (rc != SQLITE_OK)
		return ruad_sql_fail_open(q->db, path, rc, err);
	sqlite3_extended_result_codes(q->db, 1);
	sqlite3_busy_timeout(q->db, (int)busy_msecs);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return ruad_sql_exec(q->db, SNAPSHOT, err);
}

/* Whether nobody has the store open: no write-ahead log lies beside it. */
static bool
is_unused(const char *path)
{
	char wal[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(wal, sizeof(wal), "%s-wal", path) >= sizeof(wal))
		return false;
	return stat(wal, &st) != 0 ? errno == ENOENT : st.st_size == 0;
}

/* SQLite needs to write beside a file with a write-ahead log even to read it.
 * Where it may not (a read-only file system, a user with no rights but to
 * read), and where nobody writes either, the file can be read as it stands. */
static enum ruad_status
open_immutable(struct ruad_query *q, const char *path, struct ruad_err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	char uri[3 * PATH_MAX + 32], *to = uri;

	if (strlen(path) >= PATH_MAX || !is_unused(path))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "store: %s: another program has it open, or has left it "
		    "unfinished",
		    path);
	to += sprintf(to, "file:");
	for (; *path != '\0'; path++)
		to += sprintf(to, strchr(plain, *path) ? "%c" : "%%%02X",
		    (unsigned char)*path);
	sprintf(to, "?immutable=1");
	return open_database(q, uri, SQLITE_OPEN_URI, 0, err);
}

/* What SQLite's own words would leave unclear. */
static enum ruad_status
check_file(const char *path, struct ruad_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: %s%s", path, strerror(errno),
		    errno == ENOENT ? "; the first report that is taken in "
				      "creates it"
				    : "");
	if (!S_ISREG(st.st_mode))
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a file", path);
	if (st.st_size == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: an empty file, not a store", path);
	if (access(path, R_OK) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_STORE,
		    "store: %s: %s", path, strerror(errno));
	return RUAD_OK;
}

static enum ruad_status
check_version(sqlite3 *db, const char *path, bool older_too,
    struct ruad_err *err)
{
	int id = 0, version = 0, known = ruad_store_schema_version();
	enum ruad_status st;

	st = ruad_sql_exec_int(db, "PRAGMA application_id", &id, err);
	if (st == RUAD_OK)
		st =
		    ruad_sql_exec_int(db, "PRAGMA user_version", &version, err);
	if (st != RUAD_OK)
		return st;
	if (id != APPLICATION_ID || version < 1)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not a store of ours, but an SQLite file of "
		    "another program",
		    path);
	if (version > known)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: has schema version %d, but this program knows "
		    "only versions up to %d: upgrade it",
		    path, version, known);
	if (version < known && !older_too)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: has schema version %d, this program needs %d: "
		    "starting ruad upgrades it",
		    path, version, known);
	return RUAD_OK;
}

/* A query with no database yet. */
static enum ruad_status
new_query(const char *path, struct ruad_query **out, struct ruad_err *err)
{
	enum ruad_status st;

	*out = NULL;
	if ((st = check_file(path, err)) != RUAD_OK)
		return st;
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "store");
}

/* The database has been opened, as `st` says, or not: it is to be used. */
static enum ruad_status
finish_opening(struct ruad_query **q, enum ruad_status st, const char *path,
    bool older_too, struct ruad_err *err)
{
	if (st == RUAD_OK)
		st = check_version((*q)->db, path, older_too, err);
	if (st != RUAD_OK)
		ruad_query_close(q);
	return st;
}

enum ruad_status
ruad_query_open(const char *path, unsigned busy_msecs, struct ruad_query **out,
    struct ruad_err *err)
{
	struct ruad_err first, ignored;
	enum ruad_status st = new_query(path, out, err);
	struct ruad_query *q = *out;

	if (st != RUAD_OK)
		return st;
	st = open_database(q, path, 0, busy_msecs, &first);
	if (st == RUAD_TEMP && first.code == RUAD_OUR_STORE &&
	    open_immutable(q, path, &ignored) == RUAD_OK)
		st = RUAD_OK;
	if (st != RUAD_OK && err != NULL)
		*err = first;
	return finish_opening(out, st, path, false, err);
}

enum ruad_status
ruad_query_open_still(const char *path, struct ruad_query **out,
    struct ruad_err *err)
{
	enum ruad_status st = new_query(path, out, err);

	if (st != RUAD_OK)
		return st;
	st = open_immutable(*out, path, err);
	return finish_opening(out, st, path, true, err);
}

static enum ruad_status
prepare(struct ruad_query *q, enum ruad_question question, unsigned conditions,
    struct ruad_err *err)
{
	struct ruad_rows *rows = &q->rows[question];
	char sql[RUAD_QUESTION_BYTES];
	int rc;

	ruad_question_compose(question, conditions, sql);
	sqlite3_finalize(rows->stmt);
	memset(rows, 0, sizeof(*rows));
	rc = sqlite3_prepare_v2(q->db, sql, -1, &rows->stmt, NULL);
	if (rc != SQLITE_OK)
		return ruad_sql_fail(q->db, rc, err);
	rows->conditions = conditions;
	rows->column_count = (unsigned)sqlite3_column_count(rows->stmt);
	assert(rows->column_count <= COLUMNS_MAX);
	for (unsigned i = 0; i < rows->column_count; i++) {
		rows->column[i] = sqlite3_column_name(rows->stmt, (int)i);
		if (rows->column[i] == NULL)
			return ruad_fail_memory(err, "store");
	}
	return RUAD_OK;
}

/* Bind a parameter where the statement has it. */
static int
bind_int(sqlite3_stmt *stmt, const char *name, int64_t value)
{
	int i = sqlite3_bind_parameter_index(stmt, name);

	return i == 0 ? SQLITE_OK : sqlite3_bind_int64(stmt, i, value);
}

static int
bind(sqlite3_stmt *stmt, const struct ruad_filter *f)
{
	int rc = ruad_filter_bind(f, stmt);

	if (rc == SQLITE_OK)
		rc = bind_int(stmt, ":limit", f->limit > 0 ? f->limit : -1);
	if (rc == SQLITE_OK)
		rc = bind_int(stmt, ":records", RUAD_FAILURE_RECORDS);
	return rc;
}

enum ruad_status
ruad_query_ask(struct ruad_query *q, enum ruad_question question,
    const struct ruad_filter *filter, struct ruad_rows **out,
    struct ruad_err *err)
{
	struct ruad_rows *rows = &q->rows[question];
	unsigned conditions = ruad_filter_conditions(filter);
	enum ruad_status st;
	int rc;

	*out = NULL;
	if (rows->stmt == NULL || rows->conditions != conditions) {
		st = prepare(q, question, conditions, err);
		if (st != RUAD_OK)
			return st;
	}
	/* An error of the last run is told again here; it has been seen. */
	sqlite3_reset(rows->stmt);
	rc = bind(rows->stmt, filter);
	if (rc != SQLITE_OK)
		return ruad_sql_fail(q->db, rc, err);
	*out = rows;
	return RUAD_OK;
}

enum ruad_status
ruad_rows_next(struct ruad_rows *rows, struct ruad_err *err)
{
	int rc = sqlite3_step(rows->stmt);

	if (rc == SQLITE_ROW)
		return RUAD_OK;
	if (rc == SQLITE_DONE)
		return RUAD_END;
	return ruad_sql_fail(sqlite3_db_handle(rows->stmt), rc, err);
}

/* The number of a column; that of all columns: there is none. */
static unsigned
find_column(const struct ruad_rows *rows, const char *name)
{
	unsigned i = 0;

	while (i < rows->column_count && strcmp(rows->column[i], name) != 0)
		i++;
	return i;
}

static int
column_of(const struct ruad_rows *rows, const char *name)
{
	unsigned i = find_column(rows, name);

	assert(i < rows->column_count);
	return (int)i;
}

bool
ruad_rows_has(const struct ruad_rows *rows, const char *column)
{
	return find_column(rows, column) < rows->column_count;
}

bool
ruad_rows_is_null(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_type(rows->stmt, column_of(rows, column)) ==
	    SQLITE_NULL;
}

const char *
ruad_rows_text(const struct ruad_rows *rows, const char *column)
{
	return (const char *)sqlite3_column_text(rows->stmt,
	    column_of(rows, column));
}

int64_t
ruad_rows_int(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_int64(rows->stmt, column_of(rows, column));
}

double
ruad_rows_real(const struct ruad_rows *rows, const char *column)
{
	return sqlite3_column_double(rows->stmt, column_of(rows, column));
}

enum ruad_status
ruad_query_refresh(struct ruad_query *q, struct ruad_err *err)
{
	ruad_query_release(q);
	return ruad_sql_exec(q->db, SNAPSHOT, err);
}

void
ruad_query_release(struct ruad_query *q)
{
	for (unsigned i = 0; i < RUAD_ASK_COUNT; i++)
		sqlite3_reset(q->rows[i].stmt);
	/* Nothing has been written that could be lost. */
	if (sqlite3_get_autocommit(q->db) == 0)
		sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
}

sqlite3 *
ruad_query_handle(struct ruad_query *q)
{
	return q->db;
}

void
ruad_query_close(struct ruad_query **q)
{
	if (*q == NULL)
		return;
	for (unsigned i = 0; i < RUAD_ASK_COUNT; i++)
		sqlite3_finalize((*q)->rows[i].stmt);
	sqlite3_close((*q)->db);
	free(*q);
	*q = NULL;
}
