/* cmd_rehearse.c - what a policy would have made of the messages of the last
 * days, and whether it is safe to publish it. */
#include <stdio.h>
#include <time.h>
#include "cmd.h"
#include "parse.h"
#include "rehearse_json.h"

#define DAY_SECS INT64_C(86400)

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

/* What is to be rehearsed */

/* One step up, where the command line does not say. */
static enum ruad_policy
next_policy(enum ruad_policy p)
{
	return p == RUAD_POLICY_QUARANTINE || p == RUAD_POLICY_REJECT
	    ? RUAD_POLICY_REJECT
	    : RUAD_POLICY_QUARANTINE;
}

/* A policy of reports that is that of the names above is as good as absent:
 * reporters fill it in. */
static enum ruad_policy
own_policy(enum ruad_policy policy, enum ruad_policy above)
{
	return policy == above ? RUAD_POLICY_UNKNOWN : policy;
}

/* What a tag of the command line says, UNKNOWN where it is not there. */
static bool
read_policy(const struct ruad_options *o, enum ruad_option_id id,
    enum ruad_policy *out)
{
	const char *text = o->tag[id - RUAD_OPTION_P];

	if (text == NULL || ruad_parse_policy(text, out))
		return true;
	ruad_message("bad policy \"%s\": allowed is none, quarantine or "
		     "reject",
	    text);
	return false;
}

static bool
read_mode(const struct ruad_options *o, enum ruad_option_id id,
    enum ruad_mode *out)
{
	const char *text = o->tag[id - RUAD_OPTION_P];

	if (text == NULL || ruad_parse_mode(text, out))
		return true;
	ruad_message("bad mode \"%s\": allowed is r or s", text);
	return false;
}

static enum ruad_exit
read_policies(const struct ruad_options *o, struct ruad_rehearse_policy *out)
{
	if (!read_policy(o, RUAD_OPTION_P, &out->p) ||
	    !read_policy(o, RUAD_OPTION_SP, &out->sp) ||
	    !read_policy(o, RUAD_OPTION_NP, &out->np) ||
	    !read_mode(o, RUAD_OPTION_ADKIM, &out->adkim) ||
	    !read_mode(o, RUAD_OPTION_ASPF, &out->aspf))
		return RUAD_EXIT_USAGE;
	return RUAD_EXIT_OK;
}

/* All else is as published. */
static void
choose_policy(struct ruad_rehearse_answer *a, const struct ruad_options *o)
{
	const struct ruad_rehearse_policy *seen = &a->seen.policy;
	struct ruad_rehearse_policy *p = &a->asked.policy;

	if (p->p == RUAD_POLICY_UNKNOWN)
		p->p = next_policy(seen->p);
	if (p->sp == RUAD_POLICY_UNKNOWN)
		p->sp = own_policy(seen->sp, seen->p);
	if (p->np == RUAD_POLICY_UNKNOWN)
		p->np = own_policy(seen->np,
		    seen->sp != RUAD_POLICY_UNKNOWN ? seen->sp : seen->p);
	if (p->adkim == RUAD_MODE_UNKNOWN)
		p->adkim = seen->adkim;
	if (p->aspf == RUAD_MODE_UNKNOWN)
		p->aspf = seen->aspf;
	a->asked.without_dkim = o->without_dkim;
	a->asked.without_spf = o->without_spf;
}

static void
choose_days(struct ruad_rehearse_answer *a, const struct ruad_options *o)
{
	int64_t today = (int64_t)time(NULL) / DAY_SECS;
	const struct ruad_filter *f = &o->filter;
	bool has_until = (o->given & RUAD_OPTION(UNTIL)) != 0;
	int64_t last = has_until ? (f->until - 1) / DAY_SECS : today;
	int64_t days = a->limits.days;

	if (f->since != INT64_MIN)
		a->ask.first_day = f->since / DAY_SECS;
	else
		a->ask.first_day = last - days + (last < today ? 1 : 0);
	a->ask.last_day = last;
	a->ask.days = (last < today ? last + 1 : today) - a->ask.first_day;
	if (a->ask.days < 0)
		a->ask.days = 0;
}

/* Read all of it. The failure has been told. */
static enum ruad_exit
rehearse(struct ruad_ctl *ctl, struct ruad_rehearse_answer *a)
{
	sqlite3 *db = ruad_query_handle(ctl->query);
	struct ruad_orgdom *orgdom = NULL;
	const char *list = ctl->conf->public_suffix_list;
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_rehearsal_seen(db, ctl->options.domain, &a->seen, &err);
	if (st == RUAD_OK)
		st = ruad_orgdom_open(list[0] != '\0' ? list : NULL, &orgdom,
		    &err);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	choose_policy(a, &ctl->options);
	a->limits = ctl->conf->ready;
	a->limits.days =
	    ruad_rehearse_strictest(&a->asked.policy) == RUAD_POLICY_REJECT
	    ? ctl->conf->ready_days_reject
	    : ctl->conf->ready_days_quarantine;
	choose_days(a, &ctl->options);
	a->ask.domain = ctl->options.domain;
	a->ask.policy = &a->asked;
	a->ask.limits = &a->limits;
	a->ask.orgdom = orgdom;
	st = ruad_rehearsal_read(db, &a->ask, &a->result, &err);
	ruad_orgdom_close(&orgdom);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	a->verdict =
	    ruad_ready_judge(&a->result.facts, &a->limits, a->condition);
	return RUAD_EXIT_OK;
}

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

static json_t *
next_sender(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    size_t n)
{
	int64_t limit = ctl->options.filter.limit;

	return n < a->result.sender_count && (limit <= 0 || (int64_t)n < limit)
	    ? ruad_rehearse_sender_json(a->result.sender[n])
	    : NULL;
}

static json_t *
next_change(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a,
    size_t n)
{
	int64_t limit = ctl->options.filter.limit;

	return n < a->result.change_count && (limit <= 0 || (int64_t)n < limit)
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
		status = read_policies(&ctl->options, &a.asked.policy);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_conf(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = rehearse(ctl, &a);
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
