/* report_write.c - elements in the order of the schema, through libxml2's
 * writer, which escapes. */
#include "report_write.h"
#include "value.h"
#include "word.h"
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <string.h>

#define NAMESPACE "urn:ietf:params:xml:ns:dmarc-2.0"

struct writing {
	xmlTextWriterPtr xml;
	FILE *to;
	const struct ruad_report *r;
	bool old; /* RFC 7489 */
	bool failed;
};

static const xmlChar *
as_xml(const char *s)
{
	return (const xmlChar *)s;
}

static void
note(struct writing *w, int rc)
{
	w->failed |= rc < 0;
}

static void
begin(struct writing *w, const char *name)
{
	note(w, xmlTextWriterStartElement(w->xml, as_xml(name)));
}

static void
end(struct writing *w)
{
	note(w, xmlTextWriterFullEndElement(w->xml));
}

/* An element, unless there is nothing to say: NULL. */
static void
put_leaf(struct writing *w, const char *name, const char *text)
{
	if (text != NULL)
		note(w,
		    xmlTextWriterWriteElement(w->xml, as_xml(name),
			as_xml(text)));
}

/* The same for a word, where "" is nothing. */
static void
put_word(struct writing *w, const char *name, const char *word)
{
	put_leaf(w, name, *word != '\0' ? word : NULL);
}

/* The same for what RFC 7489 does not know. */
static void
put_new(struct writing *w, const char *name, const char *text)
{
	if (!w->old)
		put_leaf(w, name, text != NULL && *text != '\0' ? text : NULL);
}

static void
put_name(struct writing *w, const char *name, ruad_text t)
{
	put_leaf(w, name, ruad_report_text(w->r, t));
}

/* A domain name. One that is none keeps what it looks like in quotes. */
static void
put_domain(struct writing *w, const char *name, ruad_text t)
{
	char quoted[300];

	if (t == RUAD_ABSENT || !w->r->names[t].bad) {
		put_name(w, name, t);
		return;
	}
	snprintf(quoted, sizeof(quoted), "\"%s\"", w->r->names[t].text);
	put_leaf(w, name, quoted);
}

static void
put_number(struct writing *w, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	put_leaf(w, name, text);
}

/* One that has brackets of its own keeps them within others: readers take a
 * pair off. */
static void
put_report_id(struct writing *w)
{
	const char *id = w->r->report_id;

	if (id[0] != '<') {
		put_leaf(w, "report_id", id);
		return;
	}
	begin(w, "report_id");
	note(w, xmlTextWriterWriteString(w->xml, as_xml("<")));
	note(w, xmlTextWriterWriteString(w->xml, as_xml(id)));
	note(w, xmlTextWriterWriteString(w->xml, as_xml(">")));
	end(w);
}

static void
put_metadata(struct writing *w)
{
	const struct ruad_report *r = w->r;
	const struct ruad_report_error *e;

	begin(w, "report_metadata");
	put_leaf(w, "org_name", r->org_name);
	put_leaf(w, "email", r->email);
	put_leaf(w, "extra_contact_info", r->extra_contact_info);
	put_report_id(w);
	begin(w, "date_range");
	put_number(w, "begin", r->begin);
	put_number(w, "end", r->end);
	end(w);
	for (e = r->errors; e != NULL; e = e->next)
		put_leaf(w, "error", e->text);
	put_new(w, "generator", r->generator);
	end(w);
}

static void
put_policy(struct writing *w)
{
	const struct ruad_report *r = w->r;

	begin(w, "policy_published");
	put_name(w, "domain", r->policy_domain);
	put_new(w, "discovery_method",
	    ruad_discovery_word(r->discovery_method));
	put_word(w, "adkim", ruad_mode_word(r->adkim));
	put_word(w, "aspf", ruad_mode_word(r->aspf));
	put_word(w, "p", ruad_policy_word(r->p));
	put_word(w, "sp", ruad_policy_word(r->sp));
	put_new(w, "np", ruad_policy_word(r->np));
	if (r->pct != -1)
		put_number(w, "pct", r->pct);
	put_leaf(w, "fo", r->fo);
	put_new(w, "testing", ruad_testing_word(r->testing));
	end(w);
}

static void
put_reason(struct writing *w, const struct ruad_reason *e)
{
	begin(w, "reason");
	if (e->type_raw != RUAD_ABSENT)
		put_name(w, "type", e->type_raw);
	else if (w->old && e->type == RUAD_REASON_POLICY_TEST_MODE)
		put_leaf(w, "type", ruad_reason_word(RUAD_REASON_OTHER));
	else
		put_word(w, "type", ruad_reason_word(e->type));
	put_name(w, "comment", e->comment);
	end(w);
}

static void
put_auth(struct writing *w, const struct ruad_auth *a)
{
	bool spf = a->method == RUAD_METHOD_SPF;

	begin(w, ruad_method_word(a->method));
	put_domain(w, "domain", a->domain);
	put_name(w, "selector", a->selector);
	put_word(w, "scope", ruad_scope_word(a->scope));
	if (a->result_raw != RUAD_ABSENT)
		put_name(w, "result", a->result_raw);
	else
		put_word(w, "result", ruad_result_word(a->result));
	if (!w->old || !spf)
		put_name(w, "human_result", a->human_result);
	end(w);
}

static void
put_row(struct writing *w, const struct ruad_record *rec)
{
	const struct ruad_reason_set *reasons =
	    &w->r->reason_sets[rec->reason_set];
	enum ruad_disposition d = (enum ruad_disposition)rec->disposition;
	char ip[64];
	uint32_t i;

	if (w->old && d == RUAD_DISPOSITION_PASS)
		d = RUAD_DISPOSITION_NONE;
	begin(w, "row");
	put_leaf(w, "source_ip", ruad_value_ip_text(rec->ip, ip, sizeof(ip)));
	put_number(w, "count", rec->messages);
	begin(w, "policy_evaluated");
	put_word(w, "disposition", ruad_disposition_word(d));
	if (!(rec->derived & RUAD_DERIVED_DKIM))
		put_word(w, "dkim",
		    ruad_verdict_word((enum ruad_verdict)rec->dkim));
	if (!(rec->derived & RUAD_DERIVED_SPF))
		put_word(w, "spf",
		    ruad_verdict_word((enum ruad_verdict)rec->spf));
	for (i = 0; i < reasons->count; i++)
		put_reason(w, &reasons->reason[i]);
	end(w);
	end(w);
}

static void
put_record(struct writing *w, const struct ruad_record *rec)
{
	const struct ruad_auth_set *auth = &w->r->auth_sets[rec->auth_set];
	uint32_t i;

	begin(w, "record");
	put_row(w, rec);
	begin(w, "identifiers");
	put_domain(w, "envelope_to", rec->envelope_to);
	put_domain(w, "envelope_from", rec->envelope_from);
	put_domain(w, "header_from", rec->header_from);
	end(w);
	begin(w, "auth_results");
	for (i = 0; i < auth->count; i++)
		put_auth(w, &auth->auth[i]);
	end(w);
	end(w);
}

static void
put_report(struct writing *w, bool refused_rows)
{
	const struct ruad_report *r = w->r;
	const char *version = r->version_raw;
	uint32_t i;

	note(w, xmlTextWriterStartDocument(w->xml, NULL, "UTF-8", NULL));
	begin(w, "feedback");
	if (!w->old)
		note(w,
		    xmlTextWriterWriteAttribute(w->xml, as_xml("xmlns"),
			as_xml(NAMESPACE)));
	put_leaf(w, "version", version != NULL || !w->old ? version : "1.0");
	put_metadata(w);
	put_policy(w);
	for (i = 0; i < r->records && !w->failed && ferror(w->to) == 0; i++)
		put_record(w, ruad_report_record(r, i));
	for (i = 0; refused_rows && i < r->rows_refused && !w->failed; i++) {
		begin(w, "record");
		end(w);
	}
	end(w);
	note(w, xmlTextWriterEndDocument(w->xml));
}

/* A failure stays in the stream: told of it here, libxml2 would print it. */
static int
write_file(void *to, const char *bytes, int len)
{
	if (ferror(to) == 0)
		fwrite(bytes, 1, (size_t)len, to);
	return len;
}

enum ruad_status
ruad_report_write(const struct ruad_report *r, enum ruad_report_form form,
    bool refused_rows, FILE *to, struct ruad_err *err)
{
	struct writing w = { .to = to,
		.r = r,
		.old = form == RUAD_REPORT_RFC7489 };
	xmlOutputBufferPtr out =
	    xmlOutputBufferCreateIO(write_file, NULL, to, NULL);

	if (out == NULL)
		return ruad_fail_memory(err, "export");
	w.xml = xmlNewTextWriter(out);
	if (w.xml == NULL) {
		xmlOutputBufferClose(out);
		return ruad_fail_memory(err, "export");
	}
	xmlTextWriterSetIndent(w.xml, 1);
	xmlTextWriterSetIndentString(w.xml, as_xml("  "));
	put_report(&w, refused_rows);
	note(&w, xmlTextWriterFlush(w.xml));
	xmlFreeTextWriter(w.xml);
	if (!w.failed && ferror(to) == 0)
		return RUAD_OK;
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
	    "export: the report could not be written");
}
