/* api_record.c - the DMARC record of a domain: as DNS has it now, and as it
 * was. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "api.h"
#include "app.h"
#include "asked.h"
#include "body.h"
#include "dns_look.h"
#include "draft.h"
#include "fields.h"
#include "list.h"
#include "published.h"
#include "record_json.h"
#include "standing.h"

static const struct ruad_member history_fields[] = {
	{ "first_utc", RUAD_MEMBER_TEXT },
	{ "last_utc", RUAD_MEMBER_TEXT },
	{ "newest", RUAD_MEMBER_BOOL },
	{ "state", RUAD_MEMBER_TEXT },
	{ "code", RUAD_MEMBER_TEXT },
	{ "text", RUAD_MEMBER_TEXT },
	{ "record_name", RUAD_MEMBER_TEXT },
	{ "record", RUAD_MEMBER_TEXT },
	{ "ttl", RUAD_MEMBER_INT },
};

static const char *const history_columns[] = { "first_utc", "last_utc",
	"newest", "state", "code", "text", "record_name", "record", "ttl",
	"changed", NULL };

/* The texts that begin as a DMARC record. */
static json_t *
records_json(const struct ruad_dns_answer *a)
{
	json_t *all = ruad_json_data(a, RUAD_DNS_TXT), *list = json_array();
	json_t *text;
	size_t i;

	json_array_foreach(all, i, text)
	{
		const char *s = json_string_value(text);

		if (ruad_record_is_dmarc(s, strlen(s)))
			json_array_append(list, text);
	}
	json_decref(all);
	return list;
}

static json_t *
draft_json(const struct ruad_inspection *in)
{
	struct ruad_draft d = { { NULL } };
	json_t *out = NULL;

	if (ruad_draft_inherit(&d, in->found, ruad_inspection_found(in)))
		out = ruad_json_draft(&d);
	ruad_draft_free(&d);
	return out;
}

static json_t *
own_rua(const struct ruad_conf *conf)
{
	char uri[RUAD_DRAFT_URI_BYTES];
	json_t *list = json_array();

	if (ruad_draft_own_uri(conf, uri))
		json_array_append_new(list, json_string(uri));
	return list;
}

/* How the domain stands, if it is watched. */
static void
add_standing(json_t *to, const struct ruad_dns_look *l)
{
	const struct ruad_survey *s = &l->survey;
	struct ruad_history now;
	bool known = s->has_last &&
	    ruad_standing_judge(l->in, &s->last, s->conf->recipients.count > 0,
		l->asked_epoch, &now);

	json_object_set_new(to, "standing",
	    known ? json_string(ruad_standing_word(now.standing))
		  : json_null());
	json_object_set_new(to, "standing_since_utc",
	    !known ? json_null()
		   : ruad_body_time(now.standing == s->last.standing
			     ? s->last.first_epoch
			     : l->asked_epoch));
}

static json_t *
effective_json(const struct ruad_discovered *d)
{
	const struct ruad_found *a = &d->found[RUAD_RFC_7489];
	const struct ruad_found *b = &d->found[RUAD_RFC_9989];

	return json_pack("{s:o, s:o, s:b}", "rfc7489",
	    ruad_json_reading(a, RUAD_RFC_7489), "rfc9989",
	    ruad_json_reading(b, RUAD_RFC_9989), "differ",
	    a->state != b->state || a->at != b->at || a->policy != b->policy);
}

/* The domain whose record holds, where it is another. */
static json_t *
inherited_json(const struct ruad_inspection *in)
{
	const struct ruad_found *f = ruad_inspection_found(in);

	return f->at != NULL && f->at != ruad_discovery_own(in->found)
	    ? json_string(f->at->name)
	    : json_null();
}

static json_t *
record_json(const struct ruad_dns_look *l)
{
	const struct ruad_inspection *in = l->in;
	const struct ruad_discovered *d = in->found;
	const struct ruad_lookup *own = ruad_discovery_own(d);
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_section *s = &in->section[0];
	const struct ruad_dns_answer *a = f->at != NULL ? f->at->answer : NULL;
	char name[300];
	json_t *out;

	snprintf(name, sizeof(name), "_dmarc.%s", d->domain);
	out = json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:s?, s:o, s:o, s:o, "
			"s:o, s:s?, s:s?, s:o, s:b, s:o, s:o}",
	    "domain", d->domain, "asked_utc", ruad_body_time(l->asked_epoch),
	    "name", name, "outcome", ruad_json_outcome(own->answer->outcome),
	    "records", records_json(own->answer), "record",
	    ruad_fields_or_null(s->text != NULL ? s->text : ""), "record_name",
	    f->at != NULL ? s->name : NULL, "inherited_from",
	    inherited_json(in), "tags", ruad_json_tags(s->text), "problems",
	    ruad_json_remarks(&s->remarks, RUAD_REMARK_INFO), "ttl",
	    a != NULL ? json_integer(a->ttl_secs) : json_null(), "dnssec",
	    a != NULL ? ruad_json_proof(a->proof) : NULL, "cname",
	    a != NULL ? a->canonical : NULL, "effective", effective_json(d),
	    "reports_here", (int)in->reports_here, "draft", draft_json(in),
	    "own_rua", own_rua(l->survey.conf));
	if (out != NULL)
		add_standing(out, l);
	return out;
}

static enum ruad_status
tell(struct ruad_dns_look *l, struct ruad_response *res, const char *domain,
    const void *arg, struct ruad_err *err)
{
	(void)domain;
	(void)arg;
	return ruad_response_json(res, MHD_HTTP_OK, record_json(l), err);
}

enum ruad_status
ruad_api_record(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_dns_look_tell(req, res, tell, NULL, err);
}

/* History */

/* All of it, each row with what changed against the one before in time. */
static enum ruad_status
read_history(struct ruad_query *q, const struct ruad_filter *f, json_t *items,
    json_t *epochs, struct ruad_err *err)
{
	json_t *row = NULL, *newer = NULL;
	struct ruad_rows *rows;
	enum ruad_status st;

	st = ruad_query_ask(q, RUAD_ASK_HISTORY, f, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		row = ruad_fields_row(rows, history_fields,
		    sizeof(history_fields) / sizeof(history_fields[0]));
		if (json_array_append_new(items, row) != 0)
			return ruad_fail_memory(err, "history");
		json_array_append_new(epochs,
		    json_integer(ruad_rows_int(rows, "first_epoch")));
		if (newer != NULL)
			json_object_set_new(newer, "changed",
			    ruad_published_changes(ruad_rows_text(rows,
						       "record"),
				json_string_value(
				    json_object_get(newer, "record"))));
		newer = row;
	}
	/* Nothing is known of before. */
	if (newer != NULL)
		json_object_set_new(newer, "changed", json_array());
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
tell_history(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_asked *a, json_t *items, const json_t *epochs,
    struct ruad_err *err)
{
	size_t limit = (size_t)a->page.limit;
	json_t *position = NULL;

	if (json_array_size(items) > limit) {
		position = json_pack("[O]", json_array_get(epochs, limit - 1));
		while (json_array_size(items) > limit)
			json_array_remove(items, json_array_size(items) - 1);
	}
	return ruad_response_list(res, req, items, position, -1, err);
}

enum ruad_status
ruad_api_record_history(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	bool page = ruad_request_wants(req) == RUAD_WANTS_JSON;
	json_t *items, *epochs;
	struct ruad_query *q = NULL;
	struct ruad_asked a;
	enum ruad_status st;

	if (!ruad_asked_read(req, res, &a, &st, err) ||
	    ruad_asked_unchanged(req, res)) {
		ruad_asked_free(&a);
		return st;
	}
	items = json_array();
	epochs = json_array();
	a.filter.domain = ruad_request_param(req, "d");
	a.filter.after_epoch = ruad_asked_after(&a, 0);
	a.filter.limit = page ? a.filter.limit : 0;
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = read_history(q, &a.filter, items, epochs, err);
	ruad_pool_put(pool, &q);
	if (st != RUAD_OK)
		json_decref(items);
	else if (page)
		st = tell_history(req, res, &a, items, epochs, err);
	else
		st = ruad_response_array(res, req, "record-history",
		    history_columns, items, err);
	json_decref(epochs);
	ruad_asked_free(&a);
	return st;
}
