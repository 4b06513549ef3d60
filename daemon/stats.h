/* stats.h - the numbers of the daemon and of its store, served over HTTP on a
 * unix socket or the loopback interface, in the format of Prometheus. */
#ifndef RUAD_STATS_H
#define RUAD_STATS_H
#include "intake.h"

struct ruad_stats;

/* Listen on `socket`, a unix socket of mode 0660 or one of the loopback
 * interface, and serve GET /metrics in a thread of its own. Borrows all. The
 * store is read through a handle of its own for each request. RUAD_TEMP: in
 * use, or this host failed. */
RUAD_NODISCARD enum ruad_status ruad_stats_start(const char *socket,
    struct ruad_intake *in, const char *store, struct ruad_stats **out,
    struct ruad_err *err);

/* End the thread and remove the socket. Sets *s NULL; NULL is fine. */
void ruad_stats_stop(struct ruad_stats **s);

#endif
