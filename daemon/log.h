/* log.h - log lines, to syslog or standard error. Text that somebody else
 * wrote is escaped here, wherever it comes from. */
#ifndef RUAD_LOG_H
#define RUAD_LOG_H
#include "conf.h"
#include "delivery.h"
#include "err.h"
#include <stdatomic.h>

struct ruad_log {
	const char *ident; /* static: the name of the program */
	bool to_stderr;
	atomic_int level; /* of syslog: less important lines are left out */
};

/* Begin. libmilter logs to syslog on its own; with to_stderr its lines appear
 * there too. */
void ruad_log_open(struct ruad_log *log, const char *ident, bool to_stderr,
    int level);

/* One line; bytes that are not printable ASCII come out as \xHH. */
void ruad_log_write(struct ruad_log *log, int priority, const char *fmt, ...)
    RUAD_PRINTF(3, 4);

/* What the log says of one report mail. */
struct ruad_log_mail {
	const char *queue_id; /* NULL: not known */
	const char *message_id; /* with or without <>; NULL: not known */
	const char *mail_from; /* with or without <>; NULL: not known */
	const char *verdict; /* what becomes of the mail */
	long msecs; /* spent at end of message */
};

/* One line for each report of a concluded delivery, or for each thing that is
 * refused; one for the mail where it holds neither. */
void ruad_log_delivery(struct ruad_log *log, const struct ruad_log_mail *mail,
    const struct ruad_delivery *d);

/* The line for a mail that gave no delivery because of trouble of ours. */
void ruad_log_trouble(struct ruad_log *log, const struct ruad_log_mail *mail,
    const struct ruad_err *err);

#endif
