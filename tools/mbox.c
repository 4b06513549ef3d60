/* mbox.c - one buffer over the stream, of which lines are taken; a line that is
 * longer than the buffer comes in pieces. */
#include "mbox.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024 };

struct ruad_mbox {
	int fd; /* owned */
	const char *path; /* borrowed, for messages */
	const struct ruad_mail_settings *set; /* borrowed */
	const volatile sig_atomic_t *stop; /* borrowed */
	bool is_mbox;
	bool end; /* of the stream; there may be more in the buffer */
	bool failed; /* the stream is at its end by an error */
	bool at_start; /* what follows in the buffer begins a line */
	uint64_t bytes;
	size_t pos, len; /* what is left in the buffer */
	char buf[BUFFER_BYTES];
};

/* A line or a piece of one, in the buffer until the next is taken. */
struct line {
	const char *text;
	size_t len; /* with its line end; 0: the end of the stream */
	bool whole_start; /* begins a line */
};

static bool
is_stopped(const struct ruad_mbox *m)
{
	return m->stop != NULL && *m->stop;
}

/* Wait for something to read; false: a signal has set *stop. Signals come
 * within ppoll() only, so that none is missed just before a read that would
 * last. */
static bool
wait_readable(const struct ruad_mbox *m)
{
	struct pollfd p = { .fd = m->fd, .events = POLLIN };
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (!is_stopped(m) && ppoll(&p, 1, NULL, &before) == -1 &&
	    errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !is_stopped(m);
}

/* Have as much in the buffer as it holds. RUAD_END: stopped. */
static enum ruad_status
fill(struct ruad_mbox *m, struct ruad_err *err)
{
	ssize_t n;

	memmove(m->buf, m->buf + m->pos, m->len);
	m->pos = 0;
	while (!m->end && m->len < BUFFER_BYTES) {
		if (!wait_readable(m)) {
			/* Half a mail is none. */
			m->end = m->failed = true;
			m->len = 0;
			return RUAD_END;
		}
		n = read(m->fd, m->buf + m->len, BUFFER_BYTES - m->len);
		if (n > 0) {
			m->len += (size_t)n;
			m->bytes += (uint64_t)n;
		} else if (n == 0) {
			m->end = true;
		} else if (errno != EINTR) {
			m->end = m->failed = true;
			return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
			    "cannot read %s: %s", m->path, strerror(errno));
		}
	}
	return RUAD_OK;
}

static enum ruad_status
take_line(struct ruad_mbox *m, struct line *out, struct ruad_err *err)
{
	const char *end = memchr(m->buf + m->pos, '\n', m->len);
	enum ruad_status st;

	if (end == NULL && !m->end) {
		st = fill(m, err);
		if (st != RUAD_OK)
			return st;
		end = memchr(m->buf + m->pos, '\n', m->len);
	}
	out->text = m->buf + m->pos;
	out->len = end != NULL ? (size_t)(end - out->text) + 1 : m->len;
	out->whole_start = m->at_start;
	m->at_start = end != NULL;
	m->pos += out->len;
	m->len -= out->len;
	return RUAD_OK;
}

/* Put the line that was taken last back. */
static void
untake_line(struct ruad_mbox *m, const struct line *l)
{
	m->pos -= l->len;
	m->len += l->len;
	m->at_start = l->whole_start;
}

static bool
begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(s, with, n) == 0;
}

static bool
is_blank(const struct line *l)
{
	return l->whole_start &&
	    (begins(l->text, l->len, "\n") || begins(l->text, l->len, "\r\n"));
}

enum ruad_status
ruad_mbox_open(int fd, const char *path, const struct ruad_mail_settings *set,
    const volatile sig_atomic_t *stop, struct ruad_mbox **out,
    struct ruad_err *err)
{
	struct ruad_mbox *m = *out = malloc(sizeof(*m));
	enum ruad_status st;

	if (m == NULL) {
		close(fd);
		return ruad_fail_memory(err, "mbox");
	}
	*m = (struct ruad_mbox){ .fd = fd,
		.path = path,
		.set = set,
		.stop = stop,
		.at_start = true };
	st = fill(m, err);
	if (st == RUAD_TEMP) {
		ruad_mbox_close(out);
		return st;
	}
	m->is_mbox = begins(m->buf, m->len, "From ");
	return RUAD_OK;
}

bool
ruad_mbox_is_mbox(const struct ruad_mbox *m)
{
	return m->is_mbox;
}

/* Append; a mail that has failed is read to its end all the same. */
static void
append(struct ruad_mail *mail, const char *text, size_t len,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_mail_append(mail, text, len, err);

	if (err->status == RUAD_OK)
		err->status = st;
}

static enum ruad_status
read_whole(struct ruad_mbox *m, struct ruad_mail *mail, struct ruad_err *err)
{
	struct ruad_err first = { .status = RUAD_OK };
	enum ruad_status st;

	while (first.status == RUAD_OK && m->len > 0) {
		append(mail, m->buf + m->pos, m->len, &first);
		m->len = 0;
		st = fill(m, err);
		if (st != RUAD_OK)
			return st;
	}
	m->len = 0;
	m->end = true;
	if (first.status != RUAD_OK)
		*err = first;
	return first.status;
}

/* Add a line to a mail of an mbox, without what the mbox has put into it. */
static void
append_line(struct ruad_mail *mail, const struct line *l, struct ruad_err *err)
{
	size_t quotes = 0;

	while (l->whole_start && quotes < l->len && l->text[quotes] == '>')
		quotes++;
	if (quotes > 0 && begins(l->text + quotes, l->len - quotes, "From "))
		append(mail, l->text + 1, l->len - 1, err);
	else
		append(mail, l->text, l->len, err);
}

/* Whether a text goes on with a time of asctime(), with or without a zone
 * before the year: "Thu Jan  1 00:00:00 1970". */
static bool
has_time(const char *text)
{
	static const char *const forms[] = { "%a %b %e %H:%M:%S %Y",
		"%a %b %e %H:%M %Y", "%a %b %e %H:%M:%S %Z %Y" };
	const char *end;
	struct tm tm;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		end = strptime(text, forms[i], &tm);
		if (end != NULL &&
		    strspn(end, " \t\r\n+-0123456789") == strlen(end))
			return true;
	}
	return false;
}

/* Whether a line separates mails: "From " behind an empty line, or, since some
 * leave that out, with the address and the time that the form prescribes. */
static bool
is_separator(const struct line *l, bool behind_blank)
{
	char text[512];
	const char *p;

	if (!l->whole_start || !begins(l->text, l->len, "From "))
		return false;
	if (behind_blank)
		return true;
	if (l->len >= sizeof(text))
		return false;
	memcpy(text, l->text, l->len);
	text[l->len] = '\0';
	p = text + strlen("From ");
	p += strspn(p, " ");
	p += strcspn(p, " \t");
	p += strspn(p, " \t");
	return has_time(p);
}

/* Read up to the next separator, or to the end. */
static enum ruad_status
read_one(struct ruad_mbox *m, struct ruad_mail *mail, struct ruad_err *err)
{
	struct ruad_err first = { .status = RUAD_OK };
	char blank[2]; /* an empty line that may belong to the separator */
	size_t blank_len = 0;
	struct line l;
	enum ruad_status st;

	for (;;) {
		st = take_line(m, &l, err);
		if (st != RUAD_OK)
			return st;
		if (l.len == 0)
			break;
		if (is_separator(&l, blank_len > 0)) {
			untake_line(m, &l);
			break;
		}
		append(mail, blank, blank_len, &first);
		blank_len = 0;
		if (is_blank(&l)) {
			blank_len = l.len;
			memcpy(blank, l.text, l.len);
		} else {
			append_line(mail, &l, &first);
		}
	}
	if (first.status != RUAD_OK)
		*err = first;
	return first.status;
}

/* Step over the line "From ...", however long. */
static enum ruad_status
skip_separator(struct ruad_mbox *m, struct ruad_err *err)
{
	struct line l;
	enum ruad_status st;

	do {
		st = take_line(m, &l, err);
	} while (st == RUAD_OK && l.len > 0 && !m->at_start);
	return st;
}

enum ruad_status
ruad_mbox_next(struct ruad_mbox *m, struct ruad_mail **out,
    struct ruad_err *err)
{
	enum ruad_status st;

	*out = NULL;
	if (m->failed || (m->end && m->len == 0 && m->bytes > 0))
		return RUAD_END;
	/* An empty stream is one empty mail. */
	if (m->bytes == 0)
		m->failed = true;
	st = ruad_mail_new(m->set, (int64_t)time(NULL), out, err);
	if (st != RUAD_OK) {
		m->failed = true;
		return st;
	}
	if (m->is_mbox)
		st = skip_separator(m, err);
	if (st == RUAD_OK)
		st = m->is_mbox ? read_one(m, *out, err)
				: read_whole(m, *out, err);
	if (st != RUAD_OK)
		ruad_mail_free(out);
	return st;
}

uint64_t
ruad_mbox_bytes(const struct ruad_mbox *m)
{
	return m->bytes;
}

void
ruad_mbox_close(struct ruad_mbox **m)
{
	if (*m == NULL)
		return;
	close((*m)->fd);
	free(*m);
	*m = NULL;
}
