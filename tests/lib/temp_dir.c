/* temp_dir.c - mkdtemp(3) and nftw(3). */
#define _XOPEN_SOURCE 700
#include "temp_dir.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[100], test_dir[150];

static void
need(int ok)
{
	if (!ok) {
		perror("temp_dir");
		abort();
	}
}

void
temp_dir_set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	need(snprintf(dir, sizeof(dir), "%s/ruad.XXXXXX",
		 tmp != NULL ? tmp : "/tmp") < (int)sizeof(dir));
	need(mkdtemp(dir) != NULL);
}

static int
remove_one(const char *name, const struct stat *sb, int type, struct FTW *ftw)
{
	(void)sb;
	(void)type;
	(void)ftw;
	return remove(name);
}

void
temp_dir_tear_down(void)
{
	need(chdir("/") == 0);
	need(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

void
temp_dir_enter(void)
{
	snprintf(test_dir, sizeof(test_dir), "%s/XXXXXX", dir);
	need(mkdtemp(test_dir) != NULL);
	need(chdir(test_dir) == 0);
}

char *
temp_dir_path(char *buf, const char *name)
{
	need(snprintf(buf, 200, "%s/%s", test_dir, name) < 200);
	return buf;
}
