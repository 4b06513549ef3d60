/* visit.h - logins: what a cookie stands for. Each call is a transaction of
 * its own. */
#ifndef RUAD_WEB_VISIT_H
#define RUAD_WEB_VISIT_H
#include "account.h"
#include "err.h"
#include "webstore.h"
#include <stdbool.h>
#include <stdint.h>

enum {
	RUAD_VISIT_COOKIE_BYTES = 44, /* 32 bytes as base64url, with the NUL */
	RUAD_VISIT_HALFWAY_SECS = 300, /* until the second step is done */
	RUAD_VISIT_STEP_UP_SECS = 600 /* how long a typed password counts */
};

struct ruad_visit {
	int64_t id;
	struct ruad_account account; /* of whom it is */
	bool second; /* the code was right */
	int64_t created_epoch, expires_epoch, password_epoch;
};

/* How far a login has come: what it lacks is asked for in this order. */
enum ruad_visit_state {
	RUAD_VISIT_OK,
	RUAD_VISIT_TOTP,
	RUAD_VISIT_PASSWORD,
	RUAD_VISIT_ENROL
};

/* `require_2fa` is that of the configuration. */
enum ruad_visit_state ruad_visit_state(const struct ruad_visit *s,
    int require_2fa);
const char *ruad_visit_state_word(enum ruad_visit_state state);

/* Whether an account must have a second factor. */
bool ruad_visit_needs_totp(const struct ruad_account *a, int require_2fa);

/* Begin one, after the password was right; it ends after `secs`. The cookie is
 * told once. Fails like ruad_sql_fail(), as all of these do. */
RUAD_NODISCARD enum ruad_status ruad_visit_begin(struct ruad_webstore *s,
    int64_t user_id, const char *address, const char *user_agent, int64_t secs,
    char cookie_out[RUAD_VISIT_COOKIE_BYTES], struct ruad_err *err);

/* Find it, unless it has ended or was not used for `idle_secs`; to be freed.
 * RUAD_END: there is none. */
RUAD_NODISCARD enum ruad_status ruad_visit_find(struct ruad_webstore *s,
    const char *cookie, int64_t idle_secs, struct ruad_visit *out,
    struct ruad_err *err);
void ruad_visit_fini(struct ruad_visit *s);

/* Another cookie for the same login, which has come further; from now on it
 * ends after `secs`. */
RUAD_NODISCARD enum ruad_status ruad_visit_rotate(struct ruad_webstore *s,
    int64_t id, bool second, int64_t secs,
    char cookie_out[RUAD_VISIT_COOKIE_BYTES], struct ruad_err *err);

/* The password was typed again. */
RUAD_NODISCARD enum ruad_status ruad_visit_step_up(struct ruad_webstore *s,
    int64_t id, struct ruad_err *err);

/* Note that somebody is in: the time of the last login. */
RUAD_NODISCARD enum ruad_status ruad_visit_note_login(struct ruad_webstore *s,
    int64_t user_id, struct ruad_err *err);

/* End one of a user, or all but one where `id` is 0; *count_out were ended. */
RUAD_NODISCARD enum ruad_status ruad_visit_end(struct ruad_webstore *s,
    int64_t user_id, int64_t id, int64_t but, int64_t *count_out,
    struct ruad_err *err);

/* Forget all that have ended. */
RUAD_NODISCARD enum ruad_status ruad_visit_prune(struct ruad_webstore *s,
    struct ruad_err *err);

#endif
