/* cmd_reload.c - have the daemon read its configuration anew. */
#include "cmd.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* The process id that a running daemon has written into its lock file, which
 * it holds locked: what a dead one has left is not believed. 0: none, and
 * *errno_out says why. */
static pid_t
read_pid(const char *path, int *errno_out)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;
	long pid;

	*errno_out = errno;
	if (fd == -1)
		return 0;
	*errno_out = ESRCH;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	pid = n > 0 ? strtol(text, NULL, 10) : 0;
	return pid > 1 && pid == (pid_t)pid ? (pid_t)pid : 0;
}

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
	pid = read_pid(path, &why);
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
