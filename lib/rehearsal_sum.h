/* rehearsal_sum.h - adds up what a policy would have made of groups of
 * messages: over all, by sender, and by what would change. */
#ifndef RUAD_REHEARSAL_SUM_H
#define RUAD_REHEARSAL_SUM_H
#include "err.h"
#include "orgdom.h"
#include "ready.h"
#include "rehearse.h"
#include "sender.h"
#include <stddef.h>
#include <stdint.h>

struct ruad_rehearsal_group;
struct ruad_rehearsal_sender;

/* Told of one group, whose sender and label are known by now. What it fails
 * with ends the rehearsal. */
typedef enum ruad_status ruad_rehearsal_each(void *arg,
    const struct ruad_rehearsal_group *group,
    const struct ruad_rehearse_row *row,
    const struct ruad_rehearsal_sender *sender, struct ruad_err *err);

/* What to rehearse. All is borrowed. */
struct ruad_rehearsal_ask {
	const char *domain; /* policy domain: lower case, A-labels */
	int64_t first_day, last_day; /* since 1970-01-01, UTC */
	/* Days looked at that are over: today's reports are yet to come. */
	int64_t days;
	const struct ruad_rehearse_ask *policy;
	const struct ruad_ready_limits *limits;
	const struct ruad_orgdom *orgdom; /* NULL: no names from PTR */
	struct ruad_senders *senders; /* NULL: nothing is known of them */
	/* Days before the first that, too, tell which addresses are ours and
	 * which names exist. */
	int64_t evidence_days;
	/* No report is of a longer period than so many days, and a day more;
	 * 0: that is not known. */
	int64_t span_days;
	/* Read the groups alone: facts are not filled in, and of senders it is
	 * not known whether they are new. */
	bool groups_only;
	ruad_rehearsal_each *each; /* NULL: nobody wants to know */
	void *each_arg;
};

struct ruad_rehearsal_sums {
	int64_t messages;
	int64_t class[RUAD_REHEARSED_COUNT];
	int64_t hit[RUAD_REHEARSED_COUNT]; /* quarantined or rejected */
	int64_t quarantine, reject; /* would be */
	int64_t spared; /* by exceptions of receivers */
	int64_t pass_now, fail_now;
	int64_t dkim_only; /* of those that would pass */
	int64_t forwarded_pass; /* the same: receivers say forwarded */
	/* As it was: what became of them. */
	int64_t quarantine_now, reject_now;
};

/* Messages with the same name for who sent them. */
struct ruad_rehearsal_sender {
	const char *name; /* of the catalogue; a domain or a network */
	enum ruad_sender_kind kind;
	enum ruad_sender_label label;
	const char *basis; /* what it is known by: a word */
	struct ruad_rehearsal_sums sums;
	unsigned evidence; /* of its messages that would fail */
	bool is_mine; /* some pass */
	bool is_old; /* some address passed before the last new_days */
	int64_t first_day, last_day;
	int64_t report_key; /* with such messages; 0: it has been expired */
};

/* Messages of which something else would become than did. */
struct ruad_rehearsal_change {
	const struct ruad_rehearsal_sender *sender;
	char source_ip[48];
	char header_from[256];
	enum ruad_rehearse_class class;
	enum ruad_verdict now;
	enum ruad_disposition disposition_now, disposition;
	unsigned evidence;
	int64_t messages;
	int64_t last_day;
	int64_t report_key; /* 0: it has been expired */
};

struct ruad_rehearsal {
	struct ruad_ready_facts facts;
	struct ruad_rehearsal_sums sums;
	int64_t days_without_records; /* with messages, from the roll-up */
	int64_t rolled_messages; /* of these days */
	/* Below a policy domain with an np of its own: nothing says whether
	 * the name exists. */
	int64_t unseen_messages;
	int64_t disagreeing; /* verdicts that the results do not give */
	/* Most messages of ours that would fail first, then of those that are
	 * unknown. */
	struct ruad_rehearsal_sender **sender;
	size_t sender_count;
	struct ruad_rehearsal_change **change;
	size_t change_count;
	struct ruad_arena *arena; /* owns all of it */
};

/* Messages with equal facts, and whose they are. Texts are borrowed. */
struct ruad_rehearsal_group {
	struct ruad_rehearse_row row;
	int64_t messages;
	int64_t source_key, author_key;
	int64_t first_day, last_day;
	int64_t report_key; /* one with such a record; 0: none */
	const char *source_ip, *header_from;
	const unsigned char *ip; /* 16 bytes */
	const char *ptr, *sender; /* of the source; NULL: not known */
	bool old_source; /* some passed from there before the last new_days */
	int64_t auth_set_key; /* list of results; 0: none, or expired */
	bool null_path; /* the envelope sender was empty */
	/* Where `sender` is the name of a sender as a rehearsal gave it: what
	 * it is known by, static, and its kind. NULL otherwise. */
	const char *basis;
	enum ruad_sender_kind kind;
};

struct ruad_rehearsal_sum;

/* Note the facts that do not follow from the sums: how many days have reports,
 * how many reporters there are, how many days the history has, and of how many
 * days the records have been expired. */
void ruad_rehearsal_set_facts(const struct ruad_rehearsal_ask *ask,
    const int64_t n[4], struct ruad_rehearsal *out);

/* Begin with *out, which is zeroed. Both are borrowed until the end. NULL: out
 * of memory; then, too, *out is to be freed. */
struct ruad_rehearsal_sum *
ruad_rehearsal_sum_new(const struct ruad_rehearsal_ask *ask,
    struct ruad_rehearsal *out);

/* RUAD_TEMP: out of memory. */
RUAD_NODISCARD enum ruad_status
ruad_rehearsal_sum_add(struct ruad_rehearsal_sum *s,
    const struct ruad_rehearsal_group *group, struct ruad_err *err);

/* Sort, and fill in the facts that follow from the sums. `s` is not used after
 * it; it ends with *out. */
void ruad_rehearsal_sum_end(struct ruad_rehearsal_sum *s);

/* Whether a sender is a reason for a condition not to be met. */
bool ruad_rehearsal_is_reason(const struct ruad_rehearsal *r,
    const struct ruad_ready_limits *limits, enum ruad_ready_code code,
    const struct ruad_rehearsal_sender *sender);

/* The class of most of its messages, but what is ours and fails comes first. */
enum ruad_rehearse_class ruad_rehearsal_class(
    const struct ruad_rehearsal_sums *n);

void ruad_rehearsal_free(struct ruad_rehearsal *r);

#endif
