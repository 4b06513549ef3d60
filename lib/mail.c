/* mail.c - a growing mail. It begins in memory and moves to an unlinked file
 * when it grows over memory_bytes, or when the shared budget has no room for
 * it: scarce memory makes its arrival slower; to be read, its file is mapped
 * and needs room like the rest. A file of another owner is mapped; that nobody
 * truncates it meanwhile is the caller's to ensure. */
#ifndef _GNU_SOURCE
#endif
#include "mail.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIRST_BYTES ((size_t)8 * 1024)
#define READ_BYTES ((size_t)64 * 1024)

struct ruad_mail {
	struct ruad_mail_settings set;
	char *queue_id, *mail_from, *file_name; /* owned, NULL: not known */
	int64_t received_epoch;
	size_t size; /* bytes of the mail */
	unsigned char *memory; /* owned, NULL: none, or moved to the file */
	size_t memory_bytes; /* allocated and charged to the budget */
	int fd; /* of the file, -1: none */
	const unsigned char *borrowed; /* the mail lies with the caller */
	void *map; /* of the file, `size` bytes; NULL: not mapped */
	bool map_charged; /* to the budget: pages of a file that is read take
			   * memory like others */
	bool read; /* bytes have been handed out: no more may come */
	struct ruad_err failed; /* of an append; status RUAD_OK: none */
};

static enum ruad_status
io_fail(struct ruad_err *err, const char *what, const char *path)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "mail: cannot %s %s: %s",
	    what, path, strerror(errno));
}

enum ruad_status
ruad_mail_new(const struct ruad_mail_settings *set, int64_t received_epoch,
    struct ruad_mail **out, struct ruad_err *err)
{
	struct ruad_mail *m = *out = calloc(1, sizeof(*m));

	if (m == NULL)
		return ruad_fail_memory(err, "mail");
	m->set = *set;
	m->received_epoch = received_epoch;
	m->fd = -1;
	return RUAD_OK;
}

enum ruad_status
ruad_mail_borrow(const void *data, size_t len, int64_t received_epoch,
    struct ruad_mail **out, struct ruad_err *err)
{
	static const struct ruad_mail_settings none;

	if (ruad_mail_new(&none, received_epoch, out, err) != RUAD_OK)
		return RUAD_TEMP;
	(*out)->borrowed = data;
	(*out)->size = len;
	(*out)->read = true;
	return RUAD_OK;
}

static enum ruad_status
size_fail(const struct ruad_mail_settings *set, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_SIZE,
	    "mail: larger than %" PRIu64 " bytes", set->message_bytes);
}

/* Read what cannot be mapped, such as a pipe. */
static enum ruad_status
read_stream(struct ruad_mail *m, int fd, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	unsigned char *buf = malloc(READ_BYTES);
	ssize_t n;

	if (buf == NULL)
		return ruad_fail_memory(err, "mail");
	while (st == RUAD_OK) {
		n = read(fd, buf, READ_BYTES);
		if (n == 0)
			break;
		if (n > 0)
			st = ruad_mail_append(m, buf, (size_t)n, err);
		else if (errno != EINTR)
			st = io_fail(err, "read", m->file_name);
	}
	free(buf);
	return st;
}

enum ruad_status
ruad_mail_open(const char *path, const struct ruad_mail_settings *set,
    struct ruad_mail **out, struct ruad_err *err)
{
	enum ruad_status st;
	struct ruad_mail *m;
	struct stat sb;
	int fd = -1;

	st = ruad_mail_new(set, (int64_t)time(NULL), out, err);
	if (st != RUAD_OK)
		return st;
	m = *out;
	m->file_name = strdup(path);
	if (m->file_name == NULL) {
		st = ruad_fail_memory(err, "mail");
		goto fail;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 || fstat(fd, &sb) == -1) {
		st = io_fail(err, "open", path);
		goto fail;
	}
	/* Files of /proc claim to be empty. */
	if (!S_ISREG(sb.st_mode) || sb.st_size == 0) {
		st = read_stream(m, fd, err);
		if (st != RUAD_OK)
			goto fail;
		close(fd);
		return RUAD_OK;
	}
	if ((uintmax_t)sb.st_size > set->message_bytes) {
		st = size_fail(set, err);
		goto fail;
	}
	m->fd = fd;
	m->size = (size_t)sb.st_size;
	m->read = true;
	return RUAD_OK;
fail:
	if (fd != -1)
		close(fd);
	ruad_mail_free(out);
	return st;
}

/* A file of nobody else, which is gone when it is closed. */
static int
open_spool(const char *dir)
{
	static const char name[] = "/ruad.XXXXXX";
	char *path;
	size_t len;
	int fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	/* This file system has no O_TMPFILE. */
	len = strlen(dir);
	path = malloc(len + sizeof(name));
	if (path == NULL)
		return -1;
	memcpy(path, dir, len);
	memcpy(path + len, name, sizeof(name));
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	free(path);
	return fd;
}

static enum ruad_status
spool_write(struct ruad_mail *m, const unsigned char *p, size_t len,
    struct ruad_err *err)
{
	ssize_t n;

	while (len > 0) {
		n = write(m->fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return io_fail(err, "write to", m->set.spool_dir);
		p += n;
		len -= (size_t)n;
	}
	return RUAD_OK;
}

static void
free_memory(struct ruad_mail *m)
{
	free(m->memory);
	ruad_budget_give(m->set.budget, m->memory_bytes);
	m->memory = NULL;
	m->memory_bytes = 0;
}

/* Move the mail from memory to a file. */
static enum ruad_status
spill(struct ruad_mail *m, struct ruad_err *err)
{
	enum ruad_status st;

	m->fd = open_spool(m->set.spool_dir);
	if (m->fd == -1)
		return io_fail(err, "create a file in", m->set.spool_dir);
	st = spool_write(m, m->memory, m->size, err);
	free_memory(m);
	return st;
}

/* Make room for `size` bytes in memory; false: there is none. */
static bool
reserve(struct ruad_mail *m, size_t size)
{
	size_t bytes = m->memory_bytes;
	unsigned char *p;

	if (size > m->set.memory_bytes)
		return false;
	if (size <= bytes)
		return true;
	bytes = bytes == 0 ? FIRST_BYTES : bytes;
	while (bytes < size)
		bytes = bytes > SIZE_MAX / 2 ? size : bytes * 2;
	if (bytes > m->set.memory_bytes)
		bytes = m->set.memory_bytes;
	if (!ruad_budget_take(m->set.budget, bytes - m->memory_bytes))
		return false;
	p = realloc(m->memory, bytes);
	if (p == NULL) {
		ruad_budget_give(m->set.budget, bytes - m->memory_bytes);
		return false;
	}
	m->memory = p;
	m->memory_bytes = bytes;
	return true;
}

static enum ruad_status
append(struct ruad_mail *m, const void *data, size_t len, struct ruad_err *err)
{
	enum ruad_status st;

	if (len > SIZE_MAX - m->size || m->size + len > m->set.message_bytes)
		return size_fail(&m->set, err);
	if (m->fd == -1 && !reserve(m, m->size + len)) {
		st = spill(m, err);
		if (st != RUAD_OK)
			return st;
	}
	if (m->fd != -1) {
		st = spool_write(m, data, len, err);
		if (st != RUAD_OK)
			return st;
	} else {
		memcpy(m->memory + m->size, data, len);
	}
	m->size += len;
	return RUAD_OK;
}

/* The mail is lost: do not hold its memory and its file until the end. */
static void
drop_bytes(struct ruad_mail *m)
{
	ruad_mail_drop(m);
	m->size = 0;
}

enum ruad_status
ruad_mail_append(struct ruad_mail *m, const void *data, size_t len,
    struct ruad_err *err)
{
	assert(!m->read);
	if (m->failed.status == RUAD_OK && len > 0 &&
	    append(m, data, len, &m->failed) != RUAD_OK)
		drop_bytes(m);
	if (err != NULL && m->failed.status != RUAD_OK)
		*err = m->failed;
	return m->failed.status;
}

enum ruad_status
ruad_mail_header(struct ruad_mail *m, const char *name, const char *value,
    bool leading_space, struct ruad_err *err)
{
	const char *colon = leading_space ? ":" : ": ";
	enum ruad_status st;

	st = ruad_mail_append(m, name, strlen(name), err);
	if (st == RUAD_OK)
		st = ruad_mail_append(m, colon, strlen(colon), err);
	if (st == RUAD_OK)
		st = ruad_mail_append(m, value, strlen(value), err);
	if (st == RUAD_OK)
		st = ruad_mail_append(m, "\n", 1, err);
	return st;
}

enum ruad_status
ruad_mail_end_header(struct ruad_mail *m, struct ruad_err *err)
{
	return ruad_mail_append(m, "\n", 1, err);
}

enum ruad_status
ruad_mail_bytes(struct ruad_mail *m, const unsigned char **data_out,
    size_t *len_out, struct ruad_err *err)
{
	if (m->failed.status != RUAD_OK) {
		if (err != NULL)
			*err = m->failed;
		return m->failed.status;
	}
	m->read = true;
	if (m->fd != -1 && m->map == NULL && m->size > 0) {
		/* A file of somebody else may be larger than all budgets. */
		m->map_charged = m->file_name == NULL;
		if (m->map_charged &&
		    !ruad_budget_take(m->set.budget, m->size)) {
			m->map_charged = false;
			return ruad_fail_memory(err, "mail");
		}
		m->map = mmap(NULL, m->size, PROT_READ, MAP_PRIVATE, m->fd, 0);
		if (m->map == MAP_FAILED) {
			m->map = NULL;
			return io_fail(err, "map",
			    m->file_name != NULL ? m->file_name
						 : m->set.spool_dir);
		}
	}
	*len_out = m->size;
	if (m->size == 0)
		*data_out = (const unsigned char *)"";
	else if (m->borrowed != NULL)
		*data_out = m->borrowed;
	else if (m->map != NULL)
		*data_out = m->map;
	else
		*data_out = m->memory;
	return RUAD_OK;
}

void
ruad_mail_digest(const void *data, size_t len,
    unsigned char out[RUAD_MAIL_DIGEST_BYTES])
{
	crypto_generichash(out, RUAD_MAIL_DIGEST_BYTES, data, len, NULL, 0);
}

size_t
ruad_mail_size(const struct ruad_mail *m)
{
	return m->size;
}

static enum ruad_status
set_string(char **to, const char *s)
{
	char *copy = NULL;

	if (s != NULL) {
		copy = strdup(s);
		if (copy == NULL)
			return RUAD_TEMP;
	}
	free(*to);
	*to = copy;
	return RUAD_OK;
}

enum ruad_status
ruad_mail_set_queue_id(struct ruad_mail *m, const char *queue_id)
{
	return set_string(&m->queue_id, queue_id);
}

enum ruad_status
ruad_mail_set_mail_from(struct ruad_mail *m, const char *mail_from)
{
	return set_string(&m->mail_from, mail_from);
}

enum ruad_status
ruad_mail_set_file_name(struct ruad_mail *m, const char *file_name)
{
	return set_string(&m->file_name, file_name);
}

const char *
ruad_mail_queue_id(const struct ruad_mail *m)
{
	return m->queue_id;
}

const char *
ruad_mail_mail_from(const struct ruad_mail *m)
{
	return m->mail_from;
}

const char *
ruad_mail_file_name(const struct ruad_mail *m)
{
	return m->file_name;
}

int64_t
ruad_mail_received(const struct ruad_mail *m)
{
	return m->received_epoch;
}

void
ruad_mail_set_received(struct ruad_mail *m, int64_t received_epoch)
{
	m->received_epoch = received_epoch;
}

void
ruad_mail_drop(struct ruad_mail *m)
{
	if (m->map != NULL)
		munmap(m->map, m->size);
	m->map = NULL;
	if (m->map_charged)
		ruad_budget_give(m->set.budget, m->size);
	m->map_charged = false;
	if (m->fd != -1)
		close(m->fd);
	m->fd = -1;
	free_memory(m);
}

void
ruad_mail_free(struct ruad_mail **m)
{
	if (*m == NULL)
		return;
	ruad_mail_drop(*m);
	free((*m)->queue_id);
	free((*m)->mail_from);
	free((*m)->file_name);
	free(*m);
	*m = NULL;
}
