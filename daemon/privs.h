/* privs.h - from root to the user that the daemon runs as, and the directories
 * that this user needs. */
#ifndef RUAD_PRIVS_H
#define RUAD_PRIVS_H
#include "conf.h"
#include "err.h"
#include <stdbool.h>
#include <sys/types.h>

struct ruad_privs {
	bool change; /* started as root, and a user or group is configured */
	char *user; /* name, owned; NULL: none */
	uid_t uid;
	gid_t gid;
	bool has_socket_gid;
	gid_t socket_gid; /* of socket_group */
};

/* Look up user, group and socket_group. RUAD_BAD: one of them does not
 * exist. */
RUAD_NODISCARD enum ruad_status ruad_privs_find(const struct ruad_conf *conf,
    struct ruad_privs *out, struct ruad_err *err);

/* Whether the store has, or could be given, a directory. RUAD_BAD: no. */
RUAD_NODISCARD enum ruad_status
ruad_privs_check_store(const struct ruad_conf *conf, struct ruad_err *err);

/* As root, create the directories of socket, lock, spool and store that are
 * missing, for the user to be. Existing ones stay as they are, and so do their
 * parents. RUAD_TEMP: one cannot be created. */
RUAD_NODISCARD enum ruad_status
ruad_privs_make_dirs(const struct ruad_conf *conf, const struct ruad_privs *p,
    struct ruad_err *err);

/* Become the user for good, and check that it is so. RUAD_TEMP: it failed. */
RUAD_NODISCARD enum ruad_status ruad_privs_drop(const struct ruad_privs *p,
    struct ruad_err *err);

void ruad_privs_fini(struct ruad_privs *p);

#endif
