/* rehearse_json.c - see rehearse_json.h. */
#include "rehearse_json.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include "utc.h"
#include "word.h"

/* Nobody reads more lines of what would change. */
#define CHANGES_SHOWN 100
#define POLICY_MAX 80

static json_t *
day_json(int64_t day)
{
	char text[RUAD_UTC_BYTES];

	return ruad_utc_day(day, text) != NULL ? json_string(text)
					       : json_null();
}

static json_t *
word_json(const char *word)
{
	return word[0] != '\0' ? json_string(word) : json_null();
}

/* NULL for 0: what it named has been expired. */
static json_t *
key_json(int64_t key)
{
	return key != 0 ? json_integer(key) : json_null();
}

static json_t *
evidence_json(unsigned evidence)
{
	char text[200] = "";
	size_t len = 0;

	for (unsigned bit = 1; bit <= evidence; bit <<= 1) {
		if ((evidence & bit) != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? "; " : "",
			    ruad_rehearse_evidence_word(bit));
	}
	return word_json(text);
}

/* "p=none sp=none adkim=r aspf=r". */
static void
write_policy(const struct ruad_rehearse_policy *p, char text[POLICY_MAX])
{
	enum ruad_policy sp = p->sp != RUAD_POLICY_UNKNOWN ? p->sp : p->p;
	enum ruad_policy np = p->np != RUAD_POLICY_UNKNOWN ? p->np : sp;

	snprintf(text, POLICY_MAX, "p=%s sp=%s np=%s adkim=%s aspf=%s",
	    ruad_policy_word(p->p), ruad_policy_word(sp), ruad_policy_word(np),
	    p->adkim == RUAD_MODE_STRICT ? "s" : "r",
	    p->aspf == RUAD_MODE_STRICT ? "s" : "r");
}

json_t *
ruad_rehearse_sender_json(const struct ruad_rehearsal_sender *s)
{
	const struct ruad_rehearsal_sums *n = &s->sums;
	const int64_t *class = n->class;

	return json_pack("{s:o, s:s, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:I,"
			 " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o, "
			 "s:o, s:o, s:o}",
	    "sender", ruad_output_text(s->name), "known_by", s->basis, "kind",
	    word_json(ruad_sender_kind_word(s->kind)), "label",
	    word_json(ruad_sender_label_word(s->label)), "class",
	    ruad_rehearse_class_word(ruad_rehearsal_class(n)), "messages",
	    n->messages, "mine_pass", class[RUAD_REHEARSED_MINE_PASS],
	    "mine_fail", class[RUAD_REHEARSED_MINE_FAIL], "forwarded",
	    class[RUAD_REHEARSED_FORWARDED], "unknown",
	    class[RUAD_REHEARSED_STRANGER], "undecided",
	    class[RUAD_REHEARSED_UNSURE], "pass_now", n->pass_now,
	    "quarantine_then", n->quarantine, "reject_then", n->reject,
	    "refused", n->quarantine + n->reject, "excepted", n->spared,
	    "dkim_only", n->dkim_only, "forwarded_pass", n->forwarded_pass,
	    "new", s->is_mine && !s->is_old, "first_day",
	    day_json(s->first_day), "last_day", day_json(s->last_day),
	    "report_key", key_json(s->report_key), "evidence",
	    evidence_json(s->evidence));
}

json_t *
ruad_rehearse_change_json(const struct ruad_rehearsal_change *c)
{
	return json_pack("{s:s, s:o, s:o, s:I, s:s, s:o, s:o, s:s, s:o, s:o,"
			 " s:o}",
	    "source_ip", c->source_ip, "header_from",
	    ruad_output_text(c->header_from), "sender",
	    ruad_output_text(c->sender->name), "messages", c->messages, "class",
	    ruad_rehearse_class_word(c->class), "dmarc_now",
	    word_json(ruad_verdict_word(c->now)), "disposition_now",
	    word_json(ruad_disposition_word(c->disposition_now)),
	    "disposition_then", ruad_disposition_word(c->disposition),
	    "last_day", day_json(c->last_day), "report_key",
	    key_json(c->report_key), "evidence", evidence_json(c->evidence));
}

static json_t *
reasons_json(const struct ruad_rehearse_answer *a, enum ruad_ready_code code)
{
	json_t *names = json_array();

	if (a->condition[code].met)
		return names;
	for (size_t i = 0; i < a->result.sender_count; i++) {
		const struct ruad_rehearsal_sender *s = a->result.sender[i];

		if (ruad_rehearsal_is_reason(&a->result, &a->limits, code, s) &&
		    json_array_append_new(names, ruad_output_text(s->name)) !=
			0)
			break;
	}
	return names;
}

/* A number of a condition; in tables with its per cent sign. */
static json_t *
measure_json(enum ruad_ready_code code, double value, bool table)
{
	if (code != RUAD_READY_FAIL_SHARE)
		return json_integer((json_int_t)value);
	return table ? json_sprintf("%.2f%%", value) : json_real(value);
}

json_t *
ruad_rehearse_condition_json(const struct ruad_rehearse_answer *a,
    enum ruad_ready_code code, bool table)
{
	const struct ruad_ready_condition *c = &a->condition[code];
	json_t *met =
	    table ? json_string(c->met ? "yes" : "no") : json_boolean(c->met);

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "condition",
	    ruad_ready_code_word(code), "met", met, "found",
	    measure_json(code, c->found, table), "wanted",
	    measure_json(code, c->wanted, table), "senders",
	    reasons_json(a, code), "advice",
	    c->met ? json_null() : json_string(ruad_ready_advice(code)));
}

static json_t *
conditions_json(const struct ruad_rehearse_answer *a)
{
	json_t *list = json_array();

	for (int i = 0; i < RUAD_READY_COUNT; i++)
		json_array_append_new(list,
		    ruad_rehearse_condition_json(a, (enum ruad_ready_code)i,
			false));
	return list;
}

static size_t
changes_shown(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a)
{
	size_t most = CHANGES_SHOWN;

	if ((ctl->options.given & RUAD_OPTION(LIMIT)) != 0)
		most = ctl->options.filter.limit > 0
		    ? (size_t)ctl->options.filter.limit
		    : SIZE_MAX;
	return a->result.change_count < most ? a->result.change_count : most;
}

static json_t *
changes_json(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a)
{
	json_t *list = json_array();
	size_t count = changes_shown(ctl, a);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
		    ruad_rehearse_change_json(a->result.change[i]));
	return list;
}

static void remark(json_t *list, const char *fmt, ...) RUAD_PRINTF(2, 3);

static void
remark(json_t *list, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	json_array_append_new(list, json_vsprintf(fmt, ap));
	va_end(ap);
}

/* What the numbers cannot tell. */
static json_t *
remarks_json(const struct ruad_rehearse_answer *a)
{
	const struct ruad_rehearsal *r = &a->result;
	const struct ruad_rehearse_policy *p = &a->asked.policy;
	json_t *list = json_array();

	if (!a->seen.found)
		remark(list, "no report about this domain is in the store");
	if (r->days_without_records > 0)
		remark(list,
		    "of %" PRId64 " days records have been expired; daily sums "
		    "have no results and no reasons: of %" PRId64
		    " messages it cannot be told whether they were forwarded, "
		    "who signed them, and with which selector; senders are "
		    "networks",
		    r->days_without_records, r->rolled_messages);
	if (a->seen.found && (a->seen.pct < 100 || a->seen.testing))
		remark(list,
		    "published with pct=%" PRId64 "%s; rehearsed as if the "
		    "policy held for all messages",
		    a->seen.pct, a->seen.testing ? " and t=y" : "");
	if (p->sp != RUAD_POLICY_UNKNOWN && p->sp < p->p)
		remark(list,
		    "sp=%s is weaker than p=%s: names below the domain stay "
		    "open to others",
		    ruad_policy_word(p->sp), ruad_policy_word(p->p));
	if (r->unseen_messages > 0)
		remark(list,
		    "np is taken for %" PRId64 " messages that do not pass: "
		    "nothing in these days shows that their author domains "
		    "exist; DNS decides",
		    r->unseen_messages);
	if (r->disagreeing > 0)
		remark(list,
		    "of %" PRId64 " messages the verdict of the reporter is "
		    "not what its results give; it counts all the same",
		    r->disagreeing);
	remark(list,
	    "DNS is not looked at: there must be one DMARC record, and SPF "
	    "with at most 10 look-ups; see ruadctl record check");
	return list;
}

/* What was asked. */
static json_t *
question_json(const struct ruad_ctl *ctl, const struct ruad_rehearse_answer *a)
{
	char published[POLICY_MAX] = "", rehearsed[POLICY_MAX];

	if (a->seen.found)
		write_policy(&a->seen.policy, published);
	write_policy(&a->asked.policy, rehearsed);
	return json_pack("{s:s, s:o, s:o, s:I, s:o, s:s, s:s?, s:s?, s:s}",
	    "policy_domain", ctl->options.domain, "first_day",
	    day_json(a->ask.first_day), "last_day", day_json(a->ask.last_day),
	    "days", a->ask.days, "published", word_json(published), "rehearsed",
	    rehearsed, "without_dkim", a->asked.without_dkim, "without_spf",
	    a->asked.without_spf, "verdict",
	    ruad_ready_verdict_word(a->verdict));
}

static json_t *
sums_json(const struct ruad_rehearse_answer *a)
{
	const struct ruad_rehearsal_sums *n = &a->result.sums;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
			 " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "messages", n->messages, "pass_now", n->pass_now, "pass_then",
	    n->class[RUAD_REHEARSED_MINE_PASS], "fail_now", n->fail_now,
	    "quarantine_now", n->quarantine_now, "quarantine_then",
	    n->quarantine, "reject_now", n->reject_now, "reject_then",
	    n->reject, "mine", a->result.facts.mine, "mine_fail",
	    n->class[RUAD_REHEARSED_MINE_FAIL], "forwarded",
	    n->class[RUAD_REHEARSED_FORWARDED], "unknown",
	    n->class[RUAD_REHEARSED_STRANGER], "undecided",
	    n->class[RUAD_REHEARSED_UNSURE], "mine_refused",
	    n->hit[RUAD_REHEARSED_MINE_FAIL], "forwarded_refused",
	    n->hit[RUAD_REHEARSED_FORWARDED], "unknown_refused",
	    n->hit[RUAD_REHEARSED_STRANGER], "excepted", n->spared, "dkim_only",
	    n->dkim_only, "forwarded_pass", n->forwarded_pass);
}

json_t *
ruad_rehearse_facts_json(const struct ruad_ctl *ctl,
    const struct ruad_rehearse_answer *a)
{
	json_t *sums = sums_json(a), *head = question_json(ctl, a);
	json_t *lists = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}",
	    "days_without_records", a->result.days_without_records,
	    "disagreeing", a->result.disagreeing, "change_count",
	    (json_int_t)a->result.change_count, "conditions",
	    conditions_json(a), "changes", changes_json(ctl, a), "remarks",
	    remarks_json(a));

	if (json_object_update(head, sums) != 0 ||
	    json_object_update(head, lists) != 0) {
		json_decref(head);
		head = NULL;
	}
	json_decref(sums);
	json_decref(lists);
	return head;
}
