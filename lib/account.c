/* account.c - a change that takes something away from a user ends the sessions
 * of that user, so that it holds at once. */
#include "account.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS \
	"SELECT u.user_id, u.login, u.role, u.all_domains, u.one_time," \
	" u.disabled, u.totp IS NOT NULL, (SELECT count(*) FROM recovery_code" \
	" AS r WHERE r.user_id = u.user_id), coalesce(u.language, '')," \
	" u.theme, u.created_epoch, coalesce(u.login_epoch, 0), u.version" \
	" FROM user AS u"

bool
ruad_account_take_login(const char *text, char out[RUAD_LOGIN_BYTES])
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				      "._-@";
	size_t len = strlen(text);

	if (len == 0 || len >= RUAD_LOGIN_BYTES)
		return false;
	for (size_t i = 0; i <= len; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] - 'A' + 'a')
		    : text[i];
	return strspn(out, allowed) == len;
}

static void
read_row(const struct ruad_bound *b, struct ruad_account *a)
{
	*a = (struct ruad_account){
		.id = sqlite3_column_int64(b->stmt, 0),
		.role = (enum ruad_role)sqlite3_column_int(b->stmt, 2),
		.all_domains = sqlite3_column_int(b->stmt, 3) != 0,
		.one_time = sqlite3_column_int(b->stmt, 4) != 0,
		.disabled = sqlite3_column_int(b->stmt, 5) != 0,
		.totp = sqlite3_column_int(b->stmt, 6) != 0,
		.recovery_codes = sqlite3_column_int64(b->stmt, 7),
		.created_epoch = sqlite3_column_int64(b->stmt, 10),
		.login_epoch = sqlite3_column_int64(b->stmt, 11),
		.version = sqlite3_column_int64(b->stmt, 12),
	};
	snprintf(a->login, sizeof(a->login), "%s", ruad_webstore_text(b, 1));
	snprintf(a->language, sizeof(a->language), "%s",
	    ruad_webstore_text(b, 8));
	snprintf(a->theme, sizeof(a->theme), "%s", ruad_webstore_text(b, 9));
}

bool
ruad_account_grant(struct ruad_account *a, const char *domain)
{
	char **more =
	    realloc(a->domains, (a->domain_count + 1) * sizeof(*more));

	if (more == NULL)
		return false;
	a->domains = more;
	more[a->domain_count] = strdup(domain);
	if (more[a->domain_count] == NULL)
		return false;
	a->domain_count++;
	return true;
}

enum ruad_status
ruad_account_read_domains(struct ruad_webstore *s, const char *sql, int64_t id,
    struct ruad_account *a, struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s, sql);
	enum ruad_status st;

	ruad_sql_int(&b, id);
	while ((st = ruad_sql_next(&b, err)) == RUAD_OK) {
		if (!ruad_account_grant(a, ruad_webstore_text(&b, 0))) {
			st = ruad_fail_memory(err, "account");
			break;
		}
	}
	ruad_webstore_done(&b);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
read_domains(struct ruad_webstore *s, struct ruad_account *a,
    struct ruad_err *err)
{
	return ruad_account_read_domains(s,
	    "SELECT domain FROM user_domain WHERE user_id = ? ORDER BY 1",
	    a->id, a, err);
}

/* The one row of a statement, with its domains. The lock is held. */
static enum ruad_status
read_one(struct ruad_webstore *s, struct ruad_bound *b,
    struct ruad_account *out, struct ruad_err *err)
{
	enum ruad_status st = ruad_sql_next(b, err);

	*out = (struct ruad_account){ .id = 0 };
	if (st == RUAD_OK)
		read_row(b, out);
	ruad_webstore_done(b);
	if (st == RUAD_OK)
		st = read_domains(s, out, err);
	if (st != RUAD_OK)
		ruad_account_fini(out);
	return st;
}

enum ruad_status
ruad_account_get(struct ruad_webstore *s, int64_t id, struct ruad_account *out,
    struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;

	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s, COLUMNS " WHERE u.user_id = ?");
	ruad_sql_int(&b, id);
	st = read_one(s, &b, out, err);
	ruad_webstore_unlock(s);
	return st;
}

enum ruad_status
ruad_account_find(struct ruad_webstore *s, const char *login,
    struct ruad_account *out, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;

	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s, COLUMNS " WHERE u.login = ?");
	ruad_sql_text(&b, login);
	st = read_one(s, &b, out, err);
	ruad_webstore_unlock(s);
	return st;
}

void
ruad_account_fini(struct ruad_account *a)
{
	for (size_t i = 0; i < a->domain_count; i++)
		free(a->domains[i]);
	free(a->domains);
	a->domains = NULL;
	a->domain_count = 0;
}

void
ruad_account_free_all(struct ruad_account **all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ruad_account_fini(&(*all)[i]);
	free(*all);
	*all = NULL;
}

enum ruad_status
ruad_account_list(struct ruad_webstore *s, int64_t after_id, size_t limit,
    struct ruad_account **out, size_t *count_out, struct ruad_err *err)
{
	struct ruad_account *all = *out = calloc(limit, sizeof(*all));
	struct ruad_bound b;
	enum ruad_status st;
	size_t n = 0;

	*count_out = 0;
	if (all == NULL)
		return ruad_fail_memory(err, "account");
	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s,
	    COLUMNS " WHERE u.user_id > ? ORDER BY u.user_id LIMIT ?");
	ruad_sql_int(&b, after_id);
	ruad_sql_int(&b, (int64_t)limit);
	while (n < limit && (st = ruad_sql_next(&b, err)) == RUAD_OK)
		read_row(&b, &all[n++]);
	ruad_webstore_done(&b);
	if (n == limit || st == RUAD_END)
		st = RUAD_OK;
	for (size_t i = 0; i < n && st == RUAD_OK; i++)
		st = read_domains(s, &all[i], err);
	ruad_webstore_unlock(s);
	*count_out = n;
	if (st != RUAD_OK)
		ruad_account_free_all(out, n);
	return st;
}

static enum ruad_status
put_domains(struct ruad_webstore *s, int64_t id, const struct ruad_account *a,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < a->domain_count && st == RUAD_OK; i++) {
		struct ruad_bound b = ruad_webstore_ask(s,
		    "INSERT INTO user_domain (user_id, domain) VALUES (?, ?)"
		    " ON CONFLICT DO NOTHING");

		ruad_sql_int(&b, id);
		ruad_sql_text(&b, a->domains[i]);
		st = ruad_webstore_run(&b, NULL, err);
	}
	return st;
}

enum ruad_status
ruad_account_note(struct ruad_webstore *s, const struct ruad_actor *actor,
    const char *action, const char *object, struct ruad_err *err)
{
	const struct ruad_audit_entry e = { .epoch = time(NULL),
		.actor = actor->name,
		.via = actor->via,
		.address = actor->address,
		.action = action,
		.object = object };

	return ruad_webstore_audit(s, &e, err);
}

static enum ruad_status
insert(struct ruad_webstore *s, const struct ruad_account *a, const char *hash,
    int64_t *id_out, struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s,
	    "INSERT INTO user (login, role, all_domains, password, one_time,"
	    " created_epoch) VALUES (?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (login) DO NOTHING");
	enum ruad_status st;
	int64_t changed;

	ruad_sql_text(&b, a->login);
	ruad_sql_int(&b, a->role);
	ruad_sql_int(&b, a->all_domains);
	ruad_sql_text(&b, hash);
	ruad_sql_int(&b, a->one_time);
	ruad_sql_int(&b, time(NULL));
	st = ruad_webstore_run(&b, &changed, err);
	if (st == RUAD_OK && changed == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "there is a user %s already", a->login);
	*id_out = sqlite3_last_insert_rowid(b.db);
	return st;
}

enum ruad_status
ruad_account_add(struct ruad_webstore *s, const struct ruad_actor *actor,
    const struct ruad_account *a, const char *hash, int64_t *id_out,
    struct ruad_err *err)
{
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	st = insert(s, a, hash, id_out, err);
	if (st == RUAD_OK)
		st = put_domains(s, *id_out, a, err);
	if (st == RUAD_OK)
		st = ruad_account_note(s, actor, "user.add", a->login, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_account_hash(struct ruad_webstore *s, int64_t id,
    char out[RUAD_SECRET_HASH_BYTES], struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;

	ruad_webstore_lock(s);
	b = ruad_webstore_ask(s, "SELECT password FROM user WHERE user_id = ?");
	ruad_sql_int(&b, id);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK)
		snprintf(out, RUAD_SECRET_HASH_BYTES, "%s",
		    ruad_webstore_text(&b, 0));
	ruad_webstore_done(&b);
	ruad_webstore_unlock(s);
	return st;
}

/* Set two texts of a user in a transaction of its own. */
static enum ruad_status
set_texts(struct ruad_webstore *s, const char *sql, int64_t id, const char *a,
    const char *b_text, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s, sql);
	ruad_sql_int(&b, id);
	ruad_sql_text(&b, a);
	ruad_sql_text(&b, b_text);
	st = ruad_webstore_run(&b, NULL, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_account_renew_hash(struct ruad_webstore *s, int64_t id, const char *old,
    const char *hash, struct ruad_err *err)
{
	return set_texts(s,
	    "UPDATE user SET password = ?2 WHERE user_id = ?1 AND password = "
	    "?3",
	    id, hash, old, err);
}

enum ruad_status
ruad_account_prefer(struct ruad_webstore *s, int64_t id, const char *language,
    const char *theme, struct ruad_err *err)
{
	return set_texts(s,
	    "UPDATE user SET language = nullif(?2, ''),"
	    " theme = coalesce(nullif(?3, ''), 'auto') WHERE user_id = ?1",
	    id, language, theme, err);
}

/* Run a statement whose first parameter is the user. */
static enum ruad_status
run_for(struct ruad_webstore *s, const char *sql, int64_t id,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s, sql);

	ruad_sql_int(&b, id);
	return ruad_webstore_run(&b, NULL, err);
}

static enum ruad_status
set_number(struct ruad_webstore *s, const char *sql, int64_t id, int64_t value,
    struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s, sql);

	ruad_sql_int(&b, id);
	ruad_sql_int(&b, value);
	return ruad_webstore_run(&b, NULL, err);
}

static enum ruad_status
set_grants(struct ruad_webstore *s, int64_t id, const struct ruad_account *a,
    struct ruad_err *err)
{
	enum ruad_status st =
	    set_number(s, "UPDATE user SET all_domains = ?2 WHERE user_id = ?1",
		id, a->all_domains, err);

	if (st == RUAD_OK)
		st = run_for(s, "DELETE FROM user_domain WHERE user_id = ?", id,
		    err);
	return st == RUAD_OK ? put_domains(s, id, a, err) : st;
}

static enum ruad_status
set_password(struct ruad_webstore *s, int64_t id, const char *hash,
    bool one_time, struct ruad_err *err)
{
	struct ruad_bound b = ruad_webstore_ask(s,
	    "UPDATE user SET password = ?2, one_time = ?3 WHERE user_id = ?1");

	ruad_sql_int(&b, id);
	ruad_sql_text(&b, hash);
	ruad_sql_int(&b, one_time);
	return ruad_webstore_run(&b, NULL, err);
}

static enum ruad_status
drop_totp(struct ruad_webstore *s, int64_t id, struct ruad_err *err)
{
	enum ruad_status st = run_for(s,
	    "UPDATE user SET totp = NULL, totp_pending = NULL"
	    " WHERE user_id = ?",
	    id, err);

	if (st == RUAD_OK)
		st = run_for(s, "DELETE FROM recovery_code WHERE user_id = ?",
		    id, err);
	return st;
}

/* One part of a change, with its name in the audit; "" has none. */
struct step {
	bool wanted;
	const char *action;
};

static enum ruad_status
apply(struct ruad_webstore *s, int64_t id, const struct ruad_account_change *c,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	if (c->remove)
		return run_for(s, "DELETE FROM user WHERE user_id = ?", id,
		    err);
	if (c->role != RUAD_ROLE_NONE)
		st = set_number(s,
		    "UPDATE user SET role = ?2 WHERE user_id = ?1", id, c->role,
		    err);
	if (st == RUAD_OK && c->disabled >= 0)
		st = set_number(s,
		    "UPDATE user SET disabled = ?2 WHERE user_id = ?1", id,
		    c->disabled, err);
	if (st == RUAD_OK && c->grants != NULL)
		st = set_grants(s, id, c->grants, err);
	if (st == RUAD_OK && c->hash != NULL)
		st = set_password(s, id, c->hash, c->one_time, err);
	if (st == RUAD_OK && c->drop_totp)
		st = drop_totp(s, id, err);
	if (st == RUAD_OK &&
	    (c->end_sessions || c->role != RUAD_ROLE_NONE || c->hash != NULL ||
		c->disabled == 1 || c->drop_totp))
		st = set_number(s,
		    "DELETE FROM session WHERE user_id = ?1"
		    " AND session_id <> ?2",
		    id, c->keep_session, err);
	return st == RUAD_OK ? run_for(s,
				   "UPDATE user SET version = version + 1"
				   " WHERE user_id = ?",
				   id, err)
			     : st;
}

static enum ruad_status
note_change(struct ruad_webstore *s, const struct ruad_actor *actor,
    const char *login, const struct ruad_account_change *c,
    struct ruad_err *err)
{
	const struct step steps[] = {
		{ c->remove, "user.remove" },
		{ c->role != RUAD_ROLE_NONE, "user.role" },
		{ c->disabled == 1, "user.disable" },
		{ c->disabled == 0, "user.enable" },
		{ c->grants != NULL, "user.grant" },
		{ c->hash != NULL, "user.password" },
		{ c->drop_totp, "user.reset_2fa" },
		{ c->end_sessions, "user.end_sessions" },
	};
	enum ruad_status st = RUAD_OK;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].wanted && st == RUAD_OK)
			st = ruad_account_note(s, actor, steps[i].action, login,
			    err);
	}
	return st;
}

/* Somebody must be left who can let others in. */
static enum ruad_status
check_admins(struct ruad_webstore *s, bool was_admin, struct ruad_err *err)
{
	struct ruad_bound b;
	enum ruad_status st;
	int64_t left;

	if (!was_admin)
		return RUAD_OK;
	b = ruad_webstore_ask(s,
	    "SELECT count(*) FROM user WHERE role = 3 AND disabled = 0");
	st = ruad_sql_get(&b, &left, 1, err);
	ruad_webstore_done(&b);
	if (st == RUAD_OK && left == 0)
		return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "no administrator would be left: add another one first");
	return st;
}

enum ruad_status
ruad_account_change(struct ruad_webstore *s, const struct ruad_actor *actor,
    int64_t id, int64_t version, const struct ruad_account_change *change,
    struct ruad_err *err)
{
	struct ruad_account was;
	struct ruad_bound b;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	b = ruad_webstore_ask(s, COLUMNS " WHERE u.user_id = ?");
	ruad_sql_int(&b, id);
	st = read_one(s, &b, &was, err);
	if (st == RUAD_OK && version != 0 && was.version != version)
		st = ruad_fail(err, RUAD_LIMIT, RUAD_CODE_NONE,
		    "user %s has been changed by somebody else", was.login);
	if (st == RUAD_OK)
		st = apply(s, id, change, err);
	if (st == RUAD_OK)
		st = check_admins(s,
		    was.role == RUAD_ROLE_ADMIN && !was.disabled, err);
	if (st == RUAD_OK)
		st = note_change(s, actor, was.login, change, err);
	ruad_account_fini(&was);
	return ruad_webstore_end(s, st, err);
}
