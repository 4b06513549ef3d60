/* route.h - the one table of all paths of the API. */
#ifndef RUAD_WEB_ROUTE_H
#define RUAD_WEB_ROUTE_H
#include "request.h"
#include "response.h"
#include <stddef.h>

/* Answer a request: fill *res and return RUAD_OK, or fail. What fails is told
 * to the client as 503 where trying again may help (RUAD_TEMP, RUAD_OUR_STORE),
 * or a time limit was met (RUAD_LIMIT); else as 500, and to the log. What is the client's
 * own mistake is an answer, see ruad_problem(). */
typedef enum ruad_status ruad_handler(struct ruad_request *req,
    struct ruad_response *res, struct ruad_err *err);

enum ruad_route_flag {
	RUAD_ROUTE_EARLY = 1, /* also before a factor has been set up, or a
			       * one-time password replaced */
	RUAD_ROUTE_STEP_UP = 2, /* takes a password typed lately */
	RUAD_ROUTE_SESSION = 4, /* for people with a login only */
	RUAD_ROUTE_UPLOAD = 8 /* the body is up to 8 MB of anything */
};

struct ruad_route {
	const char *method;
	const char *pattern; /* "/api/v1/domains/{d}" */
	ruad_handler *handler;
	enum ruad_role role; /* the least; RUAD_ROLE_NONE: anybody */
	unsigned flags;
};

enum { RUAD_ROUTE_PARAMS_MAX = 4 };

struct ruad_params {
	size_t count;
	const char *name[RUAD_ROUTE_PARAMS_MAX]; /* in the pattern, up to } */
	char *value[RUAD_ROUTE_PARAMS_MAX]; /* owned */
};

/* The route of a method and a path, and its parameters, to be freed in any
 * case. HEAD is GET. NULL: no such; allow_out has the methods that the path
 * does have, "GET, HEAD", or "". */
const struct ruad_route *ruad_route_find(const char *method, const char *path,
    struct ruad_params *params_out, char allow_out[64]);

void ruad_params_free(struct ruad_params *params);

/* Route n of the table, from 0; NULL: no more. */
const struct ruad_route *ruad_route_at(size_t n);

#endif
