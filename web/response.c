/* response.c - a status, a body of libmicrohttpd, and headers. */
#include "response.h"
#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 12 };

struct ruad_response {
	unsigned status;
	struct MHD_Response *body; /* owned; NULL: not set yet */
	json_t *fields; /* owned: errors of single members; NULL: none */
	size_t header_count;
	struct {
		const char *name; /* static */
		char *value; /* owned */
	} header[HEADERS_MAX];
	const char *type; /* static; NULL: none */
	char instance[48]; /* of the request, for problems */
};

struct ruad_response *
ruad_response_new(void)
{
	return calloc(1, sizeof(struct ruad_response));
}

bool
ruad_response_is_set(const struct ruad_response *res)
{
	return res->status != 0;
}

unsigned
ruad_response_status(const struct ruad_response *res)
{
	return res->status;
}

static void
drop_body(struct ruad_response *res)
{
	if (res->body != NULL)
		MHD_destroy_response(res->body);
	res->body = NULL;
}

/* Take over a body of libmicrohttpd. */
static enum ruad_status
set(struct ruad_response *res, unsigned status, const char *type,
    struct MHD_Response *body, struct ruad_err *err)
{
	drop_body(res);
	if (body == NULL)
		return ruad_fail_memory(err, "response");
	res->body = body;
	res->status = status;
	res->type = type;
	return RUAD_OK;
}

enum ruad_status
ruad_response_bytes(struct ruad_response *res, unsigned status,
    const char *type, void *bytes, size_t len, struct ruad_err *err)
{
	struct MHD_Response *body =
	    MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);

	if (body == NULL)
		free(bytes);
	return set(res, status, type, body, err);
}

enum ruad_status
ruad_response_static(struct ruad_response *res, unsigned status,
    const char *type, const void *bytes, size_t len, struct ruad_err *err)
{
	return set(res, status, type,
	    MHD_create_response_from_buffer(len, (void *)(uintptr_t)bytes,
		MHD_RESPMEM_PERSISTENT),
	    err);
}

static enum ruad_status
set_json(struct ruad_response *res, unsigned status, const char *type,
    json_t *value, struct ruad_err *err)
{
	char *text = value != NULL
	    ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY)
	    : NULL;

	json_decref(value);
	if (text == NULL)
		return ruad_fail_memory(err, "response");
	return ruad_response_bytes(res, status, type, text, strlen(text), err);
}

enum ruad_status
ruad_response_json(struct ruad_response *res, unsigned status, json_t *value,
    struct ruad_err *err)
{
	return set_json(res, status, "application/json", value, err);
}

enum ruad_status
ruad_response_none(struct ruad_response *res, struct ruad_err *err)
{
	return ruad_response_static(res, MHD_HTTP_NO_CONTENT, NULL, "", 0, err);
}

enum ruad_status
ruad_response_callback(struct ruad_response *res, const char *type,
    ruad_response_reader *reader, ruad_response_end *end, void *arg,
    struct ruad_err *err)
{
	enum { BLOCK_BYTES = 32 * 1024 };

	return set(res, MHD_HTTP_OK, type,
	    MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
		reader, arg, end),
	    err);
}

void
ruad_response_header(struct ruad_response *res, const char *name,
    const char *fmt, ...)
{
	va_list ap;
	char *value;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&value, fmt, ap);
	va_end(ap);
	/* A header that lacks harms less than no answer. */
	if (n < 0 || res->header_count == HEADERS_MAX)
		return;
	res->header[res->header_count].name = name;
	res->header[res->header_count++].value = value;
}

enum ruad_status
ruad_problem(struct ruad_response *res, enum ruad_problem_id id,
    struct ruad_err *err, const char *fmt, ...)
{
	const struct ruad_problem_kind *kind = ruad_problem_kind(id);
	char type[80], detail[400];
	va_list ap;
	json_t *body;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	snprintf(type, sizeof(type), "/problems/%s", kind->code);
	body = json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", type, "title",
	    kind->title, "status", (int)kind->status, "code", kind->code,
	    "detail", detail);
	if (body != NULL && res->fields != NULL)
		json_object_set(body, "errors", res->fields);
	if (body != NULL && res->instance[0] != '\0')
		json_object_set_new(body, "instance",
		    json_string(res->instance));
	return set_json(res, kind->status, "application/problem+json", body,
	    err);
}

void
ruad_problem_field(struct ruad_response *res, const char *pointer,
    const char *code, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (res->fields == NULL)
		res->fields = json_array();
	if (res->fields != NULL)
		json_array_append_new(res->fields,
		    json_pack("{s:s,s:s,s:s}", "pointer", pointer, "code", code,
			"detail", text));
}

void
ruad_problem_place(struct ruad_response *res, const char *name, size_t number)
{
	json_t *last =
	    json_array_get(res->fields, json_array_size(res->fields) - 1);

	json_object_set_new(last, "params",
	    json_pack("{s:I}", name, (json_int_t)number));
}

bool
ruad_response_has_fields(const struct ruad_response *res)
{
	return res->fields != NULL;
}

enum ruad_status
ruad_problem_fields(struct ruad_response *res, struct ruad_err *err)
{
	size_t n = json_array_size(res->fields);

	return ruad_problem(res, RUAD_PROBLEM_VALIDATION, err, "%zu %s wrong",
	    n, n == 1 ? "field is" : "fields are");
}

/* Whether an ETag stands in a list of them. The weak ones are as good. */
static bool
has_etag(const char *list, const char *etag)
{
	size_t len = strlen(etag);
	const char *p;

	if (strcmp(list, "*") == 0)
		return true;
	for (p = list; (p = strstr(p, etag)) != NULL; p += len) {
		if (p[len] == '\0' || p[len] == ',' || p[len] == ' ')
			return true;
	}
	return false;
}

bool
ruad_response_unchanged(struct ruad_response *res,
    const struct ruad_request *req, const char *etag)
{
	const char *known =
	    ruad_request_header(req, MHD_HTTP_HEADER_IF_NONE_MATCH);
	struct ruad_err ignored;

	ruad_response_header(res, MHD_HTTP_HEADER_ETAG, "%s", etag);
	return known != NULL && has_etag(known, etag) &&
	    ruad_response_static(res, MHD_HTTP_NOT_MODIFIED, NULL, "", 0,
		&ignored) == RUAD_OK;
}

bool
ruad_request_may_change(const struct ruad_request *req, const char *etag)
{
	const char *wanted = ruad_request_header(req, MHD_HTTP_HEADER_IF_MATCH);

	return wanted == NULL || has_etag(wanted, etag);
}

void
ruad_response_set_instance(struct ruad_response *res, const char *id)
{
	snprintf(res->instance, sizeof(res->instance), "/api/v1/requests/%s",
	    id);
}

/* Of every reply, whatever it is. */
static const char *const always[][2] = {
	{ "Content-Security-Policy",
	    "default-src 'none'; script-src 'self'; style-src 'self'; "
	    "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
	    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	/* With no-referrer, browsers may send Origin: null. */
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

static void
add_headers(struct ruad_response *res, bool api, bool tls)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		MHD_add_response_header(res->body, always[i][0], always[i][1]);
	if (tls)
		MHD_add_response_header(res->body,
		    MHD_HTTP_HEADER_STRICT_TRANSPORT_SECURITY,
		    "max-age=31536000");
	if (api)
		MHD_add_response_header(res->body,
		    MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (res->type != NULL)
		MHD_add_response_header(res->body, MHD_HTTP_HEADER_CONTENT_TYPE,
		    res->type);
	for (size_t i = 0; i < res->header_count; i++)
		MHD_add_response_header(res->body, res->header[i].name,
		    res->header[i].value);
}

bool
ruad_response_send(struct ruad_response *res, struct MHD_Connection *http,
    bool api, bool tls)
{
	bool sent;

	add_headers(res, api, tls);
	sent = MHD_queue_response(http, res->status, res->body) == MHD_YES;
	drop_body(res);
	return sent;
}

void
ruad_response_free(struct ruad_response **res)
{
	if (*res == NULL)
		return;
	drop_body(*res);
	for (size_t i = 0; i < (*res)->header_count; i++)
		free((*res)->header[i].value);
	json_decref((*res)->fields);
	free(*res);
	*res = NULL;
}
