/* ingest.c - the stages one after the other, for every part of a mail, every
 * document in a part, every report in a document. What is refused becomes an
 * item of the delivery, and the reading goes on behind it. */
#include "ingest.h"
#include "align.h"
#include "body.h"
#include "deflate.h"
#include "feedback.h"
#include "hint.h"
#include "mend.h"
#include "metadata.h"
#include "part.h"
#include "sniff.h"
#include "text.h"
#include "unpack.h"
#include "xml.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE_BYTES 256u
/* What one mail may leave in the store: with less than a kilobyte it can hold a
 * hundred thousand reports, or damaged ones, of a few bytes each. */
#define REPORTS_MAX 1000u
#define REFUSALS_MAX 100u

struct ruad_ingest {
	struct ruad_ingest_settings set;
	struct ruad_deflater *deflater; /* owned */
};

/* One mail being read. */
struct reading {
	const struct ruad_ingest_settings *set;
	struct ruad_delivery *d;
	struct ruad_quota quota;
	struct ruad_subject_hint subject;
	struct ruad_hints hints;
	const struct ruad_part *part; /* at hand */
	const struct ruad_unpack *unpack; /* of it */
	unsigned found; /* reports, and refusals of what looked like one */
	unsigned refusals;
	bool over; /* the rest of the mail is not read */
	struct ruad_deflater *deflater; /* borrowed */
	bool tls_report; /* the mail holds one, of RFC 8460 */
	struct ruad_err *err;
};

enum ruad_status
ruad_ingest_new(const struct ruad_ingest_settings *set,
    struct ruad_ingest **out, struct ruad_err *err)
{
	struct ruad_ingest *in = calloc(1, sizeof(*in));
	enum ruad_status st;

	*out = NULL;
	/* Several keys for each mail: no system call for each of them. */
	randombytes_set_implementation(&randombytes_internal_implementation);
	if (in == NULL || sodium_init() < 0) {
		free(in);
		return ruad_fail_memory(err, "ingest");
	}
	st = ruad_deflater_new(&in->deflater, err);
	if (st != RUAD_OK) {
		free(in);
		return st;
	}
	in->set = *set;
	ruad_part_global_init();
	ruad_xml_global_init();
	*out = in;
	return RUAD_OK;
}

void
ruad_ingest_free(struct ruad_ingest **in)
{
	if (*in == NULL)
		return;
	ruad_deflater_free(&(*in)->deflater);
	free(*in);
	*in = NULL;
}

/* "part 2: a.zip", with the entry where there is one. */
static const char *
where_text(struct reading *rd, const char *entry)
{
	char name[WHERE_BYTES / 2], text[WHERE_BYTES];
	const char *file = *rd->part->file_name != '\0' ? rd->part->file_name
							: rd->part->description;
	size_t len;

	ruad_text_escape(name, sizeof(name), file, strlen(file));
	snprintf(text, sizeof(text), "%s%s%s", rd->part->where,
	    *name != '\0' && *rd->part->where != '\0' ? ": " : "", name);
	len = strlen(text);
	snprintf(text + len, sizeof(text) - len, "%s%s",
	    *entry != '\0' && len > 0 ? ": " : "", entry);
	return ruad_arena_strdup(rd->d->arena, text);
}

/* The mail holds so much that the rest is not read. */
static void
end_reading(struct reading *rd, unsigned max, const char *what,
    struct ruad_err *why)
{
	rd->over = true;
	ruad_fail(why, RUAD_LIMIT, RUAD_LIMIT_ENTRIES,
	    "ingest: more than %u %s in one mail; the rest is not read", max,
	    what);
}

/* Add an item that is refused as *why says; `report` moves to the delivery, may
 * be NULL. */
static enum ruad_status
refuse(struct reading *rd, struct ruad_report *report, const char *entry,
    const struct ruad_err *why)
{
	struct ruad_item *item;
	struct ruad_err enough;
	char text[WHERE_BYTES + sizeof(why->text) + 2];

	if (why->code == RUAD_LIMIT_TIME)
		rd->over = true;
	/* What is labelled as another kind of report may well be one. */
	if (rd->part->labelled && ruad_code_class(why->code) == RUAD_CLASS_PART)
		return RUAD_OK;
	if (rd->refusals++ == REFUSALS_MAX && !rd->over) {
		end_reading(rd, REFUSALS_MAX, "refusals", &enough);
		why = &enough;
	}
	item = ruad_delivery_add(rd->d, report);
	if (item == NULL) {
		ruad_report_free(&report);
		return ruad_fail_memory(rd->err, "ingest");
	}
	item->outcome = RUAD_REFUSED;
	item->code = why->code;
	item->bytes = rd->part->len;
	item->where = where_text(rd, entry);
	if (item->where == NULL)
		return ruad_fail_memory(rd->err, "ingest");
	snprintf(text, sizeof(text), "%s%s%s", item->where,
	    *item->where != '\0' ? ": " : "", why->text);
	item->text = ruad_arena_strdup(rd->d->arena, text);
	if (item->text == NULL)
		return ruad_fail_memory(rd->err, "ingest");
	rd->found++;
	return RUAD_OK;
}

/* Whether the report speaks of a domain that we answer for. */
static bool
is_ours(const struct reading *rd, const struct ruad_report *r)
{
	const char *name = ruad_report_text(r, r->policy_domain);
	size_t i, len = strlen(name), n;

	for (i = 0; i < rd->set->domain_count; i++) {
		n = strlen(rd->set->domains[i]);
		if (len >= n &&
		    strcmp(name + len - n, rd->set->domains[i]) == 0 &&
		    (len == n || name[len - n - 1] == '.'))
			return true;
	}
	return rd->set->domain_count == 0;
}

/* The rules of this site, for a report that is sound. */
static enum ruad_status
judge(struct reading *rd, const struct ruad_report *r, struct ruad_err *why)
{
	if (!is_ours(rd, r))
		return ruad_fail(why, RUAD_BAD, RUAD_REP_FOREIGN_DOMAIN,
		    "ingest: %s is not among the configured domains",
		    ruad_report_text(r, r->policy_domain));
	if (rd->set->require_auth == RUAD_REQUIRE_AUTH_ENFORCE &&
	    rd->d->is_mail && !ruad_delivery_authenticated(rd->d))
		return ruad_fail(why, RUAD_BAD, RUAD_REP_UNAUTHENTICATED,
		    "ingest: DMARC of the report mail itself: %s",
		    ruad_auth_result_word(rd->d->trust));
	return RUAD_OK;
}

/* The first name of the file that has the form of RFC 9990 section 3.5.1. */
static bool
find_file_hint(const struct reading *rd, struct ruad_file_hint *out)
{
	bool found = ruad_hint_file_name(rd->part->file_name, out) ||
	    ruad_hint_file_name(rd->part->type_name, out);
	const char *name;
	unsigned n;

	for (n = 0; !found && (name = ruad_unpack_name(rd->unpack, n)) != NULL;
	     n++)
		found = ruad_hint_file_name(name, out);
	return found || ruad_hint_file_name(rd->part->description, out);
}

/* Complete a report that was read, and add it. */
static enum ruad_status
finish_report(struct reading *rd, struct ruad_report *r,
    const struct ruad_raw_report *raw, const struct ruad_document *doc)
{
	struct ruad_hints hints = rd->hints;
	const char *entry = doc->name;
	struct ruad_file_hint file;
	struct ruad_item *item;
	struct ruad_err why;
	enum ruad_status st;

	if (find_file_hint(rd, &file))
		hints.file = &file;
	r->where = where_text(rd, entry);
	r->warnings.bits |= rd->part->warnings.bits | doc->warnings.bits;
	st = ruad_metadata_finish(r, raw, &hints, &rd->set->limits, &why);
	if (st == RUAD_OK) {
		ruad_align(r, rd->set->orgdom);
		st = judge(rd, r, &why);
	}
	if (st == RUAD_TEMP) {
		*rd->err = why;
		ruad_report_free(&r);
		return st;
	}
	if (st != RUAD_OK) {
		/* Only a report with a policy domain can be shown. */
		if (r->policy_domain == RUAD_ABSENT || r->org_name == NULL ||
		    r->report_id == NULL)
			ruad_report_free(&r);
		return refuse(rd, r, entry, &why);
	}
	if (rd->found - rd->refusals == REPORTS_MAX) {
		ruad_report_free(&r);
		end_reading(rd, REPORTS_MAX, "reports", &why);
		return refuse(rd, NULL, entry, &why);
	}
	if ((item = ruad_delivery_add(rd->d, r)) == NULL) {
		ruad_report_free(&r);
		return ruad_fail_memory(rd->err, "ingest");
	}
	item->where = r->where;
	item->bytes = rd->part->len;
	rd->found++;
	return RUAD_OK;
}

/* All reports of one XML file. */
static enum ruad_status
read_document(struct reading *rd, const struct ruad_document *doc)
{
	struct ruad_feedback *f;
	struct ruad_report *r;
	struct ruad_raw_report raw;
	struct ruad_err why;
	enum ruad_status st;

	st = ruad_feedback_new(doc->xml, &rd->set->limits, rd->set->budget, &f,
	    &why);
	if (st != RUAD_OK)
		goto refused;
	do {
		st = ruad_quota_check(&rd->quota, &why);
		if (st == RUAD_OK)
			st = ruad_feedback_next(f, &r, &raw, &why);
		if (st == RUAD_OK)
			st = finish_report(rd, r, &raw, doc);
		else if (st == RUAD_BAD || st == RUAD_LIMIT)
			st = refuse(rd, NULL, doc->name, &why);
		else if (st == RUAD_TEMP)
			*rd->err = why;
	} while (st == RUAD_OK && !rd->over);
	ruad_feedback_free(&f);
	return st == RUAD_END ? RUAD_OK : st;
refused:
	if (st == RUAD_TEMP) {
		*rd->err = why;
		return st;
	}
	return refuse(rd, NULL, doc->name, &why);
}

/* All documents of one part. */
static enum ruad_status
read_part(struct reading *rd, const struct ruad_part *part)
{
	struct ruad_unpack *u;
	struct ruad_document doc;
	struct ruad_err why;
	enum ruad_status st;

	rd->part = part;
	st = ruad_unpack_new(part->data, part->len, &rd->quota, rd->set->budget,
	    &u, rd->err);
	if (st != RUAD_OK)
		return st;
	rd->unpack = u;
	do {
		st = ruad_unpack_next(u, &doc, &why);
		if (st == RUAD_OK)
			st = read_document(rd, &doc);
		else if (st == RUAD_BAD || st == RUAD_LIMIT)
			st = refuse(rd, NULL, doc.name, &why);
		else if (st == RUAD_TEMP)
			*rd->err = why;
	} while (st == RUAD_OK && !rd->over);
	rd->tls_report = rd->tls_report || ruad_unpack_tls_report(u);
	ruad_unpack_free(&u);
	return st == RUAD_END ? RUAD_OK : st;
}

/* A report in the text of the mail must need no repair. `notice`: the mail is
 * one that may well quote a report. */
static enum ruad_status
read_text(struct reading *rd, const struct ruad_part *part, bool notice)
{
	struct ruad_err why = { .status = RUAD_OK };
	const unsigned char *begin =
	    ruad_body_find_report(part->data, part->len, &why);
	struct ruad_part from = *part;
	struct ruad_item *item;
	enum ruad_status st;

	if (begin == NULL)
		return why.status == RUAD_OK || notice
		    ? RUAD_OK
		    : refuse(rd, NULL, "", &why);
	from.len -= (size_t)(begin - part->data);
	from.data = begin;
	if ((st = read_part(rd, &from)) != RUAD_OK)
		return st;
	for (item = rd->d->items; item != NULL; item = item->next) {
		if (item->report == NULL || item->outcome != RUAD_OUTCOME_NONE)
			continue;
		if (ruad_warned(&item->report->warnings, RUAD_XML_REPAIRED)) {
			item->outcome = RUAD_REFUSED;
			item->code = RUAD_XML_MALFORMED;
			item->text = "report in the text of the mail is not "
				     "well-formed";
		}
		ruad_warn(&item->report->warnings, RUAD_MIME_INLINE);
	}
	return RUAD_OK;
}

/* Printable copy of a header value for log and store; NULL stays NULL. */
static bool
copy_fact(struct reading *rd, const char *s, const char **out)
{
	char clean[512];

	*out = NULL;
	if (s == NULL)
		return true;
	ruad_text_clean(clean, sizeof(clean), s, strlen(s), NULL);
	*out = ruad_arena_strdup(rd->d->arena, clean);
	return *out != NULL;
}

static const char *
null_if_empty(const char *s)
{
	return *s != '\0' ? s : NULL;
}

static enum ruad_status
note_trust(struct reading *rd, const struct ruad_mail_facts *facts)
{
	struct ruad_delivery *d = rd->d;
	struct ruad_trust trust;
	bool null_sender = d->mail_from != NULL && *d->mail_from == '\0';

	if (rd->set->trust.authserv_id_count == 0)
		return RUAD_OK;
	ruad_trust_decide(&rd->set->trust, facts->fields, facts->field_count,
	    facts->from_domains, facts->from_domain_count, null_sender,
	    rd->set->orgdom, &trust);
	d->trust = trust.result;
	if (!copy_fact(rd, null_if_empty(trust.from_domain),
		&d->trust_domain) ||
	    !copy_fact(rd, null_if_empty(trust.authserv_id), &d->trust_by))
		return ruad_fail_memory(rd->err, "ingest");
	return RUAD_OK;
}

static enum ruad_status
note_facts(struct reading *rd, const struct ruad_mail_facts *facts)
{
	struct ruad_delivery *d = rd->d;
	const char *from =
	    facts->from_domain_count == 1 ? facts->from_domains[0] : NULL;

	if (!copy_fact(rd, facts->subject, &d->subject) ||
	    !copy_fact(rd, facts->message_id, &d->message_id) ||
	    !copy_fact(rd, from, &d->header_from))
		return ruad_fail_memory(rd->err, "ingest");
	if (ruad_hint_subject(facts->subject, &rd->subject))
		rd->hints.subject = &rd->subject;
	if (d->header_from != NULL && *d->header_from != '\0')
		rd->hints.header_from = d->header_from;
	return note_trust(rd, facts);
}

/* Whether the mail is none that brings reports, but may well hold the text of
 * one. */
static bool
is_notice(const struct reading *rd, const struct ruad_parts *parts)
{
	const struct ruad_mail_facts *f = ruad_parts_facts(parts);
	const char *mail_from = rd->d->mail_from;

	return f->bounce || f->failure_report ||
	    (mail_from != NULL && *mail_from == '\0');
}

/* Nothing in the mail looked like a report: say what it is. */
static enum ruad_status
classify(struct reading *rd, const struct ruad_mail_facts *facts,
    bool error_report)
{
	const char *mail_from = rd->d->mail_from;
	struct ruad_item *item;
	enum ruad_code code = RUAD_MAIL_NO_REPORT;

	if (facts->failure_report)
		code = RUAD_MAIL_FAILURE_REPORT;
	else if (facts->tls_report || rd->tls_report)
		code = RUAD_MAIL_TLSRPT;
	else if (error_report)
		code = RUAD_MAIL_ERROR_REPORT;
	else if (facts->bounce || (mail_from != NULL && *mail_from == '\0'))
		code = RUAD_MAIL_BOUNCE;
	/* RFC 9991 section 7: a failure report holds a third party's mail. */
	rd->d->keep_content = !facts->failure_report;
	if ((item = ruad_delivery_add(rd->d, NULL)) == NULL)
		return ruad_fail_memory(rd->err, "ingest");
	item->outcome = RUAD_NOT_A_REPORT;
	item->code = code;
	item->text = ruad_code_help(code);
	item->where = "";
	item->bytes = rd->d->bytes;
	return RUAD_OK;
}

static enum ruad_kind
kind_of(const unsigned char *data, size_t len)
{
	size_t skip;

	return ruad_sniff(data, len < RUAD_SNIFF_BYTES ? len : RUAD_SNIFF_BYTES,
	    &skip);
}

static enum ruad_status
read_parts(struct reading *rd, struct ruad_parts *parts)
{
	struct ruad_part part = { .file_name = "",
		.type_name = "",
		.description = "",
		.where = "" };
	struct ruad_err why;
	bool error_report = false;
	enum ruad_status st;
	unsigned before;

	do {
		st = ruad_quota_check(&rd->quota, &why);
		if (st == RUAD_OK)
			st = ruad_parts_next(parts, &part, &why);
		rd->part = &part;
		before = rd->found;
		if (st == RUAD_OK && part.text) {
			error_report = error_report ||
			    ruad_body_is_error_report(part.data, part.len);
			st = rd->found == 0
			    ? read_text(rd, &part, is_notice(rd, parts))
			    : RUAD_OK;
		} else if (st == RUAD_OK) {
			st = read_part(rd, &part);
		} else if (st == RUAD_BAD || st == RUAD_LIMIT) {
			st = refuse(rd, NULL, "", &why);
		} else if (st == RUAD_TEMP) {
			*rd->err = why;
		}
		if (st == RUAD_OK && part.forwarded && rd->found > before)
			rd->d->forwarded = true;
	} while (st == RUAD_OK && !rd->over);
	if (st != RUAD_END && st != RUAD_OK)
		return st;
	return rd->found > 0
	    ? RUAD_OK
	    : classify(rd, ruad_parts_facts(parts), error_report);
}

static enum ruad_status
read_mail(struct reading *rd, const unsigned char *data, size_t len)
{
	struct ruad_part whole = { .data = data,
		.len = len,
		.type_name = "",
		.file_name = "",
		.description = "",
		.where = "" };
	struct ruad_parts *parts;
	struct ruad_err why;
	enum ruad_status st;

	st = ruad_parts_new(data, len, &rd->set->limits, rd->set->budget,
	    &parts, &why);
	rd->part = &whole;
	if (st == RUAD_TEMP) {
		*rd->err = why;
		return st;
	}
	if (st != RUAD_OK)
		return refuse(rd, NULL, "", &why);
	st = note_facts(rd, ruad_parts_facts(parts));
	if (st == RUAD_OK)
		st = read_parts(rd, parts);
	ruad_parts_free(&parts);
	return st;
}

static enum ruad_status
read_bare(struct reading *rd, const unsigned char *data, size_t len)
{
	struct ruad_part whole = { .data = data,
		.len = len,
		.type_name = "",
		.where = "",
		.description = "",
		.file_name = rd->d->file_name != NULL ? rd->d->file_name : "" };
	const struct ruad_mail_facts none = { 0 };
	enum ruad_kind kind = kind_of(data, len);
	struct ruad_err why;
	enum ruad_status st;

	st = read_part(rd, &whole);
	if (st != RUAD_OK || rd->found > 0)
		return st;
	if (kind != RUAD_KIND_OTHER && kind != RUAD_KIND_JSON)
		return classify(rd, &none, false);
	ruad_fail(&why, RUAD_BAD, RUAD_XML_NO_MARKUP,
	    "ingest: neither a mail nor a report");
	return refuse(rd, NULL, "", &why);
}

/* A mail has an envelope, or begins with a header field, perhaps behind the
 * separator of an mbox and empty lines; a bare report begins with markup or the
 * magic of an archive. What came by SMTP is a mail whatever it begins with: the
 * sender chooses that. */
static bool
is_mail(const struct ruad_mail *mail, const unsigned char **data, size_t *len)
{
	const unsigned char *p = *data, *end = p + *len;
	size_t n, skip;

	if (ruad_mail_mail_from(mail) != NULL)
		return true;
	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	if (end - p > 5 && memcmp(p, "From ", 5) == 0) {
		while (p < end && *p != '\r' && *p != '\n')
			p++;
		if (p < end - 1 && p[0] == '\r' && p[1] == '\n')
			p++;
		*data = p < end ? p + 1 : end;
		*len = (size_t)(end - *data);
		return true;
	}
	n = (size_t)(end - p);
	if (kind_of(p, n) != RUAD_KIND_OTHER || memchr(p, ':', n) == NULL ||
	    (!ruad_mend_is_field(p, n) &&
		ruad_sniff_behind(p, n, &skip) != RUAD_KIND_OTHER))
		return false;
	*data = p;
	*len = n;
	return true;
}

static enum ruad_status
deflate_raw(struct reading *rd, const unsigned char *data, size_t len)
{
	struct ruad_delivery *d = rd->d;
	size_t bound = ruad_deflate_bound(len);
	unsigned char *smaller;
	enum ruad_status st;

	if (ruad_budget_take(d->budget, bound)) {
		d->raw_charged = bound;
		d->raw = malloc(bound);
	}
	if (d->raw == NULL)
		return ruad_fail_memory(rd->err, "ingest");
	st = ruad_deflate(rd->deflater, data, len, d->raw, &d->raw_bytes,
	    rd->err);
	if (st != RUAD_OK)
		return st;
	/* It waits for the store now. */
	if ((smaller = realloc(d->raw, d->raw_bytes)) != NULL) {
		d->raw = smaller;
		ruad_budget_give(d->budget, bound - d->raw_bytes);
		d->raw_charged = d->raw_bytes;
	}
	return RUAD_OK;
}

/* Originals of what is refused are always kept, where they may be. */
static bool
wants_raw(struct reading *rd)
{
	const struct ruad_item *item;

	if (!rd->d->keep_content)
		return false;
	for (item = rd->d->items; item != NULL; item = item->next)
		if (item->outcome != RUAD_OUTCOME_NONE)
			return true;
	rd->d->raw_if_refused = !rd->set->keep_raw;
	return rd->set->keep_raw || rd->set->registered_only;
}

static enum ruad_status
note_envelope(struct reading *rd, const struct ruad_mail *mail,
    const unsigned char *data, size_t len)
{
	struct ruad_delivery *d = rd->d;

	d->received_epoch = ruad_mail_received(mail);
	d->registered_only = rd->set->registered_only;
	d->bytes = len;
	d->keep_content = true;
	d->trust = RUAD_AUTH_OFF;
	ruad_mail_digest(data, len, d->digest);
	rd->hints.received_epoch = d->received_epoch;
	if (!copy_fact(rd, ruad_mail_queue_id(mail), &d->queue_id) ||
	    !copy_fact(rd, ruad_mail_mail_from(mail), &d->mail_from) ||
	    !copy_fact(rd, ruad_mail_file_name(mail), &d->file_name))
		return ruad_fail_memory(rd->err, "ingest");
	return RUAD_OK;
}

enum ruad_status
ruad_ingest_read(struct ruad_ingest *in, struct ruad_mail *mail,
    struct ruad_delivery **out, struct ruad_err *err)
{
	struct reading rd = { .set = &in->set,
		.deflater = in->deflater,
		.err = err };
	const unsigned char *data, *inner;
	size_t len, inner_len;
	enum ruad_status st = ruad_mail_bytes(mail, &data, &len, err);

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	if ((rd.d = ruad_delivery_new(in->set.budget)) == NULL)
		return ruad_fail_memory(err, "ingest");
	ruad_quota_start(&rd.quota, &in->set.limits, len);
	if ((st = note_envelope(&rd, mail, data, len)) != RUAD_OK)
		goto fail;
	inner = data;
	inner_len = len;
	rd.d->is_mail = is_mail(mail, &inner, &inner_len);
	st = rd.d->is_mail ? read_mail(&rd, inner, inner_len)
			   : read_bare(&rd, data, len);
	if (st == RUAD_OK && wants_raw(&rd))
		st = deflate_raw(&rd, data, len);
	if (st != RUAD_OK)
		goto fail;
	*out = rd.d;
	return RUAD_OK;
fail:
	ruad_delivery_free(&rd.d);
	return st;
}
