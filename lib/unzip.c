/* unzip.c - libarchive's zip reader over memory. Only zip is enabled, and
 * nothing is ever written to disk. */
#include "unzip.h"
#include "sniff.h"
#include "text.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_BYTES 1024u /* the longest name of a report fits */

struct ruad_unzip {
	struct ruad_source source; /* of the current entry */
	const unsigned char *data; /* borrowed */
	size_t len;
	struct archive *ar; /* owned */
	unsigned entry; /* headers read so far */
	bool cut; /* it has no end record */
	bool dead; /* no header can be read any more */
	bool stuck; /* nor can this reader, but a new one may */
	char name[NAME_BYTES];
};

static const char *
archive_text(struct archive *ar)
{
	const char *text = archive_error_string(ar);

	return text != NULL ? text : "no detail";
}

static enum ruad_status
open_archive(struct ruad_unzip *z, struct ruad_err *err)
{
	archive_read_free(z->ar);
	z->entry = 0;
	z->dead = z->stuck = false;
	if ((z->ar = archive_read_new()) == NULL ||
	    archive_read_support_format_zip(z->ar) != ARCHIVE_OK)
		return ruad_fail_memory(err, "unzip");
	if (archive_read_open_memory(z->ar, z->data, z->len) != ARCHIVE_OK)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_TRUNCATED, "unzip: %s",
		    archive_text(z->ar));
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
		if (z->cut && z->entry > 0)
			return RUAD_END;
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_TRUNCATED,
		    "unzip: after entry %u: %s", z->entry, archive_text(z->ar));
	}
	z->entry++;
	return RUAD_OK;
}

static enum ruad_status
count_entries(struct ruad_unzip *z, uint64_t max, struct ruad_err *err)
{
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
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_CRC,
		    "unzip: entry %u: %s", z->entry, archive_text(z->ar));
	if (n == ARCHIVE_FAILED)
		return ruad_fail(err, RUAD_BAD, RUAD_ARC_METHOD,
		    "unzip: entry %u: %s", z->entry, archive_text(z->ar));
	z->stuck = true;
	return ruad_fail(err, RUAD_BAD, RUAD_ARC_TRUNCATED,
	    "unzip: entry %u: %s", z->entry, archive_text(z->ar));
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
ruad_unzip_new(const void *data, size_t len, uint64_t max_entries,
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
	z->cut = !ruad_sniff_zip_end(data, len, &whole);
	if ((st = open_archive(z, err)) != RUAD_OK ||
	    (st = count_entries(z, max_entries, err)) != RUAD_OK)
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
