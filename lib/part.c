/* part.c - GMime does MIME; this file walks its tree, decides which leaves may
 * hold a report, and mends three kinds of damage: encoded data without a label,
 * mails without a usable boundary, and mails inside attachments.
 * Invariant: the tree is walked once, in ruad_parts_new(); `leaves` are then in
 * the order in which they are handed out.
 * Not done: GLib ends the program when it is out of memory. */
#include "part.h"
#include "sniff.h"
#include "text.h"
#include "value.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#define STEP 65536u
#define NESTED_MAILS 3u /* mails inside mails that are looked into */
/* GMime makes objects of every boundary and field before anything can be
 * counted, so a rough count of lines comes first. */
#define LINES_PER_PART 20u
#define FIELDS_MAX 10000u

enum leaf_form {
	LEAF_DATA,
	LEAF_TEXT, /* text/plain */
	LEAF_REFUSED
};

struct leaf {
	GMimePart *part; /* of a mail in `mails`; NULL when refused */
	enum leaf_form form;
	enum ruad_code refusal;
	char where[64];
};

/* A parsed mail, and the bytes it lies in. */
struct mail {
	GMimeMessage *message;
	GByteArray *bytes;
	void *decoded; /* owned, for a mail out of an attachment */
};

struct ruad_parts {
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_budget *budget; /* borrowed */
	const unsigned char *data; /* borrowed: the whole mail */
	size_t len;
	GArray *leaves; /* struct leaf */
	GArray *mails; /* struct mail */
	uint64_t count; /* parts seen */
	guint next;
	bool second_round; /* handing out texts */
	bool recovered; /* the whole mail has been searched */
	unsigned archives; /* data parts that were more than unknown bytes */
	bool no_boundary;
	unsigned char *buf; /* owned: of the part that is out */
	size_t charged;
	GArray *fields; /* struct ruad_field, owned strings */
	GPtrArray *from_domains; /* owned strings */
	struct ruad_mail_facts facts;
	struct ruad_warnings warnings;
};

void
ruad_part_global_init(void)
{
	g_mime_init();
}

/* ---- before parsing ---- */

static bool
is_field_line(const unsigned char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len && p[i] != ':'; i++)
		if (!g_ascii_isalnum(p[i]) && p[i] != '-' && p[i] != '_')
			return false;
	return i > 0 && i < len;
}

/* Refuse a mail that would take GMime unreasonable memory. */
static enum ruad_status
count_lines(const struct ruad_parts *p, struct ruad_err *err)
{
	uint64_t max_boundaries = LINES_PER_PART * (p->lim->mime_parts + 10);
	uint64_t boundaries = 0, fields = 0;
	const unsigned char *s = p->data, *end = s + p->len, *eol;

	for (; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (eol == NULL)
			eol = end;
		if (eol - s >= 2 && s[0] == '-' && s[1] == '-' &&
		    ++boundaries > max_boundaries)
			break;
		if (is_field_line(s, (size_t)(eol - s))) {
			if (++fields > FIELDS_MAX)
				break;
		} else if (s < eol && *s != ' ' && *s != '\t') {
			fields = 0;
		}
	}
	if (s >= end)
		return RUAD_OK;
	return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
	    "part: more than %llu boundary lines or %u header fields",
	    (unsigned long long)max_boundaries, FIELDS_MAX);
}

/* Parse bytes as a mail and keep it; NULL when they are none. */
static GMimeMessage *
parse_mail(struct ruad_parts *p, const void *data, size_t len, void *decoded)
{
	struct mail m = { .decoded = decoded };
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeParser *parser;

	/* The array only lends its bytes; nothing writes through it. */
	m.bytes = g_byte_array_new_take((guint8 *)(uintptr_t)data, len);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), m.bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	m.message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	g_array_append_val(p->mails, m);
	return m.message;
}

/* ---- the walk ---- */

static enum ruad_status walk(struct ruad_parts *p, GMimeObject *object,
    unsigned depth, unsigned nested, bool returned, const char *where,
    struct ruad_err *err);

static void
add_leaf(struct ruad_parts *p, GMimePart *part, enum leaf_form form,
    enum ruad_code refusal, const char *where)
{
	struct leaf leaf = { .part = part, .form = form, .refusal = refusal };

	g_strlcpy(leaf.where, where, sizeof(leaf.where));
	g_array_append_val(p->leaves, leaf);
}

static void
refuse_leaf(struct ruad_parts *p, enum ruad_code refusal, const char *where)
{
	add_leaf(p, NULL, LEAF_REFUSED, refusal, where);
}

static enum ruad_status
walk_message(struct ruad_parts *p, GMimeMessage *message, unsigned depth,
    unsigned nested, const char *where, struct ruad_err *err)
{
	GMimeObject *inner =
	    message != NULL ? g_mime_message_get_mime_part(message) : NULL;

	if (inner == NULL)
		return RUAD_OK;
	if (nested >= NESTED_MAILS) {
		refuse_leaf(p, RUAD_LIMIT_PARTS, where);
		return RUAD_OK;
	}
	p->facts.forwarded = true;
	return walk(p, inner, depth + 1, nested + 1, false, where, err);
}

static bool
has_parameter(GMimeContentType *type, const char *name, const char *value)
{
	const char *v = g_mime_content_type_get_parameter(type, name);

	return v != NULL && g_ascii_strcasecmp(v, value) == 0;
}

static bool
is_notice(GMimeContentType *type)
{
	return g_mime_content_type_is_type(type, "multipart", "report") &&
	    (has_parameter(type, "report-type", "delivery-status") ||
		has_parameter(type, "report-type",
		    "disposition-notification"));
}

static enum ruad_status
walk_multipart(struct ruad_parts *p, GMimeMultipart *multipart, unsigned depth,
    unsigned nested, bool returned, const char *where, struct ruad_err *err)
{
	GMimeContentType *type = g_mime_object_get_content_type(
	    GMIME_OBJECT(multipart));
	enum ruad_status st = RUAD_OK;
	char child[64];
	int i, n = g_mime_multipart_get_count(multipart);

	if (g_mime_content_type_is_type(type, "multipart", "encrypted")) {
		refuse_leaf(p, RUAD_MIME_ENCRYPTED, where);
		return RUAD_OK;
	}
	if (is_notice(type))
		p->facts.bounce = true;
	/* RFC 6522: a message inside a report is the one reported on. */
	if (g_mime_content_type_is_type(type, "multipart", "report"))
		returned = true;
	if (n == 0)
		p->no_boundary = true;
	for (i = 0; i < n && st == RUAD_OK; i++) {
		g_snprintf(child, sizeof(child), "%s%s%d", where,
		    strchr(where, ' ') != NULL && where[5] != '\0' ? "." : "",
		    i + 1);
		st = walk(p, g_mime_multipart_get_part(multipart, i),
		    depth + 1, nested, returned, child, err);
	}
	return st;
}

/* Leaves by media type. A type is believed only where it says that the leaf
 * is certainly no report. */
static const struct leaf_type {
	const char *type, *subtype;
	enum ruad_code refusal; /* NONE: passed over */
} leaf_types[] = {
	{ "text", "html", RUAD_CODE_NONE },
	{ "text", "rfc822-headers", RUAD_CODE_NONE },
	{ "application", "pkcs7-signature", RUAD_CODE_NONE },
	{ "application", "x-pkcs7-signature", RUAD_CODE_NONE },
	{ "application", "pgp-signature", RUAD_CODE_NONE },
	{ "application", "pkcs7-mime", RUAD_MIME_ENCRYPTED },
	{ "application", "x-pkcs7-mime", RUAD_MIME_ENCRYPTED },
	{ "application", "pgp-encrypted", RUAD_MIME_ENCRYPTED },
	{ "application", "ms-tnef", RUAD_MIME_TNEF },
	{ "application", "vnd.ms-tnef", RUAD_MIME_TNEF },
	{ "message", "feedback-report", RUAD_CODE_NONE },
	{ "message", "delivery-status", RUAD_CODE_NONE },
	{ "message", "disposition-notification", RUAD_CODE_NONE },
	{ "application", "tlsrpt+gzip", RUAD_CODE_NONE },
	{ "application", "tlsrpt+json", RUAD_CODE_NONE },
};

static void
note_type(struct ruad_parts *p, GMimeContentType *type)
{
	if (g_mime_content_type_is_type(type, "message", "feedback-report"))
		p->facts.failure_report = true;
	else if (g_mime_content_type_is_type(type, "message",
		     "delivery-status") ||
	    g_mime_content_type_is_type(type, "message",
		"disposition-notification"))
		p->facts.bounce = true;
	else if (g_mime_content_type_is_type(type, "application",
		     "tlsrpt+gzip") ||
	    g_mime_content_type_is_type(type, "application", "tlsrpt+json"))
		p->facts.tls_report = true;
}

static enum ruad_status decode(struct ruad_parts *p, GMimePart *part,
    unsigned char **data_out, size_t *len_out, struct ruad_err *err);

/* Whether decoded bytes begin like a mail: header fields, among them one of
 * MIME. */
static bool
looks_like_mail(const unsigned char *data, size_t len)
{
	size_t n = len < 4096 ? len : 4096;
	const unsigned char *eol = memchr(data, '\n', n);

	return eol != NULL && is_field_line(data, (size_t)(eol - data)) &&
	    (memmem(data, n, "Content-Type:", 13) != NULL ||
		memmem(data, n, "MIME-Version:", 13) != NULL);
}

/* An attached mail that is encoded, or not labelled as one. */
static enum ruad_status
walk_attached_mail(struct ruad_parts *p, GMimePart *part, unsigned depth,
    unsigned nested, const char *where, bool *was_mail_out,
    struct ruad_err *err)
{
	GMimeMessage *message;
	unsigned char *data;
	size_t len;
	enum ruad_status st = decode(p, part, &data, &len, err);

	*was_mail_out = false;
	if (st != RUAD_OK)
		return st;
	if (!looks_like_mail(data, len)) {
		free(data);
		return RUAD_OK;
	}
	*was_mail_out = true;
	message = parse_mail(p, data, len, data);
	return walk_message(p, message, depth, nested, where, err);
}

static bool
may_be_attached_mail(GMimePart *part, GMimeContentType *type)
{
	const char *name = g_mime_part_get_filename(part);
	size_t n = name != NULL ? strlen(name) : 0;

	return g_mime_content_type_is_type(type, "message", "*") ||
	    (n > 4 && g_ascii_strcasecmp(name + n - 4, ".eml") == 0);
}

static enum ruad_status
walk_part(struct ruad_parts *p, GMimePart *part, unsigned depth,
    unsigned nested, const char *where, struct ruad_err *err)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(part));
	enum ruad_status st;
	bool was_mail;
	size_t i;

	note_type(p, type);
	for (i = 0; i < G_N_ELEMENTS(leaf_types); i++) {
		if (!g_mime_content_type_is_type(type, leaf_types[i].type,
			leaf_types[i].subtype))
			continue;
		if (leaf_types[i].refusal != RUAD_CODE_NONE)
			refuse_leaf(p, leaf_types[i].refusal, where);
		return RUAD_OK;
	}
	if (may_be_attached_mail(part, type)) {
		st = walk_attached_mail(p, part, depth, nested, where,
		    &was_mail, err);
		if (st != RUAD_OK || was_mail)
			return st;
	}
	add_leaf(p, part,
	    g_mime_content_type_is_type(type, "text", "plain") ? LEAF_TEXT :
								 LEAF_DATA,
	    RUAD_CODE_NONE, where);
	return RUAD_OK;
}

/* `returned`: inside a multipart/report, where messages are not looked into. */
static enum ruad_status
walk(struct ruad_parts *p, GMimeObject *object, unsigned depth,
    unsigned nested, bool returned, const char *where, struct ruad_err *err)
{
	if (++p->count > p->lim->mime_parts)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
		    "part: more than %llu parts (max_mime_parts)",
		    (unsigned long long)p->lim->mime_parts);
	if (depth > p->lim->mime_depth)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
		    "part: nested more than %llu deep (max_mime_depth)",
		    (unsigned long long)p->lim->mime_depth);
	if (GMIME_IS_MESSAGE_PARTIAL(object)) {
		refuse_leaf(p, RUAD_MIME_PARTIAL, where);
		return RUAD_OK;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		if (returned) {
			p->facts.bounce = true;
			return RUAD_OK;
		}
		return walk_message(p,
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)),
		    depth, nested, where, err);
	}
	if (GMIME_IS_MULTIPART(object))
		return walk_multipart(p, GMIME_MULTIPART(object), depth,
		    nested, returned, where, err);
	if (GMIME_IS_PART(object))
		return walk_part(p, GMIME_PART(object), depth, nested,
		    strcmp(where, "part ") == 0 ? "part 1" : where, err);
	return RUAD_OK;
}

/* ---- facts ---- */

static void
add_from_domains(struct ruad_parts *p, const char *value)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);
	int i, n = list != NULL ? internet_address_list_length(list) : 0;

	for (i = 0; i < n; i++) {
		InternetAddress *a =
		    internet_address_list_get_address(list, i);
		char domain[256];
		const char *addr, *at;
		bool address;

		if (!INTERNET_ADDRESS_IS_MAILBOX(a))
			continue;
		addr = internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(a));
		at = addr != NULL ? strrchr(addr, '@') : NULL;
		if (at == NULL ||
		    ruad_value_domain(at + 1, strlen(at + 1), domain,
			sizeof(domain), &address) != RUAD_DOMAIN_OK)
			g_ptr_array_add(p->from_domains, g_strdup(""));
		else
			g_ptr_array_add(p->from_domains, g_strdup(domain));
	}
	if (list != NULL)
		g_object_unref(list);
}

static void
collect_facts(struct ruad_parts *p, GMimeMessage *message)
{
	GMimeHeaderList *list =
	    g_mime_object_get_header_list(GMIME_OBJECT(message));
	int i, n = g_mime_header_list_get_count(list);

	p->facts.subject = g_mime_message_get_subject(message);
	p->facts.message_id = g_mime_message_get_message_id(message);
	for (i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		struct ruad_field f;
		const char *raw = g_mime_header_get_raw_value(h);

		f.name = g_strdup(g_mime_header_get_name(h));
		f.value = g_strchomp(g_strdup(raw != NULL ? raw : ""));
		if (g_ascii_strcasecmp(f.name, "From") == 0)
			add_from_domains(p, f.value);
		if (g_ascii_strcasecmp(f.name, "Auto-Submitted") == 0 &&
		    g_ascii_strncasecmp(g_strchug((char *)(uintptr_t)f.value),
			"auto-replied", 12) == 0)
			p->facts.bounce = true;
		g_array_append_val(p->fields, f);
	}
	p->facts.fields = (const struct ruad_field *)(void *)p->fields->data;
	p->facts.field_count = p->fields->len;
	p->facts.from_domains = (const char *const *)p->from_domains->pdata;
	p->facts.from_domain_count = p->from_domains->len;
}

/* ---- decoding ---- */

/* The decoded content of a part, in memory that the caller frees. */
static enum ruad_status
decode(struct ruad_parts *p, GMimePart *part, unsigned char **data_out,
    size_t *len_out, struct ruad_err *err)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream =
	    content != NULL ? g_mime_data_wrapper_get_stream(content) : NULL;
	GMimeEncoding codec;
	gint64 raw_len = stream != NULL ? g_mime_stream_length(stream) : 0;
	unsigned char *out;
	char *step = malloc(STEP);
	size_t len = 0;
	ssize_t n;

	*data_out = NULL;
	if (raw_len < 0 || (uint64_t)raw_len > p->len)
		raw_len = (gint64)p->len;
	/* No decoding makes a part longer, but for a few bytes at its end. */
	out = malloc((size_t)raw_len + STEP);
	if (step == NULL || out == NULL) {
		free(step);
		free(out);
		return ruad_fail_memory(err, "part");
	}
	g_mime_encoding_init_decode(&codec,
	    content != NULL ? g_mime_data_wrapper_get_encoding(content) :
			      GMIME_CONTENT_ENCODING_DEFAULT);
	if (stream != NULL)
		g_mime_stream_reset(stream);
	while (stream != NULL && len <= (size_t)raw_len &&
	    (n = g_mime_stream_read(stream, step, STEP / 2)) > 0)
		len += g_mime_encoding_step(&codec, step, (size_t)n,
		    (char *)out + len);
	len += g_mime_encoding_flush(&codec, step, 0, (char *)out + len);
	free(step);
	*data_out = out;
	*len_out = len;
	return RUAD_OK;
}

/* Where base64 of something we read begins, at the beginning of a line: gzip,
 * zip, "<?xml", "<feed", and a UTF-8 byte order mark before one of these. */
static const unsigned char *
find_base64(const unsigned char *data, size_t len)
{
	static const char *const prefixes[] = { "H4sI", "UEsD", "PD94bWwg",
		"PGZlZWRi", "77u/" };
	const unsigned char *s = data, *end = data + len, *eol;
	size_t i;

	for (; s < end; s = eol + 1) {
		for (i = 0; i < G_N_ELEMENTS(prefixes); i++) {
			size_t n = strlen(prefixes[i]);

			if ((size_t)(end - s) >= n &&
			    memcmp(s, prefixes[i], n) == 0)
				return s;
		}
		eol = memchr(s, '\n', (size_t)(end - s));
		if (eol == NULL)
			break;
	}
	return NULL;
}

/* Decode base64 from s to the first empty line or boundary. */
static unsigned char *
decode_base64(const unsigned char *s, const unsigned char *end,
    size_t *len_out)
{
	const unsigned char *stop = s;
	unsigned char *out;
	int state = 0;
	guint32 save = 0;

	while (stop < end && *stop != '-' && *stop != '\n' &&
	    !(*stop == '\r' && stop + 1 < end && stop[1] == '\n')) {
		const unsigned char *eol =
		    memchr(stop, '\n', (size_t)(end - stop));

		stop = eol != NULL ? eol + 1 : end;
	}
	out = malloc((size_t)(stop - s) + 4);
	if (out != NULL)
		*len_out = g_mime_encoding_base64_decode_step(s,
		    (size_t)(stop - s), out, &state, &save);
	return out;
}

/* RFC 3676: undo the soft line breaks of format=flowed, in place. */
static void
unflow(unsigned char *data, size_t *len)
{
	size_t i, n = 0, line = 0;

	for (i = 0; i < *len; i++) {
		if (i == line && data[i] == ' ')
			continue; /* space-stuffed */
		if (data[i] == '\n') {
			size_t back = n > 0 && data[n - 1] == '\r' ? 2 : 1;

			line = i + 1;
			if (n >= back && data[n - back] == ' ') {
				n -= back - 1;
				continue;
			}
		}
		data[n++] = data[i];
	}
	*len = n;
}

static void
drop_buffer(struct ruad_parts *p)
{
	ruad_budget_give(p->budget, p->charged);
	p->charged = 0;
	free(p->buf);
	p->buf = NULL;
}

/* Charge the buffer that is handed out, and make it p's. */
static enum ruad_status
hold_buffer(struct ruad_parts *p, unsigned char *buf, size_t len,
    struct ruad_part *out, struct ruad_err *err)
{
	if (buf == NULL || !ruad_budget_take(p->budget, len)) {
		free(buf);
		return ruad_fail_memory(err, "part");
	}
	p->buf = buf;
	p->charged = len;
	out->data = buf;
	out->len = len;
	return RUAD_OK;
}

/* ---- stepping ---- */

static enum ruad_status
hand_out(struct ruad_parts *p, const struct leaf *leaf, struct ruad_part *out,
    struct ruad_err *err)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(leaf->part));
	const char *name = g_mime_part_get_filename(leaf->part);
	const unsigned char *hidden;
	unsigned char *data, *again;
	size_t len, skip;
	enum ruad_status st = decode(p, leaf->part, &data, &len, err);

	if (st != RUAD_OK)
		return st;
	if (name == NULL)
		name = g_mime_part_get_content_description(leaf->part);
	out->file_name = name != NULL ? name : "";
	out->text = leaf->form == LEAF_TEXT;
	if (out->text && has_parameter(type, "format", "flowed"))
		unflow(data, &len);
	if (ruad_sniff(data, len < RUAD_SNIFF_BYTES ? len : RUAD_SNIFF_BYTES,
		&skip) == RUAD_KIND_OTHER &&
	    (hidden = find_base64(data, len)) == data) {
		again = decode_base64(hidden, data + len, &len);
		free(data);
		data = again;
		ruad_warn(&p->warnings, RUAD_MIME_RECOVERED);
	}
	return hold_buffer(p, data, len, out, err);
}

/* Nothing was found where it should be: look for encoded data anywhere. */
static enum ruad_status
hand_out_recovered(struct ruad_parts *p, struct ruad_part *out,
    struct ruad_err *err)
{
	const unsigned char *hidden = find_base64(p->data, p->len);
	unsigned char *data;
	size_t len = 0;

	if (hidden == NULL)
		return RUAD_END;
	out->where = "body";
	data = decode_base64(hidden, p->data + p->len, &len);
	ruad_warn(&p->warnings, RUAD_MIME_RECOVERED);
	return hold_buffer(p, data, len, out, err);
}

/* Whether the part just handed out is something we know. */
static void
note_kind(struct ruad_parts *p, const struct ruad_part *part)
{
	size_t skip, n = part->len < RUAD_SNIFF_BYTES ? part->len :
							RUAD_SNIFF_BYTES;
	enum ruad_kind kind = ruad_sniff(part->data, n, &skip);

	if (kind != RUAD_KIND_OTHER && kind != RUAD_KIND_EMPTY)
		p->archives++;
}

static enum ruad_status
end_first_round(struct ruad_parts *p, struct ruad_part *out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_END;

	p->second_round = true;
	p->next = 0;
	if (p->archives == 0 && !p->facts.bounce)
		st = hand_out_recovered(p, out, err);
	if (st == RUAD_END && p->no_boundary) {
		out->where = "part 1";
		return ruad_fail(err, RUAD_BAD, RUAD_MIME_NO_BOUNDARY,
		    "part: multipart without a usable boundary");
	}
	return st;
}

enum ruad_status
ruad_parts_next(struct ruad_parts *p, struct ruad_part *out,
    struct ruad_err *err)
{
	enum ruad_status st;

	drop_buffer(p);
	memset(out, 0, sizeof(*out));
	out->file_name = "";
	out->where = "";
	for (;;) {
		const struct leaf *leaf;

		if (p->next == p->leaves->len) {
			if (p->second_round)
				return RUAD_END;
			st = end_first_round(p, out, err);
			if (st != RUAD_END)
				return st;
			continue;
		}
		leaf = &g_array_index(p->leaves, struct leaf, p->next++);
		if ((leaf->form == LEAF_TEXT) != p->second_round)
			continue;
		out->where = leaf->where;
		if (leaf->form == LEAF_REFUSED) {
			p->archives++;
			return ruad_fail(err,
			    leaf->refusal == RUAD_LIMIT_PARTS ? RUAD_LIMIT :
								RUAD_BAD,
			    leaf->refusal, "part: %s",
			    ruad_code_help(leaf->refusal));
		}
		st = hand_out(p, leaf, out, err);
		if (st == RUAD_OK && !p->second_round)
			note_kind(p, out);
		return st;
	}
}

enum ruad_status
ruad_parts_new(const void *data, size_t len, const struct ruad_limits *lim,
    struct ruad_budget *budget, struct ruad_parts **out, struct ruad_err *err)
{
	struct ruad_parts *p = *out = calloc(1, sizeof(*p));
	GMimeMessage *message;
	enum ruad_status st;

	if (p == NULL)
		return ruad_fail_memory(err, "part");
	p->lim = lim;
	p->budget = budget;
	p->data = data;
	p->len = len;
	p->leaves = g_array_new(FALSE, FALSE, sizeof(struct leaf));
	p->mails = g_array_new(FALSE, FALSE, sizeof(struct mail));
	p->fields = g_array_new(FALSE, FALSE, sizeof(struct ruad_field));
	p->from_domains = g_ptr_array_new_with_free_func(g_free);
	if ((st = count_lines(p, err)) != RUAD_OK)
		goto fail;
	message = parse_mail(p, data, len, NULL);
	if (message == NULL)
		return RUAD_OK;
	collect_facts(p, message);
	if (g_mime_message_get_mime_part(message) != NULL)
		st = walk(p, g_mime_message_get_mime_part(message), 1, 0,
		    false, "part ", err);
	if (st == RUAD_OK)
		return RUAD_OK;
fail:
	ruad_parts_free(out);
	return st;
}

const struct ruad_mail_facts *
ruad_parts_facts(const struct ruad_parts *p)
{
	return &p->facts;
}

struct ruad_warnings
ruad_parts_warnings(const struct ruad_parts *p)
{
	return p->warnings;
}

static void
free_mails(GArray *mails)
{
	guint i;

	for (i = 0; i < mails->len; i++) {
		struct mail *m = &g_array_index(mails, struct mail, i);

		if (m->message != NULL)
			g_object_unref(m->message);
		g_byte_array_free(m->bytes, FALSE);
		free(m->decoded);
	}
	g_array_free(mails, TRUE);
}

void
ruad_parts_free(struct ruad_parts **p)
{
	guint i;

	if (*p == NULL)
		return;
	drop_buffer(*p);
	for (i = 0; i < (*p)->fields->len; i++) {
		struct ruad_field *f =
		    &g_array_index((*p)->fields, struct ruad_field, i);

		g_free((char *)(uintptr_t)f->name);
		g_free((char *)(uintptr_t)f->value);
	}
	g_array_free((*p)->fields, TRUE);
	g_ptr_array_free((*p)->from_domains, TRUE);
	g_array_free((*p)->leaves, TRUE);
	free_mails((*p)->mails);
	free(*p);
	*p = NULL;
}
