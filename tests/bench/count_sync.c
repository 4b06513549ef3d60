/* count_sync.c - preloaded into a program that is measured: counts its calls
 * of fsync() and fdatasync() in the 8 bytes of the file $COUNT_SYNC_FILE. The
 * file is opened early, before the program gives up its privileges, and
 * mapped, so that a killed program is counted too. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t *count;

__attribute__((constructor)) static void
open_count(void)
{
	const char *path = getenv("COUNT_SYNC_FILE");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (p != MAP_FAILED)
		count = p;
	close(fd);
}

/* The function that stands behind this one. */
static int
call_next(const char *name, int fd)
{
	int (*next)(int);

	*(void **)&next = dlsym(RTLD_NEXT, name);
	if (count != NULL)
		atomic_fetch_add(count, 1);
	return next(fd);
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	return call_next("fsync", fd);
}

__attribute__((visibility("default"))) int
fdatasync(int fd)
{
	return call_next("fdatasync", fd);
}
