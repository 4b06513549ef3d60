/* fuzz_conf.c - any bytes as a configuration file: it is read or refused with a
 * text, and what is read is the same when it is read again. */
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "conf.h"

/* The bytes as a file that is nowhere; its name is in path. */
static int
make_file(const uint8_t *data, size_t size, char path[40])
{
	int fd = memfd_create("conf", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 40, "/proc/self/fd/%d", fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruad_conf *a = NULL, *b = NULL;
	struct ruad_conf_option option;
	struct ruad_err err = { 0 };
	char path[40];
	int fd = make_file(data, size, path);
	enum ruad_status st = ruad_conf_read(path, &a, &err);
	size_t i;

	if (st == RUAD_TEMP || (st != RUAD_OK && *err.text == '\0'))
		abort();
	if (ruad_conf_read(path, &b, &err) != st)
		abort();
	for (i = 0; st == RUAD_OK && ruad_conf_option(i, &option); i++)
		if (!ruad_conf_same(a, b, i))
			abort();
	ruad_conf_free(&a);
	ruad_conf_free(&b);
	close(fd);
	return 0;
}
