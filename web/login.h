/* login.h - whether a password is right, at most so often, and in the same time
 * whether there is such a user or not. */
#ifndef RUAD_WEB_LOGIN_H
#define RUAD_WEB_LOGIN_H
#include "account.h"
#include "app.h"
#include "err.h"
#include "request.h"
#include "response.h"

enum ruad_login {
	RUAD_LOGIN_RIGHT,
	RUAD_LOGIN_WRONG,
	RUAD_LOGIN_WAIT, /* too often: try again later */
	RUAD_LOGIN_BUSY /* too many at once: try again */
};

/* Check a password; on RIGHT, *account_out is to be freed. A wrong one is
 * counted and logged. *secs_out says how long to wait. Fails where it cannot be
 * found out. */
RUAD_NODISCARD enum ruad_status ruad_login_check(struct ruad_request *req,
    const char *login, const char *password, enum ruad_login *result_out,
    int64_t *secs_out, struct ruad_account *account_out, struct ruad_err *err);

/* The same of a code of the second factor, of the user who has logged in so
 * far. */
RUAD_NODISCARD enum ruad_status ruad_login_check_code(struct ruad_request *req,
    const char *code, enum ruad_login *result_out, int64_t *secs_out,
    struct ruad_err *err);

/* Answer what is not RIGHT. */
RUAD_NODISCARD enum ruad_status ruad_login_refuse(struct ruad_response *res,
    enum ruad_login result, int64_t secs, struct ruad_err *err);

/* What a new password has to cost. */
struct ruad_secret_cost ruad_login_cost(const struct ruad_app *app);

#endif
