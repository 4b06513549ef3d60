/* make_archive.h - gzips and zips made in memory, sound ones and ones that no
 * archiver would write. They abort when out of memory. */
#ifndef MAKE_ARCHIVE_H
#define MAKE_ARCHIVE_H
#include <stddef.h>
#include <stdint.h>

struct bytes {
	unsigned char *data; /* owned, with a NUL behind it */
	size_t len;
};

/* Append to bytes, which begin as all zero; free them. */
void bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_add_text(struct bytes *b, const char *text);
void bytes_free(struct bytes *b);

/* One gzip member, with the file name where it is not NULL. */
struct bytes make_gzip(const void *data, size_t len, const char *name);

/* An entry of a zip. What is 0 or NULL is made as it should be. */
struct make_entry {
	const char *name; /* ends in "/": a directory */
	const void *data;
	size_t len;
	unsigned method; /* MAKE_DEFLATED, MAKE_STORED, or a number of zip */
	const void *packed; /* the data in the form of another method */
	size_t packed_len;
	unsigned flags; /* MAKE_ */
	uint32_t claimed_bytes; /* the size that is written down */
	uint32_t crc_change; /* exclusive or with the right checksum */
	size_t cut_bytes; /* missing at the end of the compressed data */
	size_t flip_at; /* compressed byte that is inverted, from 1 */
};
#define MAKE_DEFLATED 0u
#define MAKE_STORED 100u
#define MAKE_STREAMED 1u /* sizes and checksum behind the data */
#define MAKE_ENCRYPTED 2u /* says that it is */
#define MAKE_OVERLAPPING 4u /* a directory entry for the data before */

/* A zip with its directory. */
struct bytes make_zip(const struct make_entry *entries, size_t count);

/* The same, and where its directory begins. */
struct bytes make_zip_at(const struct make_entry *entries, size_t count,
    size_t *directory_out);

/* A zip as libarchive writes it; with a password where it is not NULL. */
struct bytes make_real_zip(const struct make_entry *entries, size_t count,
    const char *password);

#endif
