/* feed.c - fts(3) walks, one argument at a time; mbox.c parts what is more
 * than one mail. */
#include "feed.h"
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mbox.h"

struct walk {
	FTS *fts; /* owned; NULL: no directory is being walked */
};

struct ruad_feed {
	char **paths; /* borrowed; those that are left */
	int count;
	const struct ruad_mail_settings *set; /* borrowed */
	const volatile sig_atomic_t *stop; /* borrowed */
	struct walk walk;
	struct ruad_mbox *mbox; /* owned; NULL: none is being read */
	char *mbox_path; /* owned */
	unsigned mbox_number;
	uint64_t mbox_bytes; /* told so far */
};

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
walk_open(struct walk *w, char *path)
{
	char *roots[] = { path, NULL };

	/* Links in the argument itself are followed, those found are files or
	 * nothing: a walk must end. */
	w->fts = fts_open(roots, FTS_COMFOLLOW | FTS_NOCHDIR | FTS_PHYSICAL,
	    by_name);
	return w->fts != NULL;
}

static void
walk_close(struct walk *w)
{
	if (w->fts != NULL)
		fts_close(w->fts);
	w->fts = NULL;
}

static bool
has_directory(const char *path, const char *name)
{
	char full[PATH_MAX];
	struct stat sb;

	return (size_t)snprintf(full, sizeof(full), "%s/%s", path, name) <
	    sizeof(full) &&
	    stat(full, &sb) == 0 && S_ISDIR(sb.st_mode);
}

/* Whether an entry, as the walk meets it, is left out with all below it. */
static bool
is_skipped(const FTSENT *e)
{
	bool in_maildir;

	if (e->fts_level == FTS_ROOTLEVEL)
		return false;
	if (e->fts_name[0] == '.')
		return true;
	/* fts_number of a directory: it is a Maildir. */
	in_maildir = e->fts_parent->fts_number != 0;
	return in_maildir && strcmp(e->fts_name, "cur") != 0 &&
	    strcmp(e->fts_name, "new") != 0;
}

/* Step to the next file. An entry that cannot be read has *errno_out set. NULL:
 * no more. */
static const FTSENT *
walk_next(struct walk *w, int *errno_out)
{
	FTSENT *e;
	struct stat sb;

	*errno_out = 0;
	while ((e = fts_read(w->fts)) != NULL) {
		if (e->fts_info == FTS_DP || e->fts_info == FTS_DOT)
			continue;
		if (is_skipped(e)) {
			fts_set(w->fts, e, FTS_SKIP);
			continue;
		}
		switch (e->fts_info) {
		case FTS_D:
			e->fts_number = has_directory(e->fts_path, "cur") &&
			    has_directory(e->fts_path, "new");
			break;
		case FTS_F:
			return e;
		case FTS_SL:
			if (stat(e->fts_path, &sb) == 0 && S_ISREG(sb.st_mode))
				return e;
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			*errno_out = e->fts_errno;
			return e;
		default: /* sockets, devices, dangling links: no mail */
			break;
		}
	}
	return NULL;
}

enum ruad_status
ruad_feed_new(char **paths, int count, const struct ruad_mail_settings *set,
    const volatile sig_atomic_t *stop, struct ruad_feed **out,
    struct ruad_err *err)
{
	struct ruad_feed *f = *out = calloc(1, sizeof(*f));

	if (f == NULL)
		return ruad_fail_memory(err, "feed");
	f->paths = paths;
	f->count = count;
	f->set = set;
	f->stop = stop;
	return RUAD_OK;
}

static enum ruad_status
item_begin(struct ruad_feed_item *item, const char *path, struct ruad_err *err)
{
	*item = (struct ruad_feed_item){ .path = strdup(path) };
	return item->path != NULL ? RUAD_OK : ruad_fail_memory(err, "feed");
}

static void
item_fail(struct ruad_feed_item *item, enum ruad_status st, int e)
{
	ruad_fail(&item->err, st, RUAD_OUR_IO, "cannot read %s: %s", item->path,
	    strerror(e));
}

static void
mbox_end(struct ruad_feed *f)
{
	ruad_mbox_close(&f->mbox);
	free(f->mbox_path);
	f->mbox_path = NULL;
}

/* Read fd, an mbox or a stream, from now on; it is taken over. */
static enum ruad_status
mbox_begin(struct ruad_feed *f, int fd, const char *path, struct ruad_err *err)
{
	f->mbox_path = strdup(path);
	if (f->mbox_path == NULL) {
		close(fd);
		return ruad_fail_memory(err, "feed");
	}
	f->mbox_number = 0;
	f->mbox_bytes = 0;
	return ruad_mbox_open(fd, f->mbox_path, f->set, f->stop, &f->mbox, err);
}

/* The next mail of the stream. RUAD_END: no more in it. */
static enum ruad_status
mbox_item(struct ruad_feed *f, struct ruad_feed_item *out, struct ruad_err *err)
{
	enum ruad_status st = item_begin(out, f->mbox_path, err);

	if (st != RUAD_OK)
		return st;
	out->err.status = ruad_mbox_next(f->mbox, &out->mail, &out->err);
	if (out->err.status == RUAD_END) {
		ruad_feed_item_free(out);
		mbox_end(f);
		return RUAD_END;
	}
	if (ruad_mbox_is_mbox(f->mbox))
		out->number = ++f->mbox_number;
	out->bytes = ruad_mbox_bytes(f->mbox) - f->mbox_bytes;
	f->mbox_bytes += out->bytes;
	return RUAD_OK;
}

/* Whether the file at fd begins like an mbox. */
static bool
looks_like_mbox(int fd)
{
	char start[5];

	return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
	    memcmp(start, "From ", sizeof(start)) == 0;
}

/* A file is one mail, whoever reads it opens it again; an mbox, or what cannot
 * be opened twice, is a stream. RUAD_END: it is, and may be empty. */
static enum ruad_status
file_item(struct ruad_feed *f, const char *path, struct ruad_feed_item *out,
    struct ruad_err *err)
{
	enum ruad_status st = item_begin(out, path, err);
	struct stat sb;
	int fd;

	if (st != RUAD_OK)
		return st;
	fd = strcmp(path, "-") == 0
	    ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 || fstat(fd, &sb) == -1) {
		item_fail(out, RUAD_TEMP, errno);
		if (fd != -1)
			close(fd);
		return RUAD_OK;
	}
	if (strcmp(path, "-") == 0 || !S_ISREG(sb.st_mode) ||
	    looks_like_mbox(fd)) {
		st = mbox_begin(f, fd, path, err);
		if (st == RUAD_OK) {
			ruad_feed_item_free(out);
			return RUAD_END;
		}
		out->err = *err;
		mbox_end(f);
		return RUAD_OK;
	}
	out->bytes = (uint64_t)sb.st_size;
	close(fd);
	return RUAD_OK;
}

/* An argument: RUAD_END where what it names is to be walked or read. */
static enum ruad_status
path_item(struct ruad_feed *f, char *path, struct ruad_feed_item *out,
    struct ruad_err *err)
{
	struct stat sb;
	enum ruad_status st;

	if (strcmp(path, "-") == 0)
		return file_item(f, path, out, err);
	if (stat(path, &sb) != 0) {
		int e = errno;

		st = item_begin(out, path, err);
		if (st == RUAD_OK)
			item_fail(out,
			    e == ENOENT || e == ENOTDIR ? RUAD_BAD : RUAD_TEMP,
			    e);
		return st;
	}
	if (!S_ISDIR(sb.st_mode))
		return file_item(f, path, out, err);
	if (!walk_open(&f->walk, path))
		return ruad_fail_memory(err, "feed");
	return RUAD_END;
}

static enum ruad_status
walk_item(struct ruad_feed *f, struct ruad_feed_item *out, struct ruad_err *err)
{
	int e;
	const FTSENT *entry = walk_next(&f->walk, &e);
	enum ruad_status st;

	if (entry == NULL) {
		walk_close(&f->walk);
		return RUAD_END;
	}
	if (e == 0)
		return file_item(f, entry->fts_path, out, err);
	st = item_begin(out, entry->fts_path, err);
	if (st == RUAD_OK)
		item_fail(out, RUAD_TEMP, e);
	return st;
}

enum ruad_status
ruad_feed_next(struct ruad_feed *f, struct ruad_feed_item *out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_END;

	while (st == RUAD_END && !*f->stop) {
		if (f->mbox != NULL) {
			st = mbox_item(f, out, err);
		} else if (f->walk.fts != NULL) {
			st = walk_item(f, out, err);
		} else if (f->count > 0) {
			f->count--;
			st = path_item(f, *f->paths++, out, err);
		} else {
			break;
		}
	}
	return st;
}

void
ruad_feed_measure(char **paths, int count, uint64_t *files_out,
    uint64_t *bytes_out)
{
	const FTSENT *entry;
	struct walk w;
	int e;

	*files_out = *bytes_out = 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(paths[i], "-") == 0 || !walk_open(&w, paths[i]))
			continue;
		while ((entry = walk_next(&w, &e)) != NULL) {
			if (e != 0)
				continue;
			++*files_out;
			*bytes_out += (uint64_t)entry->fts_statp->st_size;
		}
		walk_close(&w);
	}
}

void
ruad_feed_item_free(struct ruad_feed_item *item)
{
	free(item->path);
	ruad_mail_free(&item->mail);
	item->path = NULL;
}

void
ruad_feed_free(struct ruad_feed **f)
{
	if (*f == NULL)
		return;
	walk_close(&(*f)->walk);
	mbox_end(*f);
	free(*f);
	*f = NULL;
}
