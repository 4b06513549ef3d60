/* err.c - failures as a status, a code and a text. */
#include "err.h"
#include <stdarg.h>
#include <stdio.h>
#include "text.h"

enum ruad_status
ruad_fail(struct ruad_err *err, enum ruad_status status, enum ruad_code code,
    const char *fmt, ...)
{
	/* Escaping never shortens, so what does not fit here is cut anyway. */
	char raw[sizeof(err->text)];
	va_list ap;
	int n;

	if (err == NULL)
		return status;
	va_start(ap, fmt);
	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(raw))
		n = (int)sizeof(raw) - 1;
	err->status = status;
	err->code = code;
	ruad_text_escape(err->text, sizeof(err->text), raw, (size_t)n);
	return status;
}

enum ruad_status
ruad_fail_memory(struct ruad_err *err, const char *stage)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_MEMORY, "%s: out of memory",
	    stage);
}
