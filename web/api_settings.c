/* api_settings.c - settings of the console, and what has been done with it. */
#include <microhttpd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "body.h"
#include "list.h"

struct settings {
	char organisation[101], language[8];
};

/* The lock is held. */
static enum ruad_status
get_setting(struct ruad_webstore *s, const char *name, char *buf, size_t cap,
    struct ruad_err *err)
{
	struct ruad_bound b =
	    ruad_webstore_ask(s, "SELECT value FROM setting WHERE name = ?");
	enum ruad_status st;

	ruad_sql_text(&b, name);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK)
		snprintf(buf, cap, "%s", ruad_webstore_text(&b, 0));
	ruad_webstore_done(&b);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
read_settings(struct ruad_webstore *s, struct settings *out,
    struct ruad_err *err)
{
	enum ruad_status st;

	*out = (struct settings){ .language = "en" };
	ruad_webstore_lock(s);
	st = get_setting(s, "organisation", out->organisation,
	    sizeof(out->organisation), err);
	if (st == RUAD_OK)
		st = get_setting(s, "language", out->language,
		    sizeof(out->language), err);
	ruad_webstore_unlock(s);
	return st;
}

static void
print_etag(const struct settings *set, char buf[40])
{
	unsigned char digest[16];

	crypto_generichash(digest, sizeof(digest), (const unsigned char *)set,
	    sizeof(*set), NULL, 0);
	buf[0] = '"';
	sodium_bin2hex(buf + 1, 33, digest, sizeof(digest));
	strcpy(buf + 33, "\"");
}

static const char *
require_2fa_word(int value)
{
	switch ((enum ruad_require_2fa)value) {
	case RUAD_REQUIRE_2FA_ADMIN:
		return "admin";
	case RUAD_REQUIRE_2FA_ALL:
		return "all";
	case RUAD_REQUIRE_2FA_NONE:
		return "none";
	}
	return "";
}

static json_t *
describe(const struct ruad_app *app, const struct settings *set)
{
	const struct ruad_conf_web *web = &app->conf->web;

	return json_pack("{s:s,s:s,s:{s:s,s:s,s:I,s:I,s:s,s:s}}",
	    "organisation", set->organisation, "language", set->language,
	    "about", "version", PACKAGE_VERSION, "require_2fa",
	    require_2fa_word(web->require_2fa), "session_idle_secs",
	    (json_int_t)web->session_idle_secs, "session_max_secs",
	    (json_int_t)web->session_max_secs, "store", app->conf->store,
	    "public_url", app->origin);
}

enum ruad_status
ruad_api_settings_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_app *app = ruad_request_app(req);
	struct settings set;
	enum ruad_status st = read_settings(app->store, &set, err);
	char etag[40];

	if (st != RUAD_OK)
		return st;
	print_etag(&set, etag);
	if (ruad_response_unchanged(res, req, etag))
		return RUAD_OK;
	return ruad_response_json(res, MHD_HTTP_OK, describe(app, &set), err);
}

/* Within a transaction. */
static enum ruad_status
put_setting(struct ruad_request *req, const char *name, const char *value,
    struct ruad_err *err)
{
	struct ruad_webstore *s = ruad_request_app(req)->store;
	const struct ruad_actor actor = ruad_request_actor(req);
	struct ruad_bound b = ruad_webstore_ask(s,
	    "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
	enum ruad_status st;

	ruad_sql_text(&b, name);
	ruad_sql_text(&b, value);
	st = ruad_webstore_run(&b, NULL, err);
	return st == RUAD_OK
	    ? ruad_account_note(s, &actor, "settings", name, err)
	    : st;
}

static void
take_settings(const struct ruad_request *req, struct ruad_response *res,
    struct settings *set)
{
	static const char *const languages[] = { "en", "ja", "it", "ko" };
	const json_t *organisation =
	    json_object_get(ruad_request_json(req), "organisation");
	const char *text;
	bool known = false;

	if (json_is_string(organisation) &&
	    json_string_length(organisation) < sizeof(set->organisation))
		strcpy(set->organisation, json_string_value(organisation));
	else if (organisation != NULL)
		ruad_problem_field(res, "/organisation", "too_long",
		    "a text of 100 bytes at most");
	if (!ruad_body_has(req, "language"))
		return;
	text = ruad_body_text(req, res, "language", 7);
	for (size_t i = 0; text != NULL && i < 4; i++)
		known = known || strcmp(text, languages[i]) == 0;
	if (known)
		strcpy(set->language, text);
	else if (text != NULL)
		ruad_problem_field(res, "/language", "enum",
		    "one of en, ja, it, ko");
}

static enum ruad_status
put_settings(struct ruad_request *req, const struct settings *set,
    struct ruad_err *err)
{
	struct ruad_webstore *s = ruad_request_app(req)->store;
	enum ruad_status st = ruad_webstore_begin(s, err);

	if (st != RUAD_OK)
		return st;
	if (ruad_body_has(req, "organisation"))
		st = put_setting(req, "organisation", set->organisation, err);
	if (st == RUAD_OK && ruad_body_has(req, "language"))
		st = put_setting(req, "language", set->language, err);
	return ruad_webstore_end(s, st, err);
}

enum ruad_status
ruad_api_settings_patch(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct settings set;
	enum ruad_status st =
	    read_settings(ruad_request_app(req)->store, &set, err);
	char etag[40];

	if (st != RUAD_OK)
		return st;
	print_etag(&set, etag);
	if (!ruad_request_may_change(req, etag))
		return ruad_problem(res, RUAD_PROBLEM_STALE, err,
		    "get the settings again");
	take_settings(req, res, &set);
	if (ruad_response_has_fields(res))
		return ruad_problem_fields(res, err);
	st = put_settings(req, &set, err);
	return st == RUAD_OK ? ruad_api_settings_get(req, res, err) : st;
}

/* An entry of the audit, newest first. */
struct trail {
	struct ruad_webstore *store; /* borrowed */
	int64_t before; /* id */
	char actor[80], action[80]; /* "" : any */
};

static json_t *
read_entry(const struct ruad_bound *b)
{
	json_t *detail = json_loads(ruad_webstore_text(b, 7), 0, NULL);

	return json_pack("{s:I,s:o,s:s,s:s,s:s,s:s,s:s?,s:o}", "id",
	    (json_int_t)sqlite3_column_int64(b->stmt, 0), "time",
	    ruad_body_time(sqlite3_column_int64(b->stmt, 1)), "actor",
	    ruad_webstore_text(b, 2), "via", ruad_webstore_text(b, 3),
	    "address", ruad_webstore_text(b, 4), "action",
	    ruad_webstore_text(b, 5), "object",
	    (const char *)sqlite3_column_text(b->stmt, 6), "detail",
	    detail != NULL ? detail : json_null());
}

static enum ruad_status
next_entry(void *arg, json_t **row_out, struct ruad_err *err)
{
	struct trail *t = arg;
	struct ruad_bound b;
	enum ruad_status st;

	ruad_webstore_lock(t->store);
	b = ruad_webstore_ask(t->store,
	    "SELECT audit_id, epoch, actor, via, address, action, object,"
	    " detail FROM audit WHERE audit_id < ?1 AND (?2 = '' OR actor = ?2)"
	    " AND (?3 = '' OR action = ?3) ORDER BY audit_id DESC LIMIT 1");
	ruad_sql_int(&b, t->before);
	ruad_sql_text(&b, t->actor);
	ruad_sql_text(&b, t->action);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK) {
		*row_out = read_entry(&b);
		t->before = sqlite3_column_int64(b.stmt, 0);
	}
	ruad_webstore_done(&b);
	ruad_webstore_unlock(t->store);
	return st == RUAD_OK && *row_out == NULL
	    ? ruad_fail_memory(err, "audit")
	    : st;
}

static void
take_filter(const struct ruad_request *req, const char *name, char buf[80])
{
	const char *text = ruad_request_query(req, name);

	snprintf(buf, 80, "%s", text != NULL ? text : "");
}

static enum ruad_status
stream_audit(struct ruad_request *req, struct ruad_response *res,
    const struct trail *t, struct ruad_err *err)
{
	static const char *const columns[] = { "id", "time", "actor", "via",
		"address", "action", "object", "detail", NULL };
	struct ruad_stream stream = { .name = "audit",
		.columns = columns,
		.next = next_entry,
		.free = free,
		.arg = malloc(sizeof(*t)) };

	if (stream.arg == NULL)
		return ruad_fail_memory(err, "audit");
	memcpy(stream.arg, t, sizeof(*t));
	return ruad_response_stream(res, req, &stream, err);
}

static enum ruad_status
page_audit(struct ruad_request *req, struct ruad_response *res, struct trail *t,
    struct ruad_page *page, struct ruad_err *err)
{
	json_t *items = json_array(), *row, *position = NULL;
	enum ruad_status st = RUAD_OK;
	json_int_t before;

	if (page->after != NULL) {
		if (json_unpack(page->after, "[I]", &before) != 0) {
			json_decref(items);
			return ruad_problem(res, RUAD_PROBLEM_CURSOR, err,
			    "start again without after");
		}
		t->before = before;
	}
	while (json_array_size(items) < (size_t)page->limit &&
	    (st = next_entry(t, &row, err)) == RUAD_OK)
		json_array_append_new(items, row);
	if (st != RUAD_OK && st != RUAD_END) {
		json_decref(items);
		return st;
	}
	if (st == RUAD_OK)
		position = json_pack("[I]", (json_int_t)t->before);
	return ruad_response_list(res, req, items, position, -1, err);
}

enum ruad_status
ruad_api_audit_get(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	struct trail t = { .store = ruad_request_app(req)->store,
		.before = INT64_MAX };
	struct ruad_page page;
	enum ruad_status st;

	take_filter(req, "actor", t.actor);
	take_filter(req, "action", t.action);
	if (ruad_request_wants(req) != RUAD_WANTS_JSON)
		return stream_audit(req, res, &t, err);
	if (ruad_page_read(req, res, &page, &st, err))
		st = page_audit(req, res, &t, &page, err);
	ruad_page_free(&page);
	return st;
}
