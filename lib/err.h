/* err.h - how a function says that it failed: a status for the caller's next
 * step, a stable code, and one line of text for the log. */
#ifndef RUAD_ERR_H
#define RUAD_ERR_H
#include "code.h"

#define RUAD_NODISCARD __attribute__((warn_unused_result))
#define RUAD_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Ordered by what the caller must do next. */
enum ruad_status {
	RUAD_OK,
	RUAD_END, /* no more of what was asked for */
	RUAD_BAD, /* the input is malformed: permanent */
	RUAD_LIMIT, /* the input exceeds a bound: permanent */
	RUAD_TEMP /* this host failed: try again later */
};

struct ruad_err {
	enum ruad_status status;
	enum ruad_code code;
	char text[400]; /* one line of printable ASCII, safe to log */
};

/* Fill *err (if not NULL) and return status. Whatever the arguments hold, the
 * text comes out as one line of printable ASCII: other bytes are written as
 * \xHH and a text that is too long is cut. */
enum ruad_status ruad_fail(struct ruad_err *err, enum ruad_status status,
    enum ruad_code code, const char *fmt, ...) RUAD_PRINTF(4, 5);

/* The usual failure of an allocation; `stage` begins the text. */
enum ruad_status ruad_fail_memory(struct ruad_err *err, const char *stage);

#endif
