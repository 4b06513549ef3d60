/* dump.c - one line for each thing that belongs together. Texts stand in
 * quotes, and what is not printable ASCII in them as \xHH. */
#include "dump.h"
#include "value.h"
#include "word.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RAW_WORDS 100u /* of a row: more than a case has */

static FILE *
open_text(char **text, size_t *len)
{
	FILE *to = open_memstream(text, len);

	if (to == NULL)
		abort();
	return to;
}

static void
put_quoted(FILE *to, const char *s)
{
	putc('"', to);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7e)
			fprintf(to, "\\x%02x", (unsigned char)*s);
		else
			putc(*s, to);
	}
	putc('"', to);
}

static void
put_text(FILE *to, const char *label, const char *s)
{
	if (s == NULL)
		return;
	fprintf(to, " %s ", label);
	put_quoted(to, s);
}

/* A line of its own. */
static void
put_line(FILE *to, const char *label, const char *s)
{
	if (s == NULL)
		return;
	putc(' ', to);
	put_text(to, label, s);
	putc('\n', to);
}

static void
put_word(FILE *to, const char *label, const char *word)
{
	if (*word != '\0')
		fprintf(to, " %s %s", label, word);
}

static void
put_name(FILE *to, const struct ruad_report *r, const char *label, ruad_text t)
{
	put_text(to, label, ruad_report_text(r, t));
	if (t != RUAD_ABSENT && r->names[t].bad)
		fputs(" (bad)", to);
}

static void
put_warnings(FILE *to, const struct ruad_warnings *w)
{
	enum ruad_code code;
	unsigned n;

	if (ruad_warnings_at(w, 0) == RUAD_CODE_NONE)
		return;
	fputs("  warnings", to);
	for (n = 0; (code = ruad_warnings_at(w, n)) != RUAD_CODE_NONE; n++)
		fprintf(to, " %s", ruad_code_name(code));
	putc('\n', to);
}

static void
put_policy(FILE *to, const struct ruad_report *r)
{
	fputs("  policy", to);
	put_name(to, r, "domain", r->policy_domain);
	put_word(to, "p", ruad_policy_word(r->p));
	put_word(to, "sp", ruad_policy_word(r->sp));
	put_word(to, "np", ruad_policy_word(r->np));
	put_word(to, "adkim", ruad_mode_word(r->adkim));
	put_word(to, "aspf", ruad_mode_word(r->aspf));
	if (r->pct != -1)
		fprintf(to, " pct %d", r->pct);
	put_text(to, "fo", r->fo);
	put_word(to, "testing", ruad_testing_word(r->testing));
	put_word(to, "discovery_method",
	    ruad_discovery_word(r->discovery_method));
	putc('\n', to);
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The raw words of one row, or of the report itself (0), in the order of the
 * alphabet: how they are listed in the report is of no meaning. */
static void
put_raw_words(FILE *to, const struct ruad_report *r, uint32_t row_no,
    const char *indent)
{
	char *lines[RAW_WORDS];
	const struct ruad_raw_word *w;
	size_t n = 0, i, len;

	for (w = r->raw_words; w != NULL && n < RAW_WORDS; w = w->next) {
		FILE *line;

		if (w->row_no != row_no)
			continue;
		line = open_text(&lines[n++], &len);
		put_text(line, w->field, w->word);
		if (fclose(line) != 0)
			abort();
	}
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (i = 0; i < n; i++) {
		fprintf(to, "%sraw%s\n", indent, lines[i]);
		free(lines[i]);
	}
}

static void
put_auth(FILE *to, const struct ruad_report *r, const struct ruad_auth *a)
{
	fprintf(to, "    %s %s", ruad_method_word(a->method),
	    a->result == RUAD_RESULT_OTHER ? "other"
					   : ruad_result_word(a->result));
	put_name(to, r, "domain", a->domain);
	put_name(to, r, "selector", a->selector);
	put_word(to, "scope", ruad_scope_word(a->scope));
	put_name(to, r, "raw", a->result_raw);
	put_name(to, r, "human_result", a->human_result);
	putc('\n', to);
}

static void
put_reason(FILE *to, const struct ruad_report *r, const struct ruad_reason *e)
{
	fprintf(to, "    reason %s", ruad_reason_word(e->type));
	put_name(to, r, "raw", e->type_raw);
	put_name(to, r, "comment", e->comment);
	putc('\n', to);
}

static void
put_verdict(FILE *to, const char *label, uint8_t verdict, bool derived)
{
	const char *word = ruad_verdict_word((enum ruad_verdict)verdict);

	if (*word != '\0')
		fprintf(to, " %s %s%s", label, word,
		    derived ? " (derived)" : "");
}

static void
put_record(FILE *to, const struct ruad_report *r, const struct ruad_record *rec)
{
	const struct ruad_auth_set *auth = &r->auth_sets[rec->auth_set];
	const struct ruad_reason_set *reasons =
	    &r->reason_sets[rec->reason_set];
	char ip[64];
	uint32_t i;

	fprintf(to, "  row %" PRIu32 ": %s messages %" PRId64, rec->row_no,
	    ruad_value_ip_text(rec->ip, ip, sizeof(ip)), rec->messages);
	put_word(to, "disposition",
	    ruad_disposition_word((enum ruad_disposition)rec->disposition));
	put_verdict(to, "dkim", rec->dkim, rec->derived & RUAD_DERIVED_DKIM);
	put_verdict(to, "spf", rec->spf, rec->derived & RUAD_DERIVED_SPF);
	putc('\n', to);
	fprintf(to, "    aligned dkim %s spf %s\n",
	    ruad_alignment_word((enum ruad_alignment)rec->dkim_alignment),
	    ruad_alignment_word((enum ruad_alignment)rec->spf_alignment));
	fputs("    identifiers", to);
	put_name(to, r, "header_from", rec->header_from);
	put_name(to, r, "envelope_from", rec->envelope_from);
	put_name(to, r, "envelope_to", rec->envelope_to);
	putc('\n', to);
	for (i = 0; i < reasons->count; i++)
		put_reason(to, r, &reasons->reason[i]);
	for (i = 0; i < auth->count; i++)
		put_auth(to, r, &auth->auth[i]);
	put_raw_words(to, r, rec->row_no, "    ");
}

void
dump_report(FILE *to, const struct ruad_report *r)
{
	const struct ruad_report_error *e;
	const struct ruad_refused_row *f;
	uint32_t i;

	fputs(" ", to);
	put_text(to, "org", r->org_name);
	put_text(to, "key", r->org_key);
	putc('\n', to);
	put_line(to, "email", r->email);
	put_line(to, "contact", r->extra_contact_info);
	put_line(to, "id", r->report_id);
	fprintf(to, "  period %" PRId64 " to %" PRId64 "\n", r->begin, r->end);
	for (e = r->errors; e != NULL; e = e->next)
		put_line(to, "error", e->text);
	put_policy(to, r);
	fprintf(to, "  dialect %s", ruad_dialect_word(r->dialect));
	put_text(to, "version", r->version_raw);
	put_text(to, "namespace", r->namespace_uri);
	put_text(to, "generator", r->generator);
	putc('\n', to);
	put_raw_words(to, r, 0, "  ");
	fprintf(to,
	    "  records %" PRIu32 " refused %" PRIu32 " messages %" PRId64
	    " pass %" PRId64 "\n",
	    r->records, r->rows_refused, r->messages, r->messages_pass);
	for (f = r->refused_rows; f != NULL; f = f->next)
		fprintf(to, "  row %" PRIu32 ": refused %s\n", f->row_no,
		    ruad_code_name(f->code));
	for (i = 0; i < r->records; i++)
		put_record(to, r, ruad_report_record(r, i));
}

static void
put_item(FILE *to, unsigned n, const struct ruad_item *it)
{
	fprintf(to, "item %u: %s", n,
	    it->outcome == RUAD_OUTCOME_NONE ? "to be stored"
					     : ruad_outcome_word(it->outcome));
	if (it->code != RUAD_CODE_NONE)
		fprintf(to, " %s", ruad_code_name(it->code));
	putc('\n', to);
	if (it->where != NULL && *it->where != '\0')
		put_line(to, "where", it->where);
	if (it->report == NULL || it->outcome == RUAD_REFUSED)
		return;
	put_warnings(to, &it->report->warnings);
	dump_report(to, it->report);
}

void
dump_delivery(FILE *to, const struct ruad_delivery *d)
{
	const struct ruad_item *it;
	unsigned n = 0;

	fprintf(to, "%s: %s", d->is_mail ? "mail" : "file",
	    d->outcome == RUAD_OUTCOME_NONE ? "to be stored"
					    : ruad_outcome_word(d->outcome));
	if (d->code != RUAD_CODE_NONE)
		fprintf(to, " %s", ruad_code_name(d->code));
	putc('\n', to);
	if (d->trust != RUAD_AUTH_OFF) {
		fprintf(to, "  trust %s", ruad_auth_result_word(d->trust));
		put_text(to, "from", d->trust_domain);
		if (d->trust_by != NULL && *d->trust_by != '\0')
			put_text(to, "by", d->trust_by);
		putc('\n', to);
	}
	if (d->forwarded)
		fputs("  forwarded\n", to);
	if (!d->keep_content)
		fputs("  content not kept\n", to);
	for (it = d->items; it != NULL; it = it->next)
		put_item(to, ++n, it);
}

char *
dump_delivery_text(const struct ruad_delivery *d)
{
	char *text;
	size_t len;
	FILE *to = open_text(&text, &len);

	dump_delivery(to, d);
	if (fclose(to) != 0)
		abort();
	return text;
}

char *
dump_report_text(const struct ruad_report *r)
{
	char *text;
	size_t len;
	FILE *to = open_text(&text, &len);

	dump_report(to, r);
	if (fclose(to) != 0)
		abort();
	return text;
}
