/* reply.c - three small tables. RFC 5321 section 4.2 and RFC 3463 for the
 * codes; reporters do not read the texts, people in front of a log do. */
#include "reply.h"

/* What a mail may meet that its outcome decides. */
enum { POLICY_STORED, POLICY_REFUSED, POLICY_ERROR };

static const int policy_of[] = {
	[RUAD_OUTCOME_NONE] = POLICY_ERROR,
	[RUAD_STORED] = POLICY_STORED,
	[RUAD_DUPLICATE] = POLICY_STORED,
	[RUAD_CONFLICT] = POLICY_STORED,
	[RUAD_REFUSED] = POLICY_REFUSED,
	[RUAD_NOT_A_REPORT] = POLICY_REFUSED,
	[RUAD_ERROR] = POLICY_ERROR,
};

static const enum ruad_verdict_action after_store_action[] = {
	[RUAD_AFTER_DELIVER] = RUAD_VERDICT_DELIVER,
	[RUAD_AFTER_DISCARD] = RUAD_VERDICT_DISCARD,
};
static const enum ruad_verdict_action on_refuse_action[] = {
	[RUAD_REFUSE_DELIVER] = RUAD_VERDICT_DELIVER,
	[RUAD_REFUSE_DISCARD] = RUAD_VERDICT_DISCARD,
	[RUAD_REFUSE_REJECT] = RUAD_VERDICT_REJECT,
};
static const enum ruad_verdict_action on_error_action[] = {
	[RUAD_ERROR_TEMPFAIL] = RUAD_VERDICT_TEMPFAIL,
	[RUAD_ERROR_ACCEPT] = RUAD_VERDICT_DELIVER,
};

/* RFC 9989 section 8.1 asks that a rejection for DMARC say so. */
static const struct {
	enum ruad_code code;
	const char *smtp, *enhanced, *text;
} rejections[] = {
	{ RUAD_LIMIT_SIZE, "552", "5.3.4",
	    "Report mail is larger than this site accepts" },
	{ RUAD_REP_UNAUTHENTICATED, "550", "5.7.1",
	    "Report mail did not pass DMARC" },
	{ RUAD_CODE_NONE, "554", "5.6.0",
	    "No DMARC aggregate report that can be used" },
};

static const char *const words[] = {
	[RUAD_VERDICT_DELIVER] = "deliver",
	[RUAD_VERDICT_REMOVE] = "remove",
	[RUAD_VERDICT_DISCARD] = "discard",
	[RUAD_VERDICT_REJECT] = "reject",
	[RUAD_VERDICT_TEMPFAIL] = "tempfail",
};

static struct ruad_reply
rejection(enum ruad_code code)
{
	size_t i = 0;

	while (
	    rejections[i].code != code && rejections[i].code != RUAD_CODE_NONE)
		i++;
	return (struct ruad_reply){
		.action = RUAD_VERDICT_REJECT,
		.code = rejections[i].smtp,
		.enhanced = rejections[i].enhanced,
		.text = rejections[i].text,
	};
}

static enum ruad_verdict_action
wanted_action(const struct ruad_conf *conf, enum ruad_outcome outcome)
{
	switch (policy_of[outcome]) {
	case POLICY_STORED:
		return after_store_action[conf->after_store];
	case POLICY_REFUSED:
		return on_refuse_action[conf->on_refuse];
	default:
		return on_error_action[conf->on_error];
	}
}

struct ruad_reply
ruad_reply_choose(const struct ruad_conf *conf, enum ruad_outcome outcome,
    enum ruad_code code, struct ruad_envelope env)
{
	enum ruad_verdict_action action = wanted_action(conf, outcome);

	if (action == RUAD_VERDICT_TEMPFAIL)
		return (struct ruad_reply){
			.action = action,
			.code = "451",
			.enhanced = "4.3.0",
			.text = "Report cannot be stored now, try again later",
		};
	if (action == RUAD_VERDICT_REJECT && !env.others)
		return rejection(code);
	if (action == RUAD_VERDICT_REJECT)
		action = RUAD_VERDICT_DELIVER;
	if (action == RUAD_VERDICT_DISCARD && env.others)
		action =
		    env.can_remove ? RUAD_VERDICT_REMOVE : RUAD_VERDICT_DELIVER;
	return (struct ruad_reply){ .action = action };
}

const char *
ruad_reply_word(enum ruad_verdict_action action)
{
	return words[action];
}
