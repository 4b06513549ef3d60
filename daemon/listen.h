/* listen.h - sockets that HTTP is served on. */
#ifndef RUAD_LISTEN_H
#define RUAD_LISTEN_H
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

/* A unix socket of ours, to know it again. */
struct ruad_listen {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "" : none */
	struct stat st;
};

/* Listen on unix:PATH, with the mode 0660, or on inet:PORT@ADDRESS. A socket
 * that a dead program has left is removed first. Returns the descriptor, or -1
 * with errno set. */
int ruad_listen_open(const char *socket, int backlog, struct ruad_listen *out);

/* Remove the unix socket, unless another has taken its place. */
void ruad_listen_remove(struct ruad_listen *l);

#endif
