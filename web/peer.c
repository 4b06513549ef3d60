/* peer.c - SO_PEERCRED and SO_PEERGROUPS: the groups that the process has, not
 * those that the host knows for its user. */
#include "peer.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { NAMES_BYTES = 16384 }; /* for what getgrnam_r() finds */

bool
ruad_peer_of(int fd, struct ruad_peer *out)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return false;
	out->uid = cred.uid;
	out->groups[0] = cred.gid;
	out->group_count = 1;
	len = sizeof(out->groups) - sizeof(out->groups[0]);
	/* Whoever is in too many groups counts as a member of its own only. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out->groups + 1, &len) ==
	    0)
		out->group_count += len / sizeof(out->groups[0]);
	return true;
}

bool
ruad_peer_is_in(const struct ruad_peer *p, const char *group)
{
	struct group gr, *found;
	char names[NAMES_BYTES];

	if (group[0] == '\0' ||
	    getgrnam_r(group, &gr, names, sizeof(names), &found) != 0 ||
	    found == NULL)
		return false;
	for (size_t i = 0; i < p->group_count; i++) {
		if (p->groups[i] == gr.gr_gid)
			return true;
	}
	return false;
}

void
ruad_peer_name(const struct ruad_peer *p, char *buf, size_t cap)
{
	struct passwd pw, *found;
	char names[NAMES_BYTES];

	if (getpwuid_r(p->uid, &pw, names, sizeof(names), &found) == 0 &&
	    found != NULL)
		snprintf(buf, cap, "%s", pw.pw_name);
	else
		snprintf(buf, cap, "uid %lu", (unsigned long)p->uid);
}
