/* throttle.h - after some wrong passwords, each further one takes longer to be
 * allowed: for a login, and for the network that they come from. */
#ifndef RUAD_WEB_THROTTLE_H
#define RUAD_WEB_THROTTLE_H
#include "err.h"
#include "webstore.h"
#include <stdint.h>

enum {
	RUAD_THROTTLE_LOGIN_FREE = 5, /* failures that cost nothing */
	RUAD_THROTTLE_NET_FREE = 20,
	RUAD_THROTTLE_SECS_MAX = 900,
	RUAD_THROTTLE_FORGET_SECS =
	    3600 /* without a failure: all is forgotten */
};

/* How long to wait after so many failures, in seconds. Pure. */
int64_t ruad_throttle_secs(int64_t failures, int64_t free_of_cost);

/* The network of an address that counts as one: /24 of IPv4, /64 of IPv6; what
 * is no address stands for itself. Pure. */
void ruad_throttle_network(const char *address, char *buf, size_t cap);

/* How many seconds are left until this may be tried. Fails like
 * ruad_sql_fail(). */
RUAD_NODISCARD enum ruad_status ruad_throttle_left(struct ruad_webstore *s,
    const char *login, const char *address, int64_t *secs_out,
    struct ruad_err *err);

/* It was wrong; or it was right, and the login begins anew. */
RUAD_NODISCARD enum ruad_status ruad_throttle_failed(struct ruad_webstore *s,
    const char *login, const char *address, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_throttle_passed(struct ruad_webstore *s,
    const char *login, struct ruad_err *err);

#endif
