/* make_archive.c - zlib deflates; the records of a zip are written here, since
 * no archiver writes wrong ones. */
#include "make_archive.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void
bytes_add(struct bytes *b, const void *data, size_t len)
{
	b->data = realloc(b->data, b->len + len + 1);
	if (b->data == NULL)
		abort();
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
bytes_add_text(struct bytes *b, const char *text)
{
	bytes_add(b, text, strlen(text));
}

void
bytes_free(struct bytes *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

/* Deflate with these window bits (see zlib.h). */
static struct bytes
deflate_all(const void *data, size_t len, int window, const char *name)
{
	Bytef none[1];
	gz_header head = { .name = none, .os = 3 };
	z_stream z = { .next_in = (z_const Bytef *)data,
		.avail_in = (uInt)len };
	struct bytes out = { NULL, 0 };
	size_t bound;

	if (deflateInit2(&z, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		abort();
	if (name != NULL) {
		head.name = (Bytef *)(uintptr_t)name;
		deflateSetHeader(&z, &head);
	}
	bound = deflateBound(&z, len);
	out.data = malloc(bound + 1);
	z.next_out = out.data;
	z.avail_out = (uInt)bound;
	if (out.data == NULL || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

struct bytes
make_gzip(const void *data, size_t len, const char *name)
{
	return deflate_all(data, len, 15 + 16, name);
}

static void
add_16(struct bytes *b, unsigned v)
{
	unsigned char le[2] = { (unsigned char)v, (unsigned char)(v >> 8) };

	bytes_add(b, le, 2);
}

static void
add_32(struct bytes *b, size_t v)
{
	add_16(b, (unsigned)(v & 0xffff));
	add_16(b, (unsigned)(v >> 16 & 0xffff));
}

/* What an entry says of its data. */
struct told {
	unsigned flags, method;
	uint32_t crc;
	size_t packed, size, at;
};

/* The fields that local header and directory have in common. */
static void
add_common(struct bytes *b, const struct told *t, bool later)
{
	add_16(b, 20); /* version needed */
	add_16(b, t->flags);
	add_16(b, t->method);
	add_32(b, 0x21 << 16); /* 1980-01-01 */
	add_32(b, later ? 0 : t->crc);
	add_32(b, later ? 0 : t->packed);
	add_32(b, later ? 0 : t->size);
}

static struct bytes
pack(const struct make_entry *e)
{
	struct bytes packed = { NULL, 0 };

	if (e->method == MAKE_DEFLATED)
		packed = deflate_all(e->data, e->len, -15, NULL);
	else if (e->packed != NULL)
		bytes_add(&packed, e->packed, e->packed_len);
	else
		bytes_add(&packed, e->data, e->len);
	if (e->flip_at > 0)
		packed.data[e->flip_at - 1] ^= 0xff;
	return packed;
}

static void
add_entry(struct bytes *b, const struct make_entry *e, struct told *t)
{
	struct bytes packed = pack(e);
	bool streamed = e->flags & MAKE_STREAMED;

	t->flags = (streamed ? 8u : 0) | (e->flags & MAKE_ENCRYPTED ? 1u : 0);
	t->method = e->method == MAKE_DEFLATED ? 8
	    : e->method == MAKE_STORED         ? 0
					       : e->method;
	t->crc = (uint32_t)crc32(0, e->data, (uInt)e->len) ^ e->crc_change;
	t->packed = packed.len;
	t->size = e->claimed_bytes != 0 ? e->claimed_bytes : e->len;
	t->at = b->len;
	bytes_add(b, "PK\3\4", 4);
	add_common(b, t, streamed);
	add_16(b, (unsigned)strlen(e->name));
	add_16(b, 0);
	bytes_add_text(b, e->name);
	bytes_add(b, packed.data, packed.len - e->cut_bytes);
	if (streamed) {
		bytes_add(b, "PK\7\10", 4);
		add_32(b, t->crc);
		add_32(b, t->packed);
		add_32(b, t->size);
	}
	bytes_free(&packed);
}

static void
add_directory_entry(struct bytes *b, const struct make_entry *e,
    const struct told *t)
{
	size_t n = strlen(e->name);
	bool directory = n > 0 && e->name[n - 1] == '/';

	bytes_add(b, "PK\1\2", 4);
	add_16(b, 3 << 8 | 20); /* made by Unix */
	add_common(b, t, false);
	add_16(b, (unsigned)n);
	add_16(b, 0);
	add_16(b, 0);
	add_16(b, 0);
	add_16(b, 0);
	add_32(b, (directory ? 040755u : 0100644u) << 16);
	add_32(b, t->at);
	bytes_add_text(b, e->name);
}

struct bytes
make_zip_at(const struct make_entry *entries, size_t count,
    size_t *directory_out)
{
	struct told *told = calloc(count + 1, sizeof(*told));
	struct bytes b = { NULL, 0 };
	size_t i, end;

	if (told == NULL)
		abort();
	for (i = 0; i < count; i++) {
		if (i > 0 && entries[i].flags & MAKE_OVERLAPPING)
			told[i] = told[i - 1];
		else
			add_entry(&b, &entries[i], &told[i]);
	}
	*directory_out = b.len;
	for (i = 0; i < count; i++)
		add_directory_entry(&b, &entries[i], &told[i]);
	end = b.len;
	bytes_add(&b, "PK\5\6\0\0\0\0", 8);
	add_16(&b, (unsigned)count);
	add_16(&b, (unsigned)count);
	add_32(&b, end - *directory_out);
	add_32(&b, *directory_out);
	add_16(&b, 0);
	free(told);
	return b;
}

struct bytes
make_zip(const struct make_entry *entries, size_t count)
{
	size_t directory;

	return make_zip_at(entries, count, &directory);
}

static la_ssize_t
write_bytes(struct archive *ar, void *arg, const void *data, size_t len)
{
	(void)ar;
	bytes_add(arg, data, len);
	return (la_ssize_t)len;
}

struct bytes
make_real_zip(const struct make_entry *entries, size_t count,
    const char *password)
{
	struct archive *ar = archive_write_new();
	struct bytes b = { NULL, 0 };
	size_t i;

	if (ar == NULL || archive_write_set_format_zip(ar) != ARCHIVE_OK)
		abort();
	if (password != NULL &&
	    (archive_write_set_options(ar, "zip:encryption=zipcrypt") !=
		    ARCHIVE_OK ||
		archive_write_set_passphrase(ar, password) != ARCHIVE_OK))
		abort();
	archive_write_set_bytes_in_last_block(ar, 1);
	if (archive_write_open(ar, &b, NULL, write_bytes, NULL) != ARCHIVE_OK)
		abort();
	for (i = 0; i < count; i++) {
		struct archive_entry *e = archive_entry_new();

		archive_entry_set_pathname(e, entries[i].name);
		archive_entry_set_mode(e, S_IFREG | 0644);
		archive_entry_set_size(e, (la_int64_t)entries[i].len);
		if (archive_write_header(ar, e) != ARCHIVE_OK ||
		    archive_write_data(ar, entries[i].data, entries[i].len) !=
			(la_ssize_t)entries[i].len)
			abort();
		archive_entry_free(e);
	}
	if (archive_write_free(ar) != ARCHIVE_OK)
		abort();
	return b;
}
