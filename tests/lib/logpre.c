/* logpre.c - preloaded into an unpacked Sendmail: syslog() appends to the file
 * $LOGPRE, so that no log daemon is needed, and gethostname() gives a name with
 * a dot, without which Sendmail sleeps for a minute at its start. The
 * environment is read early: Sendmail wipes it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list ap);

static char log_path[4096];

__attribute__((constructor)) static void
remember_environment(void)
{
	const char *path = getenv("LOGPRE");

	snprintf(log_path, sizeof(log_path), "%s",
	    path == NULL ? "/dev/null" : path);
}

static void
append(int priority, const char *format, va_list ap)
{
	char line[4096];
	int fd, len, saved = errno;

	len = snprintf(line, sizeof(line), "[%d] <%d> ", (int)getpid(),
	    priority & 7);
	errno = saved; /* for %m */
	len +=
	    vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, ap);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	line[len++] = '\n';
	fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd >= 0) {
		if (write(fd, line, (size_t)len) < 0)
			errno = saved;
		close(fd);
	}
	errno = saved;
}

void
vsyslog(int priority, const char *format, va_list ap)
{
	append(priority, format, ap);
}

void
syslog(int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	append(priority, format, ap);
	va_end(ap);
}

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, format);
	append(priority, format, ap);
	va_end(ap);
}

void
__vsyslog_chk(int priority, int flag, const char *format, va_list ap)
{
	(void)flag;
	append(priority, format, ap);
}

int
gethostname(char *name, size_t len)
{
	snprintf(name, len, "mx.test.example");
	return 0;
}
