/* cmd_backup.c - a copy of the store, and the way back. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "backup.h"
#include "cmd.h"
#include "lock.h"
#include "progress.h"
#include "sql.h"
#include "stop.h"

struct copy {
	const volatile sig_atomic_t *stop;
	struct ruad_progress *progress; /* NULL: none is shown */
	int64_t done;
};

static bool
tell(int64_t done, int64_t total, void *arg)
{
	struct copy *c = arg;
	char note[60];

	snprintf(note, sizeof(note), "%d %%",
	    total > 0 ? (int)(done * 100 / total) : 100);
	ruad_progress_step(c->progress, 0, note);
	return !*c->stop;
}

/* Copy what `from` sees to the new file `path` under a name of its own, prove
 * it, and give it its name. */
static enum ruad_status
copy_to(struct ruad_query *from, const char *temp, struct ruad_err *err)
{
	struct copy c = { .stop = ruad_stop_catch() };
	enum ruad_status st;

	c.progress = ruad_progress_begin("thousand pages", 0);
	st = ruad_backup_copy(ruad_query_handle(from), temp, tell, &c, err);
	ruad_progress_end(&c.progress);
	if (st != RUAD_OK)
		return st;
	st = ruad_backup_verify(temp, err);
	if (st != RUAD_OK)
		unlink(temp);
	return st;
}

static enum ruad_exit
failed(enum ruad_status st, const struct ruad_err *err)
{
	enum ruad_exit status = ruad_message_failure(err);

	return st == RUAD_END ? RUAD_EXIT_TEMP : status;
}

enum ruad_exit
ruad_cmd_backup(struct ruad_ctl *ctl)
{
	const char *path = ctl->args[0];
	enum ruad_exit status;
	char temp[PATH_MAX];
	enum ruad_status st;
	struct ruad_err err;

	if (access(path, F_OK) == 0)
		return ruad_message_usage("%s: is there already, and is not "
					  "overwritten",
		    path);
	if ((size_t)snprintf(temp, sizeof(temp), "%s.%ld.part", path,
		(long)getpid()) >= sizeof(temp))
		return ruad_message_usage("%s: too long a name", path);
	status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	st = copy_to(ctl->query, temp, &err);
	if (st != RUAD_OK)
		return failed(st, &err);
	st = ruad_backup_rename(temp, path, &err);
	if (st != RUAD_OK) {
		unlink(temp);
		return failed(st, &err);
	}
	ruad_message("%s: written, and found to be sound", path);
	return RUAD_EXIT_OK;
}

/* Keep the daemon of the configuration from starting; *fd_out is -1 where the
 * store is not its. */
static enum ruad_exit
take_lock(const struct ruad_ctl *ctl, int *fd_out)
{
	const char *path = ctl->conf->lock_file;
	pid_t pid;
	int why;

	*fd_out = -1;
	if (strcmp(ruad_ctl_store(ctl), ctl->conf->store) != 0)
		return RUAD_EXIT_OK;
	*fd_out = ruad_lock_take(path, &why);
	if (*fd_out != -1 || why == ENOENT)
		return RUAD_EXIT_OK;
	if (why == EWOULDBLOCK) {
		pid = ruad_lock_pid(path, &why);
		ruad_message("ruad, process %ld, uses this store: stop it "
			     "first, with systemctl stop ruad, and start it "
			     "afterwards",
		    (long)pid);
	} else {
		ruad_message("lock_file %s: %s", path, strerror(why));
	}
	return RUAD_EXIT_TEMP;
}

/* Whether nobody has the store open, and all of it is in the file: then it can
 * be moved. One that is no database can be, too. */
static enum ruad_status
check_unused(const char *path, struct ruad_err *err)
{
	enum ruad_status st;
	sqlite3 *db = NULL;
	int rc;

	rc = sqlite3_open_v2(path, &db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK)
		st = ruad_sql_fail_open(db, path, rc, err);
	else
		st = ruad_sql_exec(db,
		    "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;"
		    "PRAGMA wal_checkpoint(TRUNCATE)",
		    err);
	sqlite3_close(db);
	return st == RUAD_BAD ? RUAD_OK : st;
}

/* Who may use the old store, or its directory, may use the new one. */
static enum ruad_status
give_owner(const char *store, const char *temp, struct ruad_err *err)
{
	char dir[PATH_MAX];
	struct stat sb;
	mode_t mode = 0640;
	char *slash;

	if (stat(store, &sb) == 0) {
		mode = sb.st_mode & 0777;
	} else {
		snprintf(dir, sizeof(dir), "%s", store);
		slash = strrchr(dir, '/');
		if (slash == NULL)
			strcpy(dir, ".");
		else
			slash[slash == dir] = '\0';
		if (stat(dir, &sb) != 0)
			return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
			    "restore: %s: %s", dir, strerror(errno));
	}
	if (chmod(temp, mode) != 0 ||
	    (geteuid() == 0 && chown(temp, sb.st_uid, sb.st_gid) != 0))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "restore: %s: %s",
		    temp, strerror(errno));
	return RUAD_OK;
}

/* Move the old store, and a log that could not be emptied, out of the way. */
static enum ruad_status
move_aside(const char *store, struct ruad_err *err)
{
	char aside[PATH_MAX], from[PATH_MAX], to[PATH_MAX + 4], when[40];
	time_t now = time(NULL);
	struct tm tm;
	enum ruad_status st;

	if (access(store, F_OK) != 0)
		return RUAD_OK;
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	snprintf(aside, sizeof(aside), "%s.replaced-%s", store, when);
	st = ruad_backup_rename(store, aside, err);
	if (st != RUAD_OK)
		return st;
	ruad_message("what was there is now %s", aside);
	snprintf(from, sizeof(from), "%s-wal", store);
	snprintf(to, sizeof(to), "%s-wal", aside);
	rename(from, to);
	snprintf(from, sizeof(from), "%s-shm", store);
	unlink(from);
	return RUAD_OK;
}

static enum ruad_status
restore(const char *path, const char *store, const char *temp,
    struct ruad_err *err)
{
	struct ruad_query *from;
	enum ruad_status st = ruad_backup_verify(path, err);

	if (st == RUAD_OK)
		st = ruad_query_open_still(path, &from, err);
	if (st != RUAD_OK)
		return st;
	st = copy_to(from, temp, err);
	ruad_query_close(&from);
	if (st != RUAD_OK)
		return st;
	st = give_owner(store, temp, err);
	if (st == RUAD_OK && access(store, F_OK) == 0)
		st = check_unused(store, err);
	if (st == RUAD_OK)
		st = move_aside(store, err);
	if (st == RUAD_OK)
		st = ruad_backup_rename(temp, store, err);
	if (st != RUAD_OK)
		unlink(temp);
	return st;
}

enum ruad_exit
ruad_cmd_restore(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	const char *store;
	char temp[PATH_MAX];
	enum ruad_status st;
	struct ruad_err err;
	int lock_fd;

	if (status != RUAD_EXIT_OK)
		return status;
	store = ruad_ctl_store(ctl);
	/* Room for the names that are made of it. */
	if (strlen(store) > PATH_MAX - 60)
		return ruad_message_usage("%s: too long a name", store);
	snprintf(temp, sizeof(temp), "%s.%ld.part", store, (long)getpid());
	status = take_lock(ctl, &lock_fd);
	if (status != RUAD_EXIT_OK)
		return status;
	st = restore(ctl->args[0], store, temp, &err);
	if (st == RUAD_OK)
		ruad_message("%s holds now what %s holds", store, ctl->args[0]);
	else
		status = failed(st, &err);
	if (lock_fd != -1)
		close(lock_fd);
	return status;
}
