/* request.h - one request of the API, for its handler. All texts are borrowed
 * from the request and valid as long as it is. One request, one thread. */
#ifndef RUAD_WEB_REQUEST_H
#define RUAD_WEB_REQUEST_H
#include "app.h"
#include "err.h"
#include "role.h"
#include "visit.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct MHD_Connection;
struct ruad_request;
struct ruad_route;

/* How a request proved who it is from. */
enum ruad_via {
	RUAD_VIA_NOTHING,
	RUAD_VIA_SESSION, /* the cookie of a login */
	RUAD_VIA_TOKEN, /* Authorization: Bearer */
	RUAD_VIA_PEER, /* a user of this host, on web_socket */
	RUAD_VIA_PROXY /* Remote-User of a proxy on web_socket */
};

struct ruad_who {
	enum ruad_via via;
	enum ruad_role role; /* what the request may do */
	int64_t user_id; /* of the console; 0: none */
	/* Of a login: 0 otherwise. */
	int64_t session_id, expires_epoch, password_epoch;
	enum ruad_visit_state state;
	bool totp; /* the user has a second factor */
	char language[8], theme[8]; /* "" : none chosen */
	char login[65]; /* for the audit: of the console, or of the host */
	bool all_domains;
	char **domains; /* granted, if not all; each with all below it */
	size_t domain_count;
};

struct ruad_app *ruad_request_app(const struct ruad_request *r);
const struct ruad_who *ruad_request_who(const struct ruad_request *r);

const char *ruad_via_word(enum ruad_via via);

/* Who does what this request does, for the audit. */
struct ruad_actor ruad_request_actor(const struct ruad_request *r);

/* The address of the client, behind proxies that are trusted; "unix" for one
 * on web_socket. */
const char *ruad_request_client(const struct ruad_request *r);

/* Names this request in logs and in errors. */
const char *ruad_request_id(const struct ruad_request *r);

const char *ruad_request_method(const struct ruad_request *r);
const char *ruad_request_path(const struct ruad_request *r);

/* The piece of the path that {name} of the pattern stands for. {d} is a domain
 * in lower case and A-labels, which the request may see: that has been
 * checked. Asking for another name is a programming error. */
const char *ruad_request_param(const struct ruad_request *r, const char *name);

/* The piece as a number; 0: it is none. */
int64_t ruad_request_param_int(const struct ruad_request *r, const char *name);

/* A value of the query string, the first of that name; NULL: not there. */
const char *ruad_request_query(const struct ruad_request *r, const char *name);

/* A hash over the path and the query string without `after`, `limit` and
 * `count`: what a cursor belongs to. */
uint64_t ruad_request_question(const struct ruad_request *r);

const char *ruad_request_header(const struct ruad_request *r, const char *name);

/* A cookie; NULL: not there. */
const char *ruad_request_cookie(const struct ruad_request *r, const char *name);

/* The body: an object, never NULL for routes that take JSON ({} where there
 * was none); and as bytes, for routes with RUAD_ROUTE_UPLOAD. */
const json_t *ruad_request_json(const struct ruad_request *r);
const void *ruad_request_bytes(const struct ruad_request *r, size_t *len_out);

/* Whether who asks may see this domain, in lower case and A-labels. */
bool ruad_request_sees(const struct ruad_request *r, const char *domain);

/* What the client wants of a list, by Accept or ?format=csv|ndjson. */
enum ruad_wants { RUAD_WANTS_JSON, RUAD_WANTS_CSV, RUAD_WANTS_NDJSON };
enum ruad_wants ruad_request_wants(const struct ruad_request *r);

/* For server.c and gate.c alone. */

/* NULL: no memory. `http` is borrowed. */
struct ruad_request *ruad_request_new(struct ruad_app *app,
    struct MHD_Connection *http, const char *method, const char *path);
struct MHD_Connection *ruad_request_http(const struct ruad_request *r);

/* Split the path and match it against the routes. NULL: no such route; *allow
 * says which methods the path has, "" for none. */
const struct ruad_route *ruad_request_route(struct ruad_request *r,
    char allow[64]);
const struct ruad_route *ruad_request_routed(const struct ruad_request *r);

/* Put {d} in normal form. False: it is no domain. */
bool ruad_request_take_domain(struct ruad_request *r);

void ruad_request_set_client(struct ruad_request *r, const char *address);

/* To be filled in by who finds out. */
struct ruad_who *ruad_request_whom(struct ruad_request *r);

/* Put `kept` of the domains in the place of those that are granted; all `count`
 * are taken over. */
void ruad_request_set_domains(struct ruad_request *r, char **domains,
    size_t kept, size_t count);

/* How many bytes of body will come; then take some of them. False: more than
 * that, no memory, or too slow. */
void ruad_request_expect(struct ruad_request *r, size_t bytes);
bool ruad_request_take(struct ruad_request *r, const void *bytes, size_t len);
bool ruad_request_parse(struct ruad_request *r, json_error_t *why);

void ruad_request_free(struct ruad_request **r);

#endif
