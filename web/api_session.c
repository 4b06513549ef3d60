/* api_session.c - logging in and out. */
#include <microhttpd.h>
#include <string.h>
#include <syslog.h>
#include "api.h"
#include "auth.h"
#include "body.h"
#include "login.h"
#include "text.h"
#include "throttle.h"

static void
set_cookie(const struct ruad_app *app, struct ruad_response *res,
    const char *value, const char *more)
{
	ruad_response_header(res, MHD_HTTP_HEADER_SET_COOKIE,
	    "%s=%s;%s HttpOnly; SameSite=Strict; Path=/%s",
	    ruad_auth_cookie_name(app), value,
	    app->secure_cookie ? " Secure;" : "", more);
}

/* How long a login lasts that has come so far. */
static int64_t
secs_of(const struct ruad_app *app, enum ruad_visit_state state)
{
	return state == RUAD_VISIT_OK ? app->conf->web.session_max_secs
				      : RUAD_VISIT_HALFWAY_SECS;
}

static enum ruad_status
answer_state(struct ruad_response *res, enum ruad_visit_state state,
    struct ruad_err *err)
{
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s}", "state", ruad_visit_state_word(state)), err);
}

/* The last step has been done. */
static enum ruad_status
note_entry(struct ruad_request *req, int64_t user_id, const char *login,
    enum ruad_visit_state state, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);

	if (state != RUAD_VISIT_OK)
		return RUAD_OK;
	ruad_log_write(app->log, LOG_INFO, "login: user=<%s> ip=%s", login,
	    ruad_request_client(req));
	return ruad_visit_note_login(app->store, user_id, err);
}

enum ruad_status
ruad_api_session_advance(struct ruad_request *req, struct ruad_response *res,
    bool second, enum ruad_visit_state state, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	char cookie[RUAD_VISIT_COOKIE_BYTES];
	enum ruad_status st;

	st = ruad_visit_rotate(app->store, who->session_id, second,
	    secs_of(app, state), cookie, err);
	if (st == RUAD_OK)
		st = note_entry(req, who->user_id, who->login, state, err);
	if (st == RUAD_OK)
		set_cookie(app, res, cookie, "");
	return st;
}

/* What a browser says of itself, as it may stand in JSON. */
static void
agent_of(const struct ruad_request *req, char *buf, size_t cap)
{
	const char *agent =
	    ruad_request_header(req, MHD_HTTP_HEADER_USER_AGENT);

	if (agent == NULL)
		agent = "";
	ruad_text_clean(buf, cap, agent, strlen(agent), NULL);
}

static enum ruad_status
begin_session(struct ruad_request *req, struct ruad_response *res,
    const struct ruad_account *a, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	struct ruad_visit s = { .account = *a };
	enum ruad_visit_state state =
	    ruad_visit_state(&s, app->conf->web.require_2fa);
	char cookie[RUAD_VISIT_COOKIE_BYTES], agent[200];
	enum ruad_status st = ruad_visit_prune(app->store, err);

	agent_of(req, agent, sizeof(agent));
	if (st == RUAD_OK)
		st = ruad_visit_begin(app->store, a->id,
		    ruad_request_client(req), agent, secs_of(app, state),
		    cookie, err);
	if (st == RUAD_OK)
		st = note_entry(req, a->id, a->login, state, err);
	/* With a second factor, guesses at it are still counted. */
	if (st == RUAD_OK && state != RUAD_VISIT_TOTP)
		st = ruad_throttle_passed(app->store, a->login, err);
	if (st != RUAD_OK)
		return st;
	set_cookie(app, res, cookie, "");
	return answer_state(res, state, err);
}

enum ruad_status
ruad_api_session_post(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *login = ruad_body_text(req, res, "login", 256);
	const char *password =
	    ruad_body_text(req, res, "password", RUAD_PASSWORD_MAX);
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_app *app = ruad_request_app(req);
	struct ruad_account a;
	enum ruad_login result;
	enum ruad_status st;
	int64_t secs, ended;

	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_login_check(req, login, password, &result, &secs, &a, err);
	if (st != RUAD_OK)
		return st;
	if (result != RUAD_LOGIN_RIGHT)
		return ruad_login_refuse(res, result, secs, err);
	/* The login of before, in the same browser, is not left open. */
	if (who->session_id != 0)
		st = ruad_visit_end(app->store, who->user_id, who->session_id,
		    0, &ended, err);
	if (st == RUAD_OK)
		st = begin_session(req, res, &a, err);
	ruad_account_fini(&a);
	return st;
}

enum ruad_status
ruad_api_session_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	int64_t until = who->password_epoch + RUAD_VISIT_STEP_UP_SECS;
	json_t *body;

	if (who->via == RUAD_VIA_NOTHING)
		return ruad_problem(res, RUAD_PROBLEM_LOGIN, err,
		    "POST /api/v1/session");
	body = json_pack("{s:s,s:s,s:s,s:s,s:b,s:o,s:s?,s:s,s:b}", "state",
	    ruad_visit_state_word(who->state), "login", who->login, "role",
	    ruad_role_word(who->role), "via", ruad_via_word(who->via),
	    "all_domains", who->all_domains, "domains",
	    ruad_body_texts(who->domains, who->domain_count), "language",
	    who->language[0] != '\0' ? who->language : NULL, "theme",
	    who->theme[0] != '\0' ? who->theme : "auto", "totp", who->totp);
	if (who->user_id != 0)
		json_object_set_new(body, "user_id",
		    json_integer(who->user_id));
	if (who->session_id != 0) {
		json_object_set_new(body, "expires",
		    ruad_body_time(who->expires_epoch));
		json_object_set_new(body, "step_up_until",
		    ruad_body_time(ruad_auth_is_stepped_up(req) ? until : 0));
	}
	return ruad_response_json(res, MHD_HTTP_OK, body, err);
}

enum ruad_status
ruad_api_session_delete(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_app *app = ruad_request_app(req);
	enum ruad_status st = RUAD_OK;
	int64_t ended;

	if (who->session_id != 0)
		st = ruad_visit_end(app->store, who->user_id, who->session_id,
		    0, &ended, err);
	if (st != RUAD_OK)
		return st;
	set_cookie(app, res, "", "; Max-Age=0");
	return ruad_response_none(res, err);
}

enum ruad_status
ruad_api_session_totp(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *code = ruad_body_text(req, res, "code", 64);
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_app *app = ruad_request_app(req);
	enum ruad_visit_state next = RUAD_VISIT_OK;
	struct ruad_account a;
	enum ruad_login result;
	enum ruad_status st;
	int64_t secs;

	if (who->via != RUAD_VIA_SESSION || who->state != RUAD_VISIT_TOTP)
		return ruad_problem(res, RUAD_PROBLEM_LOGIN, err,
		    "POST /api/v1/session first");
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_login_check_code(req, code, &result, &secs, err);
	if (st != RUAD_OK)
		return st;
	if (result != RUAD_LOGIN_RIGHT)
		return ruad_login_refuse(res, result, secs, err);
	st = ruad_account_get(app->store, who->user_id, &a, err);
	if (st == RUAD_OK && a.one_time)
		next = RUAD_VISIT_PASSWORD;
	ruad_account_fini(&a);
	if (st == RUAD_OK)
		st = ruad_throttle_passed(app->store, who->login, err);
	if (st == RUAD_OK)
		st = ruad_api_session_advance(req, res, true, next, err);
	return st == RUAD_OK ? answer_state(res, next, err) : st;
}

enum ruad_status
ruad_api_session_step_up(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const char *password =
	    ruad_body_text(req, res, "password", RUAD_PASSWORD_MAX);
	const struct ruad_who *who = ruad_request_who(req);
	struct ruad_account a;
	enum ruad_login result;
	enum ruad_status st;
	int64_t secs;

	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = ruad_login_check(req, who->login, password, &result, &secs, &a,
	    err);
	if (st != RUAD_OK)
		return st;
	ruad_account_fini(&a);
	if (result != RUAD_LOGIN_RIGHT)
		return ruad_login_refuse(res, result, secs, err);
	st = ruad_visit_step_up(ruad_request_app(req)->store, who->session_id,
	    err);
	return st == RUAD_OK ? ruad_response_none(res, err) : st;
}
