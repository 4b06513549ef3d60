/* sniff.c - magic bytes. The table is the whole knowledge; the few kinds that
 * need more than a prefix follow it. */
#include "sniff.h"
#include "markup.h"
#include <string.h>
#include <strings.h>

#define MAX_SKIP 16u
#define TAR_MAGIC_AT 257u
#define JUNK_BYTES 256u
#define ZIP_END_WINDOW 65557u /* end record with the longest comment */
#define ZIP_END_BYTES 22u /* end record without one */

static const struct magic {
	const char *bytes;
	size_t len;
	enum ruad_kind kind;
} magics[] = {
	{ "\x1f\x8b\x08", 3, RUAD_KIND_GZIP },
	{ "PK\3\4", 4, RUAD_KIND_ZIP },
	{ "PK\7\10", 4, RUAD_KIND_ZIP },
	{ "PK\5\6", 4, RUAD_KIND_ZIP_EMPTY },
	{ "\xff\xfe", 2, RUAD_KIND_XML },
	{ "\xfe\xff", 2, RUAD_KIND_XML },
	{ "<\0", 2, RUAD_KIND_XML },
	{ "\0<", 2, RUAD_KIND_XML },
	{ "BZh", 3, RUAD_KIND_UNSUPPORTED },
	{ "\xfd"
	  "7zXZ\0",
	    6, RUAD_KIND_UNSUPPORTED },
	{ "\x5d\0\0", 3, RUAD_KIND_UNSUPPORTED }, /* lzma */
	{ "LZIP", 4, RUAD_KIND_UNSUPPORTED },
	{ "7z\xbc\xaf\x27\x1c", 6, RUAD_KIND_UNSUPPORTED },
	{ "\x28\xb5\x2f\xfd", 4, RUAD_KIND_UNSUPPORTED }, /* zstd */
	{ "Rar!\x1a\7", 6, RUAD_KIND_UNSUPPORTED },
	{ "\x1f\x9d", 2, RUAD_KIND_UNSUPPORTED }, /* compress */
	{ "\x1f\xa0", 2, RUAD_KIND_UNSUPPORTED },
	{ "\x78\x9f\x3e\x22", 4, RUAD_KIND_TNEF },
	{ "\x78\x01", 2, RUAD_KIND_UNSUPPORTED }, /* bare zlib */
	{ "\x78\x5e", 2, RUAD_KIND_UNSUPPORTED },
	{ "\x78\x9c", 2, RUAD_KIND_UNSUPPORTED },
	{ "\x78\xda", 2, RUAD_KIND_UNSUPPORTED },
	{ "\xd0\xcf\x11\xe0", 4, RUAD_KIND_OLE },
	{ "\x30\x80", 2, RUAD_KIND_PKCS7 },
	{ "\x30\x82", 2, RUAD_KIND_PKCS7 },
	{ "%PDF", 4, RUAD_KIND_PDF },
};

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum ruad_kind
magic_kind(const unsigned char *data, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (len >= magics[i].len &&
		    memcmp(data, magics[i].bytes, magics[i].len) == 0)
			return magics[i].kind;
	if (len >= TAR_MAGIC_AT + 5 &&
	    memcmp(data + TAR_MAGIC_AT, "ustar", 5) == 0)
		return RUAD_KIND_UNSUPPORTED;
	return RUAD_KIND_OTHER;
}

static size_t
skip_blanks(const unsigned char *data, size_t len, size_t i)
{
	while (i < len && (is_blank(data[i]) || data[i] == '\0'))
		i++;
	return i;
}

static bool
starts_with(const unsigned char *data, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp((const char *)data, word, n) == 0;
}

/* Whether the markup is a web page, perhaps behind an XML declaration. */
static bool
is_html(const unsigned char *data, size_t len)
{
	const unsigned char *end;
	size_t i = 0;

	if (starts_with(data, len, "<?xml") &&
	    (end = memchr(data, '>', len)) != NULL)
		i = skip_blanks(data, len, (size_t)(end - data) + 1);
	return starts_with(data + i, len - i, "<html") ||
	    starts_with(data + i, len - i, "<!doctype html");
}

/* Markup and JSON begin with one character behind any number of blanks. */
static enum ruad_kind
text_kind(const unsigned char *data, size_t len)
{
	size_t i = 0;

	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	i = skip_blanks(data, len, i);
	if (i == len)
		return RUAD_KIND_OTHER;
	if (data[i] == '<')
		return is_html(data + i, len - i) ? RUAD_KIND_HTML
						  : RUAD_KIND_XML;
	if (data[i] == '{')
		return memmem(data, len, "\"policies\"", 10) != NULL
		    ? RUAD_KIND_TLS_REPORT
		    : RUAD_KIND_JSON;
	return RUAD_KIND_OTHER;
}

enum ruad_kind
ruad_sniff(const unsigned char *data, size_t len, size_t *skip_out)
{
	enum ruad_kind kind;
	size_t skip;

	*skip_out = 0;
	if (len == 0)
		return RUAD_KIND_EMPTY;
	kind = magic_kind(data, len);
	if (kind != RUAD_KIND_OTHER)
		return kind;
	kind = text_kind(data, len);
	if (kind != RUAD_KIND_OTHER)
		return kind;
	for (skip = 0; skip < len && skip < MAX_SKIP; skip++)
		if (!is_blank(data[skip]) && data[skip] != '\0')
			break;
	if (skip == len)
		return RUAD_KIND_EMPTY;
	if (skip == 0)
		return RUAD_KIND_OTHER;
	*skip_out = skip;
	return magic_kind(data + skip, len - skip);
}

/* Where a word begins behind at most JUNK_BYTES; NULL: nowhere. */
static const unsigned char *
find_behind(const unsigned char *data, size_t len, const char *word)
{
	size_t n = strlen(word);

	return memmem(data, len < JUNK_BYTES + n ? len : JUNK_BYTES + n, word,
	    n);
}

static bool
xml_behind(const unsigned char *data, size_t len)
{
	static const char *const words[] = { "<?xml", "<feedback" };
	const unsigned char *hit;
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		n = strlen(words[i]);
		hit = find_behind(data, len, words[i]);
		if (hit != NULL && hit + n < data + len &&
		    (is_blank(hit[n]) || hit[n] == '>'))
			return true;
	}
	return false;
}

/* Whether it holds a report, however deep. It will be refused, since nobody
 * knows what the bytes before it are, and refused is better than passed over. */
static bool
is_buried(const unsigned char *data, size_t len)
{
	return ruad_markup_find((const char *)data, len, RUAD_MARKUP_OPENING) >=
	    0;
}

/* Where an archive begins; NULL: nowhere. The flags of a gzip have three bits
 * that are zero (RFC 1952 section 2.3.1.2). */
static const unsigned char *
archive_behind(const unsigned char *data, size_t len, enum ruad_kind *kind_out)
{
	const unsigned char *entry = find_behind(data, len, "PK\3\4");
	const unsigned char *member = find_behind(data, len, "\x1f\x8b\x08");

	*kind_out = RUAD_KIND_ZIP;
	if (member == NULL || (entry != NULL && entry < member) ||
	    member + 3 == data + len || (member[3] & 0xe0) != 0)
		return entry;
	*kind_out = RUAD_KIND_GZIP;
	return member;
}

/* An archive first: an entry that is not compressed would look like markup
 * behind other bytes, and nobody would verify its checksum. */
enum ruad_kind
ruad_sniff_behind(const unsigned char *data, size_t len, size_t *skip_out)
{
	enum ruad_kind kind;
	const unsigned char *archive = archive_behind(data, len, &kind);
	bool whole;

	*skip_out = 0;
	if (ruad_sniff_zip_end(data, len, &whole))
		return RUAD_KIND_ZIP;
	if (archive != NULL && !xml_behind(data, (size_t)(archive - data))) {
		*skip_out = (size_t)(archive - data);
		return kind;
	}
	return xml_behind(data, len) || is_buried(data, len) ? RUAD_KIND_XML
							     : RUAD_KIND_OTHER;
}

bool
ruad_sniff_zip_end(const unsigned char *data, size_t len, bool *whole_out)
{
	size_t from = len > ZIP_END_WINDOW ? len - ZIP_END_WINDOW : 0, n;
	const unsigned char *end = NULL, *hit = data + from;

	*whole_out = false;
	while ((n = len - (size_t)(hit - data)) >= ZIP_END_BYTES &&
	    (hit = memmem(hit, n, "PK\5\6", 4)) != NULL)
		end = hit++;
	if (end == NULL)
		return false;
	n = len - (size_t)(end - data);
	*whole_out = n >= ZIP_END_BYTES &&
	    n == ZIP_END_BYTES + end[20] + 256u * end[21] &&
	    memcmp(data, "PK", 2) == 0;
	return true;
}

enum ruad_code
ruad_kind_refusal(enum ruad_kind kind)
{
	switch (kind) {
	case RUAD_KIND_EMPTY:
		return RUAD_BLOB_EMPTY;
	case RUAD_KIND_ZIP_EMPTY:
		return RUAD_ARC_EMPTY;
	case RUAD_KIND_UNSUPPORTED:
		return RUAD_ARC_UNSUPPORTED;
	case RUAD_KIND_TNEF:
		return RUAD_MIME_TNEF;
	case RUAD_KIND_OLE:
		return RUAD_MIME_OLE;
	case RUAD_KIND_PKCS7:
		return RUAD_MIME_ENCRYPTED;
	case RUAD_KIND_OTHER:
	case RUAD_KIND_GZIP:
	case RUAD_KIND_ZIP:
	case RUAD_KIND_XML:
	case RUAD_KIND_HTML:
	case RUAD_KIND_JSON:
	case RUAD_KIND_TLS_REPORT:
	case RUAD_KIND_PDF:
		break;
	}
	return RUAD_CODE_NONE;
}
