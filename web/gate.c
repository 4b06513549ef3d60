/* gate.c - the order is that of cost: framing, path, size, who, from where, may
 * they. */
#include "gate.h"
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "auth.h"
#include "route.h"
#include "text.h"

enum { BODY_MAX_BYTES = 64 * 1024, UPLOAD_MAX_BYTES = 8 * 1024 * 1024 };

struct framing {
	unsigned lengths, encodings;
};

static enum MHD_Result
count_framing(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct framing *f = arg;

	(void)kind;
	(void)value;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
		f->lengths++;
	else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
		f->encodings++;
	return MHD_YES;
}

bool
ruad_gate_is_api(const char *path)
{
	return strcmp(path, "/api") == 0 || strncmp(path, "/api/", 5) == 0;
}

/* RFC 9112 section 6.3: two ways to find the end of a body are how requests are
 * smuggled past a proxy. One whose length is not said (RFC 9110 section
 * 15.5.12) could not be refused before it has been sent. */
static enum ruad_status
check_framing(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct framing f = { 0 };

	MHD_get_connection_values(ruad_request_http(req), MHD_HEADER_KIND,
	    count_framing, &f);
	if (f.lengths + f.encodings > 1)
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "several Content-Length or Transfer-Encoding");
	if (f.encodings > 0)
		return ruad_problem(res, RUAD_PROBLEM_LENGTH, err,
		    "send a Content-Length");
	return RUAD_OK;
}

static enum ruad_status
check_route(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	bool api = ruad_gate_is_api(ruad_request_path(req));
	const char *method = ruad_request_method(req);
	char allow[64] = "GET, HEAD";

	if (api && ruad_request_route(req, allow) != NULL)
		return RUAD_OK;
	if (api && allow[0] == '\0')
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "see /api/v1/openapi.json");
	if (!api && (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0))
		return RUAD_OK;
	ruad_response_header(res, MHD_HTTP_HEADER_ALLOW, "%s", allow);
	return ruad_problem(res, RUAD_PROBLEM_METHOD, err, "%s is allowed",
	    allow);
}

static bool
is_json(const char *type)
{
	size_t len = type != NULL ? strcspn(type, "; \t") : 0;

	return ruad_text_is(type, len, "application/json") ||
	    ruad_text_is(type, len, "application/merge-patch+json");
}

static enum ruad_status
check_body(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_route *route = ruad_request_routed(req);
	const char *length =
	    ruad_request_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);
	bool upload = route != NULL && (route->flags & RUAD_ROUTE_UPLOAD) != 0;
	unsigned long long n = length != NULL ? strtoull(length, NULL, 10) : 0;
	unsigned max = upload ? UPLOAD_MAX_BYTES : BODY_MAX_BYTES;

	if (n == 0)
		return RUAD_OK;
	if (route == NULL || strcmp(route->method, "GET") == 0)
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "a GET has no body");
	if (n > max)
		return ruad_problem(res, RUAD_PROBLEM_TOO_LARGE, err,
		    "%u bytes at most", max);
	if (!upload &&
	    !is_json(ruad_request_header(req, MHD_HTTP_HEADER_CONTENT_TYPE)))
		return ruad_problem(res, RUAD_PROBLEM_MEDIA_TYPE, err,
		    "send Content-Type: application/json");
	ruad_request_expect(req, (size_t)n);
	return RUAD_OK;
}

/* Domains that one may not see do not exist. */
static enum ruad_status
check_domain(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	if (strstr(ruad_request_routed(req)->pattern, "/{d}") == NULL)
		return RUAD_OK;
	if (ruad_request_take_domain(req) &&
	    ruad_request_sees(req, ruad_request_param(req, "d")))
		return RUAD_OK;
	return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err, "no such domain");
}

enum ruad_status
ruad_gate_check(struct ruad_request *req, struct ruad_response *res, bool local,
    struct ruad_err *err)
{
	static enum ruad_status (*const checks[])(struct ruad_request *,
	    struct ruad_response *,
	    struct ruad_err *) = { check_framing, check_route, check_body };
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		st = checks[i](req, res, err);
		if (st != RUAD_OK || ruad_response_is_set(res))
			return st;
	}
	if (ruad_request_routed(req) == NULL)
		return RUAD_OK; /* a file of the console, for everybody */
	st = ruad_auth_check(req, res, local, err);
	if (st == RUAD_OK && !ruad_response_is_set(res))
		st = check_domain(req, res, err);
	return st;
}
