/* replay_main.c - a harness without a fuzzer: it is given files, one after the
 * other. Files and directories are named as arguments; without any, they are
 * the harness's own below $srcdir: its seeds, its part of the corpus, and what
 * once broke it. TAP on standard output. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "corpus.h"
#include "fuzz.h"

static unsigned points;

static void
replay_file(const char *path)
{
	size_t len;
	char *bytes = corpus_file(path, &len);
	/* Of its own size, so that reading past the end shows. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (bytes == NULL || copy == NULL) {
		perror(path);
		abort();
	}
	memcpy(copy, bytes, len);
	free(bytes);
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(copy, len);
	printf("ok %u - %s\n", ++points, path);
	free(copy);
}

static int
is_input(const struct dirent *e)
{
	return e->d_name[0] != '.' && strcmp(e->d_name, "why") != 0 &&
	    strcmp(e->d_name, "want") != 0 && strcmp(e->d_name, "uncut") != 0;
}

static void
replay(const char *path)
{
	struct dirent **list;
	struct stat sb;
	char below[1000];
	int i, n;

	if (stat(path, &sb) != 0) {
		perror(path);
		abort();
	}
	if (!S_ISDIR(sb.st_mode)) {
		replay_file(path);
		return;
	}
	n = scandir(path, &list, is_input, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(below, sizeof(below), "%s/%s", path, list[i]->d_name);
		replay(below);
		free(list[i]);
	}
	free(list);
}

/* Directories by the name of the program, "fuzz_mail". */
static void
replay_own(const char *program)
{
	static const char *const dirs[] = { "fuzz/seeds", "fuzz/regress",
		"corpus/cases" };
	const char *srcdir = getenv("srcdir"), *name = strstr(program, "fuzz_");
	char path[1000];
	struct stat sb;
	size_t i;

	name = name != NULL ? name + 5 : "";
	for (i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		bool corpus = strcmp(dirs[i], "corpus/cases") == 0;

		if (corpus &&
		    (strcmp(name, "authres") == 0 ||
			strcmp(name, "conf") == 0 ||
			strcmp(name, "record") == 0))
			continue;
		snprintf(path, sizeof(path), "%s/tests/%s%s%s",
		    srcdir != NULL ? srcdir : ".", dirs[i], corpus ? "" : "/",
		    corpus ? "" : name);
		if (stat(path, &sb) == 0)
			replay(path);
	}
}

int
main(int argc, char **argv)
{
	const char *program = strrchr(argv[0], '/');
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1)
		replay_own(program != NULL ? program : argv[0]);
	printf("1..%u\n", points);
	corpus_end();
	return points > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
