/* listen.c - a dead program's unix socket is in the way, one in use is not
 * touched, and none but our own is removed at the end. */
#include "listen.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "conf_value.h"

static bool
is_dead(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool dead = fd != -1 &&
	    connect(fd, (const struct sockaddr *)un, sizeof(*un)) != 0 &&
	    errno == ECONNREFUSED;

	if (fd != -1)
		close(fd);
	return dead;
}

/* Close it, and keep the reason of the failure. */
static int
give_up(int fd)
{
	int reason = errno;

	close(fd);
	errno = reason;
	return -1;
}

static int
listen_unix(const char *path, int backlog, struct ruad_listen *out)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask;
	int rc;

	if (fd == -1)
		return -1;
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (is_dead(&un))
		unlink(path);
	mask = umask(0117);
	rc = bind(fd, (const struct sockaddr *)&un, sizeof(un));
	umask(mask);
	if (rc != 0 || listen(fd, backlog) != 0 || stat(path, &out->st) != 0)
		return give_up(fd);
	memcpy(out->path, un.sun_path, sizeof(out->path));
	return fd;
}

static int
listen_inet(const char *name, int backlog)
{
	struct sockaddr_storage ss;
	socklen_t len = ruad_conf_address(name, &ss);
	int fd, on = 1;

	errno = EADDRNOTAVAIL;
	if (len == 0)
		return -1;
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&ss, len) != 0 ||
	    listen(fd, backlog) != 0)
		return give_up(fd);
	return fd;
}

int
ruad_listen_open(const char *name, int backlog, struct ruad_listen *out)
{
	const char *path = ruad_conf_socket_path(name);

	out->path[0] = '\0';
	return path != NULL ? listen_unix(path, backlog, out)
			    : listen_inet(name, backlog);
}

void
ruad_listen_remove(struct ruad_listen *l)
{
	struct stat now;

	if (l->path[0] != '\0' && lstat(l->path, &now) == 0 &&
	    now.st_dev == l->st.st_dev && now.st_ino == l->st.st_ino)
		unlink(l->path);
	l->path[0] = '\0';
}
