/* daemon_numbers.h - the few numbers of ruad(8) that no store has, asked of its
 * metrics_socket. */
#ifndef RUAD_WEB_DAEMON_NUMBERS_H
#define RUAD_WEB_DAEMON_NUMBERS_H
#include <stdbool.h>
#include <stdint.h>

struct ruad_daemon_numbers {
	int64_t queue; /* mails that wait for their commit */
	int64_t duplicates, errors; /* since the daemon was started */
};

/* Ask; takes a second at most. False: no socket is configured, or nobody
 * answers. */
bool ruad_daemon_numbers(const char *metrics_socket,
    struct ruad_daemon_numbers *out);

#endif
