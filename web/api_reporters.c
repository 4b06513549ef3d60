/* api_reporters.c - who reports: how often, how well, and the last 30 days. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "api.h"
#include "app.h"
#include "asked.h"
#include "body.h"
#include "fields.h"
#include "list.h"

#define DAY_SECS INT64_C(86400)
enum { DOTS = 30 };

static const struct ruad_member fields[] = {
	{ "org_name", RUAD_MEMBER_TEXT },
	{ "reports", RUAD_MEMBER_INT },
	{ "domains", RUAD_MEMBER_INT },
	{ "records", RUAD_MEMBER_INT },
	{ "messages", RUAD_MEMBER_INT },
	{ "first_day", RUAD_MEMBER_TEXT },
	{ "last_day", RUAD_MEMBER_TEXT },
	{ "days", RUAD_MEMBER_INT },
	{ "every_days", RUAD_MEMBER_REAL },
	{ "gaps", RUAD_MEMBER_INT },
	{ "longest_gap_days", RUAD_MEMBER_INT },
	{ "quiet_days", RUAD_MEMBER_INT },
	{ "reports_with_warnings", RUAD_MEMBER_INT },
	{ "rows_refused", RUAD_MEMBER_INT },
	{ "refused", RUAD_MEMBER_INT },
	{ "warnings", RUAD_MEMBER_WORDS },
	{ "last_report_utc", RUAD_MEMBER_TEXT },
	{ "last_received_utc", RUAD_MEMBER_TEXT },
};

static const char *const columns[] = { "org_name", "reports", "domains",
	"records", "messages", "first_day", "last_day", "days", "every_days",
	"gaps", "longest_gap_days", "quiet_days", "reports_with_warnings",
	"rows_refused", "refused", "warnings", "last_report_utc",
	"last_received_utc", "dots_to", "dots", NULL };

static json_t *
no_dots(void)
{
	json_t *dots = json_array();

	for (int i = 0; i < DOTS; i++)
		json_array_append_new(dots, json_integer(0));
	return dots;
}

/* An object that has the dots of each reporter under its name. */
static enum ruad_status
read_dots(struct ruad_query *q, const struct ruad_asked *a, int64_t today,
    json_t *out, struct ruad_err *err)
{
	struct ruad_filter f = a->filter;
	struct ruad_rows *rows;
	enum ruad_status st;

	f.since = (today - DOTS + 1) * DAY_SECS;
	f.until = (today + 1) * DAY_SECS;
	st = ruad_query_ask(q, RUAD_ASK_DOTS, &f, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		const char *name = ruad_rows_text(rows, "org_name");
		int64_t at = ruad_rows_int(rows, "day") - today + DOTS - 1;
		json_t *dots = json_object_get(out, name);

		if (dots == NULL) {
			dots = no_dots();
			json_object_set_new(out, name, dots);
		}
		if (at >= 0)
			json_array_set_new(dots, (size_t)at,
			    json_integer(ruad_rows_int(rows, "reports")));
	}
	return st == RUAD_END ? RUAD_OK : st;
}

/* Whether a row stands behind the one that the page before ended with. */
static bool
is_behind(const struct ruad_asked *a, const struct ruad_rows *rows)
{
	const char *name = json_string_value(json_array_get(a->page.after, 1));
	int64_t reports = ruad_rows_int(rows, "reports");
	int64_t last = ruad_asked_after(a, 0);

	if (name == NULL || reports < last)
		return true;
	return reports == last &&
	    strcasecmp(ruad_rows_text(rows, "org_name"), name) > 0;
}

static json_t *
row_of(const struct ruad_rows *rows, const json_t *dots, const char *dots_to)
{
	json_t *row =
	    ruad_fields_row(rows, fields, sizeof(fields) / sizeof(fields[0]));
	json_t *own = json_object_get(dots, ruad_rows_text(rows, "org_name"));

	if (row != NULL && own != NULL)
		json_object_set(row, "dots", own);
	else if (row != NULL)
		json_object_set_new(row, "dots", no_dots());
	if (row != NULL)
		json_object_set_new(row, "dots_to", json_string(dots_to));
	return row;
}

/* Up to `most` rows behind the last page. */
static enum ruad_status
read_rows(struct ruad_query *q, const struct ruad_asked *a, size_t most,
    json_t *items, bool *more_out, struct ruad_err *err)
{
	int64_t today = (int64_t)time(NULL) / DAY_SECS;
	json_t *dots = json_object(), *text = ruad_body_time(today * DAY_SECS);
	struct ruad_filter f = a->filter;
	struct ruad_rows *rows;
	enum ruad_status st;
	char day[11] = "";

	*more_out = false;
	if (text != NULL)
		strncat(day, json_string_value(text), 10);
	json_decref(text);
	f.limit = 0;
	st = read_dots(q, a, today, dots, err);
	if (st == RUAD_OK)
		st = ruad_query_ask(q, RUAD_ASK_CADENCE, &f, &rows, err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, err)) == RUAD_OK) {
		if (!is_behind(a, rows))
			continue;
		*more_out = json_array_size(items) == most;
		if (*more_out)
			break;
		if (json_array_append_new(items, row_of(rows, dots, day)) != 0)
			st = ruad_fail_memory(err, "reporters");
	}
	json_decref(dots);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
send_page(struct ruad_request *req, struct ruad_response *res, json_t *items,
    bool more, struct ruad_err *err)
{
	const json_t *last = json_array_get(items, json_array_size(items) - 1);
	json_t *position = more
	    ? json_pack("[O,O]", json_object_get(last, "reports"),
		  json_object_get(last, "org_name"))
	    : NULL;

	return ruad_response_list(res, req, items, position, -1, err);
}

enum ruad_status
ruad_api_reporters(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_pool *pool = ruad_request_app(req)->pool;
	bool page = ruad_request_wants(req) == RUAD_WANTS_JSON, more = false;
	struct ruad_query *q = NULL;
	struct ruad_asked a;
	enum ruad_status st;
	json_t *items;

	if (!ruad_asked_read(req, res, &a, &st, err) ||
	    ruad_asked_unchanged(req, res)) {
		ruad_asked_free(&a);
		return st;
	}
	items = json_array();
	st = ruad_pool_get(pool, &q, err);
	if (st == RUAD_OK)
		st = read_rows(q, &a, page ? (size_t)a.page.limit : SIZE_MAX,
		    items, &more, err);
	ruad_pool_put(pool, &q);
	ruad_asked_free(&a);
	if (st == RUAD_OK)
		return page ? send_page(req, res, items, more, err)
			    : ruad_response_array(res, req, "reporters",
				  columns, items, err);
	json_decref(items);
	return st;
}
