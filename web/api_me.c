/* api_me.c - what people change about themselves. */
#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "auth.h"
#include "body.h"
#include "list.h"
#include "login.h"
#include "note.h"
#include "totp.h"

static json_t *
describe(const struct ruad_account *a, int require_2fa)
{
	return json_pack("{s:I,s:s,s:s,s:b,s:o,s:s?,s:s,s:b,s:b,s:I,s:o,s:o}",
	    "id", (json_int_t)a->id, "login", a->login, "role",
	    ruad_role_word(a->role), "all_domains",
	    a->all_domains || a->role == RUAD_ROLE_ADMIN, "domains",
	    ruad_body_texts(a->domains, a->domain_count), "language",
	    a->language[0] != '\0' ? a->language : NULL, "theme", a->theme,
	    "totp", a->totp, "totp_required",
	    ruad_visit_needs_totp(a, require_2fa), "recovery_codes",
	    (json_int_t)a->recovery_codes, "created",
	    ruad_body_time(a->created_epoch), "last_login",
	    ruad_body_time(a->login_epoch));
}

enum ruad_status
ruad_api_me_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	struct ruad_account a;
	enum ruad_status st = ruad_account_get(app->store,
	    ruad_request_who(req)->user_id, &a, err);

	if (st == RUAD_OK)
		st = ruad_response_json(res, MHD_HTTP_OK,
		    describe(&a, app->conf->web.require_2fa), err);
	ruad_account_fini(&a);
	return st;
}

static bool
is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

/* A word of the body, or what there is; "" for null. */
static void
take_word(const struct ruad_request *req, struct ruad_response *res,
    const char *name, const char *const *words, char buf[8])
{
	const json_t *value = json_object_get(ruad_request_json(req), name);
	char pointer[20];

	if (value == NULL)
		return;
	if (json_is_null(value))
		buf[0] = '\0';
	else if (json_is_string(value) &&
	    is_one_of(json_string_value(value), words))
		snprintf(buf, 8, "%s", json_string_value(value));
	else {
		snprintf(pointer, sizeof(pointer), "/%s", name);
		ruad_problem_field(res, pointer, "enum", "%s or %s, ...",
		    words[0], words[1]);
	}
}

enum ruad_status
ruad_api_me_patch(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const char *const languages[] = { "en", "ja", "it", "ko", NULL };
	static const char *const themes[] = { "auto", "light", "dark", NULL };
	const struct ruad_who *who = ruad_request_who(req);
	char language[8], theme[8];
	enum ruad_status st;

	snprintf(language, sizeof(language), "%s", who->language);
	snprintf(theme, sizeof(theme), "%s", who->theme);
	take_word(req, res, "language", languages, language);
	take_word(req, res, "theme", themes, theme);
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_account_prefer(ruad_request_app(req)->store, who->user_id,
	    language, theme, err);
	return st == RUAD_OK ? ruad_api_me_get(req, res, err) : st;
}

/* How long it is, in characters. */
static size_t
characters(const char *utf8)
{
	size_t n = 0;

	for (; *utf8 != '\0'; utf8++)
		n += (*utf8 & 0xc0) != 0x80;
	return n;
}

static void
check_new(struct ruad_response *res, const char *login, const char *old,
    const char *new)
{
	if (characters(new) < RUAD_PASSWORD_MIN)
		ruad_problem_field(res, "/new", "too_short",
		    "%d characters at least", RUAD_PASSWORD_MIN);
	else if (strcmp(new, old) == 0)
		ruad_problem_field(res, "/new", "same",
		    "it is the password of before");
	else if (strstr(new, login) != NULL)
		ruad_problem_field(res, "/new", "guessable",
		    "the name of the user is in it");
}

static enum ruad_status
set_password(struct ruad_request *req, const char *new, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	const struct ruad_actor actor = ruad_request_actor(req);
	struct ruad_secret_cost cost = ruad_login_cost(app);
	char hash[RUAD_SECRET_HASH_BYTES];
	struct ruad_account_change change = { .disabled = -1,
		.hash = hash,
		.keep_session = who->session_id };
	enum ruad_status st;

	if (!ruad_guard_enter(app->guard))
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_BUSY,
		    "many passwords are being hashed");
	st = ruad_secret_hash(new, &cost, hash, err);
	ruad_guard_leave(app->guard);
	return st == RUAD_OK ? ruad_account_change(app->store, &actor,
				   who->user_id, 0, &change, err)
			     : st;
}

/* What a login lacks when its password is a new one. */
static enum ruad_visit_state
state_after(const struct ruad_request *req)
{
	const struct ruad_who *who = ruad_request_who(req);
	const struct ruad_account a = { .role = who->role };

	return !who->totp &&
		ruad_visit_needs_totp(&a,
		    ruad_request_app(req)->conf->web.require_2fa)
	    ? RUAD_VISIT_ENROL
	    : RUAD_VISIT_OK;
}

enum ruad_status
ruad_api_me_password(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *old =
	    ruad_body_text(req, res, "password", RUAD_PASSWORD_MAX);
	const char *new = ruad_body_text(req, res, "new", RUAD_PASSWORD_MAX);
	const struct ruad_who *who = ruad_request_who(req);
	enum ruad_visit_state state = state_after(req);
	struct ruad_account a;
	enum ruad_login result;
	enum ruad_status st;
	int64_t secs;

	if (old != NULL && new != NULL)
		check_new(res, who->login, old, new);
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_login_check(req, who->login, old, &result, &secs, &a, err);
	if (st != RUAD_OK)
		return st;
	ruad_account_fini(&a);
	if (result != RUAD_LOGIN_RIGHT)
		return ruad_login_refuse(res, result, secs, err);
	st = set_password(req, new, err);
	if (st == RUAD_OK)
		st = ruad_api_session_advance(req, res, who->totp, state, err);
	return st == RUAD_OK
	    ? ruad_response_json(res, MHD_HTTP_OK,
		  json_pack("{s:s}", "state", ruad_visit_state_word(state)),
		  err)
	    : st;
}

/* The URI that an app on a phone reads, and its image. */
static enum ruad_status
answer_enrolment(struct ruad_response *res, const char *login,
    const char *secret, struct ruad_err *err)
{
	char uri[400], *svg, *encoded = NULL;
	size_t cap;
	json_t *body = NULL;

	/* Of the letters of a login, none but @ needs an escape here. */
	snprintf(uri, sizeof(uri),
	    "otpauth://totp/ruad:%s?secret=%s&issuer=ruad", login, secret);
	svg = ruad_totp_qr(uri);
	if (svg != NULL) {
		cap = sodium_base64_encoded_len(strlen(svg),
		    sodium_base64_VARIANT_ORIGINAL);
		encoded = malloc(cap);
		if (encoded != NULL) {
			sodium_bin2base64(encoded, cap, (unsigned char *)svg,
			    strlen(svg), sodium_base64_VARIANT_ORIGINAL);
			body = json_pack("{s:s,s:s,s:s+}", "secret", secret,
			    "uri", uri, "qr", "data:image/svg+xml;base64,",
			    encoded);
		}
	}
	free(encoded);
	free(svg);
	return ruad_response_json(res, MHD_HTTP_OK, body, err);
}

enum ruad_status
ruad_api_me_enrol(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	char secret[RUAD_TOTP_SECRET_BYTES];
	enum ruad_status st;

	/* Who finds a browser open must not take the account over. */
	if (who->totp && !ruad_auth_is_stepped_up(req))
		return ruad_problem(res, RUAD_PROBLEM_STEP_UP, err,
		    "POST /api/v1/session/step-up");
	st = ruad_totp_new(app->store, app->key, who->user_id, secret, err);
	return st == RUAD_OK ? answer_enrolment(res, who->login, secret, err)
			     : st;
}

static enum ruad_status
answer_codes(struct ruad_response *res, ruad_totp_codes codes,
    struct ruad_err *err)
{
	json_t *list = json_array();

	for (int i = 0; i < RUAD_TOTP_RECOVERY_CODES; i++)
		json_array_append_new(list, json_string(codes[i]));
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:o}", "recovery_codes", list), err);
}

enum ruad_status
ruad_api_me_confirm(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *code = ruad_body_text(req, res, "code", 64);
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_app *app = ruad_request_app(req);
	enum ruad_visit_state next = who->state == RUAD_VISIT_PASSWORD
	    ? RUAD_VISIT_PASSWORD
	    : RUAD_VISIT_OK;
	ruad_totp_codes codes;
	enum ruad_status st;

	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_totp_confirm(app->store, app->key, who->user_id, code, codes,
	    err);
	if (st == RUAD_END)
		return ruad_problem(res, RUAD_PROBLEM_BAD_LOGIN, err,
		    "the code is wrong: is the clock right?");
	if (st == RUAD_OK)
		st = ruad_api_session_advance(req, res, true, next, err);
	if (st != RUAD_OK)
		return st;
	ruad_note(req, "me.enrol", who->login);
	return answer_codes(res, codes, err);
}

enum ruad_status
ruad_api_me_drop_totp(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	const struct ruad_actor actor = ruad_request_actor(req);
	const struct ruad_account a = { .role = who->role };
	const struct ruad_account_change change = { .disabled = -1,
		.drop_totp = true,
		.keep_session = who->session_id };
	enum ruad_status st;

	if (ruad_visit_needs_totp(&a, app->conf->web.require_2fa))
		return ruad_problem(res, RUAD_PROBLEM_IN_USE, err,
		    "the role %s must have one", ruad_role_word(who->role));
	st = ruad_account_change(app->store, &actor, who->user_id, 0, &change,
	    err);
	return st == RUAD_OK ? ruad_response_none(res, err) : st;
}

enum ruad_status
ruad_api_me_renew_codes(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	ruad_totp_codes codes;
	enum ruad_status st;

	if (!who->totp)
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "there is no second factor");
	st = ruad_totp_renew(app->store, app->key, who->user_id, codes, err);
	if (st != RUAD_OK)
		return st;
	ruad_note(req, "me.renew_codes", who->login);
	return answer_codes(res, codes, err);
}

/* The rows of the list of sessions. The lock is held. */
static enum ruad_status
read_sessions(struct ruad_request *req, json_t *items, struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_bound b = ruad_webstore_ask(ruad_request_app(req)->store,
	    "SELECT session_id, created_epoch, used_epoch, expires_epoch,"
	    " address, user_agent FROM session WHERE user_id = ?"
	    " AND expires_epoch > unixepoch() ORDER BY used_epoch DESC");
	enum ruad_status st;

	ruad_sql_int(&b, who->user_id);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		int64_t id = sqlite3_column_int64(b.stmt, 0);

		json_array_append_new(items,
		    json_pack("{s:I,s:b,s:o,s:o,s:o,s:s,s:s?}", "id",
			(json_int_t)id, "current", id == who->session_id,
			"created",
			ruad_body_time(sqlite3_column_int64(b.stmt, 1)),
			"last_used",
			ruad_body_time(sqlite3_column_int64(b.stmt, 2)),
			"expires",
			ruad_body_time(sqlite3_column_int64(b.stmt, 3)),
			"address", ruad_webstore_text(&b, 4), "user_agent",
			(const char *)sqlite3_column_text(b.stmt, 5)));
	}
	ruad_webstore_done(&b);
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_api_me_sessions(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct ruad_webstore *store = ruad_request_app(req)->store;
	json_t *items = json_array();
	enum ruad_status st;

	ruad_webstore_lock(store);
	st = read_sessions(req, items, err);
	ruad_webstore_unlock(store);
	if (st == RUAD_OK)
		return ruad_response_list(res, req, items, NULL, -1, err);
	json_decref(items);
	return st;
}

enum ruad_status
ruad_api_me_end_others(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	enum ruad_status st;
	int64_t ended;

	st = ruad_visit_end(ruad_request_app(req)->store, who->user_id, 0,
	    who->session_id, &ended, err);
	return st == RUAD_OK ? ruad_response_none(res, err) : st;
}

enum ruad_status
ruad_api_me_end_session(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	int64_t id = ruad_request_param_int(req, "id"), ended = 0;
	enum ruad_status st = RUAD_OK;

	if (id != 0)
		st = ruad_visit_end(ruad_request_app(req)->store,
		    ruad_request_who(req)->user_id, id, 0, &ended, err);
	if (st != RUAD_OK)
		return st;
	if (ended == 0)
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "there is no such login of yours");
	return ruad_response_none(res, err);
}
