/* record_lint.c - what a DMARC record says to both generations of receivers,
 * and what is wrong with it. */
#include "record_cmd.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"
#include "remarks.h"
#include "word.h"

/* No TXT record is longer. */
enum { RECORD_MAX = 65535 };

static const struct ruad_column facts[] = {
	{ .name = "record" },
	{ .name = "rfc7489", .title = "Under RFC 7489" },
	{ .name = "rfc9989", .title = "Under RFC 9989" },
	{ .name = "canonical", .title = "Written well", .wide = true },
};

static const struct ruad_layout layout = {
	.columns = ruad_remark_columns,
	.column_count = RUAD_REMARK_COLUMNS,
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
	.rows_name = "remarks",
};

const char *
ruad_record_describe(const struct ruad_dmarc_record *r, enum ruad_rfc rfc,
    char buf[200])
{
	const struct ruad_reading *a = ruad_record_reading(r, rfc);
	enum ruad_policy applied = ruad_reading_applied(a, a->p);

	if (a->state == RUAD_RECORD_IGNORED) {
		snprintf(buf, 200, "ignore it: no DMARC");
		return buf;
	}
	snprintf(buf, 200, "p=%s sp=%s%s%s adkim=%s aspf=%s%s%s%s%s",
	    ruad_policy_word(a->p), ruad_policy_word(a->sp),
	    rfc == RUAD_RFC_9989 ? " np=" : "",
	    rfc == RUAD_RFC_9989 ? ruad_policy_word(a->np) : "",
	    ruad_mode_word(a->adkim), ruad_mode_word(a->aspf),
	    applied != a->p ? "; applied is " : "",
	    applied != a->p ? ruad_policy_word(applied) : "",
	    a->testing ? " (t=y)" : "",
	    a->state == RUAD_RECORD_DOUBTFUL ? "; some ignore it" : "");
	return buf;
}

static json_t *
facts_of(const struct ruad_dmarc_record *r)
{
	char *canonical = ruad_record_canonical(r);
	char old[200], new[200];
	const char *text;
	json_t *object;
	size_t len;

	text = ruad_record_text(r, &len);
	object =
	    json_pack("{s:o, s:s, s:s, s:s?}", "record", ruad_output_text(text),
		"rfc7489", ruad_record_describe(r, RUAD_RFC_7489, old),
		"rfc9989", ruad_record_describe(r, RUAD_RFC_9989, new),
		"canonical", canonical);
	free(canonical);
	return object;
}

/* Whether a generation ignores it, or some of its receivers. */
static bool
is_good(const struct ruad_dmarc_record *r)
{
	return ruad_record_reading(r, RUAD_RFC_7489)->state == RUAD_RECORD_OK &&
	    ruad_record_reading(r, RUAD_RFC_9989)->state == RUAD_RECORD_OK;
}

static enum ruad_exit
tell(struct ruad_ctl *ctl, const struct ruad_dmarc_record *r)
{
	const struct ruad_remarks *remarks = ruad_record_remarks(r);
	enum ruad_exit status = ruad_remarks_exit(remarks), end;
	json_t *head = facts_of(r);
	struct ruad_output *o;
	const char *text;
	size_t len;

	text = ruad_record_text(r, &len);
	if (ctl->options.format == RUAD_FORMAT_TABLE)
		ruad_remarks_marks(remarks, text, len);
	o = head != NULL ? ruad_output_open(ctl->options.format, &layout, head)
			 : NULL;
	json_decref(head);
	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	ruad_remarks_rows(o, remarks, "record", NULL);
	end = ruad_output_close(&o);
	if (status == RUAD_EXIT_OK && !is_good(r))
		status = RUAD_EXIT_FINDINGS;
	return end != RUAD_EXIT_OK ? end : status;
}

/* The record from standard input, without the end of its line. NULL: it cannot
 * be read, which has been told. */
static char *
read_stdin(void)
{
	char *text = malloc(RECORD_MAX + 1);
	size_t len;

	if (text == NULL) {
		ruad_message("out of memory");
		return NULL;
	}
	len = fread(text, 1, RECORD_MAX, stdin);
	if (ferror(stdin)) {
		ruad_message("standard input cannot be read");
		free(text);
		return NULL;
	}
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	text[len] = '\0';
	return text;
}

enum ruad_exit
ruad_record_lint(struct ruad_ctl *ctl)
{
	bool from_stdin = strcmp(ctl->args[0], "-") == 0;
	char *input = from_stdin ? read_stdin() : NULL;
	const char *text = from_stdin ? input : ctl->args[0];
	struct ruad_dmarc_record *r;
	enum ruad_exit status;
	struct ruad_err err;

	if (text == NULL)
		return RUAD_EXIT_TEMP;
	if (ruad_record_read(text, strlen(text), &r, &err) != RUAD_OK) {
		free(input);
		return ruad_message_failure(&err);
	}
	status = tell(ctl, r);
	ruad_record_free(&r);
	free(input);
	return status;
}
