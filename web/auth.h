/* auth.h - who a request is from, and whether they may. */
#ifndef RUAD_WEB_AUTH_H
#define RUAD_WEB_AUTH_H
#include "request.h"
#include "response.h"

/* Find out who it is, and whether that is enough for its route; if not, answer
 * *res. Fails where that cannot be found out. */
RUAD_NODISCARD enum ruad_status ruad_auth_check(struct ruad_request *req,
    struct ruad_response *res, bool local, struct ruad_err *err);

/* The cookie of a login: __Host-ruad, which browsers take from https and from
 * this host only; else ruad. */
const char *ruad_auth_cookie_name(const struct ruad_app *app);

/* Whether the password has been typed lately. */
bool ruad_auth_is_stepped_up(const struct ruad_request *req);

#endif
