/* check_web.c - routes and what describes them, cursors. */
#include <ctype.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "check_main.h"
#include "account.h"
#include "cursor.h"
#include "desk.h"
#include "forwarded.h"
#include "guard.h"
#include "published.h"
#include "route.h"
#include "secret.h"
#include "visit.h"
#include "temp_dir.h"
#include "throttle.h"
#include "token.h"
#include "totp.h"
#include "webstore.h"

#define BASE "/api/v1" /* where openapi.json has its paths */

static json_t *
load_openapi(void)
{
	const char *src = getenv("srcdir");
	char path[4096];
	json_error_t why;
	json_t *doc;

	snprintf(path, sizeof(path), "%s/web/openapi.json",
	    src != NULL ? src : ".");
	doc = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	ck_assert_msg(doc != NULL, "%s:%d: %s", path, why.line, why.text);
	return doc;
}

static void
method_of(const struct ruad_route *route, char buf[16])
{
	size_t i;

	for (i = 0; route->method[i] != '\0'; i++)
		buf[i] = (char)tolower((unsigned char)route->method[i]);
	buf[i] = '\0';
}

/* Every route is described, with its role. */
START_TEST(routes_described)
{
	json_t *doc = load_openapi();
	const json_t *paths = json_object_get(doc, "paths"), *op;
	const struct ruad_route *r;
	char method[16];

	for (size_t i = 0; (r = ruad_route_at(i)) != NULL; i++) {
		method_of(r, method);
		op = json_object_get(json_object_get(paths,
					 r->pattern + strlen(BASE)),
		    method);
		ck_assert_msg(op != NULL, "%s %s is not in openapi.json",
		    r->method, r->pattern);
		ck_assert_str_eq(json_string_value(
				     json_object_get(op, "x-role")),
		    ruad_role_word(r->role));
	}
	json_decref(doc);
}
END_TEST

static bool
is_route(const char *path, const char *method)
{
	const struct ruad_route *r;
	char m[16];

	for (size_t i = 0; (r = ruad_route_at(i)) != NULL; i++) {
		method_of(r, m);
		if (strcmp(r->pattern + strlen(BASE), path) == 0 &&
		    strcmp(m, method) == 0)
			return true;
	}
	return false;
}

/* And all that is described exists. */
START_TEST(described_exist)
{
	json_t *doc = load_openapi(), *item, *op;
	const char *path, *method;

	json_object_foreach(json_object_get(doc, "paths"), path, item)
	{
		json_object_foreach(item, method, op)
		{
			if (strcmp(method, "parameters") == 0)
				continue;
			ck_assert_msg(is_route(path, method),
			    "%s %s has no route", method, path);
		}
	}
	json_decref(doc);
}
END_TEST

START_TEST(routes_found)
{
	struct ruad_params params;
	const struct ruad_route *r, *found;
	char allow[64], path[200];

	/* Each pattern finds itself, and nothing else: {x} is a value, too. */
	for (size_t i = 0; (r = ruad_route_at(i)) != NULL; i++) {
		snprintf(path, sizeof(path), "%s", r->pattern);
		found = ruad_route_find(r->method, path, &params, allow);
		ck_assert_msg(found == r, "%s %s", r->method, r->pattern);
		ruad_params_free(&params);
		strcat(path, "/");
		ck_assert(
		    ruad_route_find(r->method, path, &params, allow) == NULL);
		ck_assert_str_eq(allow, "");
	}
	ck_assert_ptr_nonnull(
	    ruad_route_find("HEAD", "/api/v1/healthz", &params, allow));
	ck_assert_ptr_null(
	    ruad_route_find("PUT", "/api/v1/healthz", &params, allow));
	ck_assert_str_eq(allow, "GET, HEAD");
	ck_assert_ptr_null(ruad_route_find("GET", "", &params, allow));
	ck_assert_ptr_null(ruad_route_find("GET", "/api", &params, allow));
	ck_assert_ptr_null(
	    ruad_route_find("GET", "/api/v1//healthz", &params, allow));
}
END_TEST

START_TEST(cursors)
{
	json_t *position = json_pack("[s,I]", "example.com", (json_int_t)17);
	char *text = ruad_cursor_write(position, 42);
	json_t *again = ruad_cursor_read(text, 42);

	ck_assert(json_equal(position, again));
	json_decref(again);
	ck_assert_ptr_null(ruad_cursor_read(text, 43));
	ck_assert_ptr_null(ruad_cursor_read("", 42));
	ck_assert_ptr_null(ruad_cursor_read("!", 42));
	text[3] = text[3] == 'A' ? 'B' : 'A';
	ck_assert_ptr_null(ruad_cursor_read(text, 42));
	text[strlen(text) / 2] = '\0';
	ck_assert_ptr_null(ruad_cursor_read(text, 42));
	free(text);
	json_decref(position);
}
END_TEST

START_TEST(waits)
{
	ck_assert_int_eq(ruad_throttle_secs(4, 5), 0);
	ck_assert_int_eq(ruad_throttle_secs(5, 5), 1);
	ck_assert_int_eq(ruad_throttle_secs(8, 5), 8);
	ck_assert_int_eq(ruad_throttle_secs(14, 5), 512);
	ck_assert_int_eq(ruad_throttle_secs(15, 5), 900);
	ck_assert_int_eq(ruad_throttle_secs(INT64_MAX, 5), 900);
}
END_TEST

static const struct network {
	const char *address, *want;
} networks[] = {
	{ "192.0.2.77", "192.0.2.0/24" },
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
	{ "::1", "::/64" },
	{ "unix", "unix" },
	{ "", "" },
};

START_TEST(networks_of)
{
	char net[64];

	ruad_throttle_network(networks[_i].address, net, sizeof(net));
	ck_assert_str_eq(net, networks[_i].want);
}
END_TEST

static const struct client {
	const char *address, *list, *want;
} clients[] = {
	{ "203.0.113.1", "192.0.2.1", "203.0.113.1" },
	{ "127.0.0.1", NULL, "127.0.0.1" },
	{ "127.0.0.1", "", "127.0.0.1" },
	{ "127.0.0.1", "192.0.2.1", "192.0.2.1" },
	{ "127.0.0.1", "198.51.100.9, 192.0.2.1", "192.0.2.1" },
	{ "127.0.0.1", "192.0.2.1,10.1.2.3", "192.0.2.1" },
	{ "127.0.0.1", "192.0.2.1, 11.1.2.3", "11.1.2.3" },
	{ "::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1" },
	{ "127.0.0.1", "2001:db8::1 , 2001:db8:ffff::9", "2001:db8::1" },
	{ "127.0.0.1", "192.0.2.1, unknown", "127.0.0.1" },
	{ "127.0.0.1", "10.0.0.1", "10.0.0.1" },
	{ "127.0.0.1", "192.0.2.1:80", "127.0.0.1" },
	{ "", "192.0.2.1", "192.0.2.1" },
	{ "", "192.0.2.1, 10.0.0.1", "192.0.2.1" },
	{ "", "", "" },
};

START_TEST(clients_behind_proxies)
{
	const char *trusted[] = { "127.0.0.1", "10.0.0.0/8",
		"2001:db8:ffff::/48" };
	const struct ruad_strings list = { trusted, COUNT(trusted) };
	char client[64];

	ruad_forwarded_client(&list, clients[_i].address, clients[_i].list,
	    client, sizeof(client));
	ck_assert_str_eq(client, clients[_i].want);
}
END_TEST

START_TEST(states)
{
	struct ruad_visit s = { .account.role = RUAD_ROLE_ADMIN };

	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ADMIN),
	    RUAD_VISIT_ENROL);
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_NONE),
	    RUAD_VISIT_OK);
	s.account.role = RUAD_ROLE_EDITOR;
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ADMIN),
	    RUAD_VISIT_OK);
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ALL),
	    RUAD_VISIT_ENROL);
	s.account.one_time = true;
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ALL),
	    RUAD_VISIT_PASSWORD);
	s.account.totp = true;
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_NONE),
	    RUAD_VISIT_TOTP);
	s.second = true;
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ALL),
	    RUAD_VISIT_PASSWORD);
	s.account.one_time = false;
	ck_assert_int_eq(ruad_visit_state(&s, RUAD_REQUIRE_2FA_ALL),
	    RUAD_VISIT_OK);
}
END_TEST

START_TEST(passwords)
{
	const struct ruad_secret_cost cost = { 8192, 1 }, more = { 16384, 1 };
	char hash[RUAD_SECRET_HASH_BYTES], code[RUAD_SECRET_CODE_BYTES];
	char again[RUAD_SECRET_CODE_BYTES];
	struct ruad_err err;

	ck_assert_int_eq(ruad_secret_hash("a", &cost, hash, &err), RUAD_OK);
	ck_assert_int_eq(strncmp(hash, "$argon2id$", 10), 0);
	ck_assert(ruad_secret_verify(hash, "a"));
	ck_assert(!ruad_secret_verify(hash, "b"));
	ck_assert(!ruad_secret_is_old(hash, &cost));
	ck_assert(ruad_secret_is_old(hash, &more));
	ruad_secret_code(code);
	ck_assert_uint_eq(strlen(code), 14);
	ck_assert(ruad_secret_take_code(code, again));
	ck_assert_str_eq(again, code);
	ck_assert(ruad_secret_take_code(" AB23cd45 ef67", again));
	ck_assert_str_eq(again, "ab23-cd45-ef67");
	ck_assert(!ruad_secret_take_code("ab23-cd45-ef6", again));
	ck_assert(!ruad_secret_take_code("ab23-cd45-ef677", again));
	ck_assert(!ruad_secret_take_code("ab23-cd45-ef6!", again));
}
END_TEST

START_TEST(logins)
{
	char login[RUAD_LOGIN_BYTES], text[80];

	ck_assert(ruad_account_take_login("Hana.Ko@Example.JP", login));
	ck_assert_str_eq(login, "hana.ko@example.jp");
	ck_assert(!ruad_account_take_login("", login));
	ck_assert(!ruad_account_take_login("a b", login));
	ck_assert(!ruad_account_take_login("a<b", login));
	memset(text, 'a', sizeof(text));
	text[64] = '\0';
	ck_assert(ruad_account_take_login(text, login));
	text[64] = 'a';
	text[65] = '\0';
	ck_assert(!ruad_account_take_login(text, login));
}
END_TEST

static const struct ruad_actor tester = { "test", "cli", "local" };

/* A database with one administrator. */
static struct ruad_webstore *
open_users(int64_t *id_out)
{
	const struct ruad_account a = { .login = "a",
		.role = RUAD_ROLE_ADMIN,
		.all_domains = true };
	char path[200];
	struct ruad_webstore *s;
	struct ruad_err err;

	ck_assert_msg(ruad_webstore_open(temp_dir_path(path, "web.db"), &s,
			  &err) == RUAD_OK,
	    "%s", err.text);
	ck_assert_int_eq(ruad_account_add(s, &tester, &a, "x", id_out, &err),
	    RUAD_OK);
	return s;
}

START_TEST(cookies)
{
	char one[RUAD_VISIT_COOKIE_BYTES], two[RUAD_VISIT_COOKIE_BYTES];
	struct ruad_visit session;
	struct ruad_err err;
	int64_t id, ended;
	struct ruad_webstore *s = open_users(&id);

	ck_assert_int_eq(ruad_visit_begin(s, id, "::1", "", 100, one, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_visit_find(s, one, 100, &session, &err), RUAD_OK);
	ck_assert_str_eq(session.account.login, "a");
	ck_assert_int_eq(ruad_visit_rotate(s, session.id, true, 100, two, &err),
	    RUAD_OK);
	ruad_visit_fini(&session);
	ck_assert_str_ne(one, two);
	ck_assert_int_eq(ruad_visit_find(s, one, 100, &session, &err),
	    RUAD_END);
	ck_assert_int_eq(ruad_visit_find(s, two, 100, &session, &err), RUAD_OK);
	ck_assert(session.second);
	ruad_visit_fini(&session);
	ck_assert_int_eq(ruad_visit_find(s, two, 0, &session, &err), RUAD_END);
	ck_assert_int_eq(ruad_visit_end(s, id, 0, 0, &ended, &err), RUAD_OK);
	ck_assert_int_eq(ended, 1);
	ck_assert_int_eq(ruad_visit_begin(s, id, "::1", NULL, 0, one, &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_visit_find(s, one, 100, &session, &err),
	    RUAD_END);
	ck_assert_int_eq(ruad_visit_prune(s, &err), RUAD_OK);
	ck_assert_int_eq(ruad_visit_end(s, id, 0, 0, &ended, &err), RUAD_OK);
	ck_assert_int_eq(ended, 0);
	ruad_webstore_close(&s);
}
END_TEST

START_TEST(second_factor)
{
	static const unsigned char key[RUAD_SECRET_KEY_BYTES] = { 1 };
	static const unsigned char other[RUAD_SECRET_KEY_BYTES] = { 2 };
	char secret[RUAD_TOTP_SECRET_BYTES];
	struct ruad_account a;
	ruad_totp_codes codes;
	struct ruad_err err;
	int64_t id;
	struct ruad_webstore *s = open_users(&id);

	ck_assert_int_eq(ruad_totp_confirm(s, key, id, "123456", codes, &err),
	    RUAD_END);
	ck_assert_int_eq(ruad_totp_new(s, key, id, secret, &err), RUAD_OK);
	ck_assert_uint_eq(strlen(secret), 32);
	ck_assert_int_eq(ruad_account_get(s, id, &a, &err), RUAD_OK);
	ck_assert(!a.totp);
	ck_assert_int_eq(ruad_totp_renew(s, key, id, codes, &err), RUAD_OK);
	ck_assert_int_eq(ruad_totp_check(s, other, id, codes[0], &err),
	    RUAD_END);
	ck_assert_int_eq(ruad_totp_check(s, key, id, codes[0], &err), RUAD_OK);
	ck_assert_int_eq(ruad_totp_check(s, key, id, codes[0], &err), RUAD_END);
	ck_assert_int_eq(ruad_totp_check(s, key, id, "", &err), RUAD_END);
	ck_assert_int_eq(ruad_totp_check(s, key, id, "12345x", &err), RUAD_END);
	ruad_webstore_close(&s);
}
END_TEST

struct crowd {
	struct ruad_guard *guard;
	atomic_uint inside, most;
};

static void *
go_in(void *arg)
{
	struct crowd *c = arg;
	unsigned now, most;

	ck_assert(ruad_guard_enter(c->guard));
	now = atomic_fetch_add(&c->inside, 1) + 1;
	most = atomic_load(&c->most);
	while (
	    now > most && !atomic_compare_exchange_weak(&c->most, &most, now))
		continue;
	usleep(1000);
	atomic_fetch_sub(&c->inside, 1);
	ruad_guard_leave(c->guard);
	return NULL;
}

/* Of threads that want in at once, two at most are. */
START_TEST(turns)
{
	struct crowd c = { .guard = ruad_guard_new() };
	pthread_t threads[20];

	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, go_in, &c),
		    0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_le(atomic_load(&c.most), 2);
	ruad_guard_free(&c.guard);
	ck_assert_ptr_null(c.guard);
}
END_TEST

/* Only so many at a time, and so often in a minute. */
START_TEST(desk_bounds)
{
	struct ruad_desk *d;
	struct ruad_err err;
	int64_t wait;
	int n = 0;

	ck_assert_int_eq(ruad_desk_new(&d, &err), RUAD_OK);
	while (ruad_desk_enter(d, RUAD_DESK_UPLOAD, &err) == RUAD_OK)
		n++;
	ck_assert_int_eq(err.code, RUAD_OUR_BUSY);
	ck_assert(n > 0 && n < 10);
	/* The other kind of work is not held up. */
	ck_assert_int_eq(ruad_desk_enter(d, RUAD_DESK_DNS, &err), RUAD_OK);
	ruad_desk_leave(d, RUAD_DESK_UPLOAD);
	ck_assert_int_eq(ruad_desk_enter(d, RUAD_DESK_UPLOAD, &err), RUAD_OK);

	for (int i = 0; i < 6; i++)
		ck_assert(ruad_desk_may(d, "a", 6, 1000 + i, &wait));
	ck_assert(!ruad_desk_may(d, "a", 6, 1006, &wait));
	ck_assert_int_eq(wait, 54);
	ck_assert(ruad_desk_may(d, "b", 6, 1006, &wait));
	/* What is refused does not count. */
	ck_assert(!ruad_desk_may(d, "a", 6, 1059, &wait));
	ck_assert(ruad_desk_may(d, "a", 6, 1060, &wait));
	ck_assert(!ruad_desk_may(d, "a", 6, 1060, &wait));
	ruad_desk_free(&d);
	ck_assert_ptr_null(d);
}
END_TEST

/* Answers are kept for a day, and the oldest make room. */
START_TEST(desk_answers)
{
	json_t *answer = json_pack("{s:i}", "n", 7), *got;
	struct ruad_desk *d;
	char key[20];

	ck_assert_int_eq(ruad_desk_new(&d, NULL), RUAD_OK);
	ck_assert_ptr_null(ruad_desk_recall(d, "k", 1000));
	ruad_desk_keep(d, "k", answer, 1000);
	got = ruad_desk_recall(d, "k", 1000 + 86399);
	ck_assert(json_equal(got, answer));
	json_decref(got);
	ck_assert_ptr_null(ruad_desk_recall(d, "k", 1000 + 86400));
	ck_assert_ptr_null(ruad_desk_recall(d, "K", 1000));
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		ruad_desk_keep(d, key, answer, 1000);
	}
	ck_assert_ptr_null(ruad_desk_recall(d, "k", 1000));
	got = ruad_desk_recall(d, "999", 1000);
	ck_assert_ptr_nonnull(got);
	json_decref(got);
	json_decref(answer);
	ruad_desk_free(&d);
}
END_TEST

/* Tag by tag, in either direction, and for what is no record. */
START_TEST(changes_of_records)
{
	static const struct {
		const char *before, *after, *want;
	} rows[] = {
		{ "v=DMARC1; p=none", "v=DMARC1; p=none", "[]" },
		{ "v=DMARC1; p=none", "v=DMARC1;p=none;", "[]" },
		{ "v=DMARC1; p=none", "v=DMARC1; p=reject; sp=none",
		    "[{\"tag\":\"p\",\"before\":\"none\","
		    "\"after\":\"reject\"},{\"tag\":\"sp\","
		    "\"before\":null,\"after\":\"none\"}]" },
		{ NULL, "v=DMARC1; p=none",
		    "[{\"tag\":\"p\",\"before\":null,"
		    "\"after\":\"none\"}]" },
		{ "v=DMARC1; p=none", NULL,
		    "[{\"tag\":\"p\",\"before\":\"none\","
		    "\"after\":null}]" },
		{ NULL, "no record", "[]" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *got =
		    ruad_published_changes(rows[i].before, rows[i].after);
		char *text = json_dumps(got, JSON_COMPACT);

		ck_assert_str_eq(text, rows[i].want);
		free(text);
		json_decref(got);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("web");
	TCase *tc = tcase_create("web");

	tcase_add_test(tc, routes_described);
	tcase_add_test(tc, described_exist);
	tcase_add_test(tc, routes_found);
	tcase_add_test(tc, cursors);
	tcase_add_unchecked_fixture(tc, temp_dir_set_up, temp_dir_tear_down);
	tcase_add_checked_fixture(tc, temp_dir_enter, NULL);
	tcase_add_test(tc, waits);
	add_rows(tc, networks_of, networks);
	add_rows(tc, clients_behind_proxies, clients);
	tcase_add_test(tc, states);
	tcase_add_test(tc, passwords);
	tcase_add_test(tc, logins);
	tcase_add_test(tc, cookies);
	tcase_add_test(tc, second_factor);
	tcase_add_test(tc, turns);
	tcase_add_test(tc, desk_bounds);
	tcase_add_test(tc, desk_answers);
	tcase_add_test(tc, changes_of_records);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
