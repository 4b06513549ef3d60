/* smtp_client.c - mails by SMTP to a server on 127.0.0.1, in many sessions at
 * once, with MAIL, RCPT and DATA sent together (RFC 2920).
 *
 *   smtp_client [-c SESSIONS] [-k MAILS] [-n MAILS] [-r RECIPIENT] PORT DIR
 *     -k  so many in one session, 1 unless said */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "load.h"

#define SENDER "dmarc-reports@reporter00.example"

struct target {
	unsigned short port;
	const char *recipient;
	size_t per_session;
};

struct peer {
	int fd;
	char in[4096];
	size_t used; /* of in */
	char *out; /* a mail with its dots doubled */
	size_t cap;
};

static void
put(struct peer *p, const char *data, size_t len)
{
	ssize_t n;

	for (; len > 0; len -= (size_t)n, data += n) {
		n = send(p->fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			bench_die("send: %s", strerror(errno));
	}
}

/* The code of the next reply, which may have several lines. */
static int
reply(struct peer *p)
{
	char *stop;
	ssize_t n;
	int code, more;

	for (;;) {
		stop = memchr(p->in, '\n', p->used);
		if (stop == NULL) {
			n = recv(p->fd, p->in + p->used,
			    sizeof(p->in) - p->used, 0);
			if (n <= 0)
				bench_die("the server hung up");
			p->used += (size_t)n;
			continue;
		}
		code = atoi(p->in);
		more = stop - p->in > 3 && p->in[3] == '-';
		p->used -= (size_t)(stop + 1 - p->in);
		memmove(p->in, stop + 1, p->used);
		if (!more)
			return code;
	}
}

static void
need(struct peer *p, int class)
{
	int code = reply(p);

	if (code / 100 != class)
		bench_die("the server says %d", code);
}

static void
connect_to(struct peer *p, unsigned short port)
{
	static const char hello[] = "EHLO client.example\r\n";
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	p->used = 0;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 ||
	    connect(p->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		bench_die("port %hu: %s", port, strerror(errno));
	need(p, 2);
	put(p, hello, sizeof(hello) - 1);
	need(p, 2);
}

static void
disconnect(struct peer *p)
{
	put(p, "QUIT\r\n", 6);
	need(p, 2);
	close(p->fd);
}

/* Double the dots at line starts (RFC 5321 4.5.2). Returns the length. */
static size_t
stuff(struct peer *p, const struct mail *m)
{
	const char *in = m->data, *stop = in + m->len, *line;
	char *to;

	if (p->cap < 2 * m->len + 8) {
		p->cap = 2 * m->len + 8;
		p->out = realloc(p->out, p->cap);
		if (p->out == NULL)
			bench_die("out of memory");
	}
	for (to = p->out; in < stop; in = line) {
		line = memchr(in, '\n', (size_t)(stop - in));
		line = line == NULL ? stop : line + 1;
		if (*in == '.')
			*to++ = '.';
		memcpy(to, in, (size_t)(line - in));
		to += line - in;
	}
	memcpy(to, "\r\n.\r\n", 5);
	return (size_t)(to + 5 - p->out);
}

static enum outcome
deliver(struct peer *p, const struct mail *m, const char *recipient)
{
	char head[512];
	int code,
	    n = snprintf(head, sizeof(head),
		"MAIL FROM:<" SENDER ">\r\nRCPT TO:<%s>\r\nDATA\r\n",
		recipient);

	put(p, head, (size_t)n);
	need(p, 2);
	need(p, 2);
	need(p, 3);
	put(p, p->out, stuff(p, m));
	code = reply(p);
	return code / 100 == 2 ? OUT_TAKEN
	    : code / 100 == 4  ? OUT_LATER
			       : OUT_REFUSED;
}

static void
sessions(struct load *l)
{
	const struct target *to = l->user;
	struct peer *p = calloc(1, sizeof(*p));
	size_t n, left = 0;
	double start;

	if (p == NULL)
		bench_die("out of memory");
	while ((n = bench_take(l)) < l->goal) {
		start = bench_now();
		if (left == 0) {
			connect_to(p, to->port);
			left = to->per_session;
		}
		bench_done(l, n, start,
		    deliver(p, bench_mail(l, n), to->recipient));
		if (--left == 0)
			disconnect(p);
	}
	if (left > 0)
		disconnect(p);
	free(p->out);
	free(p);
}

int
main(int argc, char **argv)
{
	struct target to = { .recipient = "rua@reports.test.example",
		.per_session = 1 };
	struct load load = { .user = &to };
	unsigned count = 1;
	size_t goal = 0;
	int c;

	while ((c = getopt(argc, argv, "c:k:n:r:")) != -1) {
		if (c == 'c')
			count = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'k')
			to.per_session = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			goal = strtoul(optarg, NULL, 10);
		else if (c == 'r')
			to.recipient = optarg;
	}
	if (argc - optind != 2 || count == 0 || to.per_session == 0)
		bench_die("usage: smtp_client [-c SESSIONS] [-k MAILS]"
			  " [-n MAILS] [-r RECIPIENT] PORT DIR");
	to.port = (unsigned short)atoi(argv[optind]);
	bench_load_all(&load, argv[optind + 1], goal);
	bench_run(&load, count, sessions);
	return 0;
}
