/* peer.h - who is at the other end of a unix socket. */
#ifndef RUAD_WEB_PEER_H
#define RUAD_WEB_PEER_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ruad_peer {
	uid_t uid;
	gid_t groups[256]; /* all of them, the own first */
	size_t group_count;
};

/* False: the kernel does not tell. */
bool ruad_peer_of(int fd, struct ruad_peer *out);

/* Whether it is in the group of this name; "" is none. */
bool ruad_peer_is_in(const struct ruad_peer *p, const char *group);

/* The name of its user, or its number, for logs. */
void ruad_peer_name(const struct ruad_peer *p, char *buf, size_t cap);

#endif
