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

enum ruad_status
ruad_why(struct ruad_query *q, const struct ruad_filter *filter,
    char buf[RUAD_WHY_BYTES], struct ruad_err *err)
{
	struct finding dkim = { .any = false }, spf = dkim;
	int64_t messages = 0, of_messages = 0;
	enum ruad_mode adkim = RUAD_MODE_UNKNOWN, aspf = RUAD_MODE_UNKNOWN;
	enum ruad_reason_type reason = 0;
	struct text t = { .buf = buf };
	struct ruad_rows *rows;
	enum ruad_status st;

	st = ruad_query_ask(q, RUAD_ASK_FAILURE, filter, &rows, err);
	if (st != RUAD_OK)
		return st;
	while ((st = ruad_rows_next(rows, err)) == RUAD_OK) {
		messages = ruad_rows_int(rows, "messages");
		of_messages = ruad_rows_int(rows, "of_messages");
		adkim = (enum ruad_mode)ruad_rows_int(rows, "adkim");
		aspf = (enum ruad_mode)ruad_rows_int(rows, "aspf");
		reason = (enum ruad_reason_type)ruad_rows_int(rows, "reason");
		if (ruad_rows_int(rows, "method") == RUAD_METHOD_DKIM)
			take(&dkim, rows);
		else if (ruad_rows_int(rows, "method") == RUAD_METHOD_SPF)
			take(&spf, rows);
	}
	if (st != RUAD_END)
		return st;
	buf[0] = '\0';
	if (messages == 0) {
		/* Only the roll-up is left, or too much came after. */
		add(&t,
		    "neither SPF nor DKIM aligned; no recent record says "
		    "more");
		return RUAD_OK;
	}
	add_spf(&t, &spf, aspf);
	add(&t, "; ");
	add_dkim(&t, &dkim, adkim);
	if (reason != 0)
		add(&t, "; reporter's override: %s", ruad_reason_word(reason));
	add_share(&t, messages, of_messages);
	return RUAD_OK;
}
