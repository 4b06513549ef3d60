/* api_tokens.c - tokens, for programs. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "api.h"
#include "body.h"
#include "list.h"
#include "token.h"

static const char *
scope_word(enum ruad_role role)
{
	switch (role) {
	case RUAD_ROLE_NONE:
	case RUAD_ROLE_VIEWER:
		return "read";
	case RUAD_ROLE_EDITOR:
		return "write";
	case RUAD_ROLE_ADMIN:
		return "admin";
	}
	return "";
}

static json_t *
describe(const struct ruad_token *t)
{
	return json_pack("{s:I,s:s,s:s,s:b,s:o,s:s,s:o,s:o,s:o}", "id",
	    (json_int_t)t->id, "name", t->name, "scope", scope_word(t->role),
	    "all_domains", t->grants.all_domains, "domains",
	    ruad_body_texts(t->grants.domains, t->grants.domain_count), "user",
	    t->login, "created", ruad_body_time(t->created_epoch), "expires",
	    ruad_body_time(t->expires_epoch), "last_used",
	    ruad_body_time(t->used_epoch));
}

enum ruad_status
ruad_api_tokens_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	const char *all = ruad_request_query(req, "all");
	int64_t of = who->user_id, after = 0;
	json_t *items = json_array();
	struct ruad_token t;
	enum ruad_status st;

	if (all != NULL && strcmp(all, "true") == 0 &&
	    who->role == RUAD_ROLE_ADMIN)
		of = 0;
	while ((st = ruad_token_next(ruad_request_app(req)->store, of, after,
		    &t, err)) == RUAD_OK) {
		json_array_append_new(items, describe(&t));
		after = t.id;
		ruad_token_fini(&t);
	}
	if (st == RUAD_END)
		return ruad_response_list(res, req, items, NULL, -1, err);
	json_decref(items);
	return st;
}

static enum ruad_role
take_scope(const struct ruad_request *req, struct ruad_response *res)
{
	const char *text = ruad_body_text(req, res, "scope", 10);

	if (text == NULL)
		return RUAD_ROLE_NONE;
	for (int i = RUAD_ROLE_VIEWER; i <= RUAD_ROLE_ADMIN; i++) {
		if (strcmp(text, scope_word((enum ruad_role)i)) == 0)
			return (enum ruad_role)i;
	}
	ruad_problem_field(res, "/scope", "enum", "one of read, write, admin");
	return RUAD_ROLE_NONE;
}

/* Nobody can give what they do not have. */
static void
check_rights(const struct ruad_request *req, struct ruad_response *res,
    const struct ruad_token *t)
{
	char pointer[40];

	if (t->role > ruad_request_who(req)->role)
		ruad_problem_field(res, "/scope", "scope",
		    "more than your own role may do");
	for (size_t i = 0; i < t->grants.domain_count; i++) {
		snprintf(pointer, sizeof(pointer), "/domains/%zu", i);
		if (!ruad_request_sees(req, t->grants.domains[i]))
			ruad_problem_field(res, pointer, "domain",
			    "none of your domains");
	}
}

static enum ruad_status
add_token(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_token *t, struct ruad_err *err)
{
	struct ruad_webstore *store = ruad_request_app(req)->store;
	const struct ruad_actor actor = ruad_request_actor(req);
	char secret[RUAD_TOKEN_BYTES];
	struct ruad_token made;
	enum ruad_status st;
	int64_t id;

	st = ruad_token_add(store, &actor, t, secret, &id, err);
	if (st == RUAD_OK)
		st = ruad_token_next(store, t->user_id, id - 1, &made, err);
	if (st != RUAD_OK)
		return st;
	st = ruad_response_json(res, MHD_HTTP_CREATED,
	    json_pack("{s:o,s:s}", "token", describe(&made), "secret", secret),
	    err);
	ruad_token_fini(&made);
	return st;
}

enum ruad_status
ruad_api_tokens_post(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	enum { DAYS_MAX = 3660, DAY_SECS = 86400 };
	struct ruad_token t = { .user_id = ruad_request_who(req)->user_id };
	const char *name = ruad_body_text(req, res, "name", sizeof(t.name) - 1);
	int64_t days = ruad_body_int(req, res, "expires_days", 1, DAYS_MAX, 0);
	enum ruad_status st = ruad_body_grants(req, res, &t.grants, err);

	t.grants.all_domains = t.grants.domain_count == 0;
	t.role = take_scope(req, res);
	t.expires_epoch = days > 0 ? time(NULL) + days * DAY_SECS : 0;
	if (name != NULL)
		snprintf(t.name, sizeof(t.name), "%s", name);
	check_rights(req, res, &t);
	if (st == RUAD_OK)
		st = ruad_response_has_fields(res)
		    ? ruad_problem_fields(res, err)
		    : add_token(req, res, &t, err);
	ruad_token_fini(&t);
	return st;
}

enum ruad_status
ruad_api_token_delete(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	const struct ruad_actor actor = ruad_request_actor(req);
	enum ruad_status st = ruad_token_drop(ruad_request_app(req)->store,
	    &actor, who->role == RUAD_ROLE_ADMIN ? 0 : who->user_id,
	    ruad_request_param_int(req, "id"), err);

	if (st == RUAD_END)
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "no such token of yours");
	return st == RUAD_OK ? ruad_response_none(res, err) : st;
}
