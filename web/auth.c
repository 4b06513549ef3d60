/* auth.c - a token, a cookie, a proxy's word, or the user at the other end of
 * web_socket, in this order. A browser sends the second and third by itself,
 * for whatever page asks it to: then it must be a page of ours. */
#include "auth.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "forwarded.h"
#include "peer.h"
#include "route.h"
#include "token.h"

enum { LIST_BYTES = 1024 }; /* of X-Forwarded-For: the end of it */

const char *
ruad_auth_cookie_name(const struct ruad_app *app)
{
	return app->secure_cookie ? "__Host-ruad" : "ruad";
}

/* Where it came from, before anybody's word is taken. */
struct origin {
	bool local; /* on web_socket */
	bool proxy; /* by a proxy on web_socket that is trusted */
	struct ruad_peer peer; /* if local */
};

struct list {
	char text[LIST_BYTES];
	size_t len;
};

/* Several fields are one list. Of one that is too long, the end counts. */
static enum MHD_Result
join_forwarded(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct list *l = arg;
	size_t room = sizeof(l->text) - 2, n, drop;

	(void)kind;
	if (value == NULL || strcasecmp(name, "X-Forwarded-For") != 0)
		return MHD_YES;
	n = strlen(value);
	if (n > room) {
		value += n - room;
		n = room;
	}
	if (l->len + n > room) {
		drop = l->len + n - room;
		memmove(l->text, l->text + drop, l->len - drop);
		l->len -= drop;
	}
	l->text[l->len++] = ',';
	memcpy(l->text + l->len, value, n + 1);
	l->len += n;
	return MHD_YES;
}

static void
address_of(struct MHD_Connection *http, char *buf, size_t cap)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(http, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *sa = info != NULL ? info->client_addr : NULL;
	char text[INET6_ADDRSTRLEN] = "";

	if (sa != NULL && sa->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr,
		    text, sizeof(text));
	else if (sa != NULL && sa->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)sa)->sin6_addr, text,
		    sizeof(text));
	snprintf(buf, cap, "%s", text);
}

static void
find_client(struct ruad_request *req, const struct origin *o)
{
	const struct ruad_conf_web *web = &ruad_request_app(req)->conf->web;
	struct MHD_Connection *http = ruad_request_http(req);
	struct list list = { .text = "" };
	char address[INET6_ADDRSTRLEN], client[INET6_ADDRSTRLEN];

	MHD_get_connection_values(http, MHD_HEADER_KIND, join_forwarded, &list);
	if (o->proxy) {
		ruad_forwarded_client(&web->trusted_proxies, "", list.text,
		    client, sizeof(client));
	} else if (o->local) {
		snprintf(client, sizeof(client), "unix");
	} else {
		address_of(http, address, sizeof(address));
		ruad_forwarded_client(&web->trusted_proxies, address, list.text,
		    client, sizeof(client));
	}
	ruad_request_set_client(req, client);
}

static void
find_origin(const struct ruad_request *req, bool local, struct origin *out)
{
	const struct ruad_conf_web *web = &ruad_request_app(req)->conf->web;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(ruad_request_http(req),
		MHD_CONNECTION_INFO_CONNECTION_FD);

	*out = (struct origin){ .local = local };
	if (!local || info == NULL ||
	    !ruad_peer_of(info->connect_fd, &out->peer))
		return;
	out->proxy = ruad_peer_is_in(&out->peer, web->proxy_group);
}

/* Who connects on web_socket is known to the kernel. */
static void
take_peer(struct ruad_request *req, const struct ruad_peer *peer)
{
	const struct ruad_conf_web *web = &ruad_request_app(req)->conf->web;
	struct ruad_who *who = ruad_request_whom(req);

	if (peer->group_count == 0)
		return;
	if (peer->uid == 0 || ruad_peer_is_in(peer, web->admin_group))
		who->role = RUAD_ROLE_ADMIN;
	else if (ruad_peer_is_in(peer, web->viewer_group))
		who->role = RUAD_ROLE_VIEWER;
	else
		return;
	who->via = RUAD_VIA_PEER;
	who->all_domains = true;
	ruad_peer_name(peer, who->login, sizeof(who->login));
}

/* What is granted to an account moves to who asks. Administrators see all. */
static void
take_account(struct ruad_who *who, struct ruad_account *a)
{
	who->role = a->role;
	who->user_id = a->id;
	who->totp = a->totp;
	snprintf(who->login, sizeof(who->login), "%s", a->login);
	snprintf(who->language, sizeof(who->language), "%s", a->language);
	snprintf(who->theme, sizeof(who->theme), "%s", a->theme);
	who->all_domains = a->all_domains || a->role == RUAD_ROLE_ADMIN;
	who->domains = a->domains;
	who->domain_count = a->domain_count;
	a->domains = NULL;
	a->domain_count = 0;
}

/* Of the domains of a token, those that its user sees. */
static void
narrow(struct ruad_request *req, struct ruad_account *grants)
{
	struct ruad_who *who = ruad_request_whom(req);
	size_t kept = 0;

	if (grants->all_domains)
		return;
	for (size_t i = 0; i < grants->domain_count; i++) {
		char *domain = grants->domains[i];

		if (ruad_request_sees(req, domain)) {
			grants->domains[i] = grants->domains[kept];
			grants->domains[kept++] = domain;
		}
	}
	ruad_request_set_domains(req, grants->domains, kept,
	    grants->domain_count);
	who->all_domains = false;
	grants->domains = NULL;
	grants->domain_count = 0;
}

static enum ruad_status
take_token(struct ruad_request *req, const char *secret, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	struct ruad_who *who = ruad_request_whom(req);
	struct ruad_account a = { .id = 0 };
	struct ruad_token t;
	enum ruad_status st = ruad_token_find(app->store, secret, &t, err);

	if (st == RUAD_OK)
		st = ruad_account_get(app->store, t.user_id, &a, err);
	if (st == RUAD_OK && !a.disabled) {
		take_account(who, &a);
		if (t.role < who->role)
			who->role = t.role;
		narrow(req, &t.grants);
		who->via = RUAD_VIA_TOKEN;
	}
	ruad_account_fini(&a);
	ruad_token_fini(&t);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
take_session(struct ruad_request *req, const char *cookie, struct ruad_err *err)
{
	struct ruad_app *app = ruad_request_app(req);
	const struct ruad_conf_web *web = &app->conf->web;
	struct ruad_who *who = ruad_request_whom(req);
	struct ruad_visit s;
	enum ruad_status st;

	st = ruad_visit_find(app->store, cookie, web->session_idle_secs, &s,
	    err);
	if (st == RUAD_OK) {
		who->state = ruad_visit_state(&s, web->require_2fa);
		who->session_id = s.id;
		who->expires_epoch = s.expires_epoch;
		who->password_epoch = s.password_epoch;
		take_account(who, &s.account);
		who->via = RUAD_VIA_SESSION;
		ruad_visit_fini(&s);
	}
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
take_remote_user(struct ruad_request *req, const char *name,
    struct ruad_err *err)
{
	struct ruad_who *who = ruad_request_whom(req);
	char login[RUAD_LOGIN_BYTES];
	struct ruad_account a;
	enum ruad_status st;

	if (!ruad_account_take_login(name, login))
		return RUAD_OK;
	st = ruad_account_find(ruad_request_app(req)->store, login, &a, err);
	if (st == RUAD_OK && !a.disabled) {
		take_account(who, &a);
		who->via = RUAD_VIA_PROXY;
	}
	ruad_account_fini(&a);
	return st == RUAD_END ? RUAD_OK : st;
}

static enum ruad_status
find_out(struct ruad_request *req, const struct origin *o, struct ruad_err *err)
{
	const char *auth =
	    ruad_request_header(req, MHD_HTTP_HEADER_AUTHORIZATION);
	const char *cookie = ruad_request_cookie(req,
	    ruad_auth_cookie_name(ruad_request_app(req)));
	const char *remote = ruad_request_header(req, "Remote-User");

	/* Whoever shows a token is nobody else without it. */
	if (auth != NULL && strncasecmp(auth, "Bearer ", 7) == 0)
		return take_token(req, auth + 7, err);
	if (o->proxy && remote != NULL)
		return take_remote_user(req, remote, err);
	if (cookie != NULL)
		return take_session(req, cookie, err);
	if (o->local && !o->proxy)
		take_peer(req, &o->peer);
	return RUAD_OK;
}

/* Whether a request that changes something is sent by a page of ours, as the
 * browser tells: it always says Sec-Fetch-Site where it thinks the connection
 * safe, and Origin elsewhere. What it does not tell it does not send. */
static bool
is_same_origin(const struct ruad_request *req)
{
	const char *site = ruad_request_header(req, "Sec-Fetch-Site");
	const char *origin = ruad_request_header(req, MHD_HTTP_HEADER_ORIGIN);

	if (site != NULL)
		return strcmp(site, "same-origin") == 0 ||
		    strcmp(site, "none") == 0;
	return origin != NULL &&
	    strcmp(origin, ruad_request_app(req)->origin) == 0;
}

static bool
must_be_same_origin(const struct ruad_request *req, const struct origin *o)
{
	const struct ruad_who *who = ruad_request_who(req);
	const char *method = ruad_request_routed(req)->method;

	if (strcmp(method, "GET") == 0)
		return false;
	switch (who->via) {
	case RUAD_VIA_TOKEN:
	case RUAD_VIA_PEER:
		return false;
	case RUAD_VIA_SESSION:
	case RUAD_VIA_PROXY:
		return true;
	case RUAD_VIA_NOTHING:
		/* A login: of another's account, it is an attack, too. */
		return !o->local || o->proxy;
	}
	return true;
}

static enum ruad_status
refuse_nobody(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	if (ruad_request_header(req, MHD_HTTP_HEADER_AUTHORIZATION) != NULL)
		ruad_response_header(res, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
		    "Bearer");
	return ruad_problem(res, RUAD_PROBLEM_LOGIN, err,
	    "POST /api/v1/session");
}

/* What a login that is not complete lacks. */
static enum ruad_status
check_state(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	bool early = (ruad_request_routed(req)->flags & RUAD_ROUTE_EARLY) != 0;

	switch (ruad_request_who(req)->state) {
	case RUAD_VISIT_OK:
		break;
	case RUAD_VISIT_TOTP:
		return ruad_problem(res, RUAD_PROBLEM_TOTP, err,
		    "POST /api/v1/session/totp");
	case RUAD_VISIT_PASSWORD:
		if (!early)
			return ruad_problem(res, RUAD_PROBLEM_PASSWORD, err,
			    "PUT /api/v1/me/password");
		break;
	case RUAD_VISIT_ENROL:
		if (!early)
			return ruad_problem(res, RUAD_PROBLEM_ENROL, err,
			    "POST /api/v1/me/totp");
		break;
	}
	return RUAD_OK;
}

bool
ruad_auth_is_stepped_up(const struct ruad_request *req)
{
	const struct ruad_who *who = ruad_request_who(req);

	return who->via != RUAD_VIA_SESSION ||
	    time(NULL) - who->password_epoch < RUAD_VISIT_STEP_UP_SECS;
}

static enum ruad_status
check_rights(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_route *route = ruad_request_routed(req);
	const struct ruad_who *who = ruad_request_who(req);
	enum ruad_status st;

	if (route->role == RUAD_ROLE_NONE)
		return RUAD_OK;
	if (who->via == RUAD_VIA_NOTHING)
		return refuse_nobody(req, res, err);
	st = check_state(req, res, err);
	if (st != RUAD_OK || ruad_response_is_set(res))
		return st;
	if (who->role < route->role)
		return ruad_problem(res, RUAD_PROBLEM_FORBIDDEN, err,
		    "this takes the role %s", ruad_role_word(route->role));
	if ((route->flags & RUAD_ROUTE_SESSION) != 0 &&
	    who->via != RUAD_VIA_SESSION)
		return ruad_problem(res, RUAD_PROBLEM_SESSION, err,
		    "log in with a password");
	if ((route->flags & RUAD_ROUTE_STEP_UP) != 0 &&
	    !ruad_auth_is_stepped_up(req))
		return ruad_problem(res, RUAD_PROBLEM_STEP_UP, err,
		    "POST /api/v1/session/step-up");
	return RUAD_OK;
}

enum ruad_status
ruad_auth_check(struct ruad_request *req, struct ruad_response *res, bool local,
    struct ruad_err *err)
{
	struct origin o;
	enum ruad_status st;

	find_origin(req, local, &o);
	find_client(req, &o);
	st = find_out(req, &o, err);
	if (st != RUAD_OK)
		return st;
	if (must_be_same_origin(req, &o) && !is_same_origin(req))
		return ruad_problem(res, RUAD_PROBLEM_CROSS_ORIGIN, err,
		    "neither Sec-Fetch-Site nor Origin says that it comes "
		    "from %s",
		    ruad_request_app(req)->origin);
	return check_rights(req, res, err);
}
