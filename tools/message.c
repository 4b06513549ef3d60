/* message.c - see message.h. */
#include "message.h"
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

enum { LINE_MAX_BYTES = 2000 };

void
ruad_message_init(void)
{
	setlocale(LC_CTYPE, "");
}

enum ruad_emit_charset
ruad_message_charset(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? RUAD_EMIT_UTF8
							  : RUAD_EMIT_ASCII;
}

static void print_line(const char *fmt, va_list ap) RUAD_PRINTF(1, 0);

static void
print_line(const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES];

	vsnprintf(text, sizeof(text), fmt, ap);
	fputs("ruadctl: ", stderr);
	ruad_emit_text(stderr, text, ruad_message_charset());
	putc('\n', stderr);
}

void
ruad_message(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
}

enum ruad_exit
ruad_message_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(fmt, ap);
	va_end(ap);
	return RUAD_EXIT_USAGE;
}

enum ruad_exit
ruad_message_failure(const struct ruad_err *err)
{
	ruad_message("%s", err->text);
	return err->status == RUAD_TEMP ? RUAD_EXIT_TEMP : RUAD_EXIT_USAGE;
}

char *
ruad_message_guess(const char *word,
    const char *(*name)(size_t n, const void *arg), const void *arg,
    char buf[80])
{
	size_t best = strlen(word) / 3 + 2;
	const char *candidate;

	buf[0] = '\0';
	for (size_t n = 0; (candidate = name(n, arg)) != NULL; n++) {
		size_t d = ruad_text_distance(word, candidate);

		if (d < best) {
			best = d;
			snprintf(buf, 80, "did you mean %s?", candidate);
		}
	}
	return buf;
}
