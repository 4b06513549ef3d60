/* milter_client.c - the mail server's side of the milter protocol, version 6,
 * as Postfix speaks it: what one filter can take when nothing else costs time.
 *
 *   milter_client [-c CONNECTIONS] [-n MAILS] [-r RECIPIENT] SOCKET DIR
 *   milter_client -s FIRST -n MAILS [...] SOCKET    synthetic mails, from FIRST
 *
 * SOCKET is the path of a unix socket. Each connection is one SMTP session of
 * many mails. Packets for which the filter owes no answer are sent together
 * with the next one. tests/lib/milter.py says the same at length. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "load.h"
#include "synth.h"

#define SENDER "dmarc-reports@reporter00.example"
#define CHUNK 65535

enum {
	NO_CONNECT = 1 << 0,
	NO_HELO = 1 << 1,
	NO_MAIL = 1 << 2,
	NO_RCPT = 1 << 3,
	NO_BODY = 1 << 4,
	NO_HEADER = 1 << 5,
	NO_EOH = 1 << 6,
	NO_DATA = 1 << 9,
	NR_HEADER = 1 << 7,
	NR_CONNECT = 1 << 12,
	NR_HELO = 1 << 13,
	NR_MAIL = 1 << 14,
	NR_RCPT = 1 << 15,
	NR_DATA = 1 << 16,
	NR_EOH = 1 << 18,
	NR_BODY = 1 << 19,
	LEADING_SPACE = 1 << 20,
	ALL_ACTIONS = 0x1ff,
	ALL_STEPS = 0x1fffff
};

struct target {
	const char *socket, *recipient;
	int synthetic;
	size_t first; /* number of the first synthetic mail */
};

struct filter {
	int fd;
	unsigned steps; /* as negotiated */
	char *out; /* packets that wait */
	size_t used, cap, packet; /* where the last one begins */
	char in[CHUNK + 1];
};

/* ---- packets ---- */

static void
add(struct filter *f, const void *data, size_t len)
{
	if (f->cap - f->used < len) {
		f->cap = 2 * f->cap + len;
		f->out = realloc(f->out, f->cap);
		if (f->out == NULL)
			bench_die("out of memory");
	}
	memcpy(f->out + f->used, data, len);
	f->used += len;
}

static void
add_string(struct filter *f, const char *s)
{
	add(f, s, strlen(s) + 1);
}

static void
begin(struct filter *f, char letter)
{
	f->packet = f->used;
	add(f, "\0\0\0\0", 4);
	add(f, &letter, 1);
}

static void
end(struct filter *f)
{
	uint32_t len = htonl((uint32_t)(f->used - f->packet - 4));

	memcpy(f->out + f->packet, &len, sizeof(len));
}

static void
flush(struct filter *f)
{
	size_t at = 0;
	ssize_t n;

	while (at < f->used) {
		n = send(f->fd, f->out + at, f->used - at, MSG_NOSIGNAL);
		if (n <= 0)
			bench_die("send: %s", strerror(errno));
		at += (size_t)n;
	}
	f->used = 0;
}

static void
receive(struct filter *f, void *to, size_t len)
{
	ssize_t n;

	for (; len > 0; len -= (size_t)n, to = (char *)to + n) {
		n = recv(f->fd, to, len, MSG_WAITALL);
		if (n <= 0)
			bench_die("the filter hung up");
	}
}

/* The letter of the next packet from the filter; its data is in f->in. */
static char
receive_packet(struct filter *f)
{
	uint32_t len;
	char letter;

	receive(f, &len, sizeof(len));
	len = ntohl(len);
	if (len == 0 || len > sizeof(f->in))
		bench_die("a packet of %u bytes", (unsigned)len);
	receive(f, &letter, 1);
	receive(f, f->in, len - 1);
	return letter;
}

/* The answer, past what the filter wants changed and signs of life. */
static char
verdict(struct filter *f)
{
	char letter;

	flush(f);
	do
		letter = receive_packet(f);
	while (strchr("cartdsy", letter) == NULL);
	return letter;
}

/* End a packet. `nr` is the step for which the filter may owe no answer; then
 * it is as if it had said to go on. */
static char
finish(struct filter *f, unsigned nr)
{
	end(f);
	return f->steps & nr ? 'c' : verdict(f);
}

static void
macro(struct filter *f, char stage, const char *name, const char *value)
{
	begin(f, 'D');
	add(f, &stage, 1);
	add_string(f, name);
	add_string(f, value);
	end(f);
}

/* ---- a session ---- */

static void
negotiate(struct filter *f)
{
	uint32_t offer[3] = { htonl(6), htonl(ALL_ACTIONS), htonl(ALL_STEPS) };

	begin(f, 'O');
	add(f, offer, sizeof(offer));
	end(f);
	flush(f);
	if (receive_packet(f) != 'O')
		bench_die("no answer to the negotiation");
	memcpy(offer, f->in, sizeof(offer));
	f->steps = ntohl(offer[2]);
}

static void
open_session(struct filter *f, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	uint16_t port = htons(2525);
	char answer = 'c';

	if (strlen(path) >= sizeof(to.sun_path))
		bench_die("%s: too long", path);
	strcpy(to.sun_path, path);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0 ||
	    connect(f->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		bench_die("%s: %s", path, strerror(errno));
	negotiate(f);
	if ((f->steps & NO_CONNECT) == 0) {
		macro(f, 'C', "j", "mx.test.example");
		begin(f, 'C');
		add_string(f, "client.example");
		add(f, "4", 1);
		add(f, &port, sizeof(port));
		add_string(f, "192.0.2.7");
		answer = finish(f, NR_CONNECT);
	}
	if (answer == 'c' && (f->steps & NO_HELO) == 0) {
		begin(f, 'H');
		add_string(f, "client.example");
		answer = finish(f, NR_HELO);
	}
	if (answer != 'c')
		bench_die("the filter wants no mail");
}

/* Each of these gives the filter's answer; but for 'c' it settles the mail. */

static char
envelope(struct filter *f, const char *queue_id, const char *recipient)
{
	char answer = 'c';

	if ((f->steps & NO_MAIL) == 0) {
		macro(f, 'M', "i", queue_id);
		begin(f, 'M');
		add_string(f, "<" SENDER ">");
		answer = finish(f, NR_MAIL);
	}
	if (answer == 'c' && (f->steps & NO_RCPT) == 0) {
		macro(f, 'R', "{rcpt_addr}", recipient);
		begin(f, 'R');
		add(f, "<", 1);
		add(f, recipient, strlen(recipient));
		add_string(f, ">");
		answer = finish(f, NR_RCPT);
	}
	if (answer == 'c' && (f->steps & NO_DATA) == 0) {
		macro(f, 'T', "i", queue_id);
		begin(f, 'T');
		answer = finish(f, NR_DATA);
	}
	return answer;
}

/* One field from `p` up to `stop`; lines of its value are joined by LF. */
static char
field(struct filter *f, const char *p, const char *stop)
{
	const char *colon = memchr(p, ':', (size_t)(stop - p)), *line;

	if (colon == NULL)
		bench_die("a field without a colon");
	begin(f, 'L');
	add(f, p, (size_t)(colon - p));
	add(f, "", 1);
	p = colon + 1;
	if ((f->steps & LEADING_SPACE) == 0 && *p == ' ')
		p++;
	while ((line = memchr(p, '\r', (size_t)(stop - p))) != NULL) {
		add(f, p, (size_t)(line - p));
		p = line + 1;
	}
	add(f, p, (size_t)(stop - p));
	add(f, "", 1);
	return finish(f, NR_HEADER);
}

/* The header; *body_out is what follows it. */
static char
header(struct filter *f, const char *p, const char **body_out)
{
	const char *stop;
	char answer = 'c';

	while (answer == 'c' && strncmp(p, "\r\n", 2) != 0) {
		for (stop = strstr(p, "\r\n");
		     stop != NULL && (stop[2] == ' ' || stop[2] == '\t');
		     stop = strstr(stop + 2, "\r\n"))
			;
		if (stop == NULL)
			bench_die("a header without an end");
		if ((f->steps & NO_HEADER) == 0)
			answer = field(f, p, stop);
		p = stop + 2;
	}
	*body_out = p + 2;
	if (answer == 'c' && (f->steps & NO_EOH) == 0) {
		begin(f, 'N');
		answer = finish(f, NR_EOH);
	}
	return answer;
}

static char
body(struct filter *f, const char *p, size_t len)
{
	char answer = 'c';
	size_t n;

	for (; len > 0 && answer == 'c' && (f->steps & NO_BODY) == 0;
	     len -= n, p += n) {
		n = len < CHUNK ? len : CHUNK;
		begin(f, 'B');
		add(f, p, n);
		answer = finish(f, NR_BODY);
	}
	return answer == 's' ? 'c' : answer;
}

static char
deliver(struct filter *f, const struct mail *m, const char *queue_id,
    const char *recipient)
{
	const char *rest;
	char answer = envelope(f, queue_id, recipient);

	if (answer == 'c')
		answer = header(f, m->data, &rest);
	if (answer == 'c')
		answer = body(f, rest, m->len - (size_t)(rest - m->data));
	if (answer != 'c')
		return answer;
	macro(f, 'E', "i", queue_id);
	begin(f, 'E');
	end(f);
	return verdict(f);
}

/* 'y' is a reply with a code of its own. */
static enum outcome
outcome_of(const struct filter *f, char answer)
{
	if (answer == 't' || (answer == 'y' && f->in[0] == '4'))
		return OUT_LATER;
	return answer == 'r' || answer == 'y' ? OUT_REFUSED : OUT_TAKEN;
}

static void
session(struct load *l)
{
	const struct target *to = l->user;
	struct synth *synth = to->synthetic ? bench_synth_new() : NULL;
	struct filter *f = calloc(1, sizeof(*f));
	const struct mail *m;
	char queue_id[32];
	double start;
	size_t n;

	if (f == NULL)
		bench_die("out of memory");
	open_session(f, to->socket);
	while ((n = bench_take(l)) < l->goal) {
		snprintf(queue_id, sizeof(queue_id), "4B%zX", n);
		m = synth == NULL ? bench_mail(l, n)
				  : bench_synth(synth, to->first + n);
		start = bench_now();
		bench_done(l, n, start,
		    outcome_of(f, deliver(f, m, queue_id, to->recipient)));
	}
	begin(f, 'Q');
	end(f);
	flush(f);
	close(f->fd);
	bench_synth_free(&synth);
	free(f->out);
	free(f);
}

int
main(int argc, char **argv)
{
	struct target to = { .recipient = "rua@reports.test.example" };
	struct load load = { .user = &to };
	unsigned connections = 1;
	size_t goal = 0;
	int c;

	while ((c = getopt(argc, argv, "c:n:r:s:")) != -1) {
		if (c == 'c')
			connections = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'n')
			goal = strtoul(optarg, NULL, 10);
		else if (c == 'r')
			to.recipient = optarg;
		else if (c == 's') {
			to.synthetic = 1;
			to.first = strtoul(optarg, NULL, 10);
		}
	}
	if (argc - optind != 2 - to.synthetic || connections == 0)
		bench_die("usage: milter_client [-c CONNECTIONS] [-n MAILS]"
			  " [-r RECIPIENT] SOCKET DIR | -s FIRST SOCKET");
	to.socket = argv[optind];
	bench_load_all(&load, to.synthetic ? NULL : argv[optind + 1], goal);
	bench_run(&load, connections, session);
	return 0;
}
