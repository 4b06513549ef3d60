/* api_verify.c - whether DNS has the record that was to be published, check by
 * check. */
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api.h"
#include "app.h"
#include "body.h"
#include "dns_look.h"
#include "fields.h"
#include "keep.h"
#include "record_json.h"
#include "standing.h"

enum { VERIFY_PER_MINUTE = 6 };

enum state { STATE_OK, STATE_WARNING, STATE_ERROR, STATE_UNKNOWN };

struct checks {
	json_t *list;
	bool failed; /* one of them is worse than a warning */
};

static void add_check(struct checks *c, const char *code, enum state state,
    const json_t *until, const char *fmt, ...) RUAD_PRINTF(5, 6);

static void
add_check(struct checks *c, const char *code, enum state state,
    const json_t *until, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "error",
		"unknown" };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->failed = c->failed || state >= STATE_ERROR;
	json_array_append_new(c->list,
	    json_pack("{s:s, s:s, s:s, s:O?}", "code", code, "state",
		words[state], "text", text, "until_utc", until));
}

static enum state
state_of(enum ruad_severity severity)
{
	switch (severity) {
	case RUAD_REMARK_INFO:
		return STATE_OK;
	case RUAD_REMARK_WARNING:
		return STATE_WARNING;
	case RUAD_REMARK_UNKNOWN:
		return STATE_UNKNOWN;
	case RUAD_REMARK_ERROR:
		break;
	}
	return STATE_ERROR;
}

/* The worst remark of the sections that are about one of two things. */
static const struct ruad_remark *
worst_of(const struct ruad_inspection *in, const char *about,
    const char *or_about)
{
	const struct ruad_remark *worst = NULL;

	for (size_t i = 0; i < in->count; i++) {
		const struct ruad_section *s = &in->section[i];

		if (strcmp(s->about, about) != 0 &&
		    strcmp(s->about, or_about) != 0)
			continue;
		for (size_t n = 0; n < s->remarks.count; n++) {
			const struct ruad_remark *m = &s->remarks.item[n];

			if (worst == NULL || m->severity > worst->severity)
				worst = m;
		}
	}
	return worst;
}

static void
check_worst(struct checks *c, const struct ruad_inspection *in,
    const char *code, const char *about, const char *or_about, const char *good)
{
	const struct ruad_remark *worst = worst_of(in, about, or_about);

	if (worst == NULL || worst->severity == RUAD_REMARK_INFO)
		add_check(c, code, STATE_OK, NULL, "%s", good);
	else
		add_check(c, code, state_of(worst->severity), NULL, "%s",
		    worst->text);
}

/* The record as it would be written well; the caller frees it. */
static char *
canonical(const char *text)
{
	struct ruad_dmarc_record *r = NULL;
	struct ruad_err ignored;
	char *well = NULL;

	if (text != NULL &&
	    ruad_record_read(text, strlen(text), &r, &ignored) == RUAD_OK)
		well = ruad_record_canonical(r);
	ruad_record_free(&r);
	return well;
}

static bool
means_the_same(const char *a, const char *b)
{
	char *x = canonical(a), *y = canonical(b);
	bool same = x != NULL && y != NULL && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

static void
check_found(struct checks *c, const struct ruad_inspection *in)
{
	const struct ruad_lookup *own = ruad_discovery_own(in->found);
	const struct ruad_found *f = ruad_inspection_found(in);

	if (own->dmarc_count == 0 && f->at != NULL)
		add_check(c, "found", STATE_WARNING, NULL,
		    "there is no record at _dmarc.%s: that of %s holds",
		    own->name, f->at->name);
	else if (own->dmarc_count == 0)
		add_check(c, "found", STATE_ERROR, NULL,
		    "there is no DMARC record at _dmarc.%s", own->name);
	else
		add_check(c, "found", STATE_OK, NULL,
		    "there is a DMARC record at _dmarc.%s", own->name);
	if (own->dmarc_count > 1)
		add_check(c, "one", STATE_ERROR, NULL,
		    "%zu records where one is allowed: receivers ignore all",
		    own->dmarc_count);
	else if (own->dmarc_count == 1)
		add_check(c, "one", STATE_OK, NULL, "it is the only one");
}

/* Until when receivers may use what DNS had before. */
static void
check_ttl(struct checks *c, const struct ruad_dns_look *l, bool published)
{
	const struct ruad_found *f = ruad_inspection_found(l->in);
	const struct ruad_history *last = &l->survey.last;
	const char *text = l->in->section[0].text;
	bool changed = l->survey.has_last && last->record[0] != '\0' &&
	    text != NULL && strcmp(last->record, text) != 0;
	int64_t secs = !published && f->at != NULL
	    ? (int64_t)f->at->answer->ttl_secs
	    : last->ttl_secs;
	json_t *until;

	if (published && !changed) {
		add_check(c, "ttl", STATE_OK, NULL,
		    "DNS has had this for a while");
		return;
	}
	until = ruad_body_time(l->asked_epoch + secs);
	add_check(c, "ttl", STATE_WARNING, until,
	    "receivers may use the old value until %s",
	    until != NULL ? json_string_value(until) : "");
	json_decref(until);
}

/* `wanted`: what DNS should have, or NULL. */
static void
check_all(struct checks *c, const struct ruad_dns_look *l, const char *wanted)
{
	const struct ruad_inspection *in = l->in;
	const char *text = in->section[0].text;
	bool own = ruad_discovery_own(in->found)->dmarc_count == 1;
	bool published = wanted == NULL ||
	    (own && text != NULL && means_the_same(wanted, text));

	check_found(c, in);
	if (text != NULL)
		check_worst(c, in, "valid", "record", "",
		    "receivers can read it");
	if (wanted != NULL && published)
		add_check(c, "equals", STATE_OK, NULL,
		    "it is the one that was to be published");
	else if (wanted != NULL)
		add_check(c, "equals", STATE_ERROR, NULL,
		    "DNS has another record than the one that was to be "
		    "published; name servers may still have to fetch it");
	if (text != NULL)
		check_ttl(c, l, published);
	check_worst(c, in, "authorised", "rua", "ruf",
	    "all destinations of reports have allowed them");
	if (l->survey.conf->recipients.count > 0)
		add_check(c, "reports_here",
		    in->reports_here ? STATE_OK : STATE_ERROR, NULL, "%s",
		    in->reports_here
			? "reports come to this host"
			: "no address of this host is in rua: its reports do "
			  "not come here");
}

/* Whether it is watched. */
static bool
is_registered(struct ruad_app *app, const char *domain)
{
	struct ruad_filter f = RUAD_FILTER_ALL;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;
	struct ruad_err ignored;
	bool found = false;

	if (ruad_pool_get(app->pool, &q, &ignored) != RUAD_OK ||
	    ruad_query_ask(q, RUAD_ASK_STANDINGS, &f, &rows, &ignored) !=
		RUAD_OK) {
		ruad_pool_put(app->pool, &q);
		return false;
	}
	while (!found && ruad_rows_next(rows, &ignored) == RUAD_OK)
		found = strcmp(ruad_rows_text(rows, "domain"), domain) == 0;
	ruad_pool_put(app->pool, &q);
	return found;
}

/* What was found now need not be looked for again tonight. Where the store is
 * busy, that is what will be done. */
static void
remember(const struct ruad_dns_look *l, const char *domain)
{
	const struct ruad_survey *s = &l->survey;
	struct ruad_store *store = NULL;
	struct ruad_history now;
	struct ruad_err ignored;

	if (!ruad_standing_judge(l->in, s->has_last ? &s->last : NULL,
		s->conf->recipients.count > 0, l->asked_epoch, &now) ||
	    !is_registered(l->app, domain) ||
	    ruad_keep_open(l->app, &store, &ignored) != RUAD_OK)
		return;
	(void)!ruad_history_put(store, domain, &now, &ignored);
	ruad_store_close(&store);
}

static json_t *
verified_json(const struct ruad_dns_look *l, const char *wanted)
{
	const struct ruad_inspection *in = l->in;
	const struct ruad_found *f = ruad_inspection_found(in);
	struct checks c = { .list = json_array() };
	char name[300];

	if (c.list == NULL)
		return NULL;
	check_all(&c, l, wanted);
	snprintf(name, sizeof(name), "_dmarc.%s", in->found->domain);
	return json_pack("{s:s, s:o, s:b, s:o, s:s, s:o, s:o}", "domain",
	    in->found->domain, "asked_utc", ruad_body_time(l->asked_epoch),
	    "verified", (int)!c.failed, "record",
	    ruad_fields_or_null(
		in->section[0].text != NULL ? in->section[0].text : ""),
	    "name", name, "ttl",
	    f->at != NULL ? json_integer(f->at->answer->ttl_secs) : json_null(),
	    "checks", c.list);
}

/* `arg`: the text that DNS should have, or NULL. */
static enum ruad_status
tell(struct ruad_dns_look *l, struct ruad_response *res, const char *domain,
    const void *arg, struct ruad_err *err)
{
	enum ruad_status st =
	    ruad_response_json(res, MHD_HTTP_OK, verified_json(l, arg), err);

	remember(l, domain);
	return st;
}

enum ruad_status
ruad_api_record_verify(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const json_t *wanted =
	    json_object_get(ruad_request_json(req), "record");
	char who[200];
	int64_t wait;

	if (wanted != NULL && !json_is_string(wanted) &&
	    !json_is_null(wanted)) {
		ruad_problem_field(res, "/record", "type", "a text");
		return ruad_problem_fields(res, err);
	}
	snprintf(who, sizeof(who), "verify %d %s", ruad_request_who(req)->via,
	    ruad_request_who(req)->login);
	if (!ruad_desk_may(ruad_request_app(req)->desk, who, VERIFY_PER_MINUTE,
		(int64_t)time(NULL), &wait)) {
		ruad_response_header(res, MHD_HTTP_HEADER_RETRY_AFTER, "%lld",
		    (long long)wait);
		return ruad_problem(res, RUAD_PROBLEM_TOO_MANY, err,
		    "%d times a minute", VERIFY_PER_MINUTE);
	}
	return ruad_dns_look_tell(req, res, tell, json_string_value(wanted),
	    err);
}
