/* daemon_numbers.c - one request of HTTP/1.0, whose answer ends with the
 * connection. */
#include "daemon_numbers.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "conf_value.h"

enum { ANSWER_BYTES = 256 * 1024 };

static int
open_socket(const char *name)
{
	const char *path = ruad_conf_socket_path(name);
	const struct timeval second = { .tv_sec = 1 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_storage in;
	unsigned len = sizeof(un);
	int fd;

	if (path != NULL && strlen(path) >= sizeof(un.sun_path))
		return -1;
	if (path != NULL)
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	else if ((len = ruad_conf_loopback(name, &in)) == 0)
		return -1;
	fd = socket(path != NULL ? AF_UNIX : in.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second));
	if (connect(fd,
		path != NULL ? (const struct sockaddr *)&un
			     : (const struct sockaddr *)&in,
		len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The value of a metric without labels, or with just these; 0: not there. */
static int64_t
number(const char *page, const char *name)
{
	size_t len = strlen(name);

	while (page != NULL) {
		page += *page == '\n';
		if (strncmp(page, name, len) == 0 && page[len] == ' ')
			return (int64_t)strtod(page + len, NULL);
		page = strchr(page, '\n');
	}
	return 0;
}

/* Read to the end, with a NUL behind. */
static size_t
read_answer(int fd, char *buf, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < cap && (n = read(fd, buf + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	return len;
}

bool
ruad_daemon_numbers(const char *metrics_socket, struct ruad_daemon_numbers *out)
{
	static const char ask[] = "GET /metrics HTTP/1.0\r\n"
				  "Host: localhost\r\n\r\n";
	char *page = NULL;
	bool good = false;
	int fd;

	if (metrics_socket[0] == '\0' ||
	    (fd = open_socket(metrics_socket)) == -1)
		return false;
	if (send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) ==
		(ssize_t)(sizeof(ask) - 1) &&
	    (page = malloc(ANSWER_BYTES)) != NULL &&
	    read_answer(fd, page, ANSWER_BYTES) > 0)
		good = strstr(page, "\nruad_queue_length ") != NULL;
	close(fd);
	if (good)
		*out = (struct ruad_daemon_numbers){
			.queue = number(page, "ruad_queue_length"),
			.duplicates = number(page,
			    "ruad_mails_total{outcome=\"duplicate\"}"),
			.errors =
			    number(page, "ruad_mails_total{outcome=\"error\"}"),
		};
	free(page);
	return good;
}
