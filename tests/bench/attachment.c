/* attachment.c - as little work as the formats allow. Knows what gen.py writes
 * and nothing more: it is no model for a reader of mail. */
#include "attachment.h"
#include <stdlib.h>
#include <string.h>
#include "mails.h"

#define STEP 65536

static const signed char *
base64_table(void)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static signed char table[256];
	int i;

	if (table['B'] == 1)
		return table;
	memset(table, -1, sizeof(table));
	for (i = 0; i < 64; i++)
		table[(unsigned char)digits[i]] = (signed char)i;
	return table;
}

static size_t
decode_base64(const char *in, const char *end, unsigned char *out)
{
	const signed char *table = base64_table();
	unsigned char *to = out;
	unsigned bits = 0, value = 0;

	for (; in < end && *in != '='; in++) {
		int digit = table[(unsigned char)*in];

		if (digit < 0)
			continue;
		value = value << 6 | (unsigned)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*to++ = (unsigned char)(value >> bits);
		}
	}
	return (size_t)(to - out);
}

static int
hex(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static size_t
decode_quoted(const char *in, const char *end, unsigned char *out)
{
	unsigned char *to = out;

	while (in < end) {
		const char *mark = memchr(in, '=', (size_t)(end - in));
		size_t plain = (size_t)((mark == NULL ? end : mark) - in);

		memcpy(to, in, plain);
		to += plain;
		in += plain;
		if (end - in < 3)
			break;
		if (in[1] != '\r')
			*to++ = (unsigned char)(hex(in[1]) << 4 | hex(in[2]));
		in += 3;
	}
	return (size_t)(to - out);
}

void
bench_decode(struct attachment *a, const char *mail, size_t len)
{
	const char *end = mail + len, *head, *body, *stop;
	int quoted;

	head = strstr(mail, "\nContent-Disposition: attachment");
	body = head == NULL ? NULL : strstr(head, "\r\n\r\n");
	if (body == NULL)
		bench_die("a mail without an attachment");
	quoted =
	    memmem(head, (size_t)(body - head), "quoted-printable", 16) != NULL;
	body += 4;
	stop = memmem(body, (size_t)(end - body), "\r\n--", 4);
	if (stop == NULL)
		stop = end;
	if (a->cap < (size_t)(stop - body)) {
		a->cap = (size_t)(stop - body);
		free(a->data);
		a->data = malloc(a->cap);
		if (a->data == NULL)
			bench_die("out of memory");
	}
	a->len = quoted ? decode_quoted(body, stop, a->data)
			: decode_base64(body, stop, a->data);
}

/* A gzip stream (15 + 16), or the bare one behind the header of a zip. */
static void
inflate_begin(struct attachment *a)
{
	const unsigned char *p = a->data;
	size_t skip = 0;
	int bits = 15 + 16, rc;

	if (memcmp(p, "PK\3\4", 4) == 0) {
		skip = 30 + (size_t)(p[26] | p[27] << 8) +
		    (size_t)(p[28] | p[29] << 8);
		bits = -15;
	}
	rc = a->zip_bits == 0 ? inflateInit2(&a->zip, bits)
			      : inflateReset2(&a->zip, bits);
	if (rc != Z_OK || skip >= a->len)
		bench_die("cannot inflate");
	a->zip_bits = bits;
	a->zip.next_in = a->data + skip;
	a->zip.avail_in = (uInt)(a->len - skip);
}

int
bench_inflate(struct attachment *a, bench_sink sink, void *user)
{
	static unsigned char step[STEP];
	int rc = Z_OK, told = 0;
	size_t at, n;

	if (a->len < 40)
		bench_die("an attachment of %zu bytes", a->len);
	if (a->data[0] != 0x1f && a->data[0] != 'P') {
		for (at = 0; at < a->len && told == 0; at += n) {
			n = a->len - at < STEP ? a->len - at : STEP;
			told = sink(user, (char *)a->data + at, n);
		}
		return told;
	}
	inflate_begin(a);
	while (rc == Z_OK && told == 0) {
		a->zip.next_out = step;
		a->zip.avail_out = STEP;
		rc = inflate(&a->zip, Z_NO_FLUSH);
		told = sink(user, (char *)step, STEP - a->zip.avail_out);
	}
	if (told == 0 && rc != Z_STREAM_END)
		bench_die("inflate: %d", rc);
	return told;
}
