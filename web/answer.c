/* answer.c - see answer.h. */
#include "answer.h"
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "asked.h"
#include "data.h"
#include "rows.h"

#define DAY_SECS INT64_C(86400)

enum { SPAN_DEFAULT = 90, SPAN_MAX = 800 };

/* All that an answer may depend on. */
static const char *const arguments[] = { "from", "to", "bucket", "by", "group",
	"sort", "class", "label", "q", "ip", "asn", "cc", "org", "min_messages",
	"p", "sp", "np", "adkim", "aspf", "limit", "after", "count" };

/* What an answer is kept under: path, question, who may see what, and the hour:
 * ages are told in hours. NULL: no memory. */
static char *
key_of(const struct ruad_asking *a)
{
	const struct ruad_who *who = ruad_request_who(a->req);
	char *key = NULL;
	size_t len;
	FILE *to = open_memstream(&key, &len);

	if (to == NULL)
		return NULL;
	fprintf(to, "%s %" PRId64 " %d", ruad_request_path(a->req),
	    a->view.now_epoch / 3600, (int)ruad_request_wants(a->req));
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		const char *value = ruad_request_query(a->req, arguments[i]);

		if (value != NULL)
			fprintf(to, "&%s=%zu:%s", arguments[i], strlen(value),
			    value);
	}
	if (!who->all_domains) {
		fputs(" only", to);
		for (size_t i = 0; i < who->domain_count; i++)
			fprintf(to, " %s", who->domains[i]);
	}
	if (fclose(to) == 0)
		return key;
	free(key);
	return NULL;
}

static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h;
}

void
ruad_answer_etag(const json_t *value, char etag[24])
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);

	snprintf(etag, 24, "\"%016" PRIx64 "\"",
	    text != NULL ? hash(text) : UINT64_C(0));
	free(text);
}

/* False: it is no span; *why says so. */
static bool
read_span(struct ruad_asking *a, const char **why)
{
	const char *from = ruad_request_query(a->req, "from");
	const char *to = ruad_request_query(a->req, "to");
	struct ruad_view *v = &a->view;

	v->last_day = v->now_epoch / DAY_SECS;
	*why = "from and to are days, as 2026-11-25";
	if (to != NULL && !ruad_asked_day(to, &v->last_day))
		return false;
	v->first_day = v->last_day - SPAN_DEFAULT + 1;
	if (from != NULL && !ruad_asked_day(from, &v->first_day))
		return false;
	*why = "from is not after to, and not more than 800 days before";
	return v->first_day <= v->last_day &&
	    v->last_day - v->first_day <= SPAN_MAX;
}

int
ruad_answer_word(struct ruad_asking *a, const char *name,
    const char *const *words, enum ruad_status *status_out,
    struct ruad_err *err)
{
	const char *value = ruad_request_query(a->req, name);

	for (int i = 0; words[i] != NULL; i++) {
		if (value == NULL || strcmp(words[i], value) == 0)
			return i;
	}
	*status_out = ruad_problem(a->res, RUAD_PROBLEM_BAD_REQUEST, err,
	    "%s is none of the words that openapi.json lists", name);
	return -1;
}

/* Streams */

struct stream {
	struct ruad_data *data; /* borrowed */
	sqlite3 *db; /* owned */
	struct ruad_view view;
	char *domain; /* owned; the request may be gone */
	const struct ruad_answer_list *list; /* static */
	struct ruad_json_rows rows;
	json_t *all; /* owned: instead of rows */
	size_t at;
};

static enum ruad_status
next_row(void *arg, json_t **row_out, struct ruad_err *err)
{
	struct stream *s = arg;
	enum ruad_status st;

	if (s->all != NULL) {
		*row_out = json_incref(json_array_get(s->all, s->at++));
		return *row_out != NULL ? RUAD_OK : RUAD_END;
	}
	st = ruad_json_rows_next(&s->rows, row_out, err);
	if (st == RUAD_OK && s->list->finish != NULL) {
		st = s->list->finish(&s->view, *row_out, err);
		if (st != RUAD_OK)
			json_decref(*row_out);
	}
	return st;
}

static void
free_stream(void *arg)
{
	struct stream *s = arg;

	ruad_json_rows_close(&s->rows);
	ruad_data_put(s->data, &s->db);
	json_decref(s->all);
	free(s->domain);
	free(s);
}

/* Take over the handle of the view, and send rows while they are read. */
static enum ruad_status
stream_rows(struct ruad_asking *a, const struct ruad_answer_list *list,
    json_t *all, struct ruad_err *err)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct ruad_stream out = { .name = list->name,
		.columns = list->columns,
		.next = next_row,
		.free = free_stream,
		.arg = s };
	enum ruad_status st = RUAD_OK;

	if (s == NULL) {
		json_decref(all);
		return ruad_fail_memory(err, "answer");
	}
	s->data = ruad_request_app(a->req)->data;
	s->list = list;
	s->all = all;
	s->view = a->view;
	if (a->view.domain != NULL) {
		s->domain = strdup(a->view.domain);
		s->view.domain = s->domain;
		if (s->domain == NULL)
			st = ruad_fail_memory(err, "answer");
	}
	s->db = a->view.db;
	a->view.db = NULL;
	if (st == RUAD_OK && all == NULL)
		st = ruad_json_rows_open(&s->rows, s->db, a->list.sql,
		    a->list.args, err);
	if (st != RUAD_OK) {
		free_stream(s);
		return st;
	}
	return ruad_response_stream(a->res, a->req, &out, err);
}

static enum ruad_status
stream(struct ruad_asking *a, ruad_answer_maker *make,
    const struct ruad_answer_list *list, struct ruad_err *err)
{
	json_t *o = NULL, *all;
	enum ruad_status st;

	a->page.limit = -1;
	if (list->open != NULL) {
		st = list->open(a, err);
		return st != RUAD_OK || ruad_response_is_set(a->res)
		    ? st
		    : stream_rows(a, list, NULL, err);
	}
	st = make(a, &o, err);
	if (st != RUAD_OK || o == NULL)
		return st;
	all = json_incref(json_object_get(o, "items"));
	json_decref(o);
	return stream_rows(a, list, all, err);
}

/* Pages */

enum ruad_status
ruad_answer_page(struct ruad_asking *a, const struct ruad_answer_list *list,
    json_t *(*place)(const struct ruad_asking *a, const json_t *row),
    json_t **out, struct ruad_err *err)
{
	size_t limit = (size_t)a->page.limit;
	json_t *rows = NULL, *position = NULL;
	enum ruad_status st =
	    ruad_json_all(a->view.db, a->list.sql, a->list.args, &rows, err);

	if (st != RUAD_OK)
		return st;
	if (json_array_size(rows) > limit) {
		json_array_remove(rows, limit);
		position = place(a, json_array_get(rows, limit - 1));
	}
	for (size_t i = 0;
	     list->finish != NULL && st == RUAD_OK && i < json_array_size(rows);
	     i++)
		st = list->finish(&a->view, json_array_get(rows, i), err);
	*out = json_pack("{s:o}", "items", rows);
	if (position != NULL)
		json_object_set_new(*out, "position", position);
	if (st != RUAD_OK) {
		json_decref(*out);
		*out = NULL;
	}
	return st;
}

json_t *
ruad_answer_slice(struct ruad_asking *a, json_t *all)
{
	size_t count = json_array_size(all);
	size_t from =
	    (size_t)json_integer_value(json_array_get(a->page.after, 0));
	size_t to = a->page.limit < 0 || from + (size_t)a->page.limit > count
	    ? count
	    : from + (size_t)a->page.limit;
	json_t *items = json_array(), *out;

	for (size_t i = from; i < to; i++)
		json_array_append(items, json_array_get(all, i));
	out =
	    json_pack("{s:o, s:I}", "items", items, "total", (json_int_t)count);
	if (to < count)
		json_object_set_new(out, "position",
		    json_pack("[I]", (json_int_t)to));
	json_decref(all);
	return out;
}

/* A sender can be changed, so that its ETag is of what people say of it alone. */
static bool
is_sender(const struct ruad_asking *a)
{
	return strncmp(ruad_request_path(a->req), "/api/v1/senders/", 16) == 0;
}

static void
tag_sender(const struct ruad_asking *a, const json_t *o)
{
	json_t *part = json_pack("{s:O?, s:O?}", "label",
	    json_object_get(o, "label"), "note", json_object_get(o, "note"));
	char etag[24];

	ruad_answer_etag(part, etag);
	ruad_response_header(a->res, MHD_HTTP_HEADER_ETAG, "%s", etag);
	json_decref(part);
}

/* A made answer, taken over, as a response. */
static enum ruad_status
tell(struct ruad_asking *a, json_t *o, struct ruad_err *err)
{
	json_t *items = json_object_get(o, "items");
	json_t *total = json_object_get(o, "total");
	enum ruad_status st;

	if (is_sender(a))
		tag_sender(a, o);

	if (items == NULL)
		return ruad_response_json(a->res, MHD_HTTP_OK, o, err);
	st = ruad_response_list(a->res, a->req, json_incref(items),
	    json_incref(json_object_get(o, "position")),
	    a->page.count && total != NULL ? json_integer_value(total) : -1,
	    err);
	json_decref(o);
	return st;
}

/* Make an answer, or find one that was made. */
static enum ruad_status
make_or_find(struct ruad_asking *a, ruad_answer_maker *make, const char *key,
    int64_t version, struct ruad_err *err)
{
	struct ruad_data *data = ruad_request_app(a->req)->data;
	size_t len;
	char *text = ruad_data_find(data, key, version, &len);
	json_t *o = NULL;
	enum ruad_status st;

	if (text != NULL) {
		o = json_loadb(text, len, 0, NULL);
		free(text);
		if (o != NULL)
			return tell(a, o, err);
	}
	st = make(a, &o, err);
	if (st == RUAD_END)
		return ruad_problem(a->res, RUAD_PROBLEM_NOT_FOUND, err,
		    "there is no such thing");
	if (st != RUAD_OK || o == NULL)
		return st;
	text = json_dumps(o, JSON_COMPACT);
	if (text != NULL)
		ruad_data_keep(data, key, version, text, strlen(text));
	free(text);
	return tell(a, o, err);
}

static enum ruad_status
answer_with(struct ruad_asking *a, ruad_answer_maker *make,
    const struct ruad_answer_list *list, struct ruad_err *err)
{
	int64_t version = 0;
	bool exists = true;
	char etag[64], *key;
	enum ruad_status st = RUAD_OK;

	if (a->view.domain != NULL)
		st = ruad_view_domain_exists(&a->view, &exists, err);
	if (st == RUAD_OK && !exists)
		return ruad_problem(a->res, RUAD_PROBLEM_NOT_FOUND, err,
		    "no such domain");
	if (st == RUAD_OK)
		st = ruad_roll_version(a->view.db, &version, err);
	if (st != RUAD_OK)
		return st;
	key = key_of(a);
	if (key == NULL)
		return ruad_fail_memory(err, "answer");
	snprintf(etag, sizeof(etag), "W/\"%" PRId64 "-%016" PRIx64 "\"",
	    version, hash(key));
	if (list != NULL && ruad_request_wants(a->req) != RUAD_WANTS_JSON)
		st = stream(a, make, list, err);
	else if (is_sender(a) || !ruad_response_unchanged(a->res, a->req, etag))
		st = make_or_find(a, make, key, version, err);
	free(key);
	return st;
}

static bool
has_domain(const struct ruad_request *req)
{
	return strncmp(ruad_request_path(req), "/api/v1/domains/", 16) == 0 &&
	    strncmp(ruad_request_path(req), "/api/v1/domains/unregistered",
		28) != 0;
}

enum ruad_status
ruad_answer(struct ruad_request *req, struct ruad_response *res,
    ruad_answer_maker *make, const struct ruad_answer_list *list,
    struct ruad_err *err)
{
	struct ruad_data *data = ruad_request_app(req)->data;
	struct ruad_asking a = { .req = req,
		.res = res,
		.view = { .bounds = ruad_data_bounds(data),
		    .now_epoch = (int64_t)time(NULL) } };
	const char *why;
	enum ruad_status st;

	if (!read_span(&a, &why))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err, "%s",
		    why);
	if (!ruad_page_read(req, res, &a.page, &st, err)) {
		ruad_page_free(&a.page);
		return st;
	}
	if (has_domain(req))
		a.view.domain = ruad_request_param(req, "d");
	st = ruad_data_get(data, &a.view.db, err);
	if (st == RUAD_OK)
		st = answer_with(&a, make, list, err);
	ruad_view_list_free(&a.list);
	ruad_page_free(&a.page);
	ruad_data_put(data, &a.view.db);
	return st;
}
