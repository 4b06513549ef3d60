/* account.h - the users of the console, for ruad-web and ruadctl. Each call is
 * a transaction of its own. */
#ifndef RUAD_ACCOUNT_H
#define RUAD_ACCOUNT_H
#include "err.h"
#include "role.h"
#include "secret.h"
#include "webstore.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUAD_LOGIN_BYTES = 65 };

struct ruad_account {
	int64_t id;
	char login[RUAD_LOGIN_BYTES];
	enum ruad_role role;
	bool all_domains;
	char **domains; /* owned: granted, if not all; A-labels */
	size_t domain_count;
	bool one_time; /* the password must be replaced */
	bool disabled;
	bool totp; /* has a second factor */
	int64_t recovery_codes; /* that are left */
	char language[8], theme[8]; /* "" : none chosen */
	int64_t created_epoch, login_epoch; /* 0: never */
	int64_t version;
};

/* Who does it, for the audit. */
struct ruad_actor {
	const char *name, *via, *address;
};

/* What an actor did, for the audit, within a transaction; object may be NULL. */
RUAD_NODISCARD enum ruad_status ruad_account_note(struct ruad_webstore *s,
    const struct ruad_actor *actor, const char *action, const char *object,
    struct ruad_err *err);

/* Bring a login to the form in which it is kept: lower case. False: it has
 * other characters than letters, digits and . _ - @, or more than 64. */
bool ruad_account_take_login(const char *text, char out[RUAD_LOGIN_BYTES]);

/* Add one with a hashed password. RUAD_BAD: there is one of this login. */
RUAD_NODISCARD enum ruad_status ruad_account_add(struct ruad_webstore *s,
    const struct ruad_actor *actor, const struct ruad_account *a,
    const char *hash, int64_t *id_out, struct ruad_err *err);

/* One of them; to be freed. RUAD_END: there is none. */
RUAD_NODISCARD enum ruad_status ruad_account_get(struct ruad_webstore *s,
    int64_t id, struct ruad_account *out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_account_find(struct ruad_webstore *s,
    const char *login, struct ruad_account *out, struct ruad_err *err);
void ruad_account_fini(struct ruad_account *a);

/* The hash of its password; put another of the same password in the place of
 * that one, if it is still there.
 * RUAD_END: there is no such user. */
RUAD_NODISCARD enum ruad_status ruad_account_hash(struct ruad_webstore *s,
    int64_t id, char out[RUAD_SECRET_HASH_BYTES], struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_account_renew_hash(struct ruad_webstore *s,
    int64_t id, const char *old, const char *hash, struct ruad_err *err);

/* What a user has chosen; NULL or "": nothing. */
RUAD_NODISCARD enum ruad_status ruad_account_prefer(struct ruad_webstore *s,
    int64_t id, const char *language, const char *theme, struct ruad_err *err);

/* Read the domains of what has the id ?1 in a table of them. The lock is
 * held. */
RUAD_NODISCARD enum ruad_status
ruad_account_read_domains(struct ruad_webstore *s, const char *sql, int64_t id,
    struct ruad_account *a, struct ruad_err *err);

/* Add a domain, in A-labels, to what is granted. False: no memory. */
bool ruad_account_grant(struct ruad_account *a, const char *domain);

/* The first `limit` behind an id, in the order of ids: an array to be freed
 * with ruad_account_free_all(). */
RUAD_NODISCARD enum ruad_status ruad_account_list(struct ruad_webstore *s,
    int64_t after_id, size_t limit, struct ruad_account **out,
    size_t *count_out, struct ruad_err *err);
void ruad_account_free_all(struct ruad_account **all, size_t count);

/* What is to be other than it is. */
struct ruad_account_change {
	enum ruad_role role; /* NONE: stays */
	int disabled; /* -1: stays */
	const struct ruad_account *grants; /* its domains; NULL: stay */
	const char *hash; /* of a password; NULL: stays */
	bool one_time; /* with hash */
	bool drop_totp; /* with its recovery codes */
	bool end_sessions; /* as all that takes something away does, too */
	int64_t keep_session; /* id of one that does not end; 0: none */
	bool remove; /* the user */
};

/* RUAD_END: there is no such user; RUAD_LIMIT: its version is not this one (0:
 * any will do); RUAD_BAD: no administrator who can log in would be left. */
RUAD_NODISCARD enum ruad_status ruad_account_change(struct ruad_webstore *s,
    const struct ruad_actor *actor, int64_t id, int64_t version,
    const struct ruad_account_change *change, struct ruad_err *err);

#endif
