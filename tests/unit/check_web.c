/* check_web.c - routes and what describes them, cursors. */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "cursor.h"
#include "route.h"

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

/* And all that is described exists, but for what is marked as planned. */
START_TEST(described_exist)
{
	json_t *doc = load_openapi(), *item, *op;
	const char *path, *method;

	json_object_foreach(json_object_get(doc, "paths"), path, item)
	{
		json_object_foreach(item, method, op)
		{
			if (strcmp(method, "parameters") == 0 ||
			    json_is_true(json_object_get(op, "x-planned")))
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

int
main(void)
{
	Suite *s = suite_create("web");
	TCase *tc = tcase_create("web");

	tcase_add_test(tc, routes_described);
	tcase_add_test(tc, described_exist);
	tcase_add_test(tc, routes_found);
	tcase_add_test(tc, cursors);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
