/* token.h - tokens, for programs: "ruad_pat_" and 43 characters. Each call is a
 * transaction of its own. */
#ifndef RUAD_WEB_TOKEN_H
#define RUAD_WEB_TOKEN_H
#include "account.h"
#include "err.h"
#include "webstore.h"

#define RUAD_TOKEN_PREFIX "ruad_pat_"
enum { RUAD_TOKEN_BYTES = 53 }; /* with the NUL */

struct ruad_token {
	int64_t id, user_id;
	char login[RUAD_LOGIN_BYTES]; /* of its user */
	char name[81];
	enum ruad_role role; /* at most, beside that of its user */
	struct ruad_account grants; /* only its domains are of it */
	int64_t created_epoch, expires_epoch, used_epoch; /* 0: never */
};

/* Add one; `expires_epoch` 0: it does not expire. The secret is told once. */
RUAD_NODISCARD enum ruad_status ruad_token_add(struct ruad_webstore *s,
    const struct ruad_actor *actor, const struct ruad_token *t,
    char secret_out[RUAD_TOKEN_BYTES], int64_t *id_out, struct ruad_err *err);

/* Find the one of a secret, unless it has expired; to be freed. RUAD_END: there
 * is none. */
RUAD_NODISCARD enum ruad_status ruad_token_find(struct ruad_webstore *s,
    const char *secret, struct ruad_token *out, struct ruad_err *err);

/* All of a user, or of everybody (0), one after the other: give the id of the
 * one before. RUAD_END: no more. */
RUAD_NODISCARD enum ruad_status ruad_token_next(struct ruad_webstore *s,
    int64_t user_id, int64_t after_id, struct ruad_token *out,
    struct ruad_err *err);
void ruad_token_fini(struct ruad_token *t);

/* Revoke one; user_id 0: whosever it is. RUAD_END: there is none. */
RUAD_NODISCARD enum ruad_status ruad_token_drop(struct ruad_webstore *s,
    const struct ruad_actor *actor, int64_t user_id, int64_t id,
    struct ruad_err *err);

#endif
