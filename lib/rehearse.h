/* rehearse.h - what another DMARC policy would have made of a message that a
 * report speaks of: from what the reporter found, what was published then, and
 * the list of results. Pure functions: no SQL, no DNS. RFC 7489 section 6.6.2,
 * RFC 9989 sections 4.10 and 5. */
#ifndef RUAD_REHEARSE_H
#define RUAD_REHEARSE_H
#include "report.h"
#include <stdbool.h>

/* What a record asks for. UNKNOWN: sp is as p, np as sp, modes are relaxed. */
struct ruad_rehearse_policy {
	enum ruad_policy p, sp, np;
	enum ruad_mode adkim, aspf;
};

struct ruad_rehearse_ask {
	struct ruad_rehearse_policy policy;
	/* As if nothing were signed with this selector any more, and SPF did
	 * not pass for this domain (lower case). NULL: not asked. Borrowed. */
	const char *without_dkim, *without_spf;
};

/* The author domain of messages, a domain of a result. Texts are borrowed;
 * org_domain is NULL where there is none. */
struct ruad_rehearse_name {
	const char *name, *org_domain;
	bool bad; /* no domain name */
};

/* One element of auth_results. */
struct ruad_rehearse_result {
	enum ruad_method method;
	enum ruad_result result;
	enum ruad_scope scope;
	struct ruad_rehearse_name domain;
	const char *selector; /* NULL: the report does not say */
};

/* Which of the names that authenticated a message tells best who sent it:
 * first those that are not the author's, since mail services and forwarders
 * have them. */
enum ruad_sender_basis {
	RUAD_SENDER_NONE,
	RUAD_SENDER_OWN_SPF,
	RUAD_SENDER_OWN_DKIM,
	RUAD_SENDER_SPF,
	RUAD_SENDER_DKIM
};

/* What a list of results says beside an author domain. Zeroed, then filled by
 * ruad_rehearse_add(). */
struct ruad_rehearse_auth {
	/* The best of what passed, all of it and what would be left. */
	enum ruad_alignment dkim, spf, dkim_left, spf_left;
	/* The best of DKIM passes of which the report does not say whether
	 * they have the selector that is asked about. */
	enum ruad_alignment dkim_unsure;
	bool own_broken; /* a signature of the author's domain is not good */
	enum ruad_sender_basis basis;
	char sender[256]; /* a domain, "": none passed */
};

void ruad_rehearse_add(struct ruad_rehearse_auth *a,
    const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_name *author, bool null_path,
    const struct ruad_rehearse_result *result);

/* Which policy is for an author domain. */
enum ruad_rehearse_place {
	RUAD_PLACE_OWN, /* it is the policy domain */
	RUAD_PLACE_BELOW, /* below it, and something is known to exist there */
	RUAD_PLACE_UNSEEN /* below it; DNS may not have it */
};

/* What the operator says of a sender. */
enum ruad_sender_label {
	RUAD_LABEL_NONE,
	RUAD_LABEL_MINE,
	RUAD_LABEL_FORWARDER,
	RUAD_LABEL_NOT_MINE
};

/* Messages with equal facts. */
struct ruad_rehearse_row {
	enum ruad_verdict dkim, spf; /* of the reporter, aligned */
	enum ruad_alignment dkim_alignment, spf_alignment; /* ours */
	enum ruad_disposition disposition;
	/* What the reporter saw published. A mode may be UNKNOWN where the
	 * records are gone and reports of that day do not agree; in a report
	 * that does not say, it is relaxed. */
	struct ruad_rehearse_policy seen;
	bool sampled; /* with pct or t, so that it held for some only */
	enum ruad_rehearse_place place;
	unsigned reasons; /* set of 1 << enum ruad_reason_type */
	bool arc; /* local_policy says arc=pass */
	/* SPF passes, aligned, for other messages from this address. */
	bool own_source;
	bool forwarder; /* the sender is known to forward */
	enum ruad_sender_label label;
	/* NULL: the records are gone, and with them results and reasons. */
	const struct ruad_rehearse_auth *auth;
};

enum ruad_rehearse_class {
	RUAD_REHEARSED_MINE_PASS, /* would pass */
	RUAD_REHEARSED_FORWARDED, /* fails, and the reporter says why */
	RUAD_REHEARSED_MINE_FAIL, /* would fail, and is ours */
	RUAD_REHEARSED_STRANGER, /* would fail, and nothing says that it is ours */
	RUAD_REHEARSED_UNSURE, /* it cannot be told whether it would pass */
	RUAD_REHEARSED_COUNT
};

/* Why it is of this class, as bits. */
enum {
	RUAD_EVIDENCE_PASSED = 1, /* it passes as published */
	RUAD_EVIDENCE_SIGNED = 2, /* our signature, broken */
	RUAD_EVIDENCE_SOURCE = 4, /* SPF passes from there */
	RUAD_EVIDENCE_REASON = 8, /* forwarded, mailing_list, ... */
	RUAD_EVIDENCE_DKIM_ONLY = 16, /* it passes by DKIM alone */
	RUAD_EVIDENCE_FORWARDER = 32, /* the sender is known to forward */
	RUAD_EVIDENCE_LABEL = 64 /* the operator says so */
};

struct ruad_rehearse_outcome {
	enum ruad_verdict now, then; /* DMARC */
	/* NONE for a pass, too; UNKNOWN where `then` is. */
	enum ruad_disposition disposition;
	bool hit; /* would be quarantined or rejected */
	bool spared; /* the reporter made an exception, and would again */
	/* The reporter's verdict is not what its results give. */
	bool disagrees;
	enum ruad_rehearse_class class;
	unsigned evidence; /* set of RUAD_EVIDENCE_* */
};

struct ruad_rehearse_outcome ruad_rehearse(const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_row *row);

/* The strictest policy of all. */
enum ruad_policy ruad_rehearse_strictest(const struct ruad_rehearse_policy *p);

/* "mine-pass"; what a bit of evidence means. Never NULL. */
const char *ruad_rehearse_class_word(enum ruad_rehearse_class class);
const char *ruad_rehearse_evidence_word(unsigned bit);

#endif
