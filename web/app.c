/* app.c - what all requests share, opened in the order in which it is needed. */
#include "app.h"
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "conf_value.h"
#include "dns.h"

/* Where a browser on this host would go: "inet:8810@127.0.0.1" is
 * "http://127.0.0.1:8810". */
static void
derive_origin(struct ruad_app *app)
{
	const struct ruad_conf_web *web = &app->conf->web;
	const char *port = strchr(web->listen, ':');
	const char *host = strchr(web->listen, '@');
	bool v6 = strncmp(web->listen, "inet6:", 6) == 0;

	if (web->public_url[0] != '\0')
		snprintf(app->origin, sizeof(app->origin), "%s",
		    web->public_url);
	else if (port != NULL && host != NULL)
		snprintf(app->origin, sizeof(app->origin), "%s://%s%s%s:%.*s",
		    web->tls_certificate[0] != '\0' ? "https" : "http",
		    v6 ? "[" : "", host + 1, v6 ? "]" : "",
		    (int)(host - port - 1), port + 1);
}

/* Browsers take cookies that are Secure from https, and from this host. */
static bool
takes_secure(const struct ruad_app *app)
{
	static const char *const local[] = { "http://127.0.0.1",
		"http://localhost", "http://[::1]" };

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		size_t n = strlen(local[i]);

		if (strncmp(app->origin, local[i], n) == 0 &&
		    (app->origin[n] == '\0' || app->origin[n] == ':'))
			return true;
	}
	return strncmp(app->origin, "http://", 7) != 0;
}

/* What nobody knows, to be compared with where there is no user. */
static enum ruad_status
make_dummy(struct ruad_app *app, struct ruad_err *err)
{
	const struct ruad_secret_cost cost = {
		.bytes = (size_t)app->conf->web.password_bytes,
		.passes = (unsigned)app->conf->web.password_passes,
	};
	char password[RUAD_SECRET_CODE_BYTES];

	ruad_secret_code(password);
	return ruad_secret_hash(password, &cost, app->dummy_hash, err);
}

/* The first context of libunbound fills in globals of its own, without a lock:
 * two threads must not come to it at once. */
static void
settle_dns(void)
{
	const struct ruad_dns_settings any = { .query_msecs = 1,
		.total_msecs = 1 };
	struct ruad_dns *dns = NULL;
	struct ruad_err ignored;
	enum ruad_status st = ruad_dns_open(&any, &dns, &ignored);

	(void)st; /* who asks DNS is told */
	ruad_dns_close(&dns);
}

enum ruad_status
ruad_app_open(struct ruad_app *app, const struct ruad_conf *conf,
    struct ruad_log *log, struct ruad_err *err)
{
	enum ruad_status st;

	app->conf = conf;
	app->log = log;
	if (sodium_init() < 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_CODE_NONE,
		    "libsodium cannot be used here");
	settle_dns();
	derive_origin(app);
	app->secure_cookie = takes_secure(app);
	app->guard = ruad_guard_new();
	if (app->guard == NULL)
		return ruad_fail_memory(err, "web");
	st = make_dummy(app, err);
	if (st == RUAD_OK)
		st = ruad_secret_key(conf->web.secret, app->key, err);
	if (st == RUAD_OK)
		st = ruad_webstore_open(conf->web.store, &app->store, err);
	if (st == RUAD_OK)
		st = ruad_pool_new(conf->store, &app->pool, err);
	if (st == RUAD_OK)
		st = ruad_desk_new(&app->desk, err);
	return st == RUAD_OK ? ruad_data_new(conf, log, &app->data, err) : st;
}

void
ruad_app_close(struct ruad_app *app)
{
	ruad_data_free(&app->data);
	ruad_desk_free(&app->desk);
	ruad_pool_free(&app->pool);
	ruad_webstore_close(&app->store);
	ruad_guard_free(&app->guard);
	sodium_memzero(app->key, sizeof(app->key));
}
