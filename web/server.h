/* server.h - libmicrohttpd: it listens, and gives each connection a thread, so
 * that handlers may wait. */
#ifndef RUAD_WEB_SERVER_H
#define RUAD_WEB_SERVER_H
#include "app.h"
#include "err.h"

struct ruad_server;

/* Whether the configuration would do. RUAD_BAD: no. */
RUAD_NODISCARD enum ruad_status ruad_server_check(const struct ruad_conf *conf,
    struct ruad_err *err);

/* Listen where the configuration says. `app` is borrowed. RUAD_BAD: the
 * configuration is wrong; RUAD_TEMP: a socket cannot be had. */
RUAD_NODISCARD enum ruad_status ruad_server_new(struct ruad_app *app,
    struct ruad_server **out, struct ruad_err *err);

/* Begin to answer. RUAD_TEMP: this host failed. */
RUAD_NODISCARD enum ruad_status ruad_server_start(struct ruad_server *s,
    struct ruad_err *err);

/* Take no more requests, finish those that there are, and free all. Sets *s
 * NULL; NULL is fine. */
void ruad_server_stop(struct ruad_server **s);

#endif
