/* why.c - words for authentication results. What the reporter found aligned is
 * its verdict; the results are what there is to explain it with, and where they
 * do not, this is said. */
#include "why.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "report.h"
#include "word.h"

/* Longest text, with its NUL: three domain names and what stands around. */
#define RUAD_WHY_BYTES 1200

/* The result of one method that explains most. */
struct finding {
	bool any; /* there is one */
	enum ruad_result result;
	enum ruad_alignment alignment;
	char domain[300];
	unsigned passed; /* how many passed */
};

struct text {
	char *buf;
	size_t len;
};

static void add(struct text *t, const char *fmt, ...) RUAD_PRINTF(2, 3);

/* Append, cut to fit. */
static void
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, RUAD_WHY_BYTES - t->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	t->len += (size_t)n;
	if (t->len >= RUAD_WHY_BYTES)
		t->len = RUAD_WHY_BYTES - 1;
}

/* Whether a result says more than the one that is kept: one that passed over
 * one that did not, an aligned one over one that is not, the first over all
 * later ones. */
static bool
says_more(const struct finding *kept, enum ruad_result result,
    enum ruad_alignment alignment)
{
	bool passed = result == RUAD_RESULT_PASS;

	if (!kept->any)
		return true;
	if (passed != (kept->result == RUAD_RESULT_PASS))
		return passed;
	return alignment > kept->alignment;
}

/* Take the current row into the finding of its method. */
static void
take(struct finding *f, const struct ruad_rows *rows)
{
	enum ruad_result result =
	    (enum ruad_result)ruad_rows_int(rows, "result");
	enum ruad_alignment alignment =
	    (enum ruad_alignment)ruad_rows_int(rows, "alignment");
	const char *domain = ruad_rows_text(rows, "domain");

	f->passed += result == RUAD_RESULT_PASS;
	/* "dkim=none" is how some reporters write that there is no signature. */
	if (result == RUAD_RESULT_NONE && domain == NULL)
		return;
	if (!says_more(f, result, alignment))
		return;
	f->any = true;
	f->result = result;
	f->alignment = alignment;
	snprintf(f->domain, sizeof(f->domain), "%s",
	    domain != NULL && domain[0] != '\0' ? domain : "no domain");
}

/* "passed for D, not aligned" and its kin. */
static void
add_pass(struct text *t, const struct finding *f, const char *what,
    enum ruad_mode mode)
{
	add(t, "%s passed for %s", what, f->domain);
	if (f->passed > 1)
		add(t, " and %u more", f->passed - 1);
	if (f->alignment == RUAD_ALIGNMENT_NONE)
		add(t, ", not aligned");
	else if (f->alignment == RUAD_ALIGNMENT_RELAXED &&
	    mode == RUAD_MODE_STRICT)
		add(t, ", not identical as the policy demands");
	else
		add(t, ", aligned, but the reporter says fail");
}

static void
add_spf(struct text *t, const struct finding *f, enum ruad_mode mode)
{
	if (!f->any) {
		add(t, "no SPF result");
	} else if (f->result == RUAD_RESULT_PASS) {
		add_pass(t, f, "SPF", mode);
	} else if (f->result == RUAD_RESULT_NONE) {
		add(t, "no SPF record at %s", f->domain);
	} else {
		add(t, "SPF %s for %s",
		    f->result == RUAD_RESULT_OTHER
			? "unclear"
			: ruad_result_word(f->result),
		    f->domain);
	}
}

static void
add_dkim(struct text *t, const struct finding *f, enum ruad_mode mode)
{
	if (!f->any) {
		add(t, "no DKIM signature");
	} else if (f->result == RUAD_RESULT_PASS) {
		add_pass(t, f, "DKIM", mode);
	} else {
		add(t, "DKIM %s for %s",
		    f->result == RUAD_RESULT_OTHER
			? "unclear"
			: ruad_result_word(f->result),
		    f->domain);
	}
}

/* The share of the failing messages that this speaks of, where not all. */
static void
add_share(struct text *t, int64_t messages, int64_t of_messages)
{
	if (messages < of_messages)
		add(t, " (%d%% of the failing)",
		    (int)(100.0 * (double)messages / (double)of_messages));
}

/* What the rows of RUAD_ASK_FAILURE say together. */
struct failure {
	struct finding dkim, spf;
	int64_t messages, of_messages, report_key;
	enum ruad_mode adkim, aspf;
	enum ruad_reason_type reason; /* 0: none */
	char source_ip[50];
};

static void
take_row(struct failure *f, const struct ruad_rows *rows)
{
	int64_t method = ruad_rows_int(rows, "method");
	const char *ip = ruad_rows_text(rows, "source_ip");

	f->messages = ruad_rows_int(rows, "messages");
	f->of_messages = ruad_rows_int(rows, "of_messages");
	f->report_key = ruad_rows_int(rows, "report_key");
	f->adkim = (enum ruad_mode)ruad_rows_int(rows, "adkim");
	f->aspf = (enum ruad_mode)ruad_rows_int(rows, "aspf");
	f->reason = (enum ruad_reason_type)ruad_rows_int(rows, "reason");
	snprintf(f->source_ip, sizeof(f->source_ip), "%s",
	    ip != NULL ? ip : "");
	if (method == RUAD_METHOD_DKIM)
		take(&f->dkim, rows);
	else if (method == RUAD_METHOD_SPF)
		take(&f->spf, rows);
}

static void
write_why(const struct failure *f, bool name_source, char buf[RUAD_WHY_BYTES])
{
	struct text t = { .buf = buf };

	buf[0] = '\0';
	if (f->messages == 0) {
		/* Only the roll-up is left, or too much came after. */
		add(&t,
		    "neither SPF nor DKIM aligned; no recent record says "
		    "more");
		return;
	}
	if (name_source)
		add(&t, "%s: ", f->source_ip);
	add_spf(&t, &f->spf, f->aspf);
	add(&t, "; ");
	add_dkim(&t, &f->dkim, f->adkim);
	if (f->reason != 0)
		add(&t, "; reporter's override: %s",
		    ruad_reason_word(f->reason));
	add_share(&t, f->messages, f->of_messages);
}

enum ruad_exit
ruad_why_add(struct ruad_ctl *ctl, const struct ruad_filter *filter,
    bool name_source, json_t *row)
{
	struct failure f = { .messages = 0 };
	char text[RUAD_WHY_BYTES];
	struct ruad_rows *rows;
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_query_ask(ctl->query, RUAD_ASK_FAILURE, filter, &rows, &err);
	while (st == RUAD_OK && (st = ruad_rows_next(rows, &err)) == RUAD_OK)
		take_row(&f, rows);
	if (st != RUAD_END)
		return ruad_message_failure(&err);
	write_why(&f, name_source, text);
	if (json_object_set_new(row, "why", ruad_output_text(text)) != 0 ||
	    json_object_set_new(row, "report_key",
		f.report_key != 0 ? json_integer(f.report_key) : json_null()) !=
		0) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	return RUAD_EXIT_OK;
}
