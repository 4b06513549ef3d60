/* api_preview.c - what a record would be: the values of its tags, each judged
 * by itself, made into a record, and into what those want who publish it. */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "app.h"
#include "dns_look.h"
#include "draft.h"
#include "fields.h"
#include "published.h"
#include "record_json.h"
#include "text.h"

enum { URIS_MAX = 20, NUMBER_MAX = 2147483647 };

/* A preview being made. */
struct preview {
	struct ruad_request *req;
	struct ruad_response *res;
	struct ruad_draft draft; /* owned */
	bool failed; /* memory ran out */
};

static void
set(struct preview *p, enum ruad_record_tag tag, const char *value)
{
	if (!ruad_draft_set_words(&p->draft, tag, value))
		p->failed = true;
}

/* Words that a tag may have; each list begins with its default, which is not
 * written. */
static const struct {
	enum ruad_record_tag tag;
	const char *words[4];
	bool has_default;
} enums[] = {
	{ RUAD_TAG_P, { "none", "quarantine", "reject", NULL }, false },
	{ RUAD_TAG_SP, { "none", "quarantine", "reject", NULL }, false },
	{ RUAD_TAG_NP, { "none", "quarantine", "reject", NULL }, false },
	{ RUAD_TAG_T, { "n", "y", NULL, NULL }, true },
	{ RUAD_TAG_ADKIM, { "r", "s", NULL, NULL }, true },
	{ RUAD_TAG_ASPF, { "r", "s", NULL, NULL }, true },
	{ RUAD_TAG_PSD, { "u", "y", "n", NULL }, true },
};

static void
take_enum(struct preview *p, size_t n)
{
	const char *name = ruad_record_tag_name(enums[n].tag);
	const json_t *value = json_object_get(ruad_request_json(p->req), name);
	const char *text = json_string_value(value);
	char pointer[40];
	size_t i = 0;

	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (value == NULL || json_is_null(value)) {
		if (enums[n].tag == RUAD_TAG_P)
			ruad_problem_field(p->res, pointer, "required",
			    "a record has a policy");
		return;
	}
	while (text != NULL && i < 4 && enums[n].words[i] != NULL &&
	    strcmp(text, enums[n].words[i]) != 0)
		i++;
	if (text == NULL || i == 4 || enums[n].words[i] == NULL)
		ruad_problem_field(p->res, pointer, "enum", "one of %s",
		    ruad_record_tag_allowed(enums[n].tag));
	else if (i > 0 || !enums[n].has_default)
		set(p, enums[n].tag, text);
}

/* pct and ri: dropped unless they are to be kept. */
static void
take_number(struct preview *p, enum ruad_record_tag tag, const char *keep,
    int64_t most, int64_t usual)
{
	const json_t *body = ruad_request_json(p->req);
	const char *name = ruad_record_tag_name(tag);
	const json_t *value = json_object_get(body, name);
	char pointer[40], text[30];

	if (value == NULL || json_is_null(value))
		return;
	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > most) {
		ruad_problem_field(p->res, pointer, "range",
		    "a number from 0 to %" PRId64, most);
		return;
	}
	if (!json_is_true(json_object_get(body, keep)) ||
	    json_integer_value(value) == usual)
		return;
	snprintf(text, sizeof(text), "%" PRId64,
	    (int64_t)json_integer_value(value));
	set(p, tag, text);
}

static void
take_rf(struct preview *p)
{
	const json_t *body = ruad_request_json(p->req);
	const json_t *value = json_object_get(body, "rf");
	const char *text = json_string_value(value);

	if (value == NULL || json_is_null(value))
		return;
	if (text == NULL ||
	    (strcmp(text, "afrf") != 0 && strcmp(text, "iodef") != 0))
		ruad_problem_field(p->res, "/rf", "enum", "one of %s",
		    ruad_record_tag_allowed(RUAD_TAG_RF));
	else if (json_is_true(json_object_get(body, "keep_rf")) &&
	    strcmp(text, "afrf") != 0)
		set(p, RUAD_TAG_RF, text);
}

static void
take_fo(struct preview *p)
{
	const json_t *list = json_object_get(ruad_request_json(p->req), "fo");
	char text[20] = "", pointer[40];
	const json_t *value;
	size_t i;

	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list) || json_array_size(list) > 4) {
		ruad_problem_field(p->res, "/fo", "type",
		    "an array of 0, 1, d, s");
		return;
	}
	json_array_foreach(list, i, value)
	{
		const char *word = json_string_value(value);

		if (word == NULL || strlen(word) != 1 ||
		    strchr("01ds", *word) == NULL) {
			snprintf(pointer, sizeof(pointer), "/fo/%zu", i);
			ruad_problem_field(p->res, pointer, "enum",
			    "one of 0, 1, d, s");
			continue;
		}
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", text[0] != '\0' ? ":" : "", word);
	}
	if (strcmp(text, "0") != 0)
		set(p, RUAD_TAG_FO, text);
}

/* The first byte that would end the value, or that no record has. */
static size_t
plain_bytes(const char *text)
{
	size_t n = 0;

	while (text[n] > 0x20 && text[n] < 0x7f && text[n] != ';' &&
	    text[n] != ',')
		n++;
	return n;
}

/* What receivers would say of one URI: read it in a record of its own. False:
 * something is wrong, and has been told. */
static bool
judge_uri(struct preview *p, enum ruad_record_tag tag, const char *uri,
    const char *pointer)
{
	struct ruad_draft one = { { NULL } };
	struct ruad_dmarc_record *r = NULL;
	const struct ruad_remarks *list;
	struct ruad_err err;
	bool good = true;

	if (ruad_draft_set(&one, RUAD_TAG_P, "none") &&
	    ruad_draft_set_words(&one, tag, uri))
		r = ruad_draft_record(&one, &err);
	p->failed = p->failed || r == NULL;
	list = r != NULL ? ruad_record_remarks(r) : NULL;
	for (size_t i = 0; list != NULL && i < list->count && good; i++) {
		const struct ruad_remark *m = &list->item[i];
		const struct ruad_uri *u = ruad_record_uri(r, tag, 0);
		char code[60];

		good = m->severity != RUAD_REMARK_ERROR;
		if (good)
			continue;
		snprintf(code, sizeof(code), "%s", ruad_remark_name(m->code));
		ruad_text_lower(code, strlen(code));
		ruad_problem_field(p->res, pointer, code, "%s", m->text);
		if (m->at != RUAD_NOWHERE && u != NULL && m->at >= u->at)
			ruad_problem_place(p->res, "position", m->at - u->at);
	}
	ruad_record_free(&r);
	ruad_draft_free(&one);
	return good;
}

/* A blank has a code of its own, for it is what people type. */
static bool
check_uri(struct preview *p, enum ruad_record_tag tag, const char *uri,
    const char *pointer)
{
	size_t at = uri != NULL ? plain_bytes(uri) : 0;

	if (uri == NULL || uri[0] == '\0') {
		ruad_problem_field(p->res, pointer, "type",
		    "a URI, as mailto:dmarc@example.com");
		return false;
	}
	if (uri[at] == '\0')
		return judge_uri(p, tag, uri, pointer);
	if (uri[at] == ' ' && strncmp(uri, "mailto:", at) == 0 && at == 7)
		ruad_problem_field(p->res, pointer, "mailto_blank",
		    "blank after mailto:");
	else if (uri[at] == ' ' || uri[at] == '\t')
		ruad_problem_field(p->res, pointer, "blank",
		    "a URI has no blanks");
	else
		ruad_problem_field(p->res, pointer, "character",
		    "a character that does not stand in a URI here");
	ruad_problem_place(p->res, "position", at + 1);
	return false;
}

static void
take_uris(struct preview *p, enum ruad_record_tag tag)
{
	const char *name = ruad_record_tag_name(tag);
	const json_t *list = json_object_get(ruad_request_json(p->req), name),
		     *value;
	char pointer[40], *text = NULL;
	size_t i, len, good = 0;
	FILE *to;

	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list) || json_array_size(list) > URIS_MAX) {
		ruad_problem_field(p->res, pointer, "type",
		    "an array of at most %d URIs", URIS_MAX);
		return;
	}
	to = open_memstream(&text, &len);
	if (to == NULL) {
		p->failed = true;
		return;
	}
	json_array_foreach(list, i, value)
	{
		const char *uri = json_string_value(value);

		snprintf(pointer, sizeof(pointer), "/%s/%zu", name, i);
		if (check_uri(p, tag, uri, pointer))
			fprintf(to, "%s%s", good++ > 0 ? "," : "", uri);
	}
	if (fclose(to) != 0)
		p->failed = true;
	else
		set(p, tag, text);
	free(text);
}

/* sp and np say nothing where they are what they would be without. */
static void
drop_defaults(struct preview *p)
{
	char **value = p->draft.value;
	const char *sp =
	    value[RUAD_TAG_SP] != NULL ? value[RUAD_TAG_SP] : value[RUAD_TAG_P];

	if (value[RUAD_TAG_NP] != NULL && sp != NULL &&
	    strcmp(value[RUAD_TAG_NP], sp) == 0)
		set(p, RUAD_TAG_NP, NULL);
	if (value[RUAD_TAG_SP] != NULL && value[RUAD_TAG_P] != NULL &&
	    strcmp(value[RUAD_TAG_SP], value[RUAD_TAG_P]) == 0)
		set(p, RUAD_TAG_SP, NULL);
}

static void
take_body(struct preview *p)
{
	for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++)
		take_enum(p, i);
	take_fo(p);
	take_uris(p, RUAD_TAG_RUA);
	take_uris(p, RUAD_TAG_RUF);
	take_number(p, RUAD_TAG_PCT, "keep_pct", 100, 100);
	take_number(p, RUAD_TAG_RI, "keep_ri", NUMBER_MAX, 86400);
	take_rf(p);
	drop_defaults(p);
}

/* The record as it is to be published; NULL: no memory. */
static struct ruad_dmarc_record *
finish_record(struct preview *p, struct ruad_err *err)
{
	struct ruad_dmarc_record *rough = ruad_draft_record(&p->draft, err);
	struct ruad_dmarc_record *r = NULL;
	char *text = rough != NULL ? ruad_record_canonical(rough) : NULL;

	ruad_record_free(&rough);
	if (text == NULL)
		(void)ruad_fail_memory(err, "preview");
	else if (ruad_record_read(text, strlen(text), &r, err) != RUAD_OK)
		r = NULL;
	free(text);
	return r;
}

static json_t *
authorisations(const struct ruad_dmarc_record *r,
    const struct ruad_orgdom *orgdom, const char *domain)
{
	struct ruad_authorisation *others =
	    calloc(RUAD_AUTHORISATIONS_MAX, sizeof(*others));
	json_t *list = json_array();
	size_t count = others != NULL
	    ? ruad_draft_authorisations(r, orgdom, domain, others)
	    : 0;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:o}", "host", others[i].host,
			"name", others[i].record.name, "value",
			others[i].record.text, "instructions",
			ruad_json_instructions(&others[i].record)));
	free(others);
	return list;
}

/* The record that a domain has of its own, if it has one. */
static const char *
own_record(const struct ruad_lookup *own)
{
	size_t len;

	return own->record != NULL ? ruad_record_text(own->record, &len) : NULL;
}

static json_t *
preview_json(const struct ruad_dns_look *l, const struct ruad_discovered *d,
    const struct ruad_dmarc_record *r, bool added)
{
	const struct ruad_lookup *own = ruad_discovery_own(d);
	struct ruad_publish_record main = { .name = "" };
	const char *before = own_record(own);
	size_t len;

	main.text = ruad_record_text(r, &len);
	snprintf(main.name, sizeof(main.name), "_dmarc.%.248s", d->domain);
	snprintf(main.zone, sizeof(main.zone), "%s",
	    ruad_draft_zone(l->survey.orgdom, d->domain));
	return json_pack("{s:s, s:s, s:s, s:I, s:i, s:o, s:s, s:o, s:b, s:o, "
			 "s:o, s:o}",
	    "domain", d->domain, "name", main.name, "record", main.text,
	    "bytes", (json_int_t)len, "ttl", RUAD_PUBLISH_TTL_SECS, "before",
	    ruad_fields_or_null(before != NULL ? before : ""), "before_outcome",
	    ruad_json_outcome(own->answer->outcome), "diff",
	    ruad_published_changes(before, main.text), "rua_added", (int)added,
	    "instructions", ruad_json_instructions(&main), "authorisations",
	    authorisations(r, l->survey.orgdom, d->domain), "warnings",
	    ruad_json_remarks(ruad_record_remarks(r), RUAD_REMARK_WARNING));
}

/* Look what DNS has, and tell both. */
static enum ruad_status
tell(struct preview *p, const struct ruad_dmarc_record *r, bool added,
    struct ruad_err *err)
{
	const char *domain = ruad_request_param(p->req, "d");
	struct ruad_discovered *d = NULL;
	struct ruad_dns_look l;
	enum ruad_status st =
	    ruad_dns_look_begin(&l, ruad_request_app(p->req), domain, err);

	if (st == RUAD_OK)
		st = ruad_discover(ruad_trail_resolver(l.survey.trail),
		    l.survey.orgdom, domain, &d, err);
	if (st == RUAD_OK)
		st = ruad_response_json(p->res, MHD_HTTP_OK,
		    preview_json(&l, d, r, added), err);
	ruad_discovery_free(&d);
	ruad_dns_look_end(&l);
	return st;
}

static enum ruad_status
make(struct preview *p, struct ruad_err *err)
{
	enum ruad_draft_rua how = RUAD_DRAFT_RUA_NONE;
	struct ruad_dmarc_record *r;
	enum ruad_status st;

	take_body(p);
	if (p->failed)
		return ruad_fail_memory(err, "preview");
	if (ruad_response_has_fields(p->res))
		return ruad_problem_fields(p->res, err);
	if (!ruad_draft_add_rua(&p->draft, ruad_request_app(p->req)->conf,
		&how))
		return ruad_fail_memory(err, "preview");
	r = finish_record(p, err);
	if (r == NULL)
		return RUAD_TEMP;
	st = tell(p, r, how == RUAD_DRAFT_RUA_ADDED, err);
	ruad_record_free(&r);
	return st;
}

enum ruad_status
ruad_api_record_preview(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct preview p = { .req = req, .res = res };
	enum ruad_status st = make(&p, err);

	ruad_draft_free(&p.draft);
	return st;
}
