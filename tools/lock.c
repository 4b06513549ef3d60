/* lock.c - see lock.h. */
#include "lock.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

pid_t
ruad_lock_pid(const char *path, int *errno_out)
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

int
ruad_lock_take(const char *path, int *errno_out)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

	*errno_out = errno;
	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	*errno_out = errno;
	close(fd);
	return -1;
}
