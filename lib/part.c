/* part.c - GMime does MIME; this file walks its tree and decides which leaves
 * may hold a report. What GMime would stumble over is mended before: mend.c.
 * Invariant: the tree is walked once, in ruad_parts_new(); `leaves` are then in
 * the order in which they are handed out.
 * Not done: GLib ends the program when it is out of memory. */
#include "part.h"
#include "leaf.h"
#include "mend.h"
#include "sniff.h"
#include "text.h"
#include "weigh.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#define NESTED_MAILS 3u /* mails inside mails that are looked into */

enum leaf_form {
	LEAF_DATA,
	LEAF_LABELLED, /* as another kind of report */
	LEAF_TEXT, /* text/plain */
	LEAF_REFUSED
};

struct leaf {
	GMimePart *part; /* of a mail in `mails`; NULL when refused */
	enum leaf_form form;
	enum ruad_code refusal;
	bool forwarded; /* in a mail inside this one */
	struct ruad_warnings warnings;
	char where[64];
};

/* Where in the tree the walk is. */
struct place {
	unsigned depth;
	unsigned nested; /* mails around it, but for the outermost */
	bool returned; /* inside a multipart/report, where messages are not
			* looked into */
	struct ruad_warnings warnings; /* of what is around it */
	const char *where;
};

/* A parsed mail, and the bytes it lies in. */
struct mail {
	GMimeMessage *message;
	GByteArray *bytes;
	void *owned; /* the bytes, where they are not the caller's */
	size_t charged;
};

struct ruad_parts {
	const struct ruad_limits *lim; /* borrowed */
	struct ruad_budget *budget; /* borrowed */
	const unsigned char *data; /* the whole mail, mended */
	size_t len;
	GArray *leaves; /* struct leaf */
	GArray *mails; /* struct mail */
	size_t weight; /* of all mails: weigh.h */
	uint64_t count; /* parts seen */
	guint next;
	bool second_round; /* handing out texts */
	bool no_boundary; /* a multipart has no parts */
	bool bounded; /* and its boundary has been looked for */
	bool html; /* a part was */
	unsigned archives; /* parts that were more than unknown bytes */
	bool searched; /* the whole mail, for encoded data */
	unsigned char *buf; /* owned: of the part that is out */
	size_t charged; /* room for a copy of the mail: no decoded part is
			 * longer, nor is what was mended */
	struct ruad_mail_facts facts;
	struct ruad_facts *held; /* owned: what the facts point to */
	bool mended; /* lines in the header of the mail or a part */
};

void
ruad_part_global_init(void)
{
	g_mime_init();
}

/* ---- parsing ---- */

/* Take what GMime will need for a mail, or refuse the mail if that is
 * unreasonable. */
static enum ruad_status
weigh(struct ruad_parts *p, struct mail *m, const unsigned char *data,
    size_t len, struct ruad_err *err)
{
	struct ruad_weight w;

	ruad_weigh_mail(data, len, &w);
	p->weight += w.objects;
	if (w.deadly || p->weight > RUAD_WEIGH_MAX)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
		    "part: more header fields, addresses or boundaries than "
		    "can be read");
	m->charged = (m->owned != NULL ? len : 0) + w.objects + w.texts;
	if (ruad_budget_take(p->budget, m->charged))
		return RUAD_OK;
	return ruad_fail_memory(err, "part");
}

/* Parse bytes as a mail and keep it; *out is NULL when they are none. `owned`
 * is taken over, where the bytes are not the caller's. */
static enum ruad_status
parse_mail(struct ruad_parts *p, const unsigned char *data, size_t len,
    unsigned char *owned, GMimeMessage **out, struct ruad_err *err)
{
	struct mail m = { .owned = owned };
	enum ruad_status st = weigh(p, &m, data, len, err);
	GMimeStream *stream;
	GMimeParser *parser;

	if (st != RUAD_OK) {
		free(owned);
		return st;
	}
	/* The array only lends its bytes; nothing writes through it. */
	stream = g_mime_stream_mem_new();
	m.bytes = g_byte_array_new_take((guint8 *)(uintptr_t)data, len);
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), m.bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	*out = m.message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	g_array_append_val(p->mails, m);
	return RUAD_OK;
}

/* ---- the walk ---- */

static enum ruad_status walk(struct ruad_parts *p, GMimeObject *object,
    const struct place *at, struct ruad_err *err);

static void
add_leaf(struct ruad_parts *p, GMimePart *part, enum leaf_form form,
    enum ruad_code refusal, const struct place *at)
{
	struct leaf leaf = { .part = part,
		.form = form,
		.refusal = refusal,
		.forwarded = at->nested > 0,
		.warnings = at->warnings };

	/* The only one has no number yet. */
	g_strlcpy(leaf.where,
	    strcmp(at->where, "part ") == 0 ? "part 1" : at->where,
	    sizeof(leaf.where));
	g_array_append_val(p->leaves, leaf);
}

static void
refuse_leaf(struct ruad_parts *p, enum ruad_code refusal,
    const struct place *at)
{
	add_leaf(p, NULL, LEAF_REFUSED, refusal, at);
}

/* Warn of lines that were mended in the header of an object. */
static void
warn_mended(const struct ruad_parts *p, GMimeObject *object,
    struct ruad_warnings *warnings)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int i, n = p->mended ? g_mime_header_list_get_count(list) : 0;
	const char *raw;

	for (i = 0; i < n; i++) {
		raw = g_mime_header_get_raw_value(
		    g_mime_header_list_get_header_at(list, i));
		if (raw != NULL && strstr(raw, "\n" RUAD_MEND_FOLD) != NULL)
			ruad_warn(warnings, RUAD_MIME_RECOVERED);
	}
}

static enum ruad_status
walk_message(struct ruad_parts *p, GMimeMessage *message,
    const struct place *at, struct ruad_err *err)
{
	GMimeObject *inner =
	    message != NULL ? g_mime_message_get_mime_part(message) : NULL;
	struct place below = *at;

	if (inner == NULL)
		return RUAD_OK;
	below.depth++;
	below.nested++;
	below.returned = false;
	if (below.nested > NESTED_MAILS) {
		refuse_leaf(p, RUAD_LIMIT_PARTS, &below);
		return RUAD_OK;
	}
	warn_mended(p, GMIME_OBJECT(message), &below.warnings);
	return walk(p, inner, &below, err);
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
		has_parameter(type, "report-type", "disposition-notification"));
}

/* The boundary of a multipart is not declared, or not there. */
static enum ruad_status
walk_unbounded(struct ruad_parts *p, const struct place *at,
    struct ruad_err *err)
{
	GMimeMessage *message = NULL;
	struct place below = *at;
	unsigned char *mended;
	enum ruad_status st;
	size_t len;

	p->no_boundary = true;
	if (p->bounded)
		return RUAD_OK;
	p->bounded = true;
	st = ruad_mend_boundary(p->data, p->len, &mended, &len, err);
	if (st == RUAD_OK && mended != NULL)
		st = parse_mail(p, mended, len, mended, &message, err);
	if (st != RUAD_OK || message == NULL)
		return st;
	p->no_boundary = false;
	ruad_warn(&below.warnings, RUAD_MIME_RECOVERED);
	return walk(p, g_mime_message_get_mime_part(message), &below, err);
}

static enum ruad_status
walk_multipart(struct ruad_parts *p, GMimeMultipart *multipart,
    const struct place *at, struct ruad_err *err)
{
	GMimeContentType *type =
	    g_mime_object_get_content_type(GMIME_OBJECT(multipart));
	enum ruad_status st = RUAD_OK;
	struct place below = *at;
	char where[64];
	int i, n = g_mime_multipart_get_count(multipart);

	if (g_mime_content_type_is_type(type, "multipart", "encrypted")) {
		refuse_leaf(p, RUAD_MIME_ENCRYPTED, at);
		return RUAD_OK;
	}
	if (is_notice(type))
		p->facts.bounce = true;
	/* RFC 6522: a message inside a report is the one reported on. */
	if (g_mime_content_type_is_type(type, "multipart", "report"))
		below.returned = true;
	if (n == 0)
		return walk_unbounded(p, &below, err);
	below.depth++;
	below.where = where;
	for (i = 0; i < n && st == RUAD_OK; i++) {
		g_snprintf(where, sizeof(where), "%s%s%d", at->where,
		    strchr(at->where, ' ') != NULL && at->where[5] != '\0' ? "."
									   : "",
		    i + 1);
		st = walk(p, g_mime_multipart_get_part(multipart, i), &below,
		    err);
	}
	return st;
}

/* Leaves by media type. A type is believed only where it says that the leaf
 * is certainly no report. */
static const struct leaf_type {
	const char *type, *subtype;
	enum ruad_code refusal; /* NONE: passed over, or read */
	bool read;
} leaf_types[] = {
	{ "text", "html", RUAD_CODE_NONE, false },
	{ "text", "rfc822-headers", RUAD_CODE_NONE, false },
	{ "application", "pkcs7-signature", RUAD_CODE_NONE, false },
	{ "application", "x-pkcs7-signature", RUAD_CODE_NONE, false },
	{ "application", "pgp-signature", RUAD_CODE_NONE, false },
	{ "application", "pkcs7-mime", RUAD_MIME_ENCRYPTED, false },
	{ "application", "x-pkcs7-mime", RUAD_MIME_ENCRYPTED, false },
	{ "application", "pgp-encrypted", RUAD_MIME_ENCRYPTED, false },
	{ "application", "ms-tnef", RUAD_MIME_TNEF, false },
	{ "application", "vnd.ms-tnef", RUAD_MIME_TNEF, false },
	{ "message", "feedback-report", RUAD_CODE_NONE, true },
	{ "message", "delivery-status", RUAD_CODE_NONE, false },
	{ "message", "disposition-notification", RUAD_CODE_NONE, false },
	{ "application", "tlsrpt+gzip", RUAD_CODE_NONE, true },
	{ "application", "tlsrpt+json", RUAD_CODE_NONE, true },
};

static void
note_type(struct ruad_parts *p, GMimeContentType *type)
{
	if (g_mime_content_type_is_type(type, "text", "html"))
		p->html = true;
	else if (g_mime_content_type_is_type(type, "message",
		     "feedback-report"))
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

/* An attached mail that is encoded, or not labelled as one. */
static enum ruad_status
walk_attached_mail(struct ruad_parts *p, GMimePart *part,
    const struct place *at, bool *was_mail_out, struct ruad_err *err)
{
	GMimeMessage *message;
	struct place below = *at;
	unsigned char *data;
	size_t len;
	enum ruad_status st =
	    ruad_leaf_decode(part, p->len, &data, &len, &below.warnings, err);

	*was_mail_out = false;
	if (st != RUAD_OK)
		return st;
	if (!ruad_mend_is_mail(data, len)) {
		free(data);
		return RUAD_OK;
	}
	*was_mail_out = true;
	st = parse_mail(p, data, len, data, &message, err);
	return st != RUAD_OK ? st : walk_message(p, message, &below, err);
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
walk_part(struct ruad_parts *p, GMimePart *part, const struct place *at,
    struct ruad_err *err)
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
			refuse_leaf(p, leaf_types[i].refusal, at);
		else if (leaf_types[i].read)
			add_leaf(p, part, LEAF_LABELLED, RUAD_CODE_NONE, at);
		return RUAD_OK;
	}
	if (may_be_attached_mail(part, type)) {
		st = walk_attached_mail(p, part, at, &was_mail, err);
		if (st != RUAD_OK || was_mail)
			return st;
	}
	add_leaf(p, part, ruad_leaf_is_text(part) ? LEAF_TEXT : LEAF_DATA,
	    RUAD_CODE_NONE, at);
	return RUAD_OK;
}

static enum ruad_status
walk(struct ruad_parts *p, GMimeObject *object, const struct place *outside,
    struct ruad_err *err)
{
	struct place at = *outside;

	if (++p->count > p->lim->mime_parts)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
		    "part: more than %llu parts (max_mime_parts)",
		    (unsigned long long)p->lim->mime_parts);
	if (at.depth > p->lim->mime_depth)
		return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
		    "part: nested more than %llu deep (max_mime_depth)",
		    (unsigned long long)p->lim->mime_depth);
	warn_mended(p, object, &at.warnings);
	if (GMIME_IS_MESSAGE_PARTIAL(object)) {
		refuse_leaf(p, RUAD_MIME_PARTIAL, &at);
		return RUAD_OK;
	}
	if (GMIME_IS_MESSAGE_PART(object)) {
		if (at.returned) {
			p->facts.bounce = true;
			return RUAD_OK;
		}
		return walk_message(p,
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)),
		    &at, err);
	}
	if (GMIME_IS_MULTIPART(object))
		return walk_multipart(p, GMIME_MULTIPART(object), &at, err);
	if (GMIME_IS_PART(object))
		return walk_part(p, GMIME_PART(object), &at, err);
	return RUAD_OK;
}

static enum ruad_status
walk_mail(struct ruad_parts *p, GMimeMessage *message, struct ruad_err *err)
{
	struct place at = { .depth = 1, .where = "part " };
	GMimeObject *content = g_mime_message_get_mime_part(message);

	warn_mended(p, GMIME_OBJECT(message), &at.warnings);
	return content != NULL ? walk(p, content, &at, err) : RUAD_OK;
}

static void
drop_buffer(struct ruad_parts *p)
{
	free(p->buf);
	p->buf = NULL;
}

/* Make the buffer that is handed out p's. */
static enum ruad_status
hold_buffer(struct ruad_parts *p, unsigned char *buf, size_t len,
    struct ruad_part *out, struct ruad_err *err)
{
	if (buf == NULL)
		return ruad_fail_memory(err, "part");
	p->buf = buf;
	out->data = buf;
	out->len = len;
	return RUAD_OK;
}

/* ---- stepping ---- */

static enum ruad_status
hand_out(struct ruad_parts *p, const struct leaf *leaf, struct ruad_part *out,
    struct ruad_err *err)
{
	const char *name = g_mime_part_get_filename(leaf->part);
	const char *type_name =
	    g_mime_content_type_get_parameter(g_mime_object_get_content_type(
						  GMIME_OBJECT(leaf->part)),
		"name");
	const char *description =
	    g_mime_part_get_content_description(leaf->part);
	unsigned char *data;
	size_t len;
	enum ruad_status st;

	out->file_name = name != NULL ? name : "";
	out->type_name = type_name != NULL ? type_name : "";
	out->description = description != NULL ? description : "";
	out->text = leaf->form == LEAF_TEXT;
	out->labelled = leaf->form == LEAF_LABELLED;
	st = ruad_leaf_read(leaf->part, p->len, &out->text, &data, &len,
	    &out->warnings, err);
	return st != RUAD_OK ? st : hold_buffer(p, data, len, out, err);
}

/* Nothing was found where it should be: look for encoded data anywhere. */
static enum ruad_status
hand_out_recovered(struct ruad_parts *p, struct ruad_part *out,
    struct ruad_err *err)
{
	const unsigned char *end;
	const unsigned char *hidden =
	    ruad_mend_find_base64(p->data, p->len, &end);
	unsigned char *data;
	size_t len = 0;

	if (hidden == NULL)
		return RUAD_END;
	out->where = "body";
	ruad_warn(&out->warnings, RUAD_MIME_RECOVERED);
	data = ruad_leaf_base64(hidden, (size_t)(end - hidden), &len);
	return hold_buffer(p, data, len, out, err);
}

/* Whether the part just handed out is something we know. */
static void
note_kind(struct ruad_parts *p, const struct ruad_part *part)
{
	enum ruad_kind kind = ruad_leaf_kind(part->data, part->len);

	if (kind != RUAD_KIND_OTHER && kind != RUAD_KIND_EMPTY)
		p->archives++;
}

/* All leaves have been handed out: look further, once, where none of them was
 * anything and the mail is nothing else. What is HTML is never read. */
static enum ruad_status
look_further(struct ruad_parts *p, struct ruad_part *out, struct ruad_err *err)
{
	const struct ruad_mail_facts *f = &p->facts;
	enum ruad_status st;

	if (p->searched || p->archives > 0 || p->html || f->bounce ||
	    f->tls_report || f->failure_report)
		return RUAD_END;
	p->searched = true;
	st = hand_out_recovered(p, out, err);
	if (st == RUAD_END && p->no_boundary) {
		out->where = "part 1";
		return ruad_fail(err, RUAD_BAD, RUAD_MIME_NO_BOUNDARY,
		    "part: multipart without a usable boundary");
	}
	return st;
}

/* The next leaf of this round and then of the next one; NULL: none left. */
static const struct leaf *
next_leaf(struct ruad_parts *p)
{
	const struct leaf *leaf;

	for (;; p->second_round = true, p->next = 0) {
		while (p->next < p->leaves->len) {
			leaf =
			    &g_array_index(p->leaves, struct leaf, p->next++);
			if ((leaf->form == LEAF_TEXT) == p->second_round)
				return leaf;
		}
		if (p->second_round)
			return NULL;
	}
}

/* A leaf, or what is found when there is none left. */
static enum ruad_status
step(struct ruad_parts *p, struct ruad_part *out, struct ruad_err *err)
{
	const struct leaf *leaf = next_leaf(p);

	drop_buffer(p);
	memset(out, 0, sizeof(*out));
	out->file_name = out->type_name = out->description = out->where = "";
	if (leaf == NULL)
		return look_further(p, out, err);
	out->where = leaf->where;
	out->forwarded = leaf->forwarded;
	out->warnings = leaf->warnings;
	if (leaf->form == LEAF_REFUSED) {
		p->archives++;
		if (leaf->refusal == RUAD_LIMIT_PARTS)
			return ruad_fail(err, RUAD_LIMIT, RUAD_LIMIT_PARTS,
			    "part: more than %u mails inside each other",
			    NESTED_MAILS);
		return ruad_fail(err, RUAD_BAD, leaf->refusal, "part: %s",
		    ruad_code_help(leaf->refusal));
	}
	return hand_out(p, leaf, out, err);
}

/* A detached signature that is not labelled as one: PKCS#7 as other such data
 * is, but its name says that it encloses nothing (RFC 8551 section 3.2.2). */
static bool
is_signature(const struct ruad_part *part)
{
	size_t n = strlen(part->file_name);

	return n >= 4 &&
	    g_ascii_strcasecmp(part->file_name + n - 4, ".p7s") == 0 &&
	    ruad_leaf_kind(part->data, part->len) == RUAD_KIND_PKCS7;
}

enum ruad_status
ruad_parts_next(struct ruad_parts *p, struct ruad_part *out,
    struct ruad_err *err)
{
	enum ruad_status st;

	do {
		st = step(p, out, err);
	} while (st == RUAD_OK && is_signature(out));
	if (st == RUAD_OK)
		note_kind(p, out);
	return st;
}

/* The bytes to parse: those given, or a mended copy. */
static enum ruad_status
mend(struct ruad_parts *p, unsigned char **owned_out, struct ruad_err *err)
{
	size_t len;
	enum ruad_status st;

	st = ruad_mend_lines(p->data, p->len, owned_out, &len, err);
	if (st != RUAD_OK || *owned_out == NULL)
		return st;
	p->mended = len > p->len;
	p->data = *owned_out;
	p->len = len;
	return RUAD_OK;
}

enum ruad_status
ruad_parts_new(const void *data, size_t len, const struct ruad_limits *lim,
    struct ruad_budget *budget, struct ruad_parts **out, struct ruad_err *err)
{
	struct ruad_parts *p = *out = calloc(1, sizeof(*p));
	unsigned char *owned = NULL;
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
	if (!ruad_budget_take(budget, len)) {
		st = ruad_fail_memory(err, "part");
		goto fail;
	}
	p->charged = len;
	if ((st = mend(p, &owned, err)) != RUAD_OK ||
	    (st = parse_mail(p, p->data, p->len, owned, &message, err)) !=
		RUAD_OK)
		goto fail;
	if (message == NULL)
		return RUAD_OK;
	p->held = ruad_facts_new(message, &p->facts);
	if (p->held == NULL) {
		st = ruad_fail_memory(err, "part");
		goto fail;
	}
	st = walk_mail(p, message, err);
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

static void
free_mails(GArray *mails, struct ruad_budget *budget)
{
	guint i;

	for (i = 0; i < mails->len; i++) {
		struct mail *m = &g_array_index(mails, struct mail, i);

		if (m->message != NULL)
			g_object_unref(m->message);
		g_byte_array_free(m->bytes, FALSE);
		ruad_budget_give(budget, m->charged);
		free(m->owned);
	}
	g_array_free(mails, TRUE);
}

void
ruad_parts_free(struct ruad_parts **p)
{
	if (*p == NULL)
		return;
	drop_buffer(*p);
	ruad_budget_give((*p)->budget, (*p)->charged);
	ruad_facts_free(&(*p)->held);
	g_array_free((*p)->leaves, TRUE);
	free_mails((*p)->mails, (*p)->budget);
	free(*p);
	*p = NULL;
}
