/* fault.c - the seams are at link time (see ld(1), --wrap), and where libxml2
 * and SQLite let their allocator be replaced. */
#include "fault.h"
#include <libxml/xmlmemory.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "source.h"

static struct {
	bool armed;
	enum fault_kind kind;
	unsigned nth, calls;
} fault;

static sqlite3_mem_methods sqlite_memory; /* the usual ones */

void
fault_arm(enum fault_kind kind, unsigned nth)
{
	fault.kind = kind;
	fault.nth = nth;
	fault.calls = 0;
	fault.armed = true;
}

unsigned
fault_disarm(void)
{
	fault.armed = false;
	return fault.calls;
}

static bool
fails(enum fault_kind kind)
{
	return fault.armed && fault.kind == kind && ++fault.calls == fault.nth;
}

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

void *
__wrap_malloc(size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails(FAULT_MEMORY) ? NULL : __real_realloc(p, size);
}

char *
__wrap_strdup(const char *s)
{
	return fails(FAULT_MEMORY) ? NULL : __real_strdup(s);
}

static void *
sqlite_malloc(int size)
{
	return fails(FAULT_SQL_MEMORY) ? NULL : sqlite_memory.xMalloc(size);
}

static void *
sqlite_realloc(void *p, int size)
{
	return fails(FAULT_SQL_MEMORY) ? NULL : sqlite_memory.xRealloc(p, size);
}

void
fault_install(void)
{
	sqlite3_mem_methods m;

	if (xmlMemSetup(free, __wrap_malloc, __wrap_realloc, __wrap_strdup) !=
		0 ||
	    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) !=
		SQLITE_OK)
		abort();
	m = sqlite_memory;
	m.xMalloc = sqlite_malloc;
	m.xRealloc = sqlite_realloc;
	/* Without the small blocks that it keeps, each call is seen. */
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &m) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
		abort();
}

/* ---- reading ---- */

enum ruad_status __real_ruad_source_read(struct ruad_source *s, void *buf,
    size_t cap, size_t *len_out, struct ruad_err *err);
enum ruad_status __wrap_ruad_source_read(struct ruad_source *s, void *buf,
    size_t cap, size_t *len_out, struct ruad_err *err);
enum ruad_status __real_ruad_source_fill(struct ruad_source *s, void *buf,
    size_t cap, size_t *len_out, struct ruad_err *err);
enum ruad_status __wrap_ruad_source_fill(struct ruad_source *s, void *buf,
    size_t cap, size_t *len_out, struct ruad_err *err);

enum ruad_status
__wrap_ruad_source_read(struct ruad_source *s, void *buf, size_t cap,
    size_t *len_out, struct ruad_err *err)
{
	if (fails(FAULT_READ))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "fault: read");
	return __real_ruad_source_read(s, buf, cap, len_out, err);
}

enum ruad_status
__wrap_ruad_source_fill(struct ruad_source *s, void *buf, size_t cap,
    size_t *len_out, struct ruad_err *err)
{
	if (fails(FAULT_READ))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "fault: read");
	return __real_ruad_source_fill(s, buf, cap, len_out, err);
}

/* ---- SQLite ---- */

int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __real_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len,
    sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len,
    sqlite3_stmt **out, const char **tail);
int __real_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len,
    unsigned flags, sqlite3_stmt **out, const char **tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len,
    unsigned flags, sqlite3_stmt **out, const char **tail);
int __real_sqlite3_exec(sqlite3 *db, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **text);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **text);
int __real_sqlite3_bind_int64(sqlite3_stmt *stmt, int i, sqlite3_int64 value);
int __wrap_sqlite3_bind_int64(sqlite3_stmt *stmt, int i, sqlite3_int64 value);
int __real_sqlite3_bind_text(sqlite3_stmt *stmt, int i, const char *s, int len,
    void (*done)(void *));
int __wrap_sqlite3_bind_text(sqlite3_stmt *stmt, int i, const char *s, int len,
    void (*done)(void *));
int __real_sqlite3_bind_blob64(sqlite3_stmt *stmt, int i, const void *p,
    sqlite3_uint64 len, void (*done)(void *));
int __wrap_sqlite3_bind_blob64(sqlite3_stmt *stmt, int i, const void *p,
    sqlite3_uint64 len, void (*done)(void *));
int __real_sqlite3_open_v2(const char *path, sqlite3 **out, int flags,
    const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags,
    const char *vfs);

int
__wrap_sqlite3_step(sqlite3_stmt *stmt)
{
	return fails(FAULT_SQL) ? SQLITE_IOERR : __real_sqlite3_step(stmt);
}

int
__wrap_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int len,
    sqlite3_stmt **out, const char **tail)
{
	*out = NULL;
	return fails(FAULT_SQL)
	    ? SQLITE_NOMEM
	    : __real_sqlite3_prepare_v2(db, sql, len, out, tail);
}

int
__wrap_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags,
    sqlite3_stmt **out, const char **tail)
{
	*out = NULL;
	return fails(FAULT_SQL)
	    ? SQLITE_NOMEM
	    : __real_sqlite3_prepare_v3(db, sql, len, flags, out, tail);
}

int
__wrap_sqlite3_exec(sqlite3 *db, const char *sql,
    int (*row)(void *, int, char **, char **), void *arg, char **text)
{
	return fails(FAULT_SQL) ? SQLITE_FULL
				: __real_sqlite3_exec(db, sql, row, arg, text);
}

int
__wrap_sqlite3_bind_int64(sqlite3_stmt *stmt, int i, sqlite3_int64 value)
{
	return fails(FAULT_SQL) ? SQLITE_NOMEM
				: __real_sqlite3_bind_int64(stmt, i, value);
}

int
__wrap_sqlite3_bind_text(sqlite3_stmt *stmt, int i, const char *s, int len,
    void (*done)(void *))
{
	return fails(FAULT_SQL)
	    ? SQLITE_NOMEM
	    : __real_sqlite3_bind_text(stmt, i, s, len, done);
}

int
__wrap_sqlite3_bind_blob64(sqlite3_stmt *stmt, int i, const void *p,
    sqlite3_uint64 len, void (*done)(void *))
{
	return fails(FAULT_SQL)
	    ? SQLITE_NOMEM
	    : __real_sqlite3_bind_blob64(stmt, i, p, len, done);
}

int
__wrap_sqlite3_open_v2(const char *path, sqlite3 **out, int flags,
    const char *vfs)
{
	if (fails(FAULT_SQL)) {
		*out = NULL;
		return SQLITE_CANTOPEN;
	}
	return __real_sqlite3_open_v2(path, out, flags, vfs);
}
