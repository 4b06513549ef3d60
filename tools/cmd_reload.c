/* cmd_reload.c - have the daemon read its configuration anew. */
#include "cmd.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include "lock.h"

enum ruad_exit
ruad_cmd_reload(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	const char *path;
	pid_t pid;
	int why;

	if (status != RUAD_EXIT_OK)
		return status;
	path = ctl->conf->lock_file;
	pid = ruad_lock_pid(path, &why);
	if (pid == 0) {
		ruad_message("ruad does not run: lock_file %s: %s", path,
		    strerror(why));
		return RUAD_EXIT_TEMP;
	}
	if (kill(pid, SIGUSR1) != 0) {
		ruad_message("ruad, process %ld: %s", (long)pid,
		    strerror(errno));
		return errno == EPERM ? RUAD_EXIT_USAGE : RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}
