/* api_domains.c - the list of domains, and what is changed of one: registered,
 * noted, or registered no more. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include "amend.h"
#include "answer.h"
#include "api.h"
#include "note.h"
#include "data.h"
#include "expire.h"
#include "keep.h"
#include "rows.h"

enum {
	TEXT_MAX = 200, /* of a label or a note, in characters of UTF-8 bytes */
	PURGE_ROWS = 5000 /* in one transaction: the daemon writes, too */
};

/* Lists */

/* All that the request may see. */
static enum ruad_status
read_domains(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	const char *q = ruad_request_query(a->req, "q");
	json_t *names = NULL, *list = json_array(), *o;
	struct ruad_view v = a->view;
	enum ruad_status st = ruad_view_domain_names(&v, &names, err);
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		v.domain = json_string_value(name);
		if (!ruad_request_sees(a->req, v.domain) ||
		    (q != NULL && strcasestr(v.domain, q) == NULL))
			continue;
		st = ruad_view_domain(&v, &o, err);
		if (st == RUAD_OK)
			json_array_append_new(list, o);
		else if (st != RUAD_END)
			break;
	}
	json_decref(names);
	if (st == RUAD_OK || st == RUAD_END) {
		*out = list;
		return RUAD_OK;
	}
	json_decref(list);
	return st;
}

struct sorting {
	const char *name; /* NULL: problems first, then by name */
	bool down;
};

static int
compare_values(const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b));
	/* What has no value comes last, as the smallest. */
	if (json_is_null(a) || json_is_null(b))
		return json_is_null(b) - json_is_null(a);
	return (x > y) - (x < y);
}

static int
compare_domains(const void *pa, const void *pb, void *arg)
{
	const json_t *a = *(json_t *const *)pa, *b = *(json_t *const *)pb;
	const struct sorting *s = arg;
	int by = 0;

	if (s->name != NULL)
		by = compare_values(json_object_get(a, s->name),
		    json_object_get(b, s->name));
	else
		by = json_is_null(json_object_get(a, "problem")) -
		    json_is_null(json_object_get(b, "problem"));
	if (s->down)
		by = -by;
	return by != 0 ? by
		       : strcmp(json_string_value(json_object_get(a, "domain")),
			     json_string_value(json_object_get(b, "domain")));
}

/* False: it is no order that there is. */
static bool
read_sort(const struct ruad_asking *a, struct sorting *out)
{
	static const char *const names[] = { "domain", "messages",
		"pass_percent", "unknown", "last_report" };
	const char *sort = ruad_request_query(a->req, "sort");

	*out = (struct sorting){ .name = NULL };
	if (sort == NULL)
		return true;
	out->down = sort[0] == '-';
	sort += out->down;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], sort) == 0)
			out->name = names[i];
	}
	return out->name != NULL;
}

static json_t *
sort_domains(json_t *list, struct sorting *s)
{
	size_t count = json_array_size(list);
	json_t **all = calloc(count + 1, sizeof(*all)), *out = json_array();

	if (all == NULL || out == NULL) {
		free(all);
		json_decref(out);
		return list;
	}
	for (size_t i = 0; i < count; i++)
		all[i] = json_array_get(list, i);
	qsort_r(all, count, sizeof(*all), compare_domains, s);
	for (size_t i = 0; i < count; i++)
		json_array_append(out, all[i]);
	free(all);
	json_decref(list);
	return out;
}

static enum ruad_status
make_domains(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	struct sorting sorting;
	json_t *all = NULL;
	enum ruad_status st;

	if (!read_sort(a, &sorting))
		return ruad_problem(a->res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "sort is one of domain, messages, pass_percent, unknown, "
		    "last_report");
	st = read_domains(a, &all, err);
	if (st == RUAD_OK)
		*out = ruad_answer_slice(a, sort_domains(all, &sorting));
	return st;
}

enum ruad_status
ruad_api_domains(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const char *const columns[] = { "domain", "registered", "since",
		"label", "note", "parked", "under", "policy", "next_step",
		"messages", "pass_percent", "mine_fail", "unknown",
		"last_report", "problem", NULL };
	static const struct ruad_answer_list list = { "domains", columns, NULL,
		NULL };

	return ruad_answer(req, res, make_domains, &list, err);
}

static enum ruad_status
make_unregistered(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	json_t *all = NULL, *seen = json_array(), *row;
	enum ruad_status st = ruad_view_unregistered(&a->view, &all, err);
	size_t i;

	json_array_foreach(all, i, row)
	{
		if (ruad_request_sees(a->req,
			json_string_value(json_object_get(row, "domain"))))
			json_array_append(seen, row);
	}
	json_decref(all);
	if (st == RUAD_OK)
		*out = ruad_answer_slice(a, seen);
	else
		json_decref(seen);
	return st;
}

enum ruad_status
ruad_api_unregistered(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const char *const columns[] = { "domain", "reports", "messages",
		"first_report", "last_report", NULL };
	static const struct ruad_answer_list list = { "unregistered", columns,
		NULL, NULL };

	return ruad_answer(req, res, make_unregistered, &list, err);
}

/* One domain */

/* Read it, as it is now. RUAD_END: there is none. */
static enum ruad_status
read_domain(const struct ruad_request *req, const char *domain, json_t **out,
    struct ruad_err *err)
{
	struct ruad_data *data = ruad_request_app(req)->data;
	struct ruad_view v = { .bounds = ruad_data_bounds(data),
		.domain = domain,
		.now_epoch = (int64_t)time(NULL) };
	enum ruad_status st = ruad_data_get(data, &v.db, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = ruad_view_domain(&v, out, err);
	ruad_data_put(data, &v.db);
	return st;
}

static enum ruad_status
not_found(struct ruad_response *res, struct ruad_err *err)
{
	return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err, "no such domain");
}

/* What people change of it. Numbers of reports do not make a change stale. */
static void
etag_of(const json_t *o, char etag[24])
{
	json_t *part = json_pack("{s:O?, s:O?, s:O?, s:O?}", "since",
	    json_object_get(o, "since"), "label", json_object_get(o, "label"),
	    "note", json_object_get(o, "note"), "parked",
	    json_object_get(o, "parked"));

	ruad_answer_etag(part, etag);
	json_decref(part);
}

static enum ruad_status
tell_domain(const struct ruad_request *req, struct ruad_response *res,
    const char *domain, unsigned status, struct ruad_err *err)
{
	json_t *o;
	char etag[24];
	enum ruad_status st = read_domain(req, domain, &o, err);

	if (st != RUAD_OK)
		return st == RUAD_END ? not_found(res, err) : st;
	etag_of(o, etag);
	ruad_response_header(res, MHD_HTTP_HEADER_ETAG, "%s", etag);
	return ruad_response_json(res, status, o, err);
}

enum ruad_status
ruad_api_domain(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return tell_domain(req, res, ruad_request_param(req, "d"), MHD_HTTP_OK,
	    err);
}

/* Changes */

/* A text of the body, or null; NULL for both null and not there. */
static const char *
read_text(const json_t *body, struct ruad_response *res, const char *name,
    const char *pointer)
{
	const json_t *value = json_object_get(body, name);

	if (value == NULL || json_is_null(value))
		return NULL;
	if (!json_is_string(value) || json_string_length(value) > TEXT_MAX ||
	    strlen(json_string_value(value)) != json_string_length(value)) {
		ruad_problem_field(res, pointer, "text",
		    "a text of at most %d bytes, or null", TEXT_MAX);
		return NULL;
	}
	return json_string_value(value);
}

static bool
read_bool(const json_t *body, struct ruad_response *res, const char *name,
    const char *pointer, bool otherwise)
{
	const json_t *value = json_object_get(body, name);

	if (value == NULL)
		return otherwise;
	if (!json_is_boolean(value))
		ruad_problem_field(res, pointer, "boolean", "true or false");
	return json_is_true(value);
}

/* Write the registration; NULL takes the note off. */
static enum ruad_status
put_registration(const struct ruad_request *req, const char *domain,
    const char *note, struct ruad_err *err)
{
	struct ruad_store *store = NULL;
	enum ruad_status st =
	    ruad_keep_open(ruad_request_app(req), &store, err);

	if (st == RUAD_OK)
		st = ruad_amend_register(store, domain,
		    note != NULL ? note : "", (int64_t)time(NULL), err);
	ruad_store_close(&store);
	return st;
}

static void
log_change(struct ruad_request *req, const char *what, const char *domain)
{
	char action[40];

	snprintf(action, sizeof(action), "domain.%s", what);
	ruad_note(req, action, domain);
	ruad_log_write(ruad_request_app(req)->log, LOG_NOTICE,
	    "%s: domain=%s user=%s", what, domain,
	    ruad_request_who(req)->login);
}

enum ruad_status
ruad_api_register(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const json_t *body = ruad_request_json(req);
	struct ruad_data *data = ruad_request_app(req)->data;
	const char *name = json_string_value(json_object_get(body, "name"));
	const char *note = read_text(body, res, "note", "/note");
	const char *label = read_text(body, res, "label", "/label");
	bool parked = read_bool(body, res, "parked", "/parked", false);
	const char *allowed = "a domain";
	char *domain =
	    name != NULL ? ruad_conf_take_domain(name, &allowed) : NULL;
	json_t *o = NULL;
	enum ruad_status st;

	if (domain == NULL)
		ruad_problem_field(res, "/name", "domain",
		    "a domain name, as example.com");
	if (ruad_response_has_fields(res)) {
		free(domain);
		return ruad_problem_fields(res, err);
	}
	if (!ruad_request_sees(req, domain)) {
		free(domain);
		return ruad_problem(res, RUAD_PROBLEM_FORBIDDEN, err,
		    "this domain is not among those granted to you");
	}
	st = read_domain(req, domain, &o, err);
	if (st == RUAD_OK && json_is_true(json_object_get(o, "registered"))) {
		st = ruad_problem(res, RUAD_PROBLEM_EXISTS, err,
		    "%s is registered", domain);
	} else if (st == RUAD_OK || st == RUAD_END) {
		st = put_registration(req, domain, note, err);
		if (st == RUAD_OK)
			st = ruad_data_mark(data, domain, label, parked, err);
		if (st == RUAD_OK)
			st = ruad_data_follow(data, false, err);
		if (st == RUAD_OK) {
			log_change(req, "registered", domain);
			ruad_response_header(res, MHD_HTTP_HEADER_LOCATION,
			    "/api/v1/domains/%s", domain);
			st = tell_domain(req, res, domain, MHD_HTTP_CREATED,
			    err);
		}
	}
	json_decref(o);
	free(domain);
	return st;
}

/* What the body leaves out stays as it is. */
static const char *
merged(const json_t *body, const json_t *o, const char *name, const char *given)
{
	return json_object_get(body, name) != NULL
	    ? given
	    : json_string_value(json_object_get(o, name));
}

static enum ruad_status
change(struct ruad_request *req, struct ruad_response *res, const json_t *o,
    const char *domain, struct ruad_err *err)
{
	const json_t *body = ruad_request_json(req);
	struct ruad_data *data = ruad_request_app(req)->data;
	const char *note =
	    merged(body, o, "note", read_text(body, res, "note", "/note"));
	const char *label =
	    merged(body, o, "label", read_text(body, res, "label", "/label"));
	bool parked = read_bool(body, res, "parked", "/parked",
	    json_is_true(json_object_get(o, "parked")));
	enum ruad_status st = RUAD_OK;

	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	if (json_object_get(body, "note") != NULL)
		st = put_registration(req, domain, note, err);
	if (st == RUAD_OK)
		st = ruad_data_mark(data, domain, label, parked, err);
	if (st == RUAD_OK)
		st = ruad_data_follow(data, false, err);
	if (st != RUAD_OK)
		return st;
	log_change(req, "changed", domain);
	return tell_domain(req, res, domain, MHD_HTTP_OK, err);
}

/* Find a registered domain, and see whether it is as the client believes. NULL:
 * end with *status_out. */
static json_t *
find_registered(struct ruad_request *req, struct ruad_response *res,
    enum ruad_status *status_out, struct ruad_err *err)
{
	json_t *o = NULL;
	char etag[24];

	*status_out = read_domain(req, ruad_request_param(req, "d"), &o, err);
	if (*status_out == RUAD_END ||
	    (*status_out == RUAD_OK &&
		!json_is_true(json_object_get(o, "registered")))) {
		*status_out = not_found(res, err);
	} else if (*status_out == RUAD_OK) {
		etag_of(o, etag);
		if (ruad_request_may_change(req, etag))
			return o;
		*status_out = ruad_problem(res, RUAD_PROBLEM_STALE, err,
		    "read it again first");
	}
	json_decref(o);
	return NULL;
}

enum ruad_status
ruad_api_domain_change(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	enum ruad_status st;
	json_t *o = find_registered(req, res, &st, err);

	if (o != NULL)
		st = change(req, res, o, ruad_request_param(req, "d"), err);
	json_decref(o);
	return st;
}

/* Take all reports of a domain away. */
static enum ruad_status
purge(struct ruad_store *store, const char *domain, int64_t *reports_out,
    struct ruad_err *err)
{
	const struct ruad_expire_settings all = { .records_day = INT32_MAX,
		.raw_epoch = INT64_MAX,
		.quarantine_epoch = INT64_MIN,
		.daily_day = INT32_MAX,
		.mail_epoch = INT64_MAX,
		.domain = domain };
	struct ruad_expire *e = NULL;
	enum ruad_status st = ruad_expire_new(store, &all, &e, err);

	while (st == RUAD_OK)
		st = ruad_expire_step(e, PURGE_ROWS, err);
	if (e != NULL)
		*reports_out = ruad_expire_totals(e)->rows[RUAD_EXPIRE_REPORTS];
	ruad_expire_free(&e);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_api_domain_delete(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const json_t *body = ruad_request_json(req);
	const char *domain = ruad_request_param(req, "d");
	const char *confirm =
	    json_string_value(json_object_get(body, "confirm"));
	bool everything = read_bool(body, res, "purge", "/purge", false);
	struct ruad_store *store = NULL;
	int64_t reports = 0;
	enum ruad_status st;
	json_t *o;

	if (confirm == NULL || strcmp(confirm, "delete") != 0)
		ruad_problem_field(res, "/confirm", "confirm",
		    "must be \"delete\"");
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	o = find_registered(req, res, &st, err);
	if (o == NULL)
		return st;
	json_decref(o);
	st = ruad_keep_open(ruad_request_app(req), &store, err);
	if (st == RUAD_OK)
		st = ruad_amend_unregister(store, domain, err);
	if (st == RUAD_OK && everything)
		st = purge(store, domain, &reports, err);
	ruad_store_close(&store);
	if (st == RUAD_OK)
		st = ruad_data_follow(ruad_request_app(req)->data, everything,
		    err);
	if (st != RUAD_OK)
		return st;
	log_change(req, everything ? "purged" : "unregistered", domain);
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s, s:I}", "domain", domain, "purged_reports",
		(json_int_t)reports),
	    err);
}

enum ruad_status
ruad_api_ignore(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const json_t *body = ruad_request_json(req);
	const json_t *ignored = json_object_get(body, "ignored");
	const char *domain = ruad_request_param(req, "d");
	const char *note = read_text(body, res, "note", "/note");
	struct ruad_store *store = NULL;
	json_t *o = NULL;
	enum ruad_status st;

	if (!json_is_boolean(ignored))
		ruad_problem_field(res, "/ignored", "boolean", "true or false");
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = read_domain(req, domain, &o, err);
	if (st == RUAD_OK && json_is_true(json_object_get(o, "registered"))) {
		json_decref(o);
		return ruad_problem(res, RUAD_PROBLEM_IN_USE, err,
		    "%s is registered", domain);
	}
	json_decref(o);
	if (st != RUAD_OK && st != RUAD_END)
		return st;
	st = ruad_keep_open(ruad_request_app(req), &store, err);
	if (st == RUAD_OK)
		st = json_is_true(ignored)
		    ? ruad_amend_ignore(store, domain, note,
			  (int64_t)time(NULL), err)
		    : ruad_amend_unregister(store, domain, err);
	ruad_store_close(&store);
	if (st == RUAD_OK || st == RUAD_END)
		st = ruad_data_follow(ruad_request_app(req)->data, false, err);
	if (st != RUAD_OK)
		return st;
	log_change(req, json_is_true(ignored) ? "ignored" : "listed", domain);
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s, s:b}", "domain", domain, "ignored",
		json_is_true(ignored)),
	    err);
}
