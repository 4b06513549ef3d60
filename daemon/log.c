/* log.c - lines of the form "QUEUEID: report=stored org=<...> ...", for people
 * and for grep. A value in <> or "" can hold neither its own delimiters nor a
 * line end: these are escaped with all that is not printable. */
#include "log.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>
#include "text.h"

enum {
	/* Of values, escaped; their delimiters take four bytes each on top, so
	 * that a line of the worst ones still keeps its end. */
	VALUE_MAX_BYTES = 256,
	TEXT_MAX_BYTES = 512,
	LINE_MAX_BYTES = 5120
};

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

void
ruad_log_open(struct ruad_log *log, const char *ident, bool to_stderr,
    int level)
{
	log->ident = ident;
	log->to_stderr = to_stderr;
	atomic_init(&log->level, level);
	openlog(ident, LOG_PID | (to_stderr ? LOG_PERROR : 0), LOG_MAIL);
}

/* `text` is printable ASCII. */
static void
put_out(struct ruad_log *log, int priority, const char *text)
{
	if (priority > atomic_load(&log->level))
		return;
	if (log->to_stderr)
		dprintf(STDERR_FILENO, "%s[%ld]: %s\n", log->ident,
		    (long)getpid(), text);
	else
		syslog(priority, "%s", text);
}

void
ruad_log_write(struct ruad_log *log, int priority, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	ruad_text_format(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_out(log, priority, text);
}

static void add(struct line *l, const char *fmt, ...) RUAD_PRINTF(2, 3);

static void
add(struct line *l, const char *fmt, ...)
{
	size_t left = sizeof(l->text) - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, left, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < left ? (size_t)n : left - 1;
}

/* Append a value, escaped and cut, without the characters of `delimiters`. */
static void
add_value(struct line *l, const char *value, size_t cap, const char *delimiters)
{
	char text[TEXT_MAX_BYTES];
	size_t len = ruad_text_escape(text, cap, value, strlen(value));

	for (size_t i = 0; i < len; i++) {
		if (strchr(delimiters, text[i]) != NULL)
			add(l, "\\x%02x", (unsigned char)text[i]);
		else
			add(l, "%c", text[i]);
	}
	/* An escape is never split, so a cut text may fall short by three. */
	if (len + 4 >= cap)
		add(l, "...");
}

/* Append " name=<value>"; a value that brings its own brackets loses them. */
static void
add_bracketed(struct line *l, const char *name, const char *value)
{
	char bare[VALUE_MAX_BYTES];
	size_t len = value != NULL ? strlen(value) : 0;

	add(l, " %s=<", name);
	if (len >= 2 && value[0] == '<' && value[len - 1] == '>') {
		value++;
		len -= 2;
	}
	if (len > 0) {
		snprintf(bare, sizeof(bare), "%.*s", (int)len, value);
		add_value(l, bare, sizeof(bare), "<>");
	}
	add(l, ">");
}

static void
begin(struct line *l, const struct ruad_log_mail *mail,
    enum ruad_outcome outcome)
{
	bool known = mail->queue_id != NULL && mail->queue_id[0] != '\0';

	l->len = 0;
	/* MTAs have letters and digits there; a blank would move the fields. */
	add_value(l, known ? mail->queue_id : "NOQUEUE", 64, " :<>\"");
	add(l, ": report=%s", ruad_outcome_word(outcome));
}

static void
add_reason(struct line *l, const struct ruad_log_mail *mail,
    enum ruad_code code, const char *text)
{
	add(l, " code=%s text=\"", ruad_code_name(code));
	add_value(l, text != NULL ? text : ruad_code_help(code), TEXT_MAX_BYTES,
	    "\"");
	add(l, "\"");
	add_bracketed(l, "message-id", mail->message_id);
	add_bracketed(l, "from", mail->mail_from);
	add(l, " verdict=%s ms=%ld", mail->verdict, mail->msecs);
}

static void
log_item(struct ruad_log *log, const struct ruad_log_mail *mail,
    const struct ruad_delivery *d, const struct ruad_item *item)
{
	const struct ruad_report *r = item->report;
	struct line l;

	begin(&l, mail, item->outcome);
	if (r == NULL || item->outcome == RUAD_REFUSED ||
	    item->outcome == RUAD_ERROR) {
		add_reason(&l, mail, item->code, item->text);
		put_out(log, item->outcome == RUAD_ERROR ? LOG_ERR : LOG_INFO,
		    l.text);
		return;
	}
	add_bracketed(&l, "org", r->org_name);
	add_bracketed(&l, "id", r->report_id);
	add_bracketed(&l, "domain", ruad_report_text(r, r->policy_domain));
	add(&l, " records=%" PRIu32 " messages=%" PRId64 " trust=%s ms=%ld",
	    r->records, r->messages, ruad_auth_result_word(d->trust),
	    mail->msecs);
	put_out(log, LOG_INFO, l.text);
}

void
ruad_log_delivery(struct ruad_log *log, const struct ruad_log_mail *mail,
    const struct ruad_delivery *d)
{
	struct line l;

	for (const struct ruad_item *i = d->items; i != NULL; i = i->next)
		log_item(log, mail, d, i);
	if (d->items != NULL)
		return;
	begin(&l, mail, d->outcome);
	add_reason(&l, mail, d->code, d->text);
	put_out(log, d->outcome == RUAD_ERROR ? LOG_ERR : LOG_INFO, l.text);
}

void
ruad_log_trouble(struct ruad_log *log, const struct ruad_log_mail *mail,
    const struct ruad_err *err)
{
	struct line l;

	begin(&l, mail, RUAD_ERROR);
	add_reason(&l, mail, err->code, err->text);
	put_out(log, LOG_ERR, l.text);
}
