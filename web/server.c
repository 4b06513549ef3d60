/* server.c - the callbacks of libmicrohttpd. Of each request it calls
 * on_request() once when the header is there: only then an answer may be queued
 * without the body; then for each piece of the body, where none may; and once
 * at its end.
 *
 * What is so wrong that libmicrohttpd answers by itself does not come here. */
#include "server.h"
#include <errno.h>
#include <grp.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include "assets.h"
#include "conf_value.h"
#include "gate.h"
#include "listen.h"
#include "request.h"
#include "response.h"
#include "route.h"
#include "text.h"

enum {
	BACKLOG = 128,
	CONNECTIONS_MAX = 512,
	CONNECTIONS_PER_IP =
	    64, /* a browser takes 6; an office may share one */
	HEADER_BYTES = 32 * 1024, /* of one connection */
	IDLE_SECS = 15,
	STACK_BYTES = 1024 * 1024,
	PEM_MAX_BYTES = 256 * 1024
};

struct listener {
	struct ruad_server *server; /* borrowed */
	bool local, tls;
	int fd; /* -1: none, or taken over by libmicrohttpd */
	struct ruad_listen socket;
	struct MHD_Daemon *http; /* owned; NULL: not started */
};

struct ruad_server {
	struct ruad_app *app; /* borrowed */
	char *certificate, *key; /* owned; NULL: no TLS */
	struct listener inet, local;
};

/* What is left to say of a failure of ours; its text is for the log only. */
static enum ruad_status
answer_failure(struct ruad_request *req, struct ruad_response *res,
    enum ruad_status st, const struct ruad_err *why, struct ruad_err *err)
{
	ruad_log_write(ruad_request_app(req)->log, LOG_ERR,
	    "request %s: %s %s: %s", ruad_request_id(req),
	    ruad_request_method(req), ruad_request_path(req), why->text);
	if (st == RUAD_LIMIT)
		return ruad_problem(res, RUAD_PROBLEM_QUERY_TIMEOUT, err,
		    "ask for less");
	/* A store that is not there yet comes with the first start of ruad. */
	if ((st == RUAD_TEMP && why->code != RUAD_CODE_NONE) ||
	    why->code == RUAD_OUR_STORE) {
		ruad_response_header(res, MHD_HTTP_HEADER_RETRY_AFTER, "1");
		return ruad_problem(res, RUAD_PROBLEM_BUSY, err,
		    "try again in a moment");
	}
	return ruad_problem(res, RUAD_PROBLEM_INTERNAL, err,
	    "the log knows more of request %s", ruad_request_id(req));
}

static bool
has_body(const struct ruad_request *req)
{
	const char *length =
	    ruad_request_header(req, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return (length != NULL && strcmp(length, "0") != 0) ||
	    ruad_request_header(req, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static enum MHD_Result
send_answer(const struct listener *l, struct ruad_request *req,
    struct ruad_response *res)
{
	bool api = ruad_gate_is_api(ruad_request_path(req));

	return ruad_response_send(res, ruad_request_http(req), api, l->tls)
	    ? MHD_YES
	    : MHD_NO;
}

/* A body that nobody reads must not be taken for the next request. */
static enum MHD_Result
refuse(const struct listener *l, struct ruad_request *req,
    struct ruad_response *res)
{
	if (has_body(req))
		ruad_response_header(res, MHD_HTTP_HEADER_CONNECTION, "close");
	return send_answer(l, req, res);
}

static enum ruad_status
handle(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	const struct ruad_route *route = ruad_request_routed(req);
	json_error_t why;

	if (route == NULL)
		return ruad_assets_serve(req, res, err);
	if (!ruad_request_parse(req, &why))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "the body is no JSON object: line %d, column %d", why.line,
		    why.column);
	return route->handler(req, res, err);
}

/* The first call: let in or refused. */
static enum MHD_Result
begin(const struct listener *l, struct ruad_request *req)
{
	struct ruad_response *res = ruad_response_new();
	enum MHD_Result result = MHD_YES;
	struct ruad_err err = { 0 }, ignored;
	enum ruad_status st;

	if (res == NULL)
		return MHD_NO;
	ruad_response_set_instance(res, ruad_request_id(req));
	st = ruad_gate_check(req, res, l->local, &err);
	if (st != RUAD_OK)
		st = answer_failure(req, res, st, &err, &ignored);
	if (st != RUAD_OK)
		result = MHD_NO;
	else if (ruad_response_is_set(res))
		result = refuse(l, req, res);
	ruad_response_free(&res);
	return result;
}

/* The last call: all of the body is there. */
static enum MHD_Result
finish(const struct listener *l, struct ruad_request *req)
{
	struct ruad_response *res = ruad_response_new();
	enum MHD_Result result = MHD_NO;
	struct ruad_err err = { 0 }, ignored;
	enum ruad_status st;

	if (res == NULL)
		return MHD_NO;
	ruad_response_set_instance(res, ruad_request_id(req));
	st = handle(req, res, &err);
	if (st != RUAD_OK)
		st = answer_failure(req, res, st, &err, &ignored);
	if (st == RUAD_OK)
		result = send_answer(l, req, res);
	ruad_response_free(&res);
	return result;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data,
    size_t *data_bytes, void **state)
{
	const struct listener *l = arg;
	struct ruad_request *req = *state;

	(void)version;
	if (req == NULL) {
		req = ruad_request_new(l->server->app, c, method, url);
		*state = req;
		return req != NULL ? begin(l, req) : MHD_NO;
	}
	if (*data_bytes > 0) {
		if (!ruad_request_take(req, data, *data_bytes))
			return MHD_NO;
		*data_bytes = 0;
		return MHD_YES;
	}
	return finish(l, req);
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode code)
{
	struct ruad_request *req = *state;

	(void)arg;
	(void)c;
	(void)code;
	ruad_request_free(&req);
	*state = NULL;
}

static void on_message(void *arg, const char *fmt, va_list ap)
    RUAD_PRINTF(2, 0);

/* What libmicrohttpd has to say is mostly about clients that went away. */
static void
on_message(void *arg, const char *fmt, va_list ap)
{
	struct ruad_app *app = arg;
	char text[400];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	ruad_log_write(app->log, LOG_DEBUG, "http: %s", text);
}

/* A file of PEM, as a text that the caller frees. */
static enum ruad_status
read_pem(const struct ruad_conf *conf, const char *option, const char *path,
    char **out, struct ruad_err *err)
{
	FILE *f = fopen(path, "re");
	size_t len;

	*out = NULL;
	if (f == NULL)
		return ruad_conf_fail(conf, option, err, "%s: %s", path,
		    strerror(errno));
	*out = calloc(1, PEM_MAX_BYTES);
	if (*out == NULL) {
		fclose(f);
		return ruad_fail_memory(err, "server");
	}
	len = fread(*out, 1, PEM_MAX_BYTES - 1, f);
	fclose(f);
	if (len == 0 || strstr(*out, "-----BEGIN ") == NULL)
		return ruad_conf_fail(conf, option, err, "%s: not PEM", path);
	return RUAD_OK;
}

static enum ruad_status
read_tls(struct ruad_server *s, struct ruad_err *err)
{
	const struct ruad_conf *conf = s->app->conf;
	enum ruad_status st;

	if (conf->web.tls_certificate[0] == '\0')
		return RUAD_OK;
	st = read_pem(conf, "web_tls_certificate", conf->web.tls_certificate,
	    &s->certificate, err);
	if (st == RUAD_OK)
		st = read_pem(conf, "web_tls_key", conf->web.tls_key, &s->key,
		    err);
	s->inet.tls = st == RUAD_OK;
	return st;
}

/* Passwords do not go over a network in the clear, unless the operator says
 * that something else sees to that. */
static enum ruad_status
check_listen(const struct ruad_conf *conf, struct ruad_err *err)
{
	struct sockaddr_storage ss;

	if (conf->web.listen[0] == '\0' && conf->web.socket[0] == '\0')
		return ruad_conf_fail(conf, "web_listen", err,
		    "is empty, and web_socket is, too: nobody could connect");
	if (conf->web.listen[0] == '\0' ||
	    conf->web.tls_certificate[0] != '\0' || conf->web.insecure_listen ||
	    ruad_conf_loopback(conf->web.listen, &ss) != 0)
		return RUAD_OK;
	return ruad_conf_fail(conf, "web_listen", err,
	    "others reach %s, and there is no TLS: set web_tls_certificate, or "
	    "insecure_listen = yes where the network is safe",
	    conf->web.listen);
}

static enum ruad_status
open_listener(struct listener *l, const char *option, const char *name,
    struct ruad_err *err)
{
	if (name[0] == '\0')
		return RUAD_OK;
	l->fd = ruad_listen_open(name, BACKLOG, &l->socket);
	if (l->fd == -1)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "%s %s: %s",
		    option, name, strerror(errno));
	return RUAD_OK;
}

/* Without a group everybody may connect: that gives no rights by itself, and the
 * port is open to them, too. */
static enum ruad_status
own_socket(const struct ruad_server *s, struct ruad_err *err)
{
	const char *name = s->app->conf->web.socket_group;
	const char *path = s->local.socket.path;
	const struct group *gr;

	if (path[0] == '\0')
		return RUAD_OK;
	if (name[0] == '\0')
		return chmod(path, 0666) == 0
		    ? RUAD_OK
		    : ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
			  "web_socket %s: %s", path, strerror(errno));
	gr = getgrnam(name);
	if (gr == NULL)
		return ruad_conf_fail(s->app->conf, "web_socket_group", err,
		    "no \"%s\" on this host", name);
	if (chown(path, (uid_t)-1, gr->gr_gid) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "web_socket_group %s: %s", name, strerror(errno));
	return RUAD_OK;
}

enum ruad_status
ruad_server_check(const struct ruad_conf *conf, struct ruad_err *err)
{
	struct ruad_app app = { .conf = conf };
	struct ruad_server s = { .app = &app };
	enum ruad_status st = check_listen(conf, err);

	if (st == RUAD_OK)
		st = read_tls(&s, err);
	free(s.certificate);
	free(s.key);
	return st;
}

enum ruad_status
ruad_server_new(struct ruad_app *app, struct ruad_server **out,
    struct ruad_err *err)
{
	const struct ruad_conf_web *web = &app->conf->web;
	struct ruad_server *s = *out = calloc(1, sizeof(*s));
	enum ruad_status st;

	if (s == NULL)
		return ruad_fail_memory(err, "server");
	s->app = app;
	s->inet.server = s->local.server = s;
	s->inet.fd = s->local.fd = -1;
	s->local.local = true;
	st = check_listen(app->conf, err);
	if (st == RUAD_OK)
		st = read_tls(s, err);
	if (st == RUAD_OK)
		st = open_listener(&s->inet, "web_listen", web->listen, err);
	if (st == RUAD_OK)
		st = open_listener(&s->local, "web_socket", web->socket, err);
	if (st == RUAD_OK)
		st = own_socket(s, err);
	if (st != RUAD_OK)
		ruad_server_stop(out);
	return st;
}

/* Behind a proxy, all clients have one address. */
static unsigned
per_ip(const struct listener *l)
{
	const struct ruad_conf_web *web = &l->server->app->conf->web;

	return l->local || web->trusted_proxies.count > 0 ? 0
							  : CONNECTIONS_PER_IP;
}

static enum ruad_status
start_listener(struct listener *l, struct ruad_err *err)
{
	struct ruad_server *s = l->server;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, s->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, s->key },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION |
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC |
	    MHD_USE_ERROR_LOG | (l->tls ? MHD_USE_TLS : 0u);

	if (l->fd == -1)
		return RUAD_OK;
	/* The logger comes first, for it is to hear of the others. */
	l->http = MHD_start_daemon(flags, 0, NULL, NULL, on_request, l,
	    MHD_OPTION_EXTERNAL_LOGGER, on_message, s->app,
	    MHD_OPTION_LISTEN_SOCKET, l->fd, MHD_OPTION_NOTIFY_COMPLETED,
	    on_end, NULL, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    per_ip(l), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADER_BYTES,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECS,
	    MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    l->tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
	if (l->http == NULL)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
		    "%s: HTTP cannot be served%s",
		    l->local ? "web_socket" : "web_listen",
		    l->tls ? ", do certificate and key belong together?" : "");
	l->fd = -1;
	return RUAD_OK;
}

enum ruad_status
ruad_server_start(struct ruad_server *s, struct ruad_err *err)
{
	enum ruad_status st = start_listener(&s->inet, err);

	return st == RUAD_OK ? start_listener(&s->local, err) : st;
}

static void
stop_listener(struct listener *l)
{
	if (l->http != NULL)
		MHD_stop_daemon(l->http);
	if (l->fd != -1)
		close(l->fd);
	ruad_listen_remove(&l->socket);
}

void
ruad_server_stop(struct ruad_server **s)
{
	if (*s == NULL)
		return;
	stop_listener(&(*s)->inet);
	stop_listener(&(*s)->local);
	free((*s)->certificate);
	free((*s)->key);
	free(*s);
	*s = NULL;
}
