/* api_ingest.c - what came in, and what was refused: numbers for everybody, the
 * mails themselves only for who sees all domains, for nobody knows whose they
 * are. */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "advice.h"
#include "again.h"
#include "api.h"
#include "body.h"
#include "note.h"
#include "app.h"
#include "asked.h"
#include "daemon_numbers.h"
#include "describe.h"
#include "fields.h"
#include "keep.h"
#include "list.h"
#include "metrics.h"
#include "original_file.h"
#include "setup.h"

#define DAY_SECS INT64_C(86400)

static const struct ruad_member quarantine_fields[] = {
	{ "quarantine_key", RUAD_MEMBER_INT },
	{ "received_utc", RUAD_MEMBER_TEXT },
	{ "outcome", RUAD_MEMBER_TEXT },
	{ "code", RUAD_MEMBER_TEXT },
	{ "text", RUAD_MEMBER_TEXT },
	{ "header_from", RUAD_MEMBER_TEXT },
	{ "mail_from", RUAD_MEMBER_TEXT },
	{ "subject", RUAD_MEMBER_TEXT },
	{ "part", RUAD_MEMBER_TEXT },
	{ "file_name", RUAD_MEMBER_TEXT },
	{ "bytes", RUAD_MEMBER_INT },
	{ "queue_id", RUAD_MEMBER_TEXT },
	{ "message_id", RUAD_MEMBER_TEXT },
	{ "kept", RUAD_MEMBER_BOOL },
};

static const struct ruad_member count_fields[] = {
	{ "stored", RUAD_MEMBER_INT },
	{ "conflict", RUAD_MEMBER_INT },
	{ "refused", RUAD_MEMBER_INT },
	{ "not_a_report", RUAD_MEMBER_INT },
};

static const struct ruad_member reason_fields[] = {
	{ "code", RUAD_MEMBER_TEXT },
	{ "outcome", RUAD_MEMBER_TEXT },
	{ "count", RUAD_MEMBER_INT },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *
quarantine_row(const struct ruad_rows *rows)
{
	json_t *row =
	    ruad_fields_row(rows, quarantine_fields, COUNT(quarantine_fields));
	enum ruad_code code = ruad_code_find(ruad_rows_text(rows, "code"));
	bool kept = ruad_rows_int(rows, "kept") != 0;

	if (row != NULL)
		json_object_set_new(row, "advice",
		    kept ? json_string(ruad_advice(code)) : json_null());
	return row;
}

/* One page of what was refused. */
static enum ruad_status
read_items(struct ruad_query *q, const struct ruad_asked *a, json_t *items,
    json_t **position_out, struct ruad_err *err)
{
	int64_t epoch = 0, key = 0;
	struct ruad_rows *rows;
	enum ruad_status st;

	st = ruad_query_ask(q, RUAD_ASK_QUARANTINE, &a->filter, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		if ((int64_t)json_array_size(items) == a->page.limit) {
			*position_out = json_pack("[I,I]", (json_int_t)epoch,
			    (json_int_t)key);
			break;
		}
		if (json_array_append_new(items, quarantine_row(rows)) != 0)
			return ruad_fail_memory(err, "ingest");
		epoch = ruad_rows_int(rows, "received_epoch");
		key = ruad_rows_int(rows, "quarantine_key");
	}
	return st == RUAD_END ? RUAD_OK : st;
}

/* All rows of a question. */
static enum ruad_status
read_rows(struct ruad_query *q, enum ruad_question question,
    const struct ruad_filter *f, const struct ruad_member *fields, size_t count,
    json_t *out, struct ruad_err *err)
{
	struct ruad_rows *rows;
	enum ruad_status st = ruad_query_ask(q, question, f, &rows, err);

	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		if (json_array_append_new(out,
			ruad_fields_row(rows, fields, count)) != 0)
			return ruad_fail_memory(err, "ingest");
	}
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
read_store(struct ruad_query *q, json_t *to, struct ruad_err *err)
{
	struct ruad_metrics m;
	enum ruad_status st = ruad_metrics_read(ruad_query_handle(q), &m, err);

	if (st != RUAD_OK)
		return st;
	json_object_set_new(to, "last_received_utc",
	    ruad_body_time(m.last_received));
	json_object_set_new(to, "last_refused_utc",
	    ruad_body_time(m.last_refused));
	json_object_set_new(to, "store",
	    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "schema_version",
		(json_int_t)m.schema_version, "bytes", (json_int_t)m.bytes,
		"free_bytes", (json_int_t)m.free_bytes, "wal_bytes",
		(json_int_t)m.wal_bytes, "reports", (json_int_t)m.reports,
		"quarantine", (json_int_t)m.quarantine));
	return RUAD_OK;
}

/* What came in since then, without a look at what it was. */
static enum ruad_status
read_counts(struct ruad_query *q, const struct ruad_asked *a, json_t *to,
    struct ruad_err *err)
{
	int64_t now = (int64_t)time(NULL);
	struct ruad_filter f = RUAD_FILTER_ALL;
	json_t *counts = json_array(), *reasons = json_array();
	enum ruad_status st;

	f.since = a->filter.since != INT64_MIN ? a->filter.since
					       : now - now % DAY_SECS;
	f.until = a->filter.until;
	st = read_rows(q, RUAD_ASK_INTAKE, &f, count_fields,
	    COUNT(count_fields), counts, err);
	if (st == RUAD_OK)
		st = read_rows(q, RUAD_ASK_REASONS, &f, reason_fields,
		    COUNT(reason_fields), reasons, err);
	json_object_set_new(to, "since_utc", ruad_body_time(f.since));
	json_object_set(to, "counts", json_array_get(counts, 0));
	json_object_set(to, "reasons", reasons);
	json_decref(counts);
	json_decref(reasons);
	return st;
}

static json_t *
daemon_json(const struct ruad_app *app)
{
	struct ruad_daemon_numbers n;

	if (!ruad_daemon_numbers(app->conf->metrics_socket, &n))
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "queue", (json_int_t)n.queue,
	    "duplicates", (json_int_t)n.duplicates, "errors",
	    (json_int_t)n.errors);
}

static enum ruad_status
read_all(struct ruad_request *req, struct ruad_query *q,
    const struct ruad_asked *a, json_t *to, json_t **position_out,
    struct ruad_err *err)
{
	json_t *items = json_array();
	enum ruad_status st = read_counts(q, a, to, err);

	if (st == RUAD_OK)
		st = read_store(q, to, err);
	if (st == RUAD_OK && ruad_request_who(req)->all_domains)
		st = read_items(q, a, items, position_out, err);
	json_object_set_new(to, "daemon", daemon_json(ruad_request_app(req)));
	if (json_object_set_new(to, "items", items) != 0 && st == RUAD_OK)
		st = ruad_fail_memory(err, "ingest");
	return st;
}

enum ruad_status
ruad_api_ingest(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	json_t *all = json_object(), *position = NULL;
	struct ruad_query *q = NULL;
	struct ruad_asked a;
	enum ruad_status st;

	/* Numbers of the daemon change without the store. */
	if (!ruad_asked_read(req, res, &a, &st, err) ||
	    (ruad_request_app(req)->conf->metrics_socket[0] == '\0' &&
		ruad_asked_unchanged(req, res))) {
		json_decref(all);
		ruad_asked_free(&a);
		return st;
	}
	a.filter.after_epoch = ruad_asked_after(&a, 0);
	a.filter.after_key = ruad_asked_after(&a, 1);
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = read_all(req, q, &a, all, &position, err);
	ruad_pool_put(pool, &q);
	ruad_asked_free(&a);
	if (st == RUAD_OK)
		return ruad_response_list_with(res, req, all, position, err);
	json_decref(all);
	json_decref(position);
	return st;
}

/* Step to the row of the path. RUAD_END: it is not there, or not for who asks,
 * which has been answered in *answer_out. */
static enum ruad_status
find_row(struct ruad_request *req, struct ruad_response *res,
    struct ruad_query *q, struct ruad_rows **rows_out,
    enum ruad_status *answer_out, struct ruad_err *err)
{
	struct ruad_filter f = RUAD_FILTER_ALL;
	enum ruad_status st = RUAD_END;

	f.quarantine_key = ruad_request_param_int(req, "id");
	if (f.quarantine_key > 0 && ruad_request_who(req)->all_domains) {
		st = ruad_query_ask(q, RUAD_ASK_QUARANTINE, &f, rows_out, err);
		if (st == RUAD_OK)
			st = ruad_rows_next(*rows_out, err);
	}
	if (st == RUAD_END)
		*answer_out = ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "nothing of this key is in quarantine");
	return st;
}

enum ruad_status
ruad_api_ingest_raw(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_app *app = ruad_request_app(req);
	enum ruad_status st, answer = RUAD_OK;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;

	st = ruad_pool_get(app->pool, &q, err);
	if (st == RUAD_OK)
		st = find_row(req, res, q, &rows, &answer, err);
	if (st == RUAD_OK)
		st = ruad_original_file(app, res, q,
		    ruad_rows_int(rows, "mail_key"), "quarantine",
		    ruad_request_param_int(req, "id"), err);
	ruad_pool_put(app->pool, &q);
	return st == RUAD_END ? answer : st;
}

/* Read it again, and tell what came of it. */
static enum ruad_status
retry(const struct ruad_app *app, struct ruad_response *res,
    struct ruad_query *q, int64_t mail_key, struct ruad_err *err)
{
	struct ruad_again_settings set = { .query = q };
	struct ruad_store *store = NULL;
	struct ruad_setup *setup = NULL;
	struct ruad_again *again = NULL;
	struct ruad_delivery *d = NULL;
	struct ruad_budget budget;
	enum ruad_status st;
	json_t *told = json_object();

	ruad_setup_budget(app->conf, &budget);
	st = ruad_setup_new(app->conf, &budget, &setup, err);
	if (st == RUAD_OK)
		st = ruad_keep_open(app, &store, err);
	if (st == RUAD_OK) {
		set.ingest = setup->ingest;
		set.mail = setup->mail;
		set.store = store;
		st = ruad_again_new(&set, &again, err);
	}
	if (st == RUAD_OK) {
		st = ruad_again_retry(again, mail_key, &d, err);
		if (st == RUAD_OK && ruad_describe_delivery(told, d, err))
			st = ruad_response_json(res, MHD_HTTP_OK,
			    json_incref(told), err);
		else if (st != RUAD_OK && st != RUAD_TEMP)
			st = ruad_original_refuse(res, st, err);
	}
	json_decref(told);
	ruad_delivery_free(&d);
	ruad_again_free(&again);
	ruad_store_close(&store);
	ruad_setup_free(&setup);
	return st;
}

enum ruad_status
ruad_api_ingest_retry(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	enum ruad_status st, answer = RUAD_OK;
	struct ruad_query *q = NULL;
	struct ruad_rows *rows;

	st = ruad_desk_enter(app->desk, RUAD_DESK_UPLOAD, err);
	if (st != RUAD_OK)
		return st;
	st = ruad_pool_get(app->pool, &q, err);
	if (st == RUAD_OK)
		st = find_row(req, res, q, &rows, &answer, err);
	if (st == RUAD_OK)
		st = retry(app, res, q, ruad_rows_int(rows, "mail_key"), err);
	if (st == RUAD_OK)
		ruad_note(req, "ingest.retry", ruad_request_param(req, "id"));
	ruad_pool_put(app->pool, &q);
	ruad_desk_leave(app->desk, RUAD_DESK_UPLOAD);
	return st == RUAD_END ? answer : st;
}
