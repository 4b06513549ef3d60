/* attachment.h - the report in a mail of the project's own generator. */
#ifndef BENCH_ATTACHMENT_H
#define BENCH_ATTACHMENT_H
#include <stddef.h>
#include <zlib.h>

/* Takes a piece of XML; 0, or what stops the reading. */
typedef int (*bench_sink)(void *user, const char *xml, size_t len);

struct attachment {
	unsigned char *data; /* decoded; grown and used again */
	size_t len, cap;
	z_stream zip; /* used again */
	int zip_bits; /* what it was set up for; 0: not yet */
};

/* Decode the attachment of a mail (base64 or quoted-printable) into a->data.
 * Ends the program where there is none. */
void bench_decode(struct attachment *a, const char *mail, size_t len);

/* Inflate a->data (gzip, zip with one entry, or XML as it is) into `sink`, at
 * most 64 KiB at once. Returns what `sink` returned. No checksum of a zip is
 * looked at. */
int bench_inflate(struct attachment *a, bench_sink sink, void *user);
#endif
