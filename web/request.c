/* request.c - what libmicrohttpd knows of a request, and its body, which is
 * only taken when the request has been let in. */
#include "request.h"
#include <assert.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "conf_value.h"
#include "route.h"
#include "text.h"

enum {
	/* For the whole body: one that comes byte by byte would keep a
	 * connection for days. */
	BODY_SECS = 30,
	UPLOAD_SECS = 120
};

struct ruad_request {
	struct ruad_app *app; /* borrowed */
	struct MHD_Connection *http; /* borrowed */
	char *method, *path; /* owned */
	const struct ruad_route *route; /* NULL: not found yet */
	struct ruad_params params;
	struct ruad_who who;
	char client[64];
	char id[17];
	time_t since; /* monotonic, in seconds */
	char *body; /* owned */
	size_t body_len, body_max;
	json_t *json; /* owned; NULL: not read yet */
};

static time_t
now_secs(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

struct ruad_request *
ruad_request_new(struct ruad_app *app, struct MHD_Connection *http,
    const char *method, const char *path)
{
	struct ruad_request *r = calloc(1, sizeof(*r));
	unsigned char bytes[8];

	if (r == NULL)
		return NULL;
	r->app = app;
	r->http = http;
	r->since = now_secs();
	r->method = strdup(method);
	r->path = strdup(path);
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(r->id, sizeof(r->id), bytes, sizeof(bytes));
	if (r->method == NULL || r->path == NULL)
		ruad_request_free(&r);
	return r;
}

struct ruad_app *
ruad_request_app(const struct ruad_request *r)
{
	return r->app;
}

struct MHD_Connection *
ruad_request_http(const struct ruad_request *r)
{
	return r->http;
}

const struct ruad_who *
ruad_request_who(const struct ruad_request *r)
{
	return &r->who;
}

struct ruad_who *
ruad_request_whom(struct ruad_request *r)
{
	return &r->who;
}

const char *
ruad_via_word(enum ruad_via via)
{
	switch (via) {
	case RUAD_VIA_NOTHING:
		return "none";
	case RUAD_VIA_SESSION:
		return "session";
	case RUAD_VIA_TOKEN:
		return "token";
	case RUAD_VIA_PEER:
		return "peer";
	case RUAD_VIA_PROXY:
		return "proxy";
	}
	return "";
}

struct ruad_actor
ruad_request_actor(const struct ruad_request *r)
{
	return (struct ruad_actor){ .name = r->who.login,
		.via = ruad_via_word(r->who.via),
		.address = r->client };
}

const char *
ruad_request_client(const struct ruad_request *r)
{
	return r->client;
}

void
ruad_request_set_client(struct ruad_request *r, const char *address)
{
	snprintf(r->client, sizeof(r->client), "%s", address);
}

const char *
ruad_request_id(const struct ruad_request *r)
{
	return r->id;
}

const char *
ruad_request_method(const struct ruad_request *r)
{
	return r->method;
}

const char *
ruad_request_path(const struct ruad_request *r)
{
	return r->path;
}

const struct ruad_route *
ruad_request_route(struct ruad_request *r, char allow[64])
{
	r->route = ruad_route_find(r->method, r->path, &r->params, allow);
	return r->route;
}

const struct ruad_route *
ruad_request_routed(const struct ruad_request *r)
{
	return r->route;
}

/* The parameter of this name; the number of parameters: there is none. */
static size_t
find_param(const struct ruad_request *r, const char *name)
{
	size_t len = strlen(name), i = 0;

	while (i < r->params.count &&
	    (strncmp(r->params.name[i], name, len) != 0 ||
		r->params.name[i][len] != '}'))
		i++;
	return i;
}

const char *
ruad_request_param(const struct ruad_request *r, const char *name)
{
	size_t i = find_param(r, name);

	assert(i < r->params.count);
	return r->params.value[i];
}

int64_t
ruad_request_param_int(const struct ruad_request *r, const char *name)
{
	const char *text = ruad_request_param(r, name);
	size_t len = strlen(text);

	if (len > 18 || text[0] == '0' || strspn(text, "0123456789") != len)
		return 0;
	return strtoll(text, NULL, 10);
}

bool
ruad_request_take_domain(struct ruad_request *r)
{
	size_t i = find_param(r, "d");
	const char *allowed;
	char *taken;

	if (i == r->params.count)
		return true;
	taken = ruad_conf_take_domain(r->params.value[i], &allowed);
	if (taken == NULL)
		return false;
	free(r->params.value[i]);
	r->params.value[i] = taken;
	return true;
}

const char *
ruad_request_query(const struct ruad_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->http, MHD_GET_ARGUMENT_KIND,
	    name);
}

const char *
ruad_request_header(const struct ruad_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->http, MHD_HEADER_KIND, name);
}

const char *
ruad_request_cookie(const struct ruad_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->http, MHD_COOKIE_KIND, name);
}

/* A sum of hashes does not depend on the order of the arguments. */
static enum MHD_Result
add_argument(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	static const char *const left_out[] = { "after", "limit", "count" };
	unsigned char hash[crypto_generichash_BYTES];
	crypto_generichash_state state;
	uint64_t *sum = arg, part;

	(void)kind;
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (strcmp(name, left_out[i]) == 0)
			return MHD_YES;
	}
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)name,
	    strlen(name) + 1);
	if (value != NULL)
		crypto_generichash_update(&state, (const unsigned char *)value,
		    strlen(value));
	crypto_generichash_final(&state, hash, sizeof(hash));
	memcpy(&part, hash, sizeof(part));
	*sum += part;
	return MHD_YES;
}

uint64_t
ruad_request_question(const struct ruad_request *r)
{
	uint64_t sum = 0;

	add_argument(&sum, MHD_GET_ARGUMENT_KIND, r->path, NULL);
	MHD_get_connection_values(r->http, MHD_GET_ARGUMENT_KIND, add_argument,
	    &sum);
	return sum;
}

enum ruad_wants
ruad_request_wants(const struct ruad_request *r)
{
	const char *format = ruad_request_query(r, "format");
	const char *accept = ruad_request_header(r, MHD_HTTP_HEADER_ACCEPT);

	if (format == NULL && accept != NULL) {
		if (strncmp(accept, "text/csv", 8) == 0)
			format = "csv";
		else if (strncmp(accept, "application/x-ndjson", 20) == 0)
			format = "ndjson";
	}
	if (format != NULL && strcmp(format, "csv") == 0)
		return RUAD_WANTS_CSV;
	return format != NULL && strcmp(format, "ndjson") == 0
	    ? RUAD_WANTS_NDJSON
	    : RUAD_WANTS_JSON;
}

void
ruad_request_expect(struct ruad_request *r, size_t bytes)
{
	r->body_max = bytes;
}

bool
ruad_request_take(struct ruad_request *r, const void *bytes, size_t len)
{
	bool upload = (r->route->flags & RUAD_ROUTE_UPLOAD) != 0;

	if (len > r->body_max - r->body_len ||
	    now_secs() - r->since > (upload ? UPLOAD_SECS : BODY_SECS))
		return false;
	if (r->body == NULL)
		r->body = malloc(r->body_max);
	if (r->body == NULL)
		return false;
	memcpy(r->body + r->body_len, bytes, len);
	r->body_len += len;
	return true;
}

bool
ruad_request_parse(struct ruad_request *r, json_error_t *why)
{
	if ((r->route->flags & RUAD_ROUTE_UPLOAD) != 0)
		return true;
	r->json = r->body_len == 0
	    ? json_object()
	    : json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, why);
	if (r->json != NULL && !json_is_object(r->json)) {
		json_decref(r->json);
		r->json = NULL;
		*why = (json_error_t){ .line = 1, .column = 1 };
		snprintf(why->text, sizeof(why->text), "not an object");
	}
	return r->json != NULL;
}

const json_t *
ruad_request_json(const struct ruad_request *r)
{
	return r->json;
}

const void *
ruad_request_bytes(const struct ruad_request *r, size_t *len_out)
{
	*len_out = r->body_len;
	return r->body;
}

bool
ruad_request_sees(const struct ruad_request *r, const char *domain)
{
	size_t len = strlen(domain);

	if (r->who.all_domains)
		return true;
	for (size_t i = 0; i < r->who.domain_count; i++) {
		const char *granted = r->who.domains[i];
		size_t n = strlen(granted);

		if (n <= len && strcmp(domain + len - n, granted) == 0 &&
		    (n == len || domain[len - n - 1] == '.'))
			return true;
	}
	return false;
}

static void
free_domains(char **domains, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(domains[i]);
	free(domains);
}

void
ruad_request_set_domains(struct ruad_request *r, char **domains, size_t kept,
    size_t count)
{
	free_domains(r->who.domains, r->who.domain_count);
	for (size_t i = kept; i < count; i++)
		free(domains[i]);
	r->who.domains = domains;
	r->who.domain_count = kept;
}

void
ruad_request_free(struct ruad_request **r)
{
	if (*r == NULL)
		return;
	ruad_params_free(&(*r)->params);
	free_domains((*r)->who.domains, (*r)->who.domain_count);
	/* A password may be in it. */
	if ((*r)->body != NULL)
		sodium_memzero((*r)->body, (*r)->body_len);
	free((*r)->body);
	json_decref((*r)->json);
	free((*r)->method);
	free((*r)->path);
	free(*r);
	*r = NULL;
}
