/* api_reports.c - the reports of the store: the list, one of them, its records,
 * and it as XML again. Reports are what others wrote: nothing of them reaches a
 * header or a name of a file as it is. */
#include <ctype.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "app.h"
#include "asked.h"
#include "body.h"
#include "fields.h"
#include "list.h"
#include "original_file.h"
#include "published.h"
#include "report_load.h"
#include "report_write.h"
#include "setup.h"

static const struct ruad_member row_fields[] = {
	{ "report_key", RUAD_MEMBER_INT },
	{ "org_name", RUAD_MEMBER_TEXT },
	{ "policy_domain", RUAD_MEMBER_TEXT },
	{ "report_id", RUAD_MEMBER_TEXT },
	{ "begin_utc", RUAD_MEMBER_TEXT },
	{ "end_utc", RUAD_MEMBER_TEXT },
	{ "p", RUAD_MEMBER_TEXT },
	{ "records", RUAD_MEMBER_INT },
	{ "messages", RUAD_MEMBER_INT },
	{ "messages_pass", RUAD_MEMBER_INT },
	{ "rows_refused", RUAD_MEMBER_INT },
	{ "conflicts", RUAD_MEMBER_INT },
	{ "warnings", RUAD_MEMBER_WORDS },
	{ "trust", RUAD_MEMBER_TEXT },
	{ "trust_domain", RUAD_MEMBER_TEXT },
	{ "trusted", RUAD_MEMBER_BOOL },
	{ "received_utc", RUAD_MEMBER_TEXT },
};

static const char *const row_columns[] = { "report_key", "org_name",
	"policy_domain", "report_id", "begin_utc", "end_utc", "p", "records",
	"messages", "messages_pass", "outcome", "rows_refused", "conflicts",
	"warnings", "trust", "trust_domain", "trusted", "received_utc", NULL };

static const struct ruad_member report_fields[] = {
	{ "report_key", RUAD_MEMBER_INT },
	{ "org_name", RUAD_MEMBER_TEXT },
	{ "org_email", RUAD_MEMBER_TEXT },
	{ "extra_contact_info", RUAD_MEMBER_TEXT },
	{ "report_id", RUAD_MEMBER_TEXT },
	{ "policy_domain", RUAD_MEMBER_TEXT },
	{ "begin_utc", RUAD_MEMBER_TEXT },
	{ "end_utc", RUAD_MEMBER_TEXT },
	{ "dialect", RUAD_MEMBER_TEXT },
	{ "version", RUAD_MEMBER_TEXT },
	{ "namespace", RUAD_MEMBER_TEXT },
	{ "generator", RUAD_MEMBER_TEXT },
	{ "records", RUAD_MEMBER_INT },
	{ "records_kept", RUAD_MEMBER_INT },
	{ "messages", RUAD_MEMBER_INT },
	{ "messages_pass", RUAD_MEMBER_INT },
	{ "rows_refused", RUAD_MEMBER_INT },
	{ "warnings", RUAD_MEMBER_WORDS },
	{ "errors", RUAD_MEMBER_JSON },
	{ "raw_words", RUAD_MEMBER_JSON },
	{ "refused_rows", RUAD_MEMBER_JSON },
	{ "conflicts", RUAD_MEMBER_JSON },
	{ "trust", RUAD_MEMBER_TEXT },
	{ "trust_domain", RUAD_MEMBER_TEXT },
	{ "trusted", RUAD_MEMBER_BOOL },
	{ "queue_id", RUAD_MEMBER_TEXT },
	{ "message_id", RUAD_MEMBER_TEXT },
	{ "part", RUAD_MEMBER_TEXT },
	{ "received_utc", RUAD_MEMBER_TEXT },
	{ "has_raw", RUAD_MEMBER_BOOL },
};

static const struct ruad_member policy_fields[] = {
	{ "p", RUAD_MEMBER_TEXT },
	{ "sp", RUAD_MEMBER_TEXT },
	{ "np", RUAD_MEMBER_TEXT },
	{ "adkim", RUAD_MEMBER_TEXT },
	{ "aspf", RUAD_MEMBER_TEXT },
	{ "pct", RUAD_MEMBER_INT },
	{ "fo", RUAD_MEMBER_TEXT },
	{ "testing", RUAD_MEMBER_TEXT },
	{ "discovery_method", RUAD_MEMBER_TEXT },
};

static const struct ruad_member record_fields[] = {
	{ "row_no", RUAD_MEMBER_INT },
	{ "source_ip", RUAD_MEMBER_TEXT },
	{ "messages", RUAD_MEMBER_INT },
	{ "disposition", RUAD_MEMBER_TEXT },
	{ "dkim", RUAD_MEMBER_TEXT },
	{ "spf", RUAD_MEMBER_TEXT },
	{ "dmarc", RUAD_MEMBER_TEXT },
	{ "header_from", RUAD_MEMBER_TEXT },
	{ "envelope_from", RUAD_MEMBER_TEXT },
	{ "envelope_to", RUAD_MEMBER_TEXT },
	{ "dkim_alignment", RUAD_MEMBER_TEXT },
	{ "spf_alignment", RUAD_MEMBER_TEXT },
	{ "reasons", RUAD_MEMBER_WORDS },
	{ "auth_results", RUAD_MEMBER_JSON },
};

static const char *const record_columns[] = { "row_no", "source_ip", "messages",
	"disposition", "dkim", "spf", "dmarc", "header_from", "envelope_from",
	"envelope_to", "dkim_alignment", "spf_alignment", "reasons",
	"auth_results", NULL };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How much of it passes, in a word. */
static json_t *
outcome_of(const struct ruad_rows *rows)
{
	int64_t all = ruad_rows_int(rows, "messages");
	int64_t pass = ruad_rows_int(rows, "messages_pass");

	return json_string(all == 0 ? "empty"
		: pass == all       ? "pass"
		: pass > 0          ? "partial"
				    : "fail");
}

static json_t *
report_row(const struct ruad_rows *rows)
{
	json_t *row = ruad_fields_row(rows, row_fields, COUNT(row_fields));

	if (row != NULL)
		json_object_set_new(row, "outcome", outcome_of(rows));
	return row;
}

static json_t *
record_row(const struct ruad_rows *rows)
{
	return ruad_fields_row(rows, record_fields, COUNT(record_fields));
}

/* A list that is read while it is sent. */
struct stream {
	struct ruad_asked asked;
	struct ruad_pool *pool; /* borrowed */
	struct ruad_query *q;
	struct ruad_rows *rows; /* of q */
	json_t *(*row)(const struct ruad_rows *rows);
};

static enum ruad_status
next_row(void *arg, json_t **row_out, struct ruad_err *err)
{
	struct stream *s = arg;
	enum ruad_status st = ruad_rows_next(s->rows, err);

	*row_out = st == RUAD_OK ? s->row(s->rows) : NULL;
	return st == RUAD_OK && *row_out == NULL
	    ? ruad_fail_memory(err, "reports")
	    : st;
}

static void
end_stream(void *arg)
{
	struct stream *s = arg;

	ruad_pool_put(s->pool, &s->q);
	ruad_asked_free(&s->asked);
	free(s);
}

/* All rows of a question as CSV or lines of JSON. Takes over what is asked. */
static enum ruad_status
stream(struct ruad_request *req, struct ruad_response *res,
    struct ruad_asked *asked, enum ruad_question question,
    const struct ruad_stream *how, json_t *(*row)(const struct ruad_rows *),
    struct ruad_err *err)
{
	struct ruad_stream out = *how;
	struct stream *s = calloc(1, sizeof(*s));
	enum ruad_status st;

	if (s == NULL)
		return ruad_fail_memory(err, "reports");
	s->asked = *asked;
	asked->page.after = NULL;
	asked->grants = NULL;
	/* What pointed into the other one. */
	if (s->asked.filter.domain != NULL)
		s->asked.filter.domain = s->asked.domain;
	if (s->asked.filter.reporter != NULL)
		s->asked.filter.reporter = s->asked.reporter;
	s->asked.filter.limit = 0;
	s->pool = ruad_request_app(req)->pool;
	s->row = row;
	st = ruad_pool_get(s->pool, &s->q, err);
	if (st == RUAD_OK) {
		/* It takes as long as its reader does. */
		sqlite3_progress_handler(ruad_query_handle(s->q), 0, NULL,
		    NULL);
		st = ruad_query_ask(s->q, question, &s->asked.filter, &s->rows,
		    err);
	}
	if (st != RUAD_OK) {
		end_stream(s);
		return st;
	}
	out.next = next_row;
	out.free = end_stream;
	out.arg = s;
	return ruad_response_stream(res, req, &out, err);
}

/* How many rows there are, counted up to where it is not told any more. */
static enum ruad_status
count_reports(struct ruad_query *q, const struct ruad_filter *f,
    int64_t *total_out, struct ruad_err *err)
{
	struct ruad_filter all = *f;
	struct ruad_rows *rows;
	enum ruad_status st;

	all.after_epoch = all.after_key = 0;
	all.limit = 10001;
	*total_out = 0;
	st = ruad_query_ask(q, RUAD_ASK_REPORTS, &all, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK)
		++*total_out;
	return st == RUAD_END ? RUAD_OK : st;
}

/* One page, and where the next one begins. */
static enum ruad_status
read_reports(struct ruad_query *q, const struct ruad_asked *a, json_t *items,
    json_t **position_out, struct ruad_err *err)
{
	int64_t epoch = 0, key = 0;
	struct ruad_rows *rows;
	enum ruad_status st;

	*position_out = NULL;
	st = ruad_query_ask(q, RUAD_ASK_REPORTS, &a->filter, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		if ((int64_t)json_array_size(items) == a->page.limit) {
			*position_out = json_pack("[I,I]", (json_int_t)epoch,
			    (json_int_t)key);
			break;
		}
		if (json_array_append_new(items, report_row(rows)) != 0)
			return ruad_fail_memory(err, "reports");
		epoch = ruad_rows_int(rows, "received_epoch");
		key = ruad_rows_int(rows, "report_key");
	}
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
list_reports(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_asked *a, struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	json_t *items = json_array(), *position = NULL;
	struct ruad_query *q = NULL;
	int64_t total = -1;
	enum ruad_status st = ruad_pool_get(pool, &q, err);

	if (st == RUAD_OK)
		st = read_reports(q, a, items, &position, err);
	if (st == RUAD_OK && a->page.count)
		st = count_reports(q, &a->filter, &total, err);
	ruad_pool_put(pool, &q);
	if (st == RUAD_OK)
		return ruad_response_list(res, req, items, position, total,
		    err);
	json_decref(items);
	json_decref(position);
	return st;
}

enum ruad_status
ruad_api_reports(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const struct ruad_stream how = { .name = "reports",
		.columns = row_columns };
	struct ruad_asked a;
	enum ruad_status st;

	if (ruad_asked_read(req, res, &a, &st, err) &&
	    !ruad_asked_unchanged(req, res)) {
		a.filter.after_epoch = ruad_asked_after(&a, 0);
		a.filter.after_key = ruad_asked_after(&a, 1);
		st = ruad_request_wants(req) == RUAD_WANTS_JSON
		    ? list_reports(req, res, &a, err)
		    : stream(req, res, &a, RUAD_ASK_REPORTS, &how, report_row,
			  err);
	}
	ruad_asked_free(&a);
	return st;
}

/* Step to the report of the path. RUAD_END: there is none that may be seen,
 * which has been answered in *answer_out. */
static enum ruad_status
find_report(struct ruad_request *req, struct ruad_response *res,
    struct ruad_query *q, struct ruad_rows **rows_out,
    enum ruad_status *answer_out, struct ruad_err *err)
{
	struct ruad_filter f = RUAD_FILTER_ALL;
	enum ruad_status st;

	f.report_key = ruad_request_param_int(req, "id");
	st = ruad_query_ask(q, RUAD_ASK_REPORT, &f, rows_out, err);
	if (st == RUAD_OK)
		st = ruad_rows_next(*rows_out, err);
	if (st == RUAD_OK &&
	    !ruad_request_sees(req, ruad_rows_text(*rows_out, "policy_domain")))
		st = RUAD_END;
	if (st == RUAD_END)
		*answer_out = ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "no such report");
	return st;
}

/* The middle of the period, which says to which day it counts. */
static int64_t
middle_of(const struct ruad_rows *rows)
{
	int64_t begin = ruad_rows_int(rows, "begin_epoch");

	return begin + (ruad_rows_int(rows, "end_epoch") - begin) / 2;
}

static enum ruad_status
report_json(struct ruad_query *q, const struct ruad_rows *rows, json_t **out,
    struct ruad_err *err)
{
	json_t *all =
	    ruad_fields_row(rows, report_fields, COUNT(report_fields));
	json_t *policy =
	    ruad_fields_row(rows, policy_fields, COUNT(policy_fields));
	json_t *dns = NULL, *differences = NULL, *day;
	const char *domain = ruad_rows_text(rows, "policy_domain");
	enum ruad_status st;

	st = ruad_published_compare(q, domain, middle_of(rows), policy, &dns,
	    &differences, err);
	day = ruad_body_time(middle_of(rows));
	if (st == RUAD_OK) {
		json_object_set_new(all, "day",
		    json_stringn(json_string_value(day), 10));
		json_object_set_new(all, "outcome", outcome_of(rows));
		json_object_set(all, "policy_published", policy);
		json_object_set(all, "dns", dns);
		if (json_object_set(all, "differences", differences) != 0)
			st = ruad_fail_memory(err, "reports");
	}
	json_decref(day);
	json_decref(dns);
	json_decref(differences);
	json_decref(policy);
	if (st != RUAD_OK) {
		json_decref(all);
		all = NULL;
	}
	*out = all;
	return st;
}

enum ruad_status
ruad_api_report(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	enum ruad_status st, answer = RUAD_OK;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;
	json_t *all;

	if (ruad_asked_unchanged(req, res))
		return RUAD_OK;
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = find_report(req, res, q, &rows, &answer, err);
	if (st == RUAD_OK)
		st = report_json(q, rows, &all, err);
	if (st == RUAD_OK)
		st = ruad_response_json(res, MHD_HTTP_OK, all, err);
	ruad_pool_put(pool, &q);
	return st == RUAD_END ? answer : st;
}

static enum ruad_status
read_records(struct ruad_query *q, const struct ruad_asked *a, json_t *items,
    json_t **position_out, struct ruad_err *err)
{
	struct ruad_rows *rows;
	enum ruad_status st;
	int64_t row_no = 0;

	*position_out = NULL;
	st = ruad_query_ask(q, RUAD_ASK_RECORDS, &a->filter, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		if ((int64_t)json_array_size(items) == a->page.limit) {
			*position_out = json_pack("[I]", (json_int_t)row_no);
			break;
		}
		if (json_array_append_new(items, record_row(rows)) != 0)
			return ruad_fail_memory(err, "records");
		row_no = ruad_rows_int(rows, "row_no");
	}
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
list_records(struct ruad_request *req, struct ruad_response *res,
    struct ruad_query *q, const struct ruad_asked *a, struct ruad_err *err)
{
	json_t *items = json_array(), *position;
	enum ruad_status st = read_records(q, a, items, &position, err);

	if (st == RUAD_OK)
		return ruad_response_list(res, req, items, position, -1, err);
	json_decref(items);
	json_decref(position);
	return st;
}

enum ruad_status
ruad_api_report_records(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const struct ruad_stream how = { .name = "records",
		.columns = record_columns };
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	enum ruad_status st, answer = RUAD_OK;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;
	struct ruad_asked a;
	bool all = ruad_request_wants(req) != RUAD_WANTS_JSON;

	if (!ruad_asked_read(req, res, &a, &st, err) ||
	    ruad_asked_unchanged(req, res)) {
		ruad_asked_free(&a);
		return st;
	}
	a.filter.report_key = ruad_request_param_int(req, "id");
	a.filter.after_row = ruad_asked_after(&a, 0);
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = find_report(req, res, q, &rows, &answer, err);
	if (st == RUAD_OK && !all)
		st = list_records(req, res, q, &a, err);
	ruad_pool_put(pool, &q);
	if (st == RUAD_OK && all)
		st = stream(req, res, &a, RUAD_ASK_RECORDS, &how, record_row,
		    err);
	ruad_asked_free(&a);
	return st == RUAD_END ? answer : st;
}

/* Of a name that others chose, what every file system takes. */
static void
add_name(char *out, size_t cap, const char *text)
{
	size_t len = strlen(out), end = len + 80;

	for (; *text != '\0' && len + 1 < cap && len < end; text++) {
		bool plain = isalnum((unsigned char)*text) != 0 ||
		    (*text != '\0' && strchr("-_", *text) != NULL) ||
		    (*text == '.' && len > 0);

		out[len++] = *text;
		if (!plain)
			out[len - 1] = '_';
	}
	out[len] = '\0';
}

/* RFC 7489 section 7.2.1.1: receiver!policy-domain!begin!end. */
static void
add_file_name(struct ruad_response *res, const struct ruad_report *r)
{
	char name[300] = "";

	add_name(name, sizeof(name), r->org_name);
	snprintf(name + strlen(name), sizeof(name) - strlen(name), "!");
	add_name(name, sizeof(name), ruad_report_text(r, r->policy_domain));
	ruad_response_header(res, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
	    "attachment; filename=\"%s!%" PRId64 "!%" PRId64 ".xml\"", name,
	    r->begin, r->end);
}

static enum ruad_status
write_xml(struct ruad_response *res, const struct ruad_report *r,
    struct ruad_err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	enum ruad_status st;

	if (to == NULL)
		return ruad_fail_memory(err, "reports");
	st = ruad_report_write(r, RUAD_REPORT_RFC9990, true, to, err);
	if (fclose(to) != 0 && st == RUAD_OK)
		st = ruad_fail_memory(err, "reports");
	if (st != RUAD_OK) {
		free(text);
		return st;
	}
	add_file_name(res, r);
	return ruad_response_bytes(res, MHD_HTTP_OK, "application/xml", text,
	    len, err);
}

/* As XML, or the mail that brought it. */
static enum ruad_status
give_raw(struct ruad_request *req, struct ruad_response *res,
    struct ruad_query *q, const struct ruad_rows *rows, bool original,
    struct ruad_err *err)
{
	const struct ruad_app *app = ruad_request_app(req);
	int64_t key = ruad_request_param_int(req, "id");
	struct ruad_loaded l = { NULL };
	struct ruad_budget budget;
	enum ruad_status st;

	if (original)
		return ruad_original_file(app, res, q,
		    ruad_rows_int(rows, "mail_key"), "report", key, err);
	/* Of one request; how many there are is bounded. */
	ruad_setup_budget(app->conf, &budget);
	st = ruad_report_load(ruad_query_handle(q), key, &budget, &l, err);
	if (st == RUAD_OK)
		st = write_xml(res, l.report, err);
	ruad_loaded_free(&l);
	return st;
}

/* A mail may hold reports about several domains. */
enum ruad_status
ruad_api_report_raw(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	const char *text = ruad_request_query(req, "original");
	bool original = text != NULL && strcmp(text, "true") == 0;
	enum ruad_status st, answer = RUAD_OK;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;

	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = find_report(req, res, q, &rows, &answer, err);
	if (st == RUAD_OK && original && !ruad_request_who(req)->all_domains)
		st = ruad_problem(res, RUAD_PROBLEM_FORBIDDEN, err,
		    "originals are for those who see all domains");
	else if (st == RUAD_OK)
		st = give_raw(req, res, q, rows, original, err);
	ruad_pool_put(pool, &q);
	return st == RUAD_END ? answer : st;
}
