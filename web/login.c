/* login.c - the wait is looked at when it is one's turn: many attempts at once
 * are no more than one after the other. */
#include "login.h"
#include <inttypes.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include "secret.h"
#include "throttle.h"
#include "totp.h"

struct ruad_secret_cost
ruad_login_cost(const struct ruad_app *app)
{
	return (struct ruad_secret_cost){
		.bytes = (size_t)app->conf->web.password_bytes,
		.passes = (unsigned)app->conf->web.password_passes,
	};
}

/* For fail2ban: nothing that somebody typed can look like the rest of it. */
static enum ruad_status
note_failure(struct ruad_request *req, const char *login, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	char clean[RUAD_LOGIN_BYTES];
	const char *name = ruad_account_take_login(login, clean) ? clean : "?";

	ruad_log_write(app->log, LOG_WARNING, "login failed: user=<%s> ip=%s",
	    name, ruad_request_client(req));
	return ruad_throttle_failed(app->store, name, ruad_request_client(req),
	    err);
}

/* One hash is computed, whoever it is. */
static enum ruad_status
verify(struct ruad_app *app, const char *login, const char *password,
    bool *right_out, struct ruad_account *out, struct ruad_err *err)
{
	char clean[RUAD_LOGIN_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	enum ruad_status st = RUAD_END;
	bool right;

	*out = (struct ruad_account){ .id = 0 };
	*right_out = false;
	if (ruad_account_take_login(login, clean))
		st = ruad_account_find(app->store, clean, out, err);
	if (st == RUAD_OK)
		st = ruad_account_hash(app->store, out->id, hash, err);
	if (st == RUAD_END)
		snprintf(hash, sizeof(hash), "%s", app->dummy_hash);
	else if (st != RUAD_OK)
		return st;
	right = ruad_secret_verify(hash, password);
	*right_out = right && st == RUAD_OK && !out->disabled;
	return RUAD_OK;
}

/* What argon2id takes may have changed since. */
static enum ruad_status
renew_hash(struct ruad_app *app, const struct ruad_account *a,
    const char *password, struct ruad_err *err)
{
	struct ruad_secret_cost cost = ruad_login_cost(app);
	char old[RUAD_SECRET_HASH_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	enum ruad_status st = ruad_account_hash(app->store, a->id, old, err);

	if (st != RUAD_OK || !ruad_secret_is_old(old, &cost))
		return st;
	st = ruad_secret_hash(password, &cost, hash, err);
	return st == RUAD_OK
	    ? ruad_account_renew_hash(app->store, a->id, old, hash, err)
	    : st;
}

/* In its turn. */
static enum ruad_status
try_password(struct ruad_request *req, const char *login, const char *password,
    enum ruad_login *result_out, int64_t *secs_out, struct ruad_account *out,
    struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	char clean[RUAD_LOGIN_BYTES];
	enum ruad_status st;
	bool right;

	if (!ruad_account_take_login(login, clean))
		strcpy(clean, "?");
	st = ruad_throttle_left(app->store, clean, ruad_request_client(req),
	    secs_out, err);
	if (st != RUAD_OK)
		return st;
	if (*secs_out > 0) {
		*result_out = RUAD_LOGIN_WAIT;
		return RUAD_OK;
	}
	st = verify(app, login, password, &right, out, err);
	if (st == RUAD_OK && right)
		st = renew_hash(app, out, password, err);
	if (st == RUAD_OK && !right)
		st = note_failure(req, login, err);
	*result_out = right ? RUAD_LOGIN_RIGHT : RUAD_LOGIN_WRONG;
	if (st != RUAD_OK || !right)
		ruad_account_fini(out);
	return st;
}

enum ruad_status
ruad_login_check(struct ruad_request *req, const char *login,
    const char *password, enum ruad_login *result_out, int64_t *secs_out,
    struct ruad_account *account_out, struct ruad_err *err)
{
	struct ruad_guard *guard = ruad_request_app(req)->guard;
	enum ruad_status st;

	*account_out = (struct ruad_account){ .id = 0 };
	*result_out = RUAD_LOGIN_BUSY;
	*secs_out = 1;
	if (!ruad_guard_enter(guard))
		return RUAD_OK;
	st = try_password(req, login, password, result_out, secs_out,
	    account_out, err);
	ruad_guard_leave(guard);
	return st;
}

static enum ruad_status
try_code(struct ruad_request *req, const char *code,
    enum ruad_login *result_out, int64_t *secs_out, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_who *who = ruad_request_who(req);
	enum ruad_status st;

	st = ruad_throttle_left(app->store, who->login,
	    ruad_request_client(req), secs_out, err);
	if (st != RUAD_OK)
		return st;
	if (*secs_out > 0) {
		*result_out = RUAD_LOGIN_WAIT;
		return RUAD_OK;
	}
	st = ruad_totp_check(app->store, app->key, who->user_id, code, err);
	*result_out = st == RUAD_OK ? RUAD_LOGIN_RIGHT : RUAD_LOGIN_WRONG;
	return st == RUAD_END ? note_failure(req, who->login, err) : st;
}

enum ruad_status
ruad_login_check_code(struct ruad_request *req, const char *code,
    enum ruad_login *result_out, int64_t *secs_out, struct ruad_err *err)
{
	struct ruad_guard *guard = ruad_request_app(req)->guard;
	enum ruad_status st;

	*result_out = RUAD_LOGIN_BUSY;
	*secs_out = 1;
	if (!ruad_guard_enter(guard))
		return RUAD_OK;
	st = try_code(req, code, result_out, secs_out, err);
	ruad_guard_leave(guard);
	return st;
}

enum ruad_status
ruad_login_refuse(struct ruad_response *res, enum ruad_login result,
    int64_t secs, struct ruad_err *err)
{
	switch (result) {
	case RUAD_LOGIN_RIGHT:
		break;
	case RUAD_LOGIN_WRONG:
		return ruad_problem(res, RUAD_PROBLEM_BAD_LOGIN, err,
		    "try again");
	case RUAD_LOGIN_WAIT:
		ruad_response_header(res, MHD_HTTP_HEADER_RETRY_AFTER,
		    "%" PRId64, secs);
		return ruad_problem(res, RUAD_PROBLEM_TOO_MANY, err,
		    "wait %" PRId64 " seconds", secs);
	case RUAD_LOGIN_BUSY:
		ruad_response_header(res, MHD_HTTP_HEADER_RETRY_AFTER,
		    "%" PRId64, secs);
		return ruad_problem(res, RUAD_PROBLEM_BUSY, err,
		    "many are logging in");
	}
	return RUAD_OK;
}
