/* launch.c - run a program and tell what it took. A process inherits the peak
 * memory of the one that it was forked from, so this one is small.
 *   launch FILE COMMAND [ARGUMENT ...]
 * FILE gets: seconds, processor seconds, peak KiB, exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "mails.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
secs(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct rusage use;
	double begin = now();
	int status;
	FILE *f;
	pid_t pid;

	if (argc < 3)
		bench_die("usage: launch FILE COMMAND [ARGUMENT ...]");
	pid = fork();
	if (pid == 0) {
		execv(argv[2], argv + 2);
		fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) < 0)
		bench_die("%s: %s", argv[2], strerror(errno));
	f = fopen(argv[1], "w");
	if (f == NULL ||
	    fprintf(f, "%f %f %ld %d\n", now() - begin,
		secs(use.ru_utime) + secs(use.ru_stime), use.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)) <
		0 ||
	    fclose(f) != 0)
		bench_die("%s: %s", argv[1], strerror(errno));
	return 0;
}
