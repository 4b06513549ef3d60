/* privs.c - the group of the socket becomes a supplementary group of the
 * daemon: only so can it give its own socket to that group without root. */
#include "privs.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIR_MAX_BYTES = 4096, GROUPS_MAX = 1024 };

static enum ruad_status
fail_name(const struct ruad_conf *conf, const char *option, const char *name,
    struct ruad_err *err)
{
	return ruad_conf_fail(conf, option, err, "no \"%s\" on this host",
	    name);
}

static enum ruad_status
fail_errno(struct ruad_err *err, const char *what, const char *name)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "%s %s: %s", what, name,
	    strerror(errno));
}

enum ruad_status
ruad_privs_find(const struct ruad_conf *conf, struct ruad_privs *out,
    struct ruad_err *err)
{
	const struct passwd *pw;
	const struct group *gr;

	*out = (struct ruad_privs){ .uid = geteuid(), .gid = getegid() };
	if (conf->user[0] != '\0') {
		pw = getpwnam(conf->user);
		if (pw == NULL)
			return fail_name(conf, "user", conf->user, err);
		out->uid = pw->pw_uid;
		out->gid = pw->pw_gid;
		out->user = strdup(conf->user);
		if (out->user == NULL)
			return ruad_fail_memory(err, "privs");
	}
	if (conf->group[0] != '\0') {
		gr = getgrnam(conf->group);
		if (gr == NULL)
			return fail_name(conf, "group", conf->group, err);
		out->gid = gr->gr_gid;
	}
	if (conf->socket_group[0] != '\0') {
		gr = getgrnam(conf->socket_group);
		if (gr == NULL)
			return fail_name(conf, "socket_group",
			    conf->socket_group, err);
		out->has_socket_gid = true;
		out->socket_gid = gr->gr_gid;
	}
	out->change =
	    geteuid() == 0 && (conf->user[0] != '\0' || conf->group[0] != '\0');
	return RUAD_OK;
}

/* Create a directory and hand it over; one that exists is left alone, whoever
 * owns it. */
static enum ruad_status
make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid,
    struct ruad_err *err)
{
	int fd;

	if (mkdir(path, 0700) != 0)
		return errno == EEXIST ? RUAD_OK
				       : fail_errno(err, "directory", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fchown(fd, uid, gid) != 0 || fchmod(fd, mode) != 0) {
		fail_errno(err, "directory", path);
		if (fd != -1)
			close(fd);
		return RUAD_TEMP;
	}
	close(fd);
	return RUAD_OK;
}

/* The same for the directory that the file `path` is in. */
static enum ruad_status
make_parent(const char *path, mode_t mode, uid_t uid, gid_t gid,
    struct ruad_err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[DIR_MAX_BYTES];

	if (slash == NULL || slash == path ||
	    (size_t)(slash - path) >= sizeof(dir))
		return RUAD_OK;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return make_dir(dir, mode, uid, gid, err);
}

enum ruad_status
ruad_privs_make_dirs(const struct ruad_conf *conf, const struct ruad_privs *p,
    struct ruad_err *err)
{
	const char *sock = ruad_conf_socket_path(conf->socket);
	gid_t sock_gid = p->has_socket_gid ? p->socket_gid : p->gid;
	enum ruad_status st = RUAD_OK;

	if (geteuid() != 0)
		return RUAD_OK;
	/* Setgid: the socket gets the group of its directory. */
	if (sock != NULL)
		st = make_parent(sock, 02750, p->uid, sock_gid, err);
	if (st == RUAD_OK)
		st = make_parent(conf->store, 0750, p->uid, p->gid, err);
	if (st == RUAD_OK)
		st = make_parent(conf->lock_file, 0750, p->uid, p->gid, err);
	if (st == RUAD_OK)
		st = make_dir(conf->spool_dir, 0700, p->uid, p->gid, err);
	return st;
}

/* The directory of the store is made when it is missing, its parents not. */
enum ruad_status
ruad_privs_check_store(const struct ruad_conf *conf, struct ruad_err *err)
{
	char *dir = strdup(conf->store), *slash = NULL;
	enum ruad_status st = RUAD_OK;
	bool there = false;

	if (dir == NULL)
		return ruad_fail_memory(err, "privs");
	for (int i = 0; i < 2 && !there; i++) {
		slash = strrchr(dir, '/');
		there = slash == NULL || slash == dir;
		if (!there) {
			*slash = '\0';
			there = access(dir, F_OK) == 0;
		}
	}
	if (!there)
		st = ruad_conf_fail(conf, "store", err, "no directory %s", dir);
	free(dir);
	return st;
}

/* Add the group of the socket to the supplementary groups. */
static int
add_group(gid_t gid)
{
	gid_t groups[GROUPS_MAX + 1];
	int n = getgroups(GROUPS_MAX, groups);

	if (n < 0)
		return -1;
	groups[n] = gid;
	return setgroups((size_t)n + 1, groups);
}

enum ruad_status
ruad_privs_drop(const struct ruad_privs *p, struct ruad_err *err)
{
	const char *name = p->user != NULL ? p->user : "the configured group";

	if (!p->change)
		return RUAD_OK;
	if (p->user != NULL ? initgroups(p->user, p->gid) != 0
			    : setgroups(1, &p->gid) != 0)
		return fail_errno(err, "groups of", name);
	if (p->has_socket_gid && add_group(p->socket_gid) != 0)
		return fail_errno(err, "groups of", name);
	if (setgid(p->gid) != 0 || setuid(p->uid) != 0)
		return fail_errno(err, "become", name);
	/* A way back would make all of this a show. */
	if (p->uid != 0 &&
	    (setuid(0) == 0 || getuid() != p->uid || geteuid() != p->uid ||
		getgid() != p->gid || getegid() != p->gid))
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "become %s: root was not given up", name);
	return RUAD_OK;
}

void
ruad_privs_fini(struct ruad_privs *p)
{
	free(p->user);
	p->user = NULL;
}
