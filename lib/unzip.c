/* unzip.c - libarchive's zip reader over memory. Only zip is enabled, and
 * nothing is ever written to disk. To pass over an entry whose length is not
 * known libarchive unpacks it, on its own, however large: so it is given its
 * input in pieces, and none any more when the time is over. */
#include "unzip.h"
#include "sniff.h"
#include "text.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_BYTES 1024u /* the longest name of a report fits */
#define PIECE_BYTES 16384u

struct ruad_unzip {
	struct ruad_source source; /* of the current entry */
	const unsigned char *data; /* borrowed */
	size_t len;
	size_t at; /* handed to libarchive so far */
	const struct ruad_quota *quota; /* borrowed */
	struct archive *ar; /* owned */
	unsigned entry; /* headers read so far */
	bool cut; /* it has no end record */
	bool dead; /* no header can be read any more */
	bool stuck; /* nor can this reader, but a new one may */
	char name[NAME_BYTES];
};

static la_ssize_t
on_read(struct archive *ar, void *arg, const void **piece_out)
{
	struct ruad_unzip *z = arg;
	size_t n = z->len - z->at;
	struct ruad_err ignored; /* damaged() asks again */

	if (ruad_quota_check(z->quota, &ignored) != RUAD_OK) {
		archive_set_error(ar, ETIME, "out of time");
		return -1;
	}
	if (n > PIECE_BYTES)
		n = PIECE_BYTES;
	*piece_out = z->data + z->at;
	z->at += n;
	return (la_ssize_t)n;
}

static la_int64_t
on_seek(struct archive *ar, void *arg, la_int64_t offset, int whence)
{
	struct ruad_unzip *z = arg;
	la_int64_t base = 0;

	(void)ar;
	if (whence == SEEK_CUR)
		base = (la_int64_t)z->at;
	else if (whence == SEEK_END)
		base = (la_int64_t)z->len;
	if (offset < -base || offset > (la_int64_t)z->len - base)
		return ARCHIVE_FAILED;
	z->at = (size_t)(base + offset);
	return base + offset;
}

static la_int64_t
on_skip(struct archive *ar, void *arg, la_int64_t count)
{
	struct ruad_unzip *z = arg;
	la_int64_t left = (la_int64_t)(z->len - z->at);

	(void)ar;
	if (count > left)
		count = left;
	z->at += (size_t)count;
	return count;
}

/* What libarchive complains of: that it was stopped, no memory, or damage. */
static enum ruad_status
damaged(struct ruad_unzip *z, enum ruad_code code, const char *where,
    struct ruad_err *err)
{
	const char *text = archive_error_string(z->ar);
	size_t len;

	if (ruad_quota_check(z->quota, err) != RUAD_OK)
		return RUAD_LIMIT;
	if (archive_errno(z->ar) == ENOMEM)
		return ruad_fail_memory(err, "unzip");
	if (text == NULL)
		text = "no detail";
	/* Some of its texts end in a line end. */
	len = strlen(text);
	ruad_text_trim(&text, &len);
	return ruad_fail(err, RUAD_BAD, code, "unzip: %s %u: %.*s", where,
	    z->entry, (int)len, text);
}

static enum ruad_status
open_archive(struct ruad_unzip *z, struct ruad_err *err)
{
	archive_read_free(z->ar);
	z->entry = 0;
	z->at = 0;
	z->dead = z->stuck = false;
	if ((z->ar = archive_read_new()) == NULL ||
	    archive_read_support_format_zip(z->ar) != ARCHIVE_OK ||
	    archive_read_set_read_callback(z->ar, on_read) != ARCHIVE_OK ||
	    archive_read_set_seek_callback(z->ar, on_seek) != ARCHIVE_OK ||
	    archive_read_set_skip_callback(z->ar, on_skip) != ARCHIVE_OK ||
	    archive_read_set_callback_data(z->ar, z) != ARCHIVE_OK)
		return ruad_fail_memory(err, "unzip");
	if (archive_read_open1(z->ar) != ARCHIVE_OK)
		return damaged(z, RUAD_ARC_TRUNCATED, "before entry", err);
	return RUAD_OK;
}

static enum ruad_status
next_header(struct ruad_unzip *z, struct archive_entry **entry_out,
    struct ruad_err *err)
{
	int rc =
	    z->dead ? ARCHIVE_EOF : archive_read_next_header(z->ar, entry_out);

	if (rc == ARCHIVE_EOF)
		return RUAD_END;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
		z->dead = true;
		/* Without a directory nothing says where the entries end. */
		if (z->cut && z->entry > 0 &&
		    ruad_quota_check(z->quota, err) == RUAD_OK)
			return RUAD_END;
		return damaged(z, RUAD_ARC_TRUNCATED, "after entry", err);
	}
	z->entry++;
	return RUAD_OK;
}

static enum ruad_status
count_entries(struct ruad_unzip *z, struct ruad_err *err)
{
	uint64_t max = z->quota->lim->entries;
	struct archive_entry *entry;
	struct ruad_err ignored; /* damage shows again when it is read */

	while (next_header(z, &entry, &ignored) == RUAD_OK)
		if (z->entry > max)
			return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_ENTRIES,
			    "unzip: more than %llu entries",
			    (unsigned long long)max);
	if (z->entry == 0 && archive_errno(z->ar) == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_EMPTY,
		    "unzip: no entry");
	return open_archive(z, err);
}

static enum ruad_status
entry_read(struct ruad_source *s, void *buf, size_t cap, size_t *len_out,
    struct ruad_err *err)
{
	struct ruad_unzip *z = (struct ruad_unzip *)s;
	la_ssize_t n = archive_read_data(z->ar, buf, cap);

	if (n > 0) {
		*len_out = (size_t)n;
		return RUAD_OK;
	}
	if (n == 0)
		return RUAD_END;
	/* A wrong checksum comes as a warning in place of the last block. */
	if (n == ARCHIVE_WARN)
		return damaged(z, RUAD_ARC_CRC, "entry", err);
	if (n == ARCHIVE_FAILED)
		return damaged(z, RUAD_ARC_METHOD, "entry", err);
	z->stuck = true;
	/* What has its end record is not cut off. */
	return damaged(z, z->cut ? RUAD_ARC_TRUNCATED : RUAD_ARC_CRC, "entry",
	    err);
}

static enum ruad_status
entry_rewind(struct ruad_source *s, struct ruad_err *err)
{
	struct ruad_unzip *z = (struct ruad_unzip *)s;
	struct archive_entry *entry;
	unsigned want = z->entry;
	enum ruad_status st = open_archive(z, err);

	while (st == RUAD_OK && z->entry < want)
		st = next_header(z, &entry, err);
	if (st == RUAD_END)
		st = ruad_fail(err, RUAD_BAD, RUAD_ARC_TRUNCATED,
		    "unzip: entry %u is gone", want);
	return st;
}

enum ruad_status
ruad_unzip_new(const void *data, size_t len, const struct ruad_quota *quota,
    struct ruad_unzip **out, struct ruad_err *err)
{
	struct ruad_unzip *z = *out = calloc(1, sizeof(*z));
	enum ruad_status st;
	bool whole;

	if (z == NULL)
		return ruad_fail_memory(err, "unzip");
	z->source.read = entry_read;
	z->source.rewind = entry_rewind;
	z->data = data;
	z->len = len;
	z->quota = quota;
	z->cut = !ruad_sniff_zip_end(data, len, &whole);
	if ((st = open_archive(z, err)) != RUAD_OK ||
	    (st = count_entries(z, err)) != RUAD_OK)
		ruad_unzip_free(out);
	return st;
}

enum ruad_status
ruad_unzip_next(struct ruad_unzip *z, const char **name_out,
    struct ruad_source **source_out, struct ruad_err *err)
{
	struct archive_entry *entry;
	const char *name;
	enum ruad_status st = RUAD_OK;
	bool reported = z->stuck;

	*name_out = "";
	if (z->stuck)
		st = entry_rewind(&z->source, err);
	while (st == RUAD_OK && (st = next_header(z, &entry, err)) == RUAD_OK) {
		name = archive_entry_pathname(entry);
		if (name == NULL)
			name = "";
		ruad_text_escape(z->name, sizeof(z->name), name, strlen(name));
		*name_out = z->name;
		*source_out = &z->source;
		if (S_ISDIR(archive_entry_mode(entry)))
			continue;
		if (archive_entry_is_data_encrypted(entry) > 0)
			return ruad_fail(err, RUAD_BAD, RUAD_ARC_ENCRYPTED,
			    "unzip: entry %u needs a password", z->entry);
		return RUAD_OK;
	}
	return st == RUAD_BAD && reported ? RUAD_END : st;
}

void
ruad_unzip_free(struct ruad_unzip **z)
{
	if (*z == NULL)
		return;
	archive_read_free((*z)->ar);
	free(*z);
	*z = NULL;
}
