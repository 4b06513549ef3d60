/* mails.c - every failure ends the program: a benchmark with a part missing
 * would be a wrong one. */
#include "mails.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
bench_die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static int
is_mail(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

struct mails
bench_list(const char *dir)
{
	struct dirent **entry;
	struct mails all = { 0 };
	int i, n = scandir(dir, &entry, is_mail, alphasort);

	if (n <= 0)
		bench_die("%s: %s", dir, n < 0 ? strerror(errno) : "empty");
	all.mail = calloc((size_t)n, sizeof(*all.mail));
	if (all.mail == NULL)
		bench_die("out of memory");
	for (i = 0; i < n; i++) {
		if (asprintf(&all.mail[i].path, "%s/%s", dir,
			entry[i]->d_name) < 0)
			bench_die("out of memory");
		free(entry[i]);
	}
	free(entry);
	all.count = (size_t)n;
	return all;
}

void
bench_free(struct mails *all)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		free(all->mail[i].path);
		free(all->mail[i].data);
	}
	free(all->mail);
	*all = (struct mails){ 0 };
}

void
bench_load(struct mail *m)
{
	struct stat sb;
	ssize_t got;
	int fd = open(m->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &sb) != 0)
		bench_die("%s: %s", m->path, strerror(errno));
	m->data = realloc(m->data, (size_t)sb.st_size + 1);
	if (m->data == NULL)
		bench_die("out of memory");
	for (m->len = 0; m->len < (size_t)sb.st_size; m->len += (size_t)got) {
		got = read(fd, m->data + m->len, (size_t)sb.st_size - m->len);
		if (got <= 0)
			bench_die("%s: %s", m->path,
			    got < 0 ? strerror(errno) : "became shorter");
	}
	m->data[m->len] = '\0';
	close(fd);
}
