/* view_ready.c - whether a policy may be published, and what it would have made
 * of messages. */
#include "view.h"
#include <string.h>
#include "rows.h"
#include "word.h"

enum { SENDERS_SHOWN = 50, BLOCKERS_SENDERS = 10 };

static const char *
answer_word(enum ruad_ready_verdict verdict)
{
	switch (verdict) {
	case RUAD_READY:
		return "yes";
	case RUAD_READY_NOT_YET:
		return "no";
	case RUAD_READY_NO_DATA:
		return "no_data";
	}
	return "no_data";
}

/* "mine_pass": the words of the API have no hyphen. */
static json_t *class_json(enum ruad_rehearse_class class)
{
	static const char *const words[RUAD_REHEARSED_COUNT] = { "mine_pass",
		"forwarded", "mine_fail", "unknown", "undecided" };

	return json_string(words[class]);
}

/* Where the evidence for a condition is. */
static json_t *
href_json(const char *domain, enum ruad_ready_code code)
{
	switch (code) {
	case RUAD_READY_DAYS:
	case RUAD_READY_REPORTERS:
	case RUAD_READY_HISTORY:
	case RUAD_READY_COUNT:
		return json_string("/reporters");
	case RUAD_READY_UNSURE:
		return json_sprintf("/d/%s/senders?class=undecided", domain);
	case RUAD_READY_FAIL_SHARE:
	case RUAD_READY_FAIL_MESSAGES:
		return json_sprintf("/d/%s/senders?class=mine_fail", domain);
	case RUAD_READY_NEW_SENDERS:
		return json_sprintf("/d/%s/senders?sort=-first_day", domain);
	case RUAD_READY_UNKNOWN_SENDERS:
		return json_sprintf("/d/%s/senders?class=unknown&label=none",
		    domain);
	}
	return json_null();
}

/* The number of a sender of a domain; NULL: it has none. */
static json_t *
sender_id(const struct ruad_view *v, const char *name, struct ruad_err *err)
{
	json_t *args = json_pack("{s:s, s:s}", "d", v->domain, "n", name);
	json_t *row = NULL, *id = NULL;

	if (ruad_json_first(v->db,
		"SELECT sender_id AS id FROM roll_name WHERE name = :n"
		" AND domain_key = (SELECT domain_key FROM domain"
		" WHERE name = :d)",
		args, &row, err) == RUAD_OK)
		id = json_incref(json_object_get(row, "id"));
	json_decref(row);
	json_decref(args);
	return id;
}

static json_t *
senders_of(const struct ruad_view *v, const struct ruad_roll_ready *r,
    enum ruad_ready_code code, int64_t *count_out, struct ruad_err *err)
{
	json_t *list = json_array();

	*count_out = 0;
	for (size_t i = 0; i < r->rehearsal.sender_count; i++) {
		const struct ruad_rehearsal_sender *s = r->rehearsal.sender[i];

		if (!ruad_rehearsal_is_reason(&r->rehearsal, &r->limits, code,
			s))
			continue;
		++*count_out;
		if (*count_out > BLOCKERS_SENDERS)
			continue;
		json_array_append_new(list,
		    json_pack("{s:o, s:o}", "id", sender_id(v, s->name, err),
			"sender", ruad_json_text(s->name)));
	}
	return list;
}

static json_t *
blocker(const struct ruad_view *v, const struct ruad_roll_ready *r,
    enum ruad_ready_code code, struct ruad_err *err)
{
	const struct ruad_ready_condition *c = &r->condition[code];
	int64_t count = 0;
	json_t *senders = senders_of(v, r, code, &count, err);

	if (c->of_data && count == 0)
		count = (int64_t)(c->wanted - c->found);
	return json_pack("{s:s, s:I, s:f, s:f, s:o, s:o, s:s}", "code",
	    ruad_ready_code_word(code), "count", (json_int_t)count, "found",
	    c->found, "wanted", c->wanted, "href", href_json(v->domain, code),
	    "senders", senders, "detail", ruad_ready_advice(code));
}

static json_t *
conditions(const struct ruad_ready_condition c[RUAD_READY_COUNT])
{
	json_t *list = json_array();

	for (int i = 0; i < RUAD_READY_COUNT; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:b, s:f, s:f, s:b}", "code",
			ruad_ready_code_word((enum ruad_ready_code)i), "met",
			c[i].met, "found", c[i].found, "wanted", c[i].wanted,
			"of_data", c[i].of_data));
	return list;
}

/* A record that receivers ignore, or that does not bring reports here. */
static json_t *
record_blocker(const struct ruad_view *v, const json_t *standing)
{
	const char *state =
	    json_string_value(json_object_get(standing, "state"));
	const char *text = json_string_value(json_object_get(standing, "text"));

	if (state == NULL || strcmp(state, "failing") != 0)
		return NULL;
	return json_pack("{s:s, s:i, s:i, s:i, s:o, s:[], s:s}", "code",
	    "record_failing", "count", 1, "found", 1, "wanted", 0, "href",
	    json_sprintf("/d/%s/dns", v->domain), "senders", "detail",
	    text != NULL ? text : "the record in DNS is not in order");
}

enum ruad_status
ruad_view_ready(const struct ruad_view *v,
    const struct ruad_roll_published *published, const json_t *standing,
    json_t **out, struct ruad_err *err)
{
	json_t *blockers = json_array(), *record = record_blocker(v, standing);
	struct ruad_roll_ready r;
	const char *answer;
	enum ruad_status st = ruad_roll_ready(v->db, v->domain, published,
	    v->bounds, v->now_epoch / 86400, &r, err);

	*out = NULL;
	if (st != RUAD_OK) {
		json_decref(blockers);
		json_decref(record);
		return st;
	}
	answer = r.done ? "done" : answer_word(r.verdict);
	for (int i = 0; i < RUAD_READY_COUNT && !r.done; i++) {
		if (!r.condition[i].met)
			json_array_append_new(blockers,
			    blocker(v, &r, (enum ruad_ready_code)i, err));
	}
	if (record != NULL) {
		json_array_append_new(blockers, record);
		if (strcmp(answer, "yes") == 0)
			answer = "no";
	}
	*out = json_pack("{s:s?, s:s, s:I, s:o, s:o, s:{s:I, s:I, s:I}}",
	    "target", r.done ? NULL : ruad_policy_word(r.target.p), "answer",
	    answer, "days", (json_int_t)r.limits.days, "blockers", blockers,
	    "conditions", r.done ? json_array() : conditions(r.condition),
	    "refused", "mine",
	    (json_int_t)r.rehearsal.sums.hit[RUAD_REHEARSED_MINE_FAIL],
	    "forwarded",
	    (json_int_t)r.rehearsal.sums.hit[RUAD_REHEARSED_FORWARDED],
	    "unknown",
	    (json_int_t)r.rehearsal.sums.hit[RUAD_REHEARSED_STRANGER]);
	ruad_rehearsal_free(&r.rehearsal);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}

/* A simulation */

static json_t *
sums_json(const struct ruad_rehearsal *r)
{
	const struct ruad_rehearsal_sums *n = &r->sums;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
			 " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "messages", (json_int_t)n->messages, "pass_now",
	    (json_int_t)n->pass_now, "pass_then",
	    (json_int_t)n->class[RUAD_REHEARSED_MINE_PASS], "quarantine_now",
	    (json_int_t)n->quarantine_now, "quarantine_then",
	    (json_int_t)n->quarantine, "reject_now", (json_int_t)n->reject_now,
	    "reject_then", (json_int_t)n->reject, "mine",
	    (json_int_t)r->facts.mine, "mine_fail",
	    (json_int_t)n->class[RUAD_REHEARSED_MINE_FAIL], "forwarded",
	    (json_int_t)n->class[RUAD_REHEARSED_FORWARDED], "unknown",
	    (json_int_t)n->class[RUAD_REHEARSED_STRANGER], "undecided",
	    (json_int_t)n->class[RUAD_REHEARSED_UNSURE], "mine_refused",
	    (json_int_t)n->hit[RUAD_REHEARSED_MINE_FAIL], "forwarded_refused",
	    (json_int_t)n->hit[RUAD_REHEARSED_FORWARDED], "unknown_refused",
	    (json_int_t)n->hit[RUAD_REHEARSED_STRANGER], "excepted",
	    (json_int_t)n->spared, "dkim_only", (json_int_t)n->dkim_only);
}

static json_t *
simulated_senders(const struct ruad_view *v, const struct ruad_rehearsal *r,
    struct ruad_err *err)
{
	json_t *list = json_array();

	for (size_t i = 0;
	     i < r->sender_count && json_array_size(list) < SENDERS_SHOWN;
	     i++) {
		const struct ruad_rehearsal_sender *s = r->sender[i];
		const int64_t *class = s->sums.class;
		const char *label = ruad_sender_label_word(s->label);

		if (class[RUAD_REHEARSED_MINE_FAIL] == 0 &&
		    s->sums.quarantine + s->sums.reject == 0)
			continue;
		json_array_append_new(list,
		    json_pack("{s:o?, s:o, s:s?, s:o, s:I, s:I, s:I, s:I,"
			      " s:I}",
			"id", sender_id(v, s->name, err), "sender",
			ruad_json_text(s->name), "label",
			label[0] != '\0' ? label : NULL, "class",
			class_json(ruad_rehearsal_class(&s->sums)), "messages",
			(json_int_t)s->sums.messages, "mine_fail",
			(json_int_t) class[RUAD_REHEARSED_MINE_FAIL], "unknown",
			(json_int_t) class[RUAD_REHEARSED_STRANGER],
			"forwarded",
			(json_int_t) class[RUAD_REHEARSED_FORWARDED], "refused",
			(json_int_t)(s->sums.quarantine + s->sums.reject)));
	}
	return list;
}

enum ruad_status
ruad_view_simulate(const struct ruad_view *v,
    const struct ruad_rehearse_policy *asked, json_t **out,
    struct ruad_err *err)
{
	struct ruad_rehearse_ask policy = { .policy = *asked };
	struct ruad_ready_limits limits = v->bounds->ready;
	struct ruad_ready_condition condition[RUAD_READY_COUNT];
	struct ruad_rehearsal_ask ask = { .domain = v->domain,
		.first_day = v->first_day,
		.last_day = v->last_day,
		.policy = &policy,
		.limits = &limits };
	int64_t today = v->now_epoch / 86400;
	struct ruad_roll_published published, then = { .pct = -1 };
	enum ruad_ready_verdict verdict;
	struct ruad_rehearsal r;
	enum ruad_status st =
	    ruad_roll_published(v->db, v->domain, &published, err);

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	ruad_rehearsal_choose(&published.policy, &policy.policy);
	limits.days =
	    ruad_rehearse_strictest(&policy.policy) == RUAD_POLICY_REJECT
	    ? v->bounds->days_reject
	    : v->bounds->days_quarantine;
	ask.days =
	    (v->last_day < today ? v->last_day + 1 : today) - v->first_day;
	if (ask.days < 0)
		ask.days = 0;
	st = ruad_roll_rehearse(v->db, &ask, &r, err);
	if (st != RUAD_OK)
		return st;
	then.policy = policy.policy;
	verdict = ruad_ready_judge(&r.facts, &limits, condition);
	*out = json_pack("{s:s, s:o, s:o, s:I, s:o, s:o, s:s, s:o, s:o}",
	    "domain", v->domain, "from", ruad_view_day(v->first_day), "to",
	    ruad_view_day(v->last_day), "days", (json_int_t)ask.days,
	    "published", ruad_view_policy(&published), "policy",
	    ruad_view_policy(&then), "answer", answer_word(verdict),
	    "conditions", conditions(condition), "senders",
	    simulated_senders(v, &r, err));
	ruad_json_merge(*out, sums_json(&r));
	ruad_rehearsal_free(&r);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}
