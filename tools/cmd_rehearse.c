/* cmd_rehearse.c - what a policy would have made of the messages of the last
 * days, and whether it is safe to publish it. */
#include <stdio.h>
#include "cmd.h"
#include "rehearse_ask.h"
#include "rehearse_json.h"

static const char *
tint_verdict(const json_t *row)
{
	const char *verdict =
	    json_string_value(json_object_get(row, "verdict"));

	return verdict != NULL && verdict[0] == 'r' ? "green" : "red";
}

static const char *
tint_met(const json_t *row)
{
	return json_is_false(json_object_get(row, "met")) ? "red" : NULL;
}

static const char *
tint_mine(const json_t *row)
{
	return json_integer_value(json_object_get(row, "mine_fail")) > 0 ? "red"
									 : NULL;
}

#define INTEGER(n, t) \
	{ \
		.name = n, .title = t, .kind = RUAD_COLUMN_INTEGER \
	}

static const struct ruad_column facts[] = {
	{ .name = "policy_domain", .title = "Policy domain" },
	{ .name = "first_day", .title = "First day" },
	{ .name = "last_day", .title = "Last day" },
	{ .name = "published", .title = "Published" },
	{ .name = "rehearsed", .title = "Rehearsed" },
	INTEGER("messages", "Messages"),
	INTEGER("pass_now", "Pass now"),
	INTEGER("pass_then", "Pass then"),
	INTEGER("quarantine_now", "Quarantined now"),
	INTEGER("quarantine_then", "Quarantined then"),
	INTEGER("reject_now", "Rejected now"),
	INTEGER("reject_then", "Rejected then"),
	INTEGER("mine_refused", "Of these, ours"),
	INTEGER("forwarded_refused", "... forwarded"),
	INTEGER("unknown_refused", "... unknown"),
	INTEGER("excepted", "Excepted"),
	INTEGER("undecided", "Undecided"),
	INTEGER("dkim_only", "Pass by DKIM alone"),
	INTEGER("forwarded_pass", "Forwarded, pass"),
	{ .name = "verdict", .title = "Verdict", .tint = tint_verdict },
};

static const struct ruad_column condition_columns[] = {
	{ .name = "condition", .title = "CONDITION" },
	{ .name = "met", .title = "MET", .tint = tint_met },
	{ .name = "found", .title = "FOUND" },
	{ .name = "wanted", .title = "WANTED" },
	{ .name = "senders", .title = "SENDERS", .kind = RUAD_COLUMN_NAMES },
	{ .name = "advice", .title = "WHAT TO DO", .wide = true },
};

static const struct ruad_column sender_columns[] = {
	{ .name = "sender", .title = "SENDER" },
	{ .name = "known_by", .title = "BY" },
	{ .name = "kind" },
	{ .name = "label", .title = "LABEL" },
	{ .name = "class" },
	INTEGER("messages", "MESSAGES"),
	INTEGER("mine_pass", "MINE PASS"),
	{ .name = "mine_fail",
	    .title = "MINE FAIL",
	    .kind = RUAD_COLUMN_INTEGER,
	    .tint = tint_mine },
	INTEGER("forwarded", "FORWARDED"),
	INTEGER("unknown", "UNKNOWN"),
	INTEGER("undecided", "UNDECIDED"),
	INTEGER("pass_now", NULL),
	INTEGER("quarantine_then", NULL),
	INTEGER("reject_then", NULL),
	INTEGER("refused", "REFUSED"),
	INTEGER("excepted", "EXCEPTED"),
	INTEGER("dkim_only", NULL),
	INTEGER("forwarded_pass", NULL),
	{ .name = "new", .kind = RUAD_COLUMN_TEXT },
	{ .name = "first_day" },
	{ .name = "last_day" },
	INTEGER("report_key", NULL),
	{ .name = "evidence", .title = "EVIDENCE", .wide = true },
};

static const struct ruad_column change_columns[] = {
	{ .name = "source_ip", .title = "SOURCE" },
	{ .name = "header_from", .title = "HEADER FROM" },
	{ .name = "sender", .title = "SENDER" },
	INTEGER("messages", "MESSAGES"),
	{ .name = "class", .title = "CLASS" },
	{ .name = "dmarc_now", .title = "DMARC NOW" },
	{ .name = "disposition_now", .title = "NOW" },
	{ .name = "disposition_then", .title = "THEN" },
	{ .name = "last_day" },
	INTEGER("report_key", "REPORT"),
	{ .name = "evidence", .title = "EVIDENCE", .wide = true },
};

#define LAYOUT(list) \
	.columns = list, .column_count = sizeof(list) / sizeof(*list)

static const struct ruad_layout layout = {
	LAYOUT(sender_columns),
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
	.rows_name = "senders",
};
static const struct ruad_layout sender_layout = { LAYOUT(sender_columns) };
static const struct ruad_layout change_layout = { LAYOUT(change_columns) };
static const struct ruad_layout condition_layout = {
	LAYOUT(condition_columns),
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
};

/* Writing it */

/* The rows of one list: row n of it, NULL where there are no more. */
typedef json_t *next_row(const struct ruad_ctl *ctl,
    const struct ruad_rehearse_answer *a, size_t n);

static json_t *
next_condition(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    size_t n)
{
	(void)ctl;
	return n < RUAD_READY_COUNT
	    ? ruad_rehearse_condition_json(a, (enum ruad_ready_code)n, true)
	    : NULL;
}

/* Whether row n of `count` is one, and wanted. */
static bool
is_wanted(const struct ruad_ctl *ctl, size_t n, size_t count)
{
	int64_t limit = ctl->options.filter.limit;

	return n < count && (limit <= 0 || (int64_t)n < limit);
}

static json_t *
next_sender(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    size_t n)
{
	return is_wanted(ctl, n, a->result.sender_count)
	    ? ruad_rehearse_sender_json(a->result.sender[n])
	    : NULL;
}

static json_t *
next_change(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    size_t n)
{
	return is_wanted(ctl, n, a->result.change_count)
	    ? ruad_rehearse_change_json(a->result.change[n])
	    : NULL;
}

static enum ruad_exit
write_list(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    const struct ruad_layout *of, const json_t *head, next_row *next)
{
	struct ruad_output *o = ruad_output_open(ctl->options.format, of, head);
	json_t *row;

	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	for (size_t i = 0; (row = next(ctl, a, i)) != NULL; i++) {
		if (!ruad_output_row(o, row))
			break;
	}
	return ruad_output_close(&o);
}

/* For people: the conditions first, then who, and what would change. */
static enum ruad_exit
write_tables(struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    const json_t *head)
{
	const json_t *text, *remarks = json_object_get(head, "remarks");
	enum ruad_exit status;
	size_t i;

	status = write_list(ctl, a, &condition_layout, head, next_condition);
	putchar('\n');
	if (status == RUAD_EXIT_OK)
		status = write_list(ctl, a, &sender_layout, NULL, next_sender);
	putchar('\n');
	if (status == RUAD_EXIT_OK && a->result.change_count > 0) {
		puts("What would change first:");
		status = write_list(ctl, a, &change_layout, NULL, next_change);
		putchar('\n');
	}
	json_array_foreach(remarks, i, text)
	{
		ruad_output_line(json_string_value(text));
	}
	return status;
}

enum ruad_exit
ruad_cmd_rehearse(struct ruad_ctl *ctl)
{
	struct ruad_rehearse_answer a = { 0 };
	enum ruad_exit status = ruad_ctl_domain(ctl);
	json_t *head;

	if (status == RUAD_EXIT_OK)
		status = ruad_rehearse_tags(&ctl->options, &a.asked.policy);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_conf(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_rehearse_read(ctl, false, &a);
	if (status != RUAD_EXIT_OK)
		return status;
	head = ruad_rehearse_facts_json(ctl, &a);
	ruad_ctl_limit_table(ctl);
	if (head == NULL) {
		ruad_message("out of memory");
		status = RUAD_EXIT_TEMP;
	} else if (ctl->options.format == RUAD_FORMAT_TABLE) {
		status = write_tables(ctl, &a, head);
	} else {
		status = write_list(ctl, &a, &layout, head, next_sender);
	}
	json_decref(head);
	if (status == RUAD_EXIT_OK && a.verdict != RUAD_READY)
		status = RUAD_EXIT_FINDINGS;
	ruad_rehearsal_free(&a.result);
	return status;
}
