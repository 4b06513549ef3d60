/* gate.h - whether a request is let in, decided before any of its body is
 * taken. */
#ifndef RUAD_WEB_GATE_H
#define RUAD_WEB_GATE_H
#include "request.h"
#include "response.h"

/* Let a request in, or answer *res. `local` says that it came on web_socket.
 * Fails where that cannot be decided. */
RUAD_NODISCARD enum ruad_status ruad_gate_check(struct ruad_request *req,
    struct ruad_response *res, bool local, struct ruad_err *err);

/* Whether a path belongs to the API. */
bool ruad_gate_is_api(const char *path);

#endif
