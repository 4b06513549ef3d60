/* ready.h - whether a policy may be published: the facts of a rehearsal against
 * what is allowed. Pure: no SQL, no configuration. */
#ifndef RUAD_READY_H
#define RUAD_READY_H
#include <stdbool.h>
#include <stdint.h>

struct ruad_ready_limits {
	int64_t days; /* to be looked at */
	int64_t day_percent; /* of these with reports */
	int64_t reporters;
	int64_t fail_share; /* of 10000 messages of ours */
	int64_t fail_messages;
	int64_t new_days; /* without a new sender of ours */
	int64_t unknown_share; /* of 10000 messages, for one sender */
	int64_t unknown_messages; /* the same */
};

struct ruad_ready_facts {
	/* Complete days that were looked at, and those with reports. */
	int64_t days, report_days;
	int64_t reporters;
	/* Days from the first report of all to the last day looked at. */
	int64_t history_days;
	int64_t messages;
	int64_t mine; /* pass or would fail */
	int64_t mine_fail; /* of these, would be quarantined or rejected */
	int64_t unsure; /* it cannot be told what would become of them */
	int64_t new_senders; /* of ours, in the last new_days */
	int64_t large_unknown; /* senders, see ruad_ready_is_large() */
	bool enforced; /* the policy is more than none for some name */
};

enum ruad_ready_verdict { RUAD_READY, RUAD_READY_NOT_YET, RUAD_READY_NO_DATA };

enum ruad_ready_code {
	RUAD_READY_DAYS,
	RUAD_READY_REPORTERS,
	RUAD_READY_HISTORY,
	RUAD_READY_UNSURE,
	RUAD_READY_FAIL_SHARE,
	RUAD_READY_FAIL_MESSAGES,
	RUAD_READY_NEW_SENDERS,
	RUAD_READY_UNKNOWN_SENDERS,
	RUAD_READY_COUNT
};

struct ruad_ready_condition {
	bool met;
	bool of_data; /* where it is not met, nothing can be said */
	/* Shares are in per cent of messages of ours. Met is `found` of at
	 * least `wanted` for days, reporters and history, else of at most. */
	double found, wanted;
};

/* Judge. A policy of none for all refuses nothing: it is always ready, and its
 * conditions are all met. */
enum ruad_ready_verdict ruad_ready_judge(const struct ruad_ready_facts *f,
    const struct ruad_ready_limits *l,
    struct ruad_ready_condition out[RUAD_READY_COUNT]);

/* Whether an unknown sender with so many messages that would be refused has to
 * be known before the policy is published. */
bool ruad_ready_is_large(const struct ruad_ready_limits *l, int64_t messages,
    int64_t of_messages);

/* "not yet"; "report_days"; what to do where it is not met. Never NULL. */
const char *ruad_ready_verdict_word(enum ruad_ready_verdict verdict);
const char *ruad_ready_code_word(enum ruad_ready_code code);
const char *ruad_ready_advice(enum ruad_ready_code code);

#endif
