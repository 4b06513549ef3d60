/* token.c - only the hash of a token is kept. */
#include "token.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "secret.h"

enum { RANDOM_BYTES = 32, USED_SECS = 60 };

#define COLUMNS \
	"SELECT t.token_id, t.user_id, u.login, t.name, t.role," \
	" t.all_domains, t.created_epoch, coalesce(t.expires_epoch, 0)," \
	" coalesce(t.used_epoch, 0)" \
	" FROM token AS t JOIN user AS u ON u.user_id = t.user_id"

static void
read_row(const struct ruad_bound *b, struct ruad_token *t)
{
	t->id = sqlite3_column_int64(b->stmt, 0);
	t->user_id = sqlite3_column_int64(b->stmt, 1);
	snprintf(t->login, sizeof(t->login), "%s", ruad_webstore_text(b, 2));
	snprintf(t->name, sizeof(t->name), "%s", ruad_webstore_text(b, 3));
	t->role = (enum ruad_role)sqlite3_column_int(b->stmt, 4);
	t->grants.all_domains = sqlite3_column_int(b->stmt, 5) != 0;
	t->created_epoch = sqlite3_column_int64(b->stmt, 6);
	t->expires_epoch = sqlite3_column_int64(b->stmt, 7);
	t->used_epoch = sqlite3_column_int64(b->stmt, 8);
}

/* The one row of a statement. The lock is held. */
static enum ruad_status
read_one(struct ruad_webstore *s, struct ruad_bound *b, struct ruad_token *out,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_next(b, err);

	*out = (struct ruad_token){ .id = 0 };
	if (st == RUAD_OK)
		read_row(b, out);
	ruad_webstore_done(b);
	if (st == RUAD_OK)
		st = ruad_account_read_domains(s,
		    "SELECT domain FROM token_domain WHERE token_id = ?"
		    " ORDER BY 1",
		    out->id, &out->grants, err);
	if (st != RUAD_OK)
		ruad_token_fini(out);
	return st;
}

void
ruad_token_fini(struct ruad_token *t)
{
	ruad_account_fini(&t->grants);
}

static enum ruad_status
insert(struct ruad_webstore *s, const struct ruad_token *t,
    const unsigned char digest[RUAD_SECRET_DIGEST_BYTES], int64_t *id_out,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s,
	    "INSERT INTO token (user_id, digest, name, role, all_domains,"
	    " created_epoch, expires_epoch) VALUES (?, ?, ?, ?, ?, ?, ?)");
	enum ruad_status st;

	ruad_sql_int(&b, t->user_id);
	ruad_sql_bytes(&b, digest, RUAD_SECRET_DIGEST_BYTES);
	ruad_sql_text(&b, t->name);
	ruad_sql_int(&b, t->role);
	ruad_sql_int(&b, t->grants.all_domains);
	ruad_sql_int(&b, time(NULL));
	ruad_sql_key(&b, t->expires_epoch);
	st = ruad_webstore_run(&b, NULL, err);
	*id_out = sqlite3_last_insert_rowid(b.db);
	for (size_t i = 0; i < t->grants.domain_count && st == RUAD_OK; i++) {
		b = ruad_webstore_ask(s,
		    "INSERT INTO token_domain (token_id, domain) VALUES (?, ?)"
		    " ON CONFLICT DO NOTHING");
		ruad_sql_int(&b, *id_out);
		ruad_sql_text(&b, t->grants.domains[i]);
		st = ruad_webstore_run(&b, NULL, err);
	}
	return st;
}

enum ruad_status
ruad_token_add(struct ruad_webstore *s, const struct ruad_actor *actor,
    const struct ruad_token *t, char secret_out[RUAD_TOKEN_BYTES],
    int64_t *id_out, struct ruad_err *err)
{
	unsigned char bytes[RANDOM_BYTES], digest[RUAD_SECRET_DIGEST_BYTES];
	size_t n = strlen(RUAD_TOKEN_PREFIX);
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	randombytes_buf(bytes, sizeof(bytes));
	memcpy(secret_out, RUAD_TOKEN_PREFIX, n);
	sodium_bin2base64(secret_out + n, RUAD_TOKEN_BYTES - n, bytes,
	    sizeof(bytes), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	ruad_secret_digest(secret_out, strlen(secret_out), NULL, digest);
	st = insert(s, t, digest, id_out, err);
	if (st == RUAD_OK)
		st = ruad_account_note(s, actor, "token.add", t->name, err);
	return ruad_webstore_end(s, st, err);
}

static void
note_use(struct ruad_webstore *s, const struct ruad_token *t)
{
	int64_t now = time(NULL);
	struct ruad_err ignored;
	struct ruad_bound b;
	enum ruad_status st;

	if (now - t->used_epoch < USED_SECS)
		return;
	b = ruad_webstore_ask(s,
	    "UPDATE token SET used_epoch = ? WHERE token_id = ?");
	ruad_sql_int(&b, now);
	ruad_sql_int(&b, t->id);
	/* That it could not be noted is no reason to refuse anything. */
	st = ruad_webstore_run(&b, NULL, &ignored);
	(void)st;
}

enum ruad_status
ruad_token_find(struct ruad_webstore *s, const char *secret,
    struct ruad_token *out, struct ruad_err *err)
{
	unsigned char digest[RUAD_SECRET_DIGEST_BYTES];
	struct ruad_bound b;
	enum ruad_status st;

	ruad_secret_digest(secret, strlen(secret), NULL, digest);
	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s,
	    COLUMNS " WHERE t.digest = ?1"
		    " AND coalesce(t.expires_epoch > ?2, 1)");
	ruad_sql_bytes(&b, digest, sizeof(digest));
	ruad_sql_int(&b, time(NULL));
	st = read_one(s, &b, out, err);
	if (st == RUAD_OK)
		note_use(s, out);
	ruad_webstore_unlock(s);
	return st;
}

enum ruad_status
ruad_token_next(struct ruad_webstore *s, int64_t user_id, int64_t after_id,
    struct ruad_token *out, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;

	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s,
	    COLUMNS " WHERE t.token_id > ?2 AND (?1 = 0 OR t.user_id = ?1)"
		    " ORDER BY t.token_id LIMIT 1");
	ruad_sql_int(&b, user_id);
	ruad_sql_int(&b, after_id);
	st = read_one(s, &b, out, err);
	ruad_webstore_unlock(s);
	return st;
}

enum ruad_status
ruad_token_drop(struct ruad_webstore *s, const struct ruad_actor *actor,
    int64_t user_id, int64_t id, struct ruad_err *err)
{
	struct ruad_token t;
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s,
	    COLUMNS " WHERE t.token_id = ?1 AND (?2 = 0 OR t.user_id = ?2)");
	ruad_sql_int(&b, id);
	ruad_sql_int(&b, user_id);
	st = read_one(s, &b, &t, err);
	if (st == RUAD_OK) {
		b = ruad_webstore_ask(s,
		    "DELETE FROM token WHERE token_id = ?");
		ruad_sql_int(&b, id);
		st = ruad_webstore_run(&b, NULL, err);
	}
	if (st == RUAD_OK)
		st = ruad_account_note(s, actor, "token.drop", t.name, err);
	ruad_token_fini(&t);
	return ruad_webstore_end(s, st, err);
}
