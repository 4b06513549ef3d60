/* visit.c - the cookie is 32 random bytes; only its hash is kept, so that who
 * reads the database cannot log in. */
#include "visit.h"
#include <sodium.h>
#include <string.h>
#include <time.h>
#include "conf.h"
#include "secret.h"

enum { COOKIE_BYTES = 32, USED_SECS = 60 };

bool
ruad_visit_needs_totp(const struct ruad_account *a, int require_2fa)
{
	switch ((enum ruad_require_2fa)require_2fa) {
	case RUAD_REQUIRE_2FA_ADMIN:
		return a->role == RUAD_ROLE_ADMIN;
	case RUAD_REQUIRE_2FA_ALL:
		return true;
	case RUAD_REQUIRE_2FA_NONE:
		return false;
	}
	return true;
}

enum ruad_visit_state
ruad_visit_state(const struct ruad_visit *s, int require_2fa)
{
	if (s->account.totp && !s->second)
		return RUAD_VISIT_TOTP;
	if (s->account.one_time)
		return RUAD_VISIT_PASSWORD;
	if (!s->account.totp && ruad_visit_needs_totp(&s->account, require_2fa))
		return RUAD_VISIT_ENROL;
	return RUAD_VISIT_OK;
}

const char *
ruad_visit_state_word(enum ruad_visit_state state)
{
	switch (state) {
	case RUAD_VISIT_OK:
		return "ok";
	case RUAD_VISIT_TOTP:
		return "totp";
	case RUAD_VISIT_PASSWORD:
		return "password";
	case RUAD_VISIT_ENROL:
		return "enrol";
	}
	return "";
}

/* A new cookie, and what is kept of it. */
static void
make_cookie(char cookie[RUAD_VISIT_COOKIE_BYTES],
    unsigned char digest[RUAD_SECRET_DIGEST_BYTES])
{
	unsigned char bytes[COOKIE_BYTES];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2base64(cookie, RUAD_VISIT_COOKIE_BYTES, bytes, sizeof(bytes),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	ruad_secret_digest(cookie, strlen(cookie), NULL, digest);
	sodium_memzero(bytes, sizeof(bytes));
}

enum ruad_status
ruad_visit_begin(struct ruad_webstore *s, int64_t user_id, const char *address,
    const char *user_agent, int64_t secs,
    char cookie_out[RUAD_VISIT_COOKIE_BYTES], struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	int64_t now = time(NULL);
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	make_cookie(cookie_out, digest);
	b = ruad_webstore_ask(s,
	    "INSERT INTO session (digest, user_id, second, created_epoch,"
	    " used_epoch, expires_epoch, password_epoch, address, user_agent)"
	    " VALUES (?1, ?2, 0, ?3, ?3, ?4, ?3, ?5, nullif(?6, ''))");
	ruad_sql_bytes(&b, digest, sizeof(digest));
	ruad_sql_int(&b, user_id);
	ruad_sql_int(&b, now);
	ruad_sql_int(&b, now + secs);
	ruad_sql_text(&b, address);
	ruad_sql_text(&b, user_agent);
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}

/* Once a minute is enough. That it could not be noted must not end anything. */
static void
note_use(struct ruad_webstore *s, int64_t id, int64_t used, int64_t now)
{
	struct ruad_err ignored;
	struct ruad_bound b;
	enum ruad_status st;

	if (now - used < USED_SECS)
		return;
	b = ruad_webstore_ask(s,
	    "UPDATE session SET used_epoch = ? WHERE session_id = ?");
	ruad_sql_int(&b, now);
	ruad_sql_int(&b, id);
	st = ruad_webstore_run(&b, NULL, &ignored);
	(void)st;
}

enum ruad_status
ruad_visit_find(struct ruad_webstore *s, const char *cookie, int64_t idle_secs,
    struct ruad_visit *out, struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	int64_t now = time(NULL), row[7] = { 0 };
	struct ruad_bound b;
	enum ruad_status st;

	*out = (struct ruad_visit){ .id = 0 };
	ruad_secret_digest(cookie, strlen(cookie), NULL, digest);
	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s,
	    "SELECT session_id, second, created_epoch, used_epoch,"
	    " expires_epoch, password_epoch, user_id FROM session"
	    " WHERE digest = ?1 AND expires_epoch > ?2"
	    " AND used_epoch > ?2 - ?3");
	ruad_sql_bytes(&b, digest, sizeof(digest));
	ruad_sql_int(&b, now);
	ruad_sql_int(&b, idle_secs);
	st = ruad_sql_get(&b, row, 7, err);
	ruad_webstore_done(&b);
	if (st == RUAD_OK && row[0] != 0)
		note_use(s, row[0], row[3], now);
	ruad_webstore_unlock(s);
	if (st == RUAD_OK)
		st = row[0] != 0
		    ? ruad_account_get(s, row[6], &out->account, err)
		    : RUAD_END;
	if (st != RUAD_OK)
		return st;
	out->id = row[0];
	out->second = row[1] != 0;
	out->created_epoch = row[2];
	out->expires_epoch = row[4];
	out->password_epoch = row[5];
	if (!out->account.disabled)
		return RUAD_OK;
	ruad_visit_fini(out);
	return RUAD_END;
}

void
ruad_visit_fini(struct ruad_visit *s)
{
	ruad_account_fini(&s->account);
	s->id = 0;
}

enum ruad_status
ruad_visit_rotate(struct ruad_webstore *s, int64_t id, bool second,
    int64_t secs, char cookie_out[RUAD_VISIT_COOKIE_BYTES],
    struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	make_cookie(cookie_out, digest);
	b = ruad_webstore_ask(s,
	    "UPDATE session SET digest = ?2, second = ?3, expires_epoch = ?4"
	    " WHERE session_id = ?1");
	ruad_sql_int(&b, id);
	ruad_sql_bytes(&b, digest, sizeof(digest));
	ruad_sql_int(&b, second);
	ruad_sql_int(&b, time(NULL) + secs);
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}

/* A change of one row, with the time as ?2. */
static enum ruad_status
set_now(struct ruad_webstore *s, const char *sql, int64_t id,
    struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s, sql);
	ruad_sql_int(&b, id);
	ruad_sql_int(&b, time(NULL));
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_visit_step_up(struct ruad_webstore *s, int64_t id, struct ruad_err *err)
{
	return set_now(s,
	    "UPDATE session SET password_epoch = ?2 WHERE session_id = ?1", id,
	    err);
}

enum ruad_status
ruad_visit_note_login(struct ruad_webstore *s, int64_t user_id,
    struct ruad_err *err)
{
	return set_now(s, "UPDATE user SET login_epoch = ?2 WHERE user_id = ?1",
	    user_id, err);
}

enum ruad_status
ruad_visit_prune(struct ruad_webstore *s, struct ruad_err *err)
{
	return set_now(s,
	    "DELETE FROM session WHERE expires_epoch <= ?2 AND ?1 = 0", 0, err);
}

enum ruad_status
ruad_visit_end(struct ruad_webstore *s, int64_t user_id, int64_t id,
    int64_t but, int64_t *count_out, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	*count_out = 0;
	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s,
	    "DELETE FROM session WHERE user_id = ?1"
	    " AND (?2 = 0 OR session_id = ?2) AND session_id <> ?3");
	ruad_sql_int(&b, user_id);
	ruad_sql_int(&b, id);
	ruad_sql_int(&b, but);
	st = ruad_webstore_run(&b, count_out, err);
	return ruad_webstore_end(s, st, err);
}
