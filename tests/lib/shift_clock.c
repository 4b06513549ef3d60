/* shift_clock.c - preloaded into a program whose clock is to be wrong: time()
 * gives the seconds in the file $SHIFT_CLOCK_FILE more, which may change while
 * the program runs. The file is opened early, before the program gives up its
 * privileges. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int fd = -1;

__attribute__((constructor)) static void
open_file(void)
{
	const char *path = getenv("SHIFT_CLOCK_FILE");

	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC);
}

time_t
time(time_t *out)
{
	struct timespec now;
	char text[24] = { 0 };
	time_t t;

	clock_gettime(CLOCK_REALTIME, &now);
	t = now.tv_sec;
	if (fd >= 0 && pread(fd, text, sizeof(text) - 1, 0) > 0)
		t += strtoll(text, NULL, 10);
	if (out != NULL)
		*out = t;
	return t;
}
