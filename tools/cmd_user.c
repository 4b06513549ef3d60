/* cmd_user.c - the users of the console: whoever may write its database may do
 * all of it, without a login. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "account.h"
#include "cmd.h"
#include "conf_value.h"
#include "password.h"

enum { PAGE = 100 };

static const struct ruad_actor actor = { "root", "cli", "local" };

static const struct ruad_column columns[] = {
	{ .name = "login", .title = "LOGIN" },
	{ .name = "role", .title = "ROLE" },
	{ .name = "state", .title = "STATE" },
	{ .name = "second_factor", .title = "2FA" },
	{ .name = "created_utc", .title = "SINCE", .kind = RUAD_COLUMN_TIME },
	{ .name = "last_login_utc",
	    .title = "LAST LOGIN",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "domains",
	    .title = "DOMAINS",
	    .kind = RUAD_COLUMN_NAMES,
	    .wide = true },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

static enum ruad_exit
open_users(struct ruad_ctl *ctl, struct ruad_webstore **out)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	struct ruad_err err;

	*out = NULL;
	if (status == RUAD_EXIT_OK &&
	    ruad_webstore_open(ctl->conf->web.store, out, &err) != RUAD_OK)
		status = ruad_message_failure(&err);
	return status;
}

static json_t *
domains_of(const struct ruad_account *a)
{
	json_t *list = json_array();

	if (a->all_domains || a->role == RUAD_ROLE_ADMIN) {
		json_array_append_new(list, json_string("all"));
		return list;
	}
	for (size_t i = 0; i < a->domain_count; i++)
		json_array_append_new(list, json_string(a->domains[i]));
	return list;
}

static json_t *
row_of(const struct ruad_account *a)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "login", a->login,
	    "role", ruad_role_word(a->role), "state",
	    a->disabled       ? "disabled"
		: a->one_time ? "one-time password"
			      : "ok",
	    "second_factor", a->totp ? "yes" : "no", "created_utc",
	    ruad_ctl_time(a->created_epoch), "last_login_utc",
	    ruad_ctl_time(a->login_epoch), "domains", domains_of(a));
}

static enum ruad_exit
list_users(struct ruad_ctl *ctl, struct ruad_webstore *s)
{
	struct ruad_output *o =
	    ruad_output_open(ctl->options.format, &layout, NULL);
	struct ruad_account *all;
	struct ruad_err err;
	int64_t after = 0;
	size_t n = PAGE;

	if (o == NULL)
		return RUAD_EXIT_TEMP;
	while (n == PAGE) {
		if (ruad_account_list(s, after, PAGE, &all, &n, &err) !=
		    RUAD_OK) {
			ruad_output_close(&o);
			return ruad_message_failure(&err);
		}
		for (size_t i = 0; i < n; i++) {
			after = all[i].id;
			ruad_output_row(o, row_of(&all[i]));
		}
		ruad_account_free_all(&all, n);
	}
	if (after == 0)
		ruad_message("there is no user: see ruadctl user add");
	return ruad_output_close(&o);
}

static enum ruad_exit
list(struct ruad_ctl *ctl)
{
	struct ruad_webstore *s;
	enum ruad_exit status = open_users(ctl, &s);

	if (status == RUAD_EXIT_OK)
		status = list_users(ctl, s);
	ruad_webstore_close(&s);
	return status;
}

/* The password that was asked for with --password, or else a one-time one,
 * hashed. *code is "" for the first. */
static enum ruad_exit
make_password(struct ruad_ctl *ctl, char code[RUAD_SECRET_CODE_BYTES],
    char hash[RUAD_SECRET_HASH_BYTES])
{
	const struct ruad_secret_cost cost = {
		.bytes = (size_t)ctl->conf->web.password_bytes,
		.passes = (unsigned)ctl->conf->web.password_passes,
	};
	char password[RUAD_PASSWORD_MAX];
	struct ruad_err err;

	code[0] = '\0';
	if ((ctl->options.given & RUAD_OPTION(PASSWORD)) == 0)
		ruad_secret_code(code);
	else if (!ruad_password_ask(password, sizeof(password)))
		return RUAD_EXIT_USAGE;
	if (ruad_secret_hash(code[0] != '\0' ? code : password, &cost, hash,
		&err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

static void
tell_password(const char *login, const char *code)
{
	if (code[0] == '\0')
		return;
	ruad_message("the one-time password of %s, to be replaced at the first "
		     "login:",
	    login);
	puts(code);
}

static enum ruad_exit
take_login(const char *text, char login[RUAD_LOGIN_BYTES])
{
	if (ruad_account_take_login(text, login))
		return RUAD_EXIT_OK;
	return ruad_message_usage("\"%s\" is no login: letters, digits and "
				  ". _ - @, 64 at most",
	    text);
}

/* What the options say of a new user. */
static bool
fill_in(const struct ruad_ctl *ctl, struct ruad_account *a)
{
	const char *domain = ctl->options.domain;

	a->role = ctl->options.role != RUAD_ROLE_NONE ? ctl->options.role
						      : RUAD_ROLE_VIEWER;
	a->one_time = (ctl->options.given & RUAD_OPTION(PASSWORD)) == 0;
	a->all_domains = domain == NULL;
	return domain == NULL || ruad_account_grant(a, domain);
}

static enum ruad_exit
add(struct ruad_ctl *ctl)
{
	char code[RUAD_SECRET_CODE_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	struct ruad_account a = { .id = 0 };
	struct ruad_webstore *s = NULL;
	struct ruad_err err;
	int64_t id;
	enum ruad_exit status = take_login(ctl->args[0], a.login);

	if (status == RUAD_EXIT_OK && !fill_in(ctl, &a))
		status = RUAD_EXIT_TEMP;
	if (status == RUAD_EXIT_OK)
		status = open_users(ctl, &s);
	if (status == RUAD_EXIT_OK)
		status = make_password(ctl, code, hash);
	if (status == RUAD_EXIT_OK) {
		if (ruad_account_add(s, &actor, &a, hash, &id, &err) == RUAD_OK)
			tell_password(a.login, code);
		else
			status = ruad_message_failure(&err);
	}
	ruad_account_fini(&a);
	ruad_webstore_close(&s);
	return status;
}

/* Change the user that the first argument names. */
static enum ruad_exit
change(struct ruad_ctl *ctl, struct ruad_webstore *s,
    const struct ruad_account_change *c)
{
	char login[RUAD_LOGIN_BYTES];
	struct ruad_account a;
	struct ruad_err err;
	enum ruad_status st;
	enum ruad_exit status = take_login(ctl->args[0], login);

	if (status != RUAD_EXIT_OK)
		return status;
	st = ruad_account_find(s, login, &a, &err);
	if (st == RUAD_OK)
		st = ruad_account_change(s, &actor, a.id, 0, c, &err);
	ruad_account_fini(&a);
	if (st == RUAD_END)
		return ruad_message_usage("there is no user %s: see ruadctl "
					  "user list",
		    login);
	return st == RUAD_OK ? RUAD_EXIT_OK : ruad_message_failure(&err);
}

static enum ruad_exit
open_and_change(struct ruad_ctl *ctl, const struct ruad_account_change *c)
{
	struct ruad_webstore *s;
	enum ruad_exit status = open_users(ctl, &s);

	if (status == RUAD_EXIT_OK)
		status = change(ctl, s, c);
	ruad_webstore_close(&s);
	return status;
}

static enum ruad_exit
passwd(struct ruad_ctl *ctl)
{
	char code[RUAD_SECRET_CODE_BYTES], hash[RUAD_SECRET_HASH_BYTES];
	const struct ruad_account_change c = { .disabled = -1,
		.hash = hash,
		.one_time = (ctl->options.given & RUAD_OPTION(PASSWORD)) == 0 };
	enum ruad_exit status = ruad_ctl_conf(ctl);

	if (status == RUAD_EXIT_OK)
		status = make_password(ctl, code, hash);
	if (status == RUAD_EXIT_OK)
		status = open_and_change(ctl, &c);
	if (status == RUAD_EXIT_OK)
		tell_password(ctl->args[0], code);
	return status;
}

static enum ruad_exit
role(struct ruad_ctl *ctl)
{
	struct ruad_account_change c = { .disabled = -1,
		.role = ruad_role_find(ctl->args[1]) };

	if (c.role == RUAD_ROLE_NONE)
		return ruad_message_usage("\"%s\" is no role: viewer, editor "
					  "or admin",
		    ctl->args[1]);
	return open_and_change(ctl, &c);
}

/* The domains behind the login, or the one word all. */
static enum ruad_exit
take_domains(struct ruad_ctl *ctl, struct ruad_account *grants)
{
	const char *allowed;
	bool good;

	for (int i = 1; i < ctl->arg_count; i++) {
		char *domain;

		if (strcmp(ctl->args[i], "all") == 0) {
			grants->all_domains = true;
			return ctl->arg_count == 2
			    ? RUAD_EXIT_OK
			    : ruad_message_usage("all stands alone");
		}
		domain = ruad_conf_take_domain(ctl->args[i], &allowed);
		if (domain == NULL)
			return ruad_message_usage("\"%s\" is no domain name",
			    ctl->args[i]);
		good = ruad_account_grant(grants, domain);
		free(domain);
		if (!good)
			return RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}

static enum ruad_exit
grant(struct ruad_ctl *ctl)
{
	struct ruad_account grants = { .id = 0 };
	const struct ruad_account_change c = { .disabled = -1,
		.grants = &grants };
	enum ruad_exit status = take_domains(ctl, &grants);

	if (status == RUAD_EXIT_OK)
		status = open_and_change(ctl, &c);
	ruad_account_fini(&grants);
	return status;
}

static enum ruad_exit
reset_2fa(struct ruad_ctl *ctl)
{
	const struct ruad_account_change c = { .disabled = -1,
		.drop_totp = true };

	return open_and_change(ctl, &c);
}

static enum ruad_exit
remove_user(struct ruad_ctl *ctl)
{
	const struct ruad_account_change c = { .disabled = -1, .remove = true };

	ruad_message("%s and all its tokens will be gone; what the audit has "
		     "of it stays",
	    ctl->args[0]);
	if (!ruad_ctl_confirm(ctl))
		return RUAD_EXIT_USAGE;
	return open_and_change(ctl, &c);
}

enum ruad_exit
ruad_cmd_user(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "list", list, "", 0, 0, 0 },
		{ "add", add, "LOGIN",
		    RUAD_OPTION(ROLE) | RUAD_OPTION(DOMAIN) |
			RUAD_OPTION(PASSWORD),
		    1, 1 },
		{ "passwd", passwd, "LOGIN", RUAD_OPTION(PASSWORD), 1, 1 },
		{ "role", role, "LOGIN ROLE", 0, 2, 2 },
		{ "grant", grant, "LOGIN DOMAIN...", 0, 2, -1 },
		{ "reset-2fa", reset_2fa, "LOGIN", 0, 1, 1 },
		{ "remove", remove_user, "LOGIN", RUAD_OPTION(YES), 1, 1 },
	};

	return ruad_ctl_act(ctl, "user", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
