/* serialise.c - elements in the order of the schema. */
#include "serialise.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "value.h"
#include "word.h"

static void
put_escaped(FILE *to, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			fputs("&amp;", to);
		else if (*s == '<')
			fputs("&lt;", to);
		else if (*s == '>')
			fputs("&gt;", to);
		else
			putc(*s, to);
	}
}

/* An element, unless there is nothing to say: NULL. */
static void
put_leaf(FILE *to, const char *name, const char *text)
{
	if (text == NULL)
		return;
	fprintf(to, "<%s>", name);
	put_escaped(to, text);
	fprintf(to, "</%s>", name);
}

/* The same for a word, where "" is nothing. */
static void
put_word(FILE *to, const char *name, const char *word)
{
	put_leaf(to, name, *word != '\0' ? word : NULL);
}

static void
put_name(FILE *to, const char *name, const struct ruad_report *r, ruad_text t)
{
	put_leaf(to, name, ruad_report_text(r, t));
}

/* A domain name. One that is none keeps what it looks like in quotes. */
static void
put_domain(FILE *to, const char *name, const struct ruad_report *r, ruad_text t)
{
	char quoted[300];

	if (t == RUAD_ABSENT || !r->names[t].bad) {
		put_name(to, name, r, t);
		return;
	}
	snprintf(quoted, sizeof(quoted), "\"%s\"", r->names[t].text);
	put_leaf(to, name, quoted);
}

static void
put_number(FILE *to, const char *name, int64_t n)
{
	fprintf(to, "<%s>%" PRId64 "</%s>", name, n, name);
}

static void
put_metadata(FILE *to, const struct ruad_report *r)
{
	const struct ruad_report_error *e;

	fputs("<report_metadata>", to);
	put_leaf(to, "org_name", r->org_name);
	put_leaf(to, "email", r->email);
	put_leaf(to, "extra_contact_info", r->extra_contact_info);
	/* In brackets, it keeps those that it has itself. */
	fputs("<report_id>&lt;", to);
	put_escaped(to, r->report_id);
	fputs("&gt;</report_id>", to);
	fputs("<date_range>", to);
	put_number(to, "begin", r->begin);
	put_number(to, "end", r->end);
	fputs("</date_range>", to);
	for (e = r->errors; e != NULL; e = e->next)
		put_leaf(to, "error", e->text);
	put_leaf(to, "generator", r->generator);
	fputs("</report_metadata>\n", to);
}

static void
put_policy(FILE *to, const struct ruad_report *r)
{
	fputs("<policy_published>", to);
	put_name(to, "domain", r, r->policy_domain);
	put_word(to, "discovery_method",
	    ruad_discovery_word(r->discovery_method));
	put_word(to, "p", ruad_policy_word(r->p));
	put_word(to, "sp", ruad_policy_word(r->sp));
	put_word(to, "np", ruad_policy_word(r->np));
	put_leaf(to, "fo", r->fo);
	put_word(to, "adkim", ruad_mode_word(r->adkim));
	put_word(to, "aspf", ruad_mode_word(r->aspf));
	put_word(to, "testing", ruad_testing_word(r->testing));
	if (r->pct != -1)
		put_number(to, "pct", r->pct);
	fputs("</policy_published>\n", to);
}

static void
put_reason(FILE *to, const struct ruad_report *r, const struct ruad_reason *e)
{
	fputs("<reason>", to);
	if (e->type_raw != RUAD_ABSENT)
		put_name(to, "type", r, e->type_raw);
	else
		put_word(to, "type", ruad_reason_word(e->type));
	put_name(to, "comment", r, e->comment);
	fputs("</reason>", to);
}

static void
put_auth(FILE *to, const struct ruad_report *r, const struct ruad_auth *a)
{
	fprintf(to, "<%s>", ruad_method_word(a->method));
	put_domain(to, "domain", r, a->domain);
	put_name(to, "selector", r, a->selector);
	put_word(to, "scope", ruad_scope_word(a->scope));
	if (a->result_raw != RUAD_ABSENT)
		put_name(to, "result", r, a->result_raw);
	else
		put_word(to, "result", ruad_result_word(a->result));
	put_name(to, "human_result", r, a->human_result);
	fprintf(to, "</%s>", ruad_method_word(a->method));
}

static void
put_row(FILE *to, const struct ruad_report *r, const struct ruad_record *rec)
{
	const struct ruad_reason_set *reasons =
	    &r->reason_sets[rec->reason_set];
	char ip[64];
	uint32_t i;

	fputs("<row>", to);
	put_leaf(to, "source_ip", ruad_value_ip_text(rec->ip, ip, sizeof(ip)));
	put_number(to, "count", rec->messages);
	fputs("<policy_evaluated>", to);
	put_word(to, "disposition",
	    ruad_disposition_word((enum ruad_disposition)rec->disposition));
	if (!(rec->derived & RUAD_DERIVED_DKIM))
		put_word(to, "dkim",
		    ruad_verdict_word((enum ruad_verdict)rec->dkim));
	if (!(rec->derived & RUAD_DERIVED_SPF))
		put_word(to, "spf",
		    ruad_verdict_word((enum ruad_verdict)rec->spf));
	for (i = 0; i < reasons->count; i++)
		put_reason(to, r, &reasons->reason[i]);
	fputs("</policy_evaluated></row>", to);
}

static void
put_record(FILE *to, const struct ruad_report *r, const struct ruad_record *rec)
{
	const struct ruad_auth_set *auth = &r->auth_sets[rec->auth_set];
	uint32_t i;

	fputs("<record>", to);
	put_row(to, r, rec);
	fputs("<identifiers>", to);
	put_domain(to, "header_from", r, rec->header_from);
	put_domain(to, "envelope_from", r, rec->envelope_from);
	put_domain(to, "envelope_to", r, rec->envelope_to);
	fputs("</identifiers><auth_results>", to);
	for (i = 0; i < auth->count; i++)
		put_auth(to, r, &auth->auth[i]);
	fputs("</auth_results></record>\n", to);
}

char *
serialise_report(const struct ruad_report *r)
{
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	uint32_t i;

	if (to == NULL)
		abort();
	fputs("<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n", to);
	put_leaf(to, "version", r->version_raw);
	put_metadata(to, r);
	put_policy(to, r);
	for (i = 0; i < r->records; i++)
		put_record(to, r, ruad_report_record(r, i));
	for (i = 0; i < r->rows_refused; i++)
		fputs("<record/>\n", to);
	fputs("</feedback>\n", to);
	if (fclose(to) != 0)
		abort();
	return text;
}
