/* leaf.c - GMime's decoders, made tolerant. */
#include "leaf.h"
#include "mend.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

#define STEP 65536u

bool
ruad_leaf_is_text(GMimePart *part)
{
	GMimeObject *object = GMIME_OBJECT(part);
	GMimeContentDisposition *d =
	    g_mime_object_get_content_disposition(object);

	return g_mime_content_type_is_type(g_mime_object_get_content_type(
					       object),
		   "text", "plain") &&
	    g_mime_part_get_filename(part) == NULL &&
	    (d == NULL || !g_mime_content_disposition_is_attachment(d));
}

/* Base64 as it comes: what is not of its alphabet is passed over, the first "="
 * ends it, and padding may be missing. */
struct base64 {
	GMimeEncoding codec;
	bool ended;
	bool follows; /* there is more behind the end */
};

static size_t
base64_step(struct base64 *b, const char *s, size_t n, unsigned char *out)
{
	const char *end = b->ended ? s : memchr(s, '=', n);
	size_t len = end != NULL ? (size_t)(end - s) : n, i;

	b->ended = b->ended || end != NULL;
	for (i = len; i < n; i++)
		if (g_ascii_isalnum(s[i]) || s[i] == '+' || s[i] == '/')
			b->follows = true;
	return g_mime_encoding_step(&b->codec, s, len, (char *)out);
}

static size_t
base64_end(struct base64 *b, unsigned char *out)
{
	int have = b->codec.state;

	/* One character of four is not even a byte. */
	return have < 2 ? 0
			: g_mime_encoding_step(&b->codec,
			      "==", (size_t)(4 - have), (char *)out);
}

static void
base64_start(struct base64 *b)
{
	memset(b, 0, sizeof(*b));
	g_mime_encoding_init_decode(&b->codec, GMIME_CONTENT_ENCODING_BASE64);
}

/* How a part says that it is encoded; uuencode is no encoding of MIME. */
static GMimeContentEncoding
encoding_of(GMimeDataWrapper *content)
{
	GMimeContentEncoding e = content != NULL
	    ? g_mime_data_wrapper_get_encoding(content)
	    : GMIME_CONTENT_ENCODING_DEFAULT;

	return e == GMIME_CONTENT_ENCODING_UUENCODE
	    ? GMIME_CONTENT_ENCODING_8BIT
	    : e;
}

/* Decode a stream into a buffer of max_len and STEP bytes. */
static size_t
decode_stream(GMimeStream *stream, GMimeContentEncoding encoding, char *step,
    unsigned char *out, size_t max_len, bool *follows_out)
{
	GMimeEncoding codec;
	struct base64 b;
	size_t len = 0;
	ssize_t n;

	base64_start(&b);
	g_mime_encoding_init_decode(&codec, encoding);
	while (len <= max_len &&
	    (n = g_mime_stream_read(stream, step, STEP / 2)) > 0)
		len += encoding == GMIME_CONTENT_ENCODING_BASE64
		    ? base64_step(&b, step, (size_t)n, out + len)
		    : g_mime_encoding_step(&codec, step, (size_t)n,
			  (char *)out + len);
	if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		len += base64_end(&b, out + len);
	else
		len +=
		    g_mime_encoding_flush(&codec, step, 0, (char *)out + len);
	*follows_out = b.follows;
	return len;
}

/* Decode a leaf that is encoded so. */
static enum ruad_status
decode_as(GMimePart *part, GMimeContentEncoding encoding, size_t mail_len,
    unsigned char **data_out, size_t *len_out, struct ruad_warnings *warnings,
    struct ruad_err *err)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream =
	    content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	gint64 raw_len = stream != NULL ? g_mime_stream_length(stream) : 0;
	size_t max_len = raw_len < 0 || (uint64_t)raw_len > mail_len
	    ? mail_len
	    : (size_t)raw_len;
	/* No decoding makes a part longer, but for a few bytes at its end. */
	unsigned char *out = malloc(max_len + STEP);
	char *step = malloc(STEP);
	bool follows = false;

	*len_out = 0;
	*data_out = NULL;
	if (step == NULL || out == NULL) {
		free(step);
		free(out);
		return ruad_fail_memory(err, "part");
	}
	if (stream != NULL) {
		g_mime_stream_reset(stream);
		*len_out = decode_stream(stream, encoding, step, out, max_len,
		    &follows);
	}
	if (follows)
		ruad_warn(warnings, RUAD_MIME_RECOVERED);
	free(step);
	*data_out = out;
	return RUAD_OK;
}

enum ruad_status
ruad_leaf_decode(GMimePart *part, size_t mail_len, unsigned char **data_out,
    size_t *len_out, struct ruad_warnings *warnings, struct ruad_err *err)
{
	return decode_as(part, encoding_of(g_mime_part_get_content(part)),
	    mail_len, data_out, len_out, warnings, err);
}

unsigned char *
ruad_leaf_base64(const unsigned char *s, size_t len, size_t *len_out)
{
	struct base64 b;
	unsigned char *out = malloc(len + 4);

	if (out == NULL)
		return NULL;
	base64_start(&b);
	*len_out = base64_step(&b, (const char *)s, len, out);
	*len_out += base64_end(&b, out + *len_out);
	return out;
}

/* RFC 3676: undo the soft line breaks of format=flowed, in place, with the
 * blank before each where that is of the break only (DelSp=yes). The line
 * before a signature ends in a blank, too, but is none. */
static void
unflow(unsigned char *data, size_t *len, bool delete_space)
{
	size_t i, n = 0, end, line = 0; /* where the line begins in the input */
	size_t begin = 0; /* and in the output */

	for (i = 0; i < *len; i++) {
		if (i == line && data[i] == ' ')
			continue; /* space-stuffed */
		if (data[i] != '\n') {
			data[n++] = data[i];
			continue;
		}
		line = i + 1;
		end = n > begin && data[n - 1] == '\r' ? n - 1 : n;
		if (end > begin && data[end - 1] == ' ' &&
		    !(end - begin == 3 && memcmp(data + begin, "-- ", 3) == 0))
			n = delete_space ? end - 1 : end;
		else
			data[n++] = '\n';
		begin = n;
	}
	*len = n;
}

static bool
is_blank(const unsigned char *p, const unsigned char *end)
{
	while (p < end && (ruad_text_blank((char)*p) || *p == '\0'))
		p++;
	return p == end;
}

enum ruad_kind
ruad_leaf_kind(const unsigned char *data, size_t len)
{
	size_t skip;

	return ruad_sniff(data, len < RUAD_SNIFF_BYTES ? len : RUAD_SNIFF_BYTES,
	    &skip);
}

/* What the header got wrong: the name of the type, or an encoding that nobody
 * knows. */
static bool
has_odd_header(GMimeObject *object)
{
	const char *encoding =
	    g_mime_object_get_header(object, "Content-Transfer-Encoding");

	return g_mime_object_get_header(object, "ContentType") != NULL ||
	    (encoding != NULL &&
		g_mime_content_encoding_from_string(encoding) ==
		    GMIME_CONTENT_ENCODING_DEFAULT);
}

/* Whether a parameter of the media type has this value. */
static bool
has_parameter(GMimeObject *object, const char *name, const char *value)
{
	const char *v =
	    g_mime_content_type_get_parameter(g_mime_object_get_content_type(
						  object),
		name);

	return v != NULL && g_ascii_strcasecmp(v, value) == 0;
}

/* Whether what is labelled as text, or not at all, is to be read as data. */
static bool
is_data(GMimeObject *object, enum ruad_kind kind)
{
	return kind == RUAD_KIND_GZIP || kind == RUAD_KIND_ZIP ||
	    (kind == RUAD_KIND_XML &&
		g_mime_object_get_header(object, "Content-Type") == NULL);
}

static bool
is_report(enum ruad_kind kind)
{
	return kind == RUAD_KIND_GZIP || kind == RUAD_KIND_ZIP ||
	    kind == RUAD_KIND_XML;
}

/* What is declared as base64 but gives nothing may not be encoded at all. */
static enum ruad_status
try_unencoded(GMimePart *part, size_t mail_len, unsigned char **data,
    size_t *len, struct ruad_warnings *warnings, struct ruad_err *err)
{
	enum ruad_kind kind = ruad_leaf_kind(*data, *len);
	struct ruad_warnings ignored = { 0 };
	unsigned char *as_is;
	size_t as_is_len;
	enum ruad_status st;

	if ((kind != RUAD_KIND_OTHER && kind != RUAD_KIND_EMPTY) ||
	    encoding_of(g_mime_part_get_content(part)) !=
		GMIME_CONTENT_ENCODING_BASE64)
		return RUAD_OK;
	st = decode_as(part, GMIME_CONTENT_ENCODING_BINARY, mail_len, &as_is,
	    &as_is_len, &ignored, err);
	if (st != RUAD_OK)
		return st;
	if (!is_report(ruad_leaf_kind(as_is, as_is_len))) {
		free(as_is);
		return RUAD_OK;
	}
	ruad_warn(warnings, RUAD_MIME_RECOVERED);
	free(*data);
	*data = as_is;
	*len = as_is_len;
	return RUAD_OK;
}

enum ruad_status
ruad_leaf_read(GMimePart *part, size_t mail_len, bool *text,
    unsigned char **data_out, size_t *len_out, struct ruad_warnings *warnings,
    struct ruad_err *err)
{
	const unsigned char *hidden, *end;
	unsigned char *data;
	enum ruad_status st =
	    ruad_leaf_decode(part, mail_len, &data, len_out, warnings, err);

	if (st != RUAD_OK)
		return st;
	st = try_unencoded(part, mail_len, &data, len_out, warnings, err);
	if (st != RUAD_OK) {
		free(data);
		return st;
	}
	if (*text && has_parameter(GMIME_OBJECT(part), "format", "flowed"))
		unflow(data, len_out,
		    has_parameter(GMIME_OBJECT(part), "delsp", "yes"));
	if (has_odd_header(GMIME_OBJECT(part)))
		ruad_warn(warnings, RUAD_MIME_RECOVERED);
	*data_out = data;
	if (ruad_leaf_kind(data, *len_out) == RUAD_KIND_OTHER &&
	    (hidden = ruad_mend_find_base64(data, *len_out, &end)) != NULL &&
	    is_blank(data, hidden)) {
		ruad_warn(warnings, RUAD_MIME_RECOVERED);
		*data_out =
		    ruad_leaf_base64(hidden, (size_t)(end - hidden), len_out);
		free(data);
		if (*data_out == NULL)
			return ruad_fail_memory(err, "part");
	}
	if (is_data(GMIME_OBJECT(part), ruad_leaf_kind(*data_out, *len_out)))
		*text = false;
	return RUAD_OK;
}
