/* ready.c - see ready.h. */
#include "ready.h"

#define SHARE 10000 /* what shares are of */

static struct ruad_ready_condition
at_least(int64_t found, int64_t wanted)
{
	return (struct ruad_ready_condition){ .met = found >= wanted,
		.of_data = true,
		.found = (double)found,
		.wanted = (double)wanted };
}

static struct ruad_ready_condition
at_most(int64_t found, int64_t wanted)
{
	return (struct ruad_ready_condition){ .met = found <= wanted,
		.found = (double)found,
		.wanted = (double)wanted };
}

/* More than `share` of 10000, without the overflow of a product. */
static bool
is_over(int64_t part, int64_t whole, int64_t share)
{
	return (double)part * SHARE > (double)whole * (double)share;
}

static struct ruad_ready_condition
share_at_most(int64_t part, int64_t whole, int64_t share)
{
	return (struct ruad_ready_condition){
		.met = !is_over(part, whole, share),
		.found = whole > 0 ? 100.0 * (double)part / (double)whole : 0.0,
		.wanted = (double)share * 100 / SHARE,
	};
}

/* The days that must have reports: their share of those that are to be looked
 * at, also where fewer were. */
static int64_t
days_wanted(const struct ruad_ready_facts *f, const struct ruad_ready_limits *l)
{
	int64_t days = f->days > l->days ? f->days : l->days;

	return (days * l->day_percent + 99) / 100;
}

enum ruad_ready_verdict
ruad_ready_judge(const struct ruad_ready_facts *f,
    const struct ruad_ready_limits *l,
    struct ruad_ready_condition out[RUAD_READY_COUNT])
{
	enum ruad_ready_verdict verdict = RUAD_READY;

	out[RUAD_READY_DAYS] = at_least(f->report_days, days_wanted(f, l));
	out[RUAD_READY_REPORTERS] = at_least(f->reporters, l->reporters);
	out[RUAD_READY_HISTORY] = at_least(f->history_days, l->new_days + 1);
	out[RUAD_READY_UNSURE] = at_most(f->unsure, l->fail_messages);
	if (is_over(f->unsure, f->mine + f->unsure, l->fail_share))
		out[RUAD_READY_UNSURE].met = false;
	out[RUAD_READY_UNSURE].of_data = true;
	out[RUAD_READY_FAIL_SHARE] =
	    share_at_most(f->mine_fail, f->mine, l->fail_share);
	out[RUAD_READY_FAIL_MESSAGES] = at_most(f->mine_fail, l->fail_messages);
	out[RUAD_READY_NEW_SENDERS] = at_most(f->new_senders, 0);
	out[RUAD_READY_UNKNOWN_SENDERS] = at_most(f->large_unknown, 0);
	for (int i = 0; i < RUAD_READY_COUNT; i++) {
		if (!f->enforced)
			out[i].met = true;
		if (out[i].met)
			continue;
		if (out[i].of_data)
			return RUAD_READY_NO_DATA;
		verdict = RUAD_READY_NOT_YET;
	}
	return verdict;
}

bool
ruad_ready_is_large(const struct ruad_ready_limits *l, int64_t messages,
    int64_t of_messages)
{
	return messages > l->unknown_messages ||
	    is_over(messages, of_messages, l->unknown_share);
}

const char *
ruad_ready_verdict_word(enum ruad_ready_verdict verdict)
{
	switch (verdict) {
	case RUAD_READY:
		return "ready";
	case RUAD_READY_NOT_YET:
		return "not yet";
	case RUAD_READY_NO_DATA:
		return "not enough data";
	}
	return "";
}

static const struct {
	const char *word, *advice;
} codes[RUAD_READY_COUNT] = {
	[RUAD_READY_DAYS] = { "report_days",
	    "wait for more days with reports; where rua is published for long, "
	    "see ruadctl reporters" },
	[RUAD_READY_REPORTERS] = { "reporters",
	    "wait for more receivers to report; few see only a part of the "
	    "mail" },
	[RUAD_READY_HISTORY] = { "history_days",
	    "wait until it can be told which senders are new" },
	[RUAD_READY_UNSURE] = { "undecided_messages",
	    "ask without --without-dkim and --without-spf, or about days whose "
	    "records are kept" },
	[RUAD_READY_FAIL_SHARE] = { "mine_fail_percent",
	    "have these senders sign with a domain of yours, or bring their "
	    "envelope domain below yours; see ruadctl failures" },
	[RUAD_READY_FAIL_MESSAGES] = { "mine_fail_messages", "the same" },
	[RUAD_READY_NEW_SENDERS] = { "new_senders",
	    "make sure that these are complete, and wait until none has been "
	    "new for some time" },
	[RUAD_READY_UNKNOWN_SENDERS] = { "unknown_senders",
	    "find out whose they are, and tell by ruadctl senders label" },
};

const char *
ruad_ready_code_word(enum ruad_ready_code code)
{
	return codes[code].word;
}

const char *
ruad_ready_advice(enum ruad_ready_code code)
{
	return codes[code].advice;
}
