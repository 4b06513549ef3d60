/* route.c - paths are compared piece by piece; of patterns that match, the first
 * in the table counts. */
#include "route.h"
#include <stdlib.h>
#include <string.h>
#include "api.h"

#define API "/api/v1"
#define DOMAINS API "/domains"
#define DOMAIN DOMAINS "/{d}"

static const struct ruad_route routes[] = {
	{ "GET", API "/healthz", ruad_api_healthz, RUAD_ROLE_NONE, 0 },
	{ "GET", API "/readyz", ruad_api_readyz, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/openapi.json", ruad_api_openapi, RUAD_ROLE_NONE, 0 },
	{ "GET", API "/metrics", ruad_api_metrics, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAINS, ruad_api_domains, RUAD_ROLE_VIEWER, 0 },
	{ "POST", DOMAINS, ruad_api_register, RUAD_ROLE_EDITOR, 0 },
	{ "GET", DOMAINS "/unregistered", ruad_api_unregistered,
	    RUAD_ROLE_VIEWER, 0 },
	{ "PATCH", DOMAINS "/unregistered/{d}", ruad_api_ignore,
	    RUAD_ROLE_EDITOR, 0 },
	{ "GET", DOMAIN, ruad_api_domain, RUAD_ROLE_VIEWER, 0 },
	{ "PATCH", DOMAIN, ruad_api_domain_change, RUAD_ROLE_EDITOR, 0 },
	{ "DELETE", DOMAIN, ruad_api_domain_delete, RUAD_ROLE_EDITOR,
	    RUAD_ROUTE_STEP_UP },
	{ "GET", DOMAIN "/overview", ruad_api_overview, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/timeline", ruad_api_timeline, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/changes", ruad_api_changes, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/senders", ruad_api_senders, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/tallies", ruad_api_tallies, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/simulate", ruad_api_simulate, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/record", ruad_api_record, RUAD_ROLE_VIEWER, 0 },
	{ "GET", DOMAIN "/record/history", ruad_api_record_history,
	    RUAD_ROLE_VIEWER, 0 },
	{ "POST", DOMAIN "/record/preview", ruad_api_record_preview,
	    RUAD_ROLE_EDITOR, 0 },
	{ "POST", DOMAIN "/record/verify", ruad_api_record_verify,
	    RUAD_ROLE_EDITOR, 0 },
	{ "GET", DOMAIN "/dns", ruad_api_dns, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/senders/{id}", ruad_api_sender, RUAD_ROLE_VIEWER, 0 },
	{ "PATCH", API "/senders/{id}", ruad_api_sender_label, RUAD_ROLE_EDITOR,
	    0 },
	{ "GET", API "/alerts/events", ruad_api_events, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/reports", ruad_api_reports, RUAD_ROLE_VIEWER, 0 },
	{ "POST", API "/reports", ruad_api_upload, RUAD_ROLE_EDITOR,
	    RUAD_ROUTE_UPLOAD },
	{ "GET", API "/reporters", ruad_api_reporters, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/ingest", ruad_api_ingest, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/ingest/{id}/raw", ruad_api_ingest_raw, RUAD_ROLE_ADMIN,
	    0 },
	{ "POST", API "/ingest/{id}/retry", ruad_api_ingest_retry,
	    RUAD_ROLE_ADMIN, 0 },
	{ "GET", API "/reports/{id}", ruad_api_report, RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/reports/{id}/records", ruad_api_report_records,
	    RUAD_ROLE_VIEWER, 0 },
	{ "GET", API "/reports/{id}/raw", ruad_api_report_raw, RUAD_ROLE_VIEWER,
	    0 },
	{ "GET", API "/session", ruad_api_session_get, RUAD_ROLE_NONE, 0 },
	{ "POST", API "/session", ruad_api_session_post, RUAD_ROLE_NONE, 0 },
	{ "DELETE", API "/session", ruad_api_session_delete, RUAD_ROLE_NONE,
	    0 },
	{ "POST", API "/session/totp", ruad_api_session_totp, RUAD_ROLE_NONE,
	    0 },
	{ "POST", API "/session/step-up", ruad_api_session_step_up,
	    RUAD_ROLE_VIEWER, RUAD_ROUTE_SESSION },
	{ "GET", API "/me", ruad_api_me_get, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION },
	{ "PATCH", API "/me", ruad_api_me_patch, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION },
	{ "PUT", API "/me/password", ruad_api_me_password, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION | RUAD_ROUTE_EARLY },
	{ "POST", API "/me/totp", ruad_api_me_enrol, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION | RUAD_ROUTE_EARLY },
	{ "POST", API "/me/totp/confirm", ruad_api_me_confirm, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION | RUAD_ROUTE_EARLY },
	{ "DELETE", API "/me/totp", ruad_api_me_drop_totp, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION | RUAD_ROUTE_STEP_UP },
	{ "POST", API "/me/recovery-codes", ruad_api_me_renew_codes,
	    RUAD_ROLE_VIEWER, RUAD_ROUTE_SESSION | RUAD_ROUTE_STEP_UP },
	{ "GET", API "/me/sessions", ruad_api_me_sessions, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION },
	{ "DELETE", API "/me/sessions", ruad_api_me_end_others,
	    RUAD_ROLE_VIEWER, RUAD_ROUTE_SESSION },
	{ "DELETE", API "/me/sessions/{id}", ruad_api_me_end_session,
	    RUAD_ROLE_VIEWER, RUAD_ROUTE_SESSION },
	{ "GET", API "/users", ruad_api_users_get, RUAD_ROLE_ADMIN, 0 },
	{ "POST", API "/users", ruad_api_users_post, RUAD_ROLE_ADMIN,
	    RUAD_ROUTE_STEP_UP },
	{ "GET", API "/users/{id}", ruad_api_user_get, RUAD_ROLE_ADMIN, 0 },
	{ "PATCH", API "/users/{id}", ruad_api_user_patch, RUAD_ROLE_ADMIN,
	    RUAD_ROUTE_STEP_UP },
	{ "DELETE", API "/users/{id}", ruad_api_user_delete, RUAD_ROLE_ADMIN,
	    RUAD_ROUTE_STEP_UP },
	{ "GET", API "/users/{id}/grants", ruad_api_user_grants,
	    RUAD_ROLE_ADMIN, 0 },
	{ "PUT", API "/users/{id}/grants", ruad_api_user_grant, RUAD_ROLE_ADMIN,
	    RUAD_ROUTE_STEP_UP },
	{ "POST", API "/users/{id}/password", ruad_api_user_password,
	    RUAD_ROLE_ADMIN, RUAD_ROUTE_STEP_UP },
	{ "POST", API "/users/{id}/reset-2fa", ruad_api_user_reset_2fa,
	    RUAD_ROLE_ADMIN, RUAD_ROUTE_STEP_UP },
	{ "GET", API "/tokens", ruad_api_tokens_get, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION },
	{ "POST", API "/tokens", ruad_api_tokens_post, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION | RUAD_ROUTE_STEP_UP },
	{ "DELETE", API "/tokens/{id}", ruad_api_token_delete, RUAD_ROLE_VIEWER,
	    RUAD_ROUTE_SESSION },
	{ "GET", API "/audit", ruad_api_audit_get, RUAD_ROLE_ADMIN, 0 },
	{ "GET", API "/settings", ruad_api_settings_get, RUAD_ROLE_VIEWER, 0 },
	{ "PATCH", API "/settings", ruad_api_settings_patch, RUAD_ROLE_ADMIN,
	    RUAD_ROUTE_STEP_UP },
};

enum { ROUTE_COUNT = sizeof(routes) / sizeof(routes[0]) };

const struct ruad_route *
ruad_route_at(size_t n)
{
	return n < ROUTE_COUNT ? &routes[n] : NULL;
}

static bool
add_param(struct ruad_params *p, const char *name, const char *value,
    size_t len)
{
	char *copy = strndup(value, len);

	if (copy == NULL)
		return false;
	p->name[p->count] = name;
	p->value[p->count++] = copy;
	return true;
}

void
ruad_params_free(struct ruad_params *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->value[i]);
	p->count = 0;
}

/* Both begin with a slash. A piece that is empty matches nothing. */
static bool
matches(const char *pattern, const char *path, struct ruad_params *params)
{
	while (*pattern == '/' && *path == '/') {
		size_t a = strcspn(++pattern, "/"), b = strcspn(++path, "/");

		if (pattern[0] == '{') {
			if (b == 0 || !add_param(params, pattern + 1, path, b))
				return false;
		} else if (a != b || memcmp(pattern, path, a) != 0) {
			return false;
		}
		pattern += a;
		path += b;
	}
	return *pattern == '\0' && *path == '\0';
}

static void
add_allow(char allow[64], const char *method)
{
	if (allow[0] != '\0')
		strcat(allow, ", ");
	strcat(allow, method);
	if (strcmp(method, "GET") == 0)
		strcat(allow, ", HEAD");
}

const struct ruad_route *
ruad_route_find(const char *method, const char *path,
    struct ruad_params *params_out, char allow_out[64])
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow_out[0] = '\0';
	params_out->count = 0;
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		if (matches(routes[i].pattern, path, params_out)) {
			if (strcmp(routes[i].method, method) == 0)
				return &routes[i];
			add_allow(allow_out, routes[i].method);
		}
		ruad_params_free(params_out);
	}
	return NULL;
}
