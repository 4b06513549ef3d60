/* backup.c - SQLite's online backup out of one read transaction, so that it
 * neither waits for writers nor begins anew because of them. */
#include "backup.h"
#include "audit.h"
#include "query.h"
#include "sql.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STEP_PAGES 1000

static enum ruad_status
fail_errno(const char *path, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "backup: %s: %s", path,
	    strerror(errno));
}

/* Flush a file, or a directory. */
static enum ruad_status
flush(const char *path, struct ruad_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), e;

	if (fd == -1)
		return fail_errno(path, err);
	e = fsync(fd) == 0 ? 0 : errno;
	close(fd);
	errno = e;
	/* Some file systems cannot flush a directory. */
	return e == 0 || e == EINVAL ? RUAD_OK : fail_errno(path, err);
}

static enum ruad_status
create(const char *path, struct ruad_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd == -1 && errno == EEXIST)
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_IO,
		    "backup: %s: is there already", path);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return ruad_fail(err, RUAD_BAD, RUAD_OUR_IO,
		    "backup: %s: there is no such directory", path);
	if (fd == -1)
		return fail_errno(path, err);
	close(fd);
	return RUAD_OK;
}

static enum ruad_status
copy_pages(sqlite3 *from, sqlite3 *to, ruad_backup_tell *tell, void *arg,
    struct ruad_err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	bool more = true;
	int rc = SQLITE_OK;

	if (b == NULL)
		return ruad_sql_fail(to, sqlite3_errcode(to), err);
	while (rc == SQLITE_OK && more) {
		int total;

		rc = sqlite3_backup_step(b, STEP_PAGES);
		total = sqlite3_backup_pagecount(b);
		more = tell == NULL ||
		    tell(total - sqlite3_backup_remaining(b), total, arg);
	}
	sqlite3_backup_finish(b);
	if (rc == SQLITE_DONE)
		return RUAD_OK;
	if (rc != SQLITE_OK)
		return ruad_sql_fail(to, rc, err);
	return ruad_fail(err, RUAD_END, RUAD_CODE_NONE, "backup: given up");
}

enum ruad_status
ruad_backup_copy(sqlite3 *from, const char *path, ruad_backup_tell *tell,
    void *arg, struct ruad_err *err)
{
	enum ruad_status st = create(path, err);
	sqlite3 *to = NULL;
	int rc;

	if (st != RUAD_OK)
		return st;
	rc = sqlite3_open_v2(path, &to,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	    NULL);
	if (rc != SQLITE_OK)
		st = ruad_sql_fail_open(to, path, rc, err);
	else
		st = copy_pages(from, to, tell, arg, err);
	sqlite3_close(to);
	if (st == RUAD_OK)
		st = flush(path, err);
	if (st != RUAD_OK)
		unlink(path);
	return st;
}

enum ruad_status
ruad_backup_verify(const char *path, struct ruad_err *err)
{
	static const enum ruad_audit looks[] = { RUAD_AUDIT_FILE,
		RUAD_AUDIT_KEYS };
	struct ruad_audit_result result;
	struct ruad_query *q;
	enum ruad_status st = ruad_query_open_still(path, &q, err);

	for (size_t i = 0;
	     i < sizeof(looks) / sizeof(looks[0]) && st == RUAD_OK; i++) {
		st = ruad_audit_run(ruad_query_handle(q), looks[i], &result,
		    err);
		if (st == RUAD_OK && result.count > 0)
			st = ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
			    "backup: %s: %s", path, result.text);
	}
	ruad_query_close(&q);
	return st;
}

/* A rename that replaces nothing, also where the file system knows only
 * links. */
static int
rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(from, to) != 0)
		return -1;
	return unlink(from);
}

enum ruad_status
ruad_backup_rename(const char *from, const char *to, struct ruad_err *err)
{
	char dir[PATH_MAX];
	char *slash;

	if (rename_new(from, to) != 0) {
		if (errno == EEXIST)
			return ruad_fail(err, RUAD_BAD, RUAD_OUR_IO,
			    "backup: %s: is there already", to);
		return fail_errno(to, err);
	}
	snprintf(dir, sizeof(dir), "%s", to);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		strcpy(dir, ".");
	else
		slash[slash == dir] = '\0';
	return flush(dir, err);
}
