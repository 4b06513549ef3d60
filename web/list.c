/* list.c - a page is JSON at once; a stream is made row by row while it is
 * sent, so that it takes the memory of a block. */
#include "list.h"
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cursor.h"
#include "emit.h"

enum {
	LIMIT_DEFAULT = 50,
	LIMIT_MAX = 500,
	TOTAL_MAX = 10000,
	ROWS_MAX = 1000000 /* of a stream */
};

static bool
read_limit(const char *text, int64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 4)
		return false;
	*out = strtol(text, &end, 10);
	return *end == '\0' && *out >= 1 && *out <= LIMIT_MAX;
}

bool
ruad_page_read(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_page *out, enum ruad_status *status_out, struct ruad_err *err)
{
	const char *limit = ruad_request_query(req, "limit");
	const char *after = ruad_request_query(req, "after");
	const char *count = ruad_request_query(req, "count");

	*out = (struct ruad_page){ .limit = LIMIT_DEFAULT,
		.count = count != NULL && strcmp(count, "true") == 0 };
	*status_out = RUAD_OK;
	if (limit != NULL && !read_limit(limit, &out->limit)) {
		*status_out = ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "limit is a number from 1 to %d", LIMIT_MAX);
		return false;
	}
	if (after == NULL)
		return true;
	out->after = ruad_cursor_read(after, ruad_request_question(req));
	if (out->after != NULL)
		return true;
	*status_out = ruad_problem(res, RUAD_PROBLEM_CURSOR, err,
	    "start again without after");
	return false;
}

void
ruad_page_free(struct ruad_page *page)
{
	json_decref(page->after);
	page->after = NULL;
}

static void
put_encoded(FILE *to, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *text != '\0'; text++)
		fprintf(to, strchr(plain, *text) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*text);
}

static enum MHD_Result
put_argument(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	FILE *to = arg;

	(void)kind;
	if (strcmp(name, "after") == 0)
		return MHD_YES;
	put_encoded(to, name);
	if (value != NULL) {
		fputc('=', to);
		put_encoded(to, value);
	}
	fputc('&', to);
	return MHD_YES;
}

/* The header for programs that follow links: the same question, relative to its
 * path. */
static void
add_link(struct ruad_response *res, const struct ruad_request *req,
    const char *cursor)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (to == NULL)
		return;
	MHD_get_connection_values(ruad_request_http(req), MHD_GET_ARGUMENT_KIND,
	    put_argument, to);
	if (fclose(to) == 0)
		ruad_response_header(res, MHD_HTTP_HEADER_LINK,
		    "<?%safter=%s>; rel=\"next\"", text, cursor);
	free(text);
}

enum ruad_status
ruad_response_list_with(struct ruad_response *res,
    const struct ruad_request *req, json_t *body, json_t *position,
    struct ruad_err *err)
{
	char *cursor = NULL;

	if (position != NULL) {
		cursor =
		    ruad_cursor_write(position, ruad_request_question(req));
		json_decref(position);
		if (cursor == NULL) {
			json_decref(body);
			return ruad_fail_memory(err, "list");
		}
		add_link(res, req, cursor);
	}
	json_object_set_new(body, "next",
	    cursor != NULL ? json_string(cursor) : json_null());
	free(cursor);
	return ruad_response_json(res, MHD_HTTP_OK, body, err);
}

enum ruad_status
ruad_response_list(struct ruad_response *res, const struct ruad_request *req,
    json_t *items, json_t *position, int64_t total, struct ruad_err *err)
{
	json_t *body = json_pack("{s:o}", "items", items);

	if (total > TOTAL_MAX)
		json_object_set_new(body, "total", json_string("10000+"));
	else if (total >= 0)
		json_object_set_new(body, "total", json_integer(total));
	return ruad_response_list_with(res, req, body, position, err);
}

struct streaming {
	struct ruad_stream stream;
	enum ruad_wants wants;
	int64_t rows;
	char *text; /* owned: what is not sent yet */
	size_t len, sent;
	bool begun, ended;
};

static void
write_cell(struct ruad_csv *csv, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		ruad_csv_text(csv, json_string_value(value));
	} else if (json_is_integer(value)) {
		ruad_csv_int(csv, json_integer_value(value));
	} else if (value == NULL || json_is_null(value)) {
		ruad_csv_text(csv, NULL);
	} else {
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		ruad_csv_text(csv, text);
		free(text);
	}
}

static void
write_row(const struct streaming *s, FILE *to, const json_t *row)
{
	struct ruad_csv csv = { .to = to };

	if (s->wants == RUAD_WANTS_NDJSON) {
		json_dumpf(row, to, JSON_COMPACT);
		fputc('\n', to);
		return;
	}
	for (size_t i = 0; s->stream.columns[i] != NULL; i++)
		write_cell(&csv, json_object_get(row, s->stream.columns[i]));
	ruad_csv_end(&csv);
}

static void
write_head(const struct streaming *s, FILE *to)
{
	struct ruad_csv csv = { .to = to };

	if (s->wants != RUAD_WANTS_CSV)
		return;
	for (size_t i = 0; s->stream.columns[i] != NULL; i++)
		ruad_csv_text(&csv, s->stream.columns[i]);
	ruad_csv_end(&csv);
}

/* Some rows more. False: something failed, and the client is to notice. */
static bool
fill(struct streaming *s, size_t wanted)
{
	FILE *to;
	struct ruad_err err;
	enum ruad_status st = RUAD_OK;
	json_t *row;

	free(s->text);
	s->text = NULL;
	s->len = s->sent = 0;
	to = open_memstream(&s->text, &s->len);
	if (to == NULL)
		return false;
	if (!s->begun)
		write_head(s, to);
	s->begun = true;
	while (ftell(to) < (long)wanted && s->rows < ROWS_MAX) {
		st = s->stream.next(s->stream.arg, &row, &err);
		if (st != RUAD_OK)
			break;
		write_row(s, to, row);
		json_decref(row);
		s->rows++;
	}
	s->ended = st == RUAD_END || s->rows == ROWS_MAX;
	return fclose(to) == 0 && (st == RUAD_OK || st == RUAD_END);
}

static ssize_t
read_stream(void *arg, uint64_t at, char *buf, size_t cap)
{
	struct streaming *s = arg;
	size_t n;

	(void)at;
	if (s->sent == s->len) {
		if (s->ended)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (!fill(s, cap))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		if (s->len == 0)
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	n = s->len - s->sent < cap ? s->len - s->sent : cap;
	memcpy(buf, s->text + s->sent, n);
	s->sent += n;
	return (ssize_t)n;
}

static void
end_stream(void *arg)
{
	struct streaming *s = arg;

	if (s->stream.free != NULL)
		s->stream.free(s->stream.arg);
	free(s->text);
	free(s);
}

enum ruad_status
ruad_response_stream(struct ruad_response *res, const struct ruad_request *req,
    const struct ruad_stream *stream, struct ruad_err *err)
{
	struct streaming *s = calloc(1, sizeof(*s));
	bool csv = ruad_request_wants(req) == RUAD_WANTS_CSV;
	enum ruad_status st;

	if (s == NULL) {
		if (stream->free != NULL)
			stream->free(stream->arg);
		return ruad_fail_memory(err, "list");
	}
	s->stream = *stream;
	s->wants = ruad_request_wants(req);
	st = ruad_response_callback(res,
	    csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
	    read_stream, end_stream, s, err);
	if (st != RUAD_OK) {
		end_stream(s);
		return st;
	}
	ruad_response_header(res, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
	    "attachment; filename=\"%s.%s\"", stream->name,
	    csv ? "csv" : "ndjson");
	return RUAD_OK;
}

struct array {
	json_t *items; /* owned */
	size_t next;
};

static enum ruad_status
next_item(void *arg, json_t **row_out, struct ruad_err *err)
{
	struct array *a = arg;

	(void)err;
	*row_out = json_incref(json_array_get(a->items, a->next++));
	return *row_out != NULL ? RUAD_OK : RUAD_END;
}

static void
end_array(void *arg)
{
	struct array *a = arg;

	json_decref(a->items);
	free(a);
}

enum ruad_status
ruad_response_array(struct ruad_response *res, const struct ruad_request *req,
    const char *name, const char *const *columns, json_t *items,
    struct ruad_err *err)
{
	struct ruad_stream how = { .name = name,
		.columns = columns,
		.next = next_item,
		.free = end_array };
	struct array *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		json_decref(items);
		return ruad_fail_memory(err, "list");
	}
	a->items = items;
	how.arg = a;
	return ruad_response_stream(res, req, &how, err);
}
