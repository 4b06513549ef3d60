/* api_users.c - users, for administrators. */
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include "api.h"
#include "body.h"
#include "list.h"
#include "login.h"

static json_t *
describe(const struct ruad_account *a)
{
	return json_pack("{s:I,s:s,s:s,s:b,s:o,s:b,s:b,s:b,s:o,s:o}", "id",
	    (json_int_t)a->id, "login", a->login, "role",
	    ruad_role_word(a->role), "all_domains",
	    a->all_domains || a->role == RUAD_ROLE_ADMIN, "domains",
	    ruad_body_texts(a->domains, a->domain_count), "totp", a->totp,
	    "one_time", a->one_time, "disabled", a->disabled, "created",
	    ruad_body_time(a->created_epoch), "last_login",
	    ruad_body_time(a->login_epoch));
}

static void
print_etag(const struct ruad_account *a, char buf[48])
{
	snprintf(buf, 48, "\"%" PRId64 ".%" PRId64 "\"", a->id, a->version);
}

static enum ruad_status
no_such_user(struct ruad_response *res, struct ruad_err *err)
{
	return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err, "no such user");
}

enum ruad_status
ruad_api_users_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_account *all = NULL;
	json_t *items = NULL, *position = NULL;
	json_int_t after = 0;
	struct ruad_page page;
	size_t n = 0;
	enum ruad_status st;

	if (!ruad_page_read(req, res, &page, &st, err))
		goto out;
	if (page.after != NULL && json_unpack(page.after, "[I]", &after) != 0) {
		st = ruad_problem(res, RUAD_PROBLEM_CURSOR, err,
		    "start again without after");
		goto out;
	}
	st = ruad_account_list(ruad_request_app(req)->store, after,
	    (size_t)page.limit, &all, &n, err);
	if (st != RUAD_OK)
		goto out;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, describe(&all[i]));
	if (n == (size_t)page.limit)
		position = json_pack("[I]", (json_int_t)all[n - 1].id);
	st = ruad_response_list(res, req, items, position, -1, err);
out:
	ruad_account_free_all(&all, n);
	ruad_page_free(&page);
	return st;
}

/* One user, with its ETag. */
static enum ruad_status
answer_user(struct ruad_request *req, struct ruad_response *res, int64_t id,
    json_t *(*form)(const struct ruad_account *), struct ruad_err *err)
{
	struct ruad_account a;
	enum ruad_status st =
	    ruad_account_get(ruad_request_app(req)->store, id, &a, err);
	char etag[48];

	if (st == RUAD_END)
		return no_such_user(res, err);
	if (st != RUAD_OK)
		return st;
	print_etag(&a, etag);
	if (!ruad_response_unchanged(res, req, etag))
		st = ruad_response_json(res, MHD_HTTP_OK, form(&a), err);
	ruad_account_fini(&a);
	return st;
}

enum ruad_status
ruad_api_user_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return answer_user(req, res, ruad_request_param_int(req, "id"),
	    describe, err);
}

/* A one-time password, hashed. */
static enum ruad_status
make_password(struct ruad_app *app, char code[RUAD_SECRET_CODE_BYTES],
    char hash[RUAD_SECRET_HASH_BYTES], struct ruad_err *err)
{
	struct ruad_secret_cost cost = ruad_login_cost(app);
	enum ruad_status st;

	if (!ruad_guard_enter(app->guard))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "many passwords are being hashed");
	ruad_secret_code(code);
	st = ruad_secret_hash(code, &cost, hash, err);
	ruad_guard_leave(app->guard);
	return st;
}

static enum ruad_status
answer_new(struct ruad_request *req, struct ruad_response *res, int64_t id,
    const char *code, struct ruad_err *err)
{
	struct ruad_account a;
	enum ruad_status st =
	    ruad_account_get(ruad_request_app(req)->store, id, &a, err);

	if (st != RUAD_OK)
		return st;
	ruad_response_header(res, MHD_HTTP_HEADER_LOCATION,
	    "/api/v1/users/%" PRId64, id);
	st = ruad_response_json(res, MHD_HTTP_CREATED,
	    json_pack("{s:o,s:s}", "user", describe(&a), "password", code),
	    err);
	ruad_account_fini(&a);
	return st;
}

static enum ruad_status
add_user(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_account *a, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_actor actor = ruad_request_actor(req);
	char code[RUAD_SECRET_CODE_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	enum ruad_status st = make_password(app, code, hash, err);
	int64_t id;

	if (st != RUAD_OK)
		return st;
	st = ruad_account_add(app->store, &actor, a, hash, &id, err);
	if (st == RUAD_BAD)
		return ruad_problem(res, RUAD_PROBLEM_EXISTS, err,
		    "there is a user of this login");
	return st == RUAD_OK ? answer_new(req, res, id, code, err) : st;
}

enum ruad_status
ruad_api_users_post(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *login =
	    ruad_body_text(req, res, "login", RUAD_LOGIN_BYTES - 1);
	struct ruad_account a;
	enum ruad_status st = ruad_body_grants(req, res, &a, err);

	a.role = ruad_body_role(req, res, "role");
	a.one_time = true;
	if (a.role == RUAD_ROLE_NONE && !ruad_body_has(req, "role"))
		ruad_problem_field(res, "/role", "required", "it lacks");
	if (login != NULL && !ruad_account_take_login(login, a.login))
		ruad_problem_field(res, "/login", "login",
		    "letters, digits and . _ - @");
	if (st == RUAD_OK)
		st = ruad_response_has_fields(res)
		    ? ruad_problem_fields(res, err)
		    : add_user(req, res, &a, err);
	ruad_account_fini(&a);
	return st;
}

/* The version that If-Match names; 0: any will do; -1: none can be it. */
static int64_t
wanted_version(const struct ruad_request *req, int64_t id)
{
	const char *wanted = ruad_request_header(req, MHD_HTTP_HEADER_IF_MATCH);
	int64_t of = 0, version = 0;
	char end = '\0';

	if (wanted == NULL || strcmp(wanted, "*") == 0)
		return 0;
	if (sscanf(wanted, "\"%" SCNd64 ".%" SCNd64 "%c", &of, &version,
		&end) != 3 ||
	    of != id || end != '"' || version <= 0)
		return -1;
	return version;
}

/* Change the user of the path. *done_out: it has been; else the problem has
 * been answered. */
static enum ruad_status
change_user(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_account_change *change, bool *done_out,
    struct ruad_err *err)
{
	const struct ruad_actor actor = ruad_request_actor(req);
	int64_t id = ruad_request_param_int(req, "id");
	enum ruad_status st = ruad_account_change(ruad_request_app(req)->store,
	    &actor, id, wanted_version(req, id), change, err);

	*done_out = st == RUAD_OK;
	switch (st) {
	case RUAD_END:
		return no_such_user(res, err);
	case RUAD_LIMIT:
		return ruad_problem(res, RUAD_PROBLEM_STALE, err,
		    "get the user again");
	case RUAD_BAD:
		/* The store itself may be bad, too: that is no answer. */
		if (err->code != RUAD_CODE_NONE)
			break;
		return ruad_problem(res, RUAD_PROBLEM_IN_USE, err,
		    "no administrator would be left");
	case RUAD_OK:
	case RUAD_TEMP:
		break;
	}
	return st;
}

enum ruad_status
ruad_api_user_patch(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_account_change change = { .disabled = -1 };
	enum ruad_status st;
	bool done;

	change.role = ruad_body_role(req, res, "role");
	if (ruad_body_has(req, "disabled"))
		change.disabled = ruad_body_flag(req, res, "disabled", false);
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = change_user(req, res, &change, &done, err);
	return done ? ruad_api_user_get(req, res, err) : st;
}

enum ruad_status
ruad_api_user_delete(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_account_change change = { .disabled = -1,
		.remove = true };
	bool done;
	enum ruad_status st = change_user(req, res, &change, &done, err);

	return done ? ruad_response_none(res, err) : st;
}

static json_t *
describe_grants(const struct ruad_account *a)
{
	return json_pack("{s:b,s:o}", "all_domains",
	    a->all_domains || a->role == RUAD_ROLE_ADMIN, "domains",
	    ruad_body_texts(a->domains, a->domain_count));
}

enum ruad_status
ruad_api_user_grants(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return answer_user(req, res, ruad_request_param_int(req, "id"),
	    describe_grants, err);
}

enum ruad_status
ruad_api_user_grant(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_account grants;
	const struct ruad_account_change change = { .disabled = -1,
		.grants = &grants };
	enum ruad_status st = ruad_body_grants(req, res, &grants, err);
	bool done = false;

	if (st == RUAD_OK)
		st = ruad_response_has_fields(res)
		    ? ruad_problem_fields(res, err)
		    : change_user(req, res, &change, &done, err);
	ruad_account_fini(&grants);
	return done ? ruad_api_user_grants(req, res, err) : st;
}

enum ruad_status
ruad_api_user_password(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	char code[RUAD_SECRET_CODE_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	const struct ruad_account_change change = { .disabled = -1,
		.hash = hash,
		.one_time = true };
	enum ruad_status st =
	    make_password(ruad_request_app(req), code, hash, err);
	bool done = false;

	if (st == RUAD_OK)
		st = change_user(req, res, &change, &done, err);
	return done ? ruad_response_json(res, MHD_HTTP_OK,
			  json_pack("{s:s}", "password", code), err)
		    : st;
}

enum ruad_status
ruad_api_user_reset_2fa(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_account_change change = { .disabled = -1,
		.drop_totp = true };
	bool done;
	enum ruad_status st = change_user(req, res, &change, &done, err);

	return done ? ruad_response_none(res, err) : st;
}
