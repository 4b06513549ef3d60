/* err.c - failures as a status, a code and a text. */
#include "err.h"
#include <stdarg.h>
#include "text.h"

enum ruad_status
ruad_fail(struct ruad_err *err, enum ruad_status status, enum ruad_code code,
    const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return status;
	va_start(ap, fmt);
	ruad_text_format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	err->status = status;
	err->code = code;
	return status;
}

enum ruad_status
ruad_fail_memory(struct ruad_err *err, const char *stage)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_MEMORY, "%s: out of memory",
	    stage);
}
