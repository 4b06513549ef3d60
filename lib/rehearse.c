/* rehearse.c - see rehearse.h. What the reporter found holds wherever nothing
 * that is asked could change it: it has seen the message. Only then the results
 * decide, and where they do not tell, nothing is guessed. */
#include "rehearse.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REASON(name) (1u << RUAD_REASON_##name)

/* With these a receiver makes an exception of its own. The others come from pct
 * and t of the record. */
#define EXCEPTIONS \
	(REASON(OTHER) | REASON(FORWARDED) | REASON(TRUSTED_FORWARDER) | \
	    REASON(MAILING_LIST) | REASON(LOCAL_POLICY))
#define FORWARDINGS \
	(REASON(FORWARDED) | REASON(TRUSTED_FORWARDER) | REASON(MAILING_LIST))

static enum ruad_alignment
better(enum ruad_alignment a, enum ruad_alignment b)
{
	return a > b ? a : b;
}

static bool
is_same_org(const struct ruad_rehearse_name *a,
    const struct ruad_rehearse_name *b)
{
	return a->org_domain != NULL && b->org_domain != NULL &&
	    strcmp(a->org_domain, b->org_domain) == 0;
}

/* RFC 7489 section 3.1, RFC 9989 section 4.10. */
static enum ruad_alignment
alignment_of(const struct ruad_rehearse_name *author,
    const struct ruad_rehearse_name *domain)
{
	if (author->bad || domain->bad || author->name == NULL ||
	    domain->name == NULL)
		return RUAD_ALIGNMENT_NONE;
	if (strcmp(author->name, domain->name) == 0)
		return RUAD_ALIGNMENT_STRICT;
	return is_same_org(author, domain) ? RUAD_ALIGNMENT_RELAXED
					   : RUAD_ALIGNMENT_NONE;
}

/* Take its name where it tells more than what is known. */
static void
name_sender(struct ruad_rehearse_auth *a, enum ruad_alignment aligned,
    const struct ruad_rehearse_result *r)
{
	bool dkim = r->method == RUAD_METHOD_DKIM;
	const char *name = r->domain.name;
	enum ruad_sender_basis basis;

	if (name == NULL || name[0] == '\0' || r->domain.bad)
		return;
	if (aligned != RUAD_ALIGNMENT_NONE) {
		basis = dkim ? RUAD_SENDER_OWN_DKIM : RUAD_SENDER_OWN_SPF;
	} else {
		basis = dkim ? RUAD_SENDER_DKIM : RUAD_SENDER_SPF;
		/* Services have a name for each customer below their own. */
		if (r->domain.org_domain != NULL)
			name = r->domain.org_domain;
	}
	if (basis <= a->basis)
		return;
	a->basis = basis;
	snprintf(a->sender, sizeof(a->sender), "%s", name);
}

static void
add_dkim(struct ruad_rehearse_auth *a, const struct ruad_rehearse_ask *ask,
    enum ruad_alignment aligned, const char *selector)
{
	a->dkim = better(a->dkim, aligned);
	if (ask->without_dkim == NULL)
		a->dkim_left = better(a->dkim_left, aligned);
	else if (selector == NULL)
		a->dkim_unsure = better(a->dkim_unsure, aligned);
	else if (strcasecmp(selector, ask->without_dkim) != 0)
		a->dkim_left = better(a->dkim_left, aligned);
}

static void
add_spf(struct ruad_rehearse_auth *a, const struct ruad_rehearse_ask *ask,
    enum ruad_alignment aligned, const char *domain)
{
	a->spf = better(a->spf, aligned);
	if (ask->without_spf == NULL || domain == NULL ||
	    strcmp(domain, ask->without_spf) != 0)
		a->spf_left = better(a->spf_left, aligned);
}

void
ruad_rehearse_add(struct ruad_rehearse_auth *a,
    const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_name *author, bool null_path,
    const struct ruad_rehearse_result *r)
{
	enum ruad_alignment aligned = alignment_of(author, &r->domain);

	if (r->result != RUAD_RESULT_PASS) {
		/* "none" is a message without a signature. */
		if (r->method == RUAD_METHOD_DKIM &&
		    r->result != RUAD_RESULT_NONE &&
		    aligned != RUAD_ALIGNMENT_NONE)
			a->own_broken = true;
		return;
	}
	/* RFC 7489 section 4.1: HELO counts for the null reverse-path only. */
	if (r->method == RUAD_METHOD_SPF && r->scope == RUAD_SCOPE_HELO &&
	    !null_path)
		return;
	name_sender(a, aligned, r);
	if (r->method == RUAD_METHOD_DKIM)
		add_dkim(a, ask, aligned, r->selector);
	else
		add_spf(a, ask, aligned, r->domain.name);
}

static enum ruad_mode
mode_or_relaxed(enum ruad_mode mode)
{
	return mode == RUAD_MODE_UNKNOWN ? RUAD_MODE_RELAXED : mode;
}

static bool
suffices(enum ruad_alignment aligned, enum ruad_mode mode)
{
	return aligned == RUAD_ALIGNMENT_STRICT ||
	    (aligned == RUAD_ALIGNMENT_RELAXED && mode != RUAD_MODE_STRICT);
}

/* One mechanism under another mode. */
static enum ruad_verdict
under_mode(enum ruad_verdict verdict, enum ruad_alignment aligned,
    enum ruad_mode seen, enum ruad_mode asked)
{
	if (seen == asked || verdict == RUAD_VERDICT_UNKNOWN)
		return verdict;
	if (asked == RUAD_MODE_STRICT) {
		if (verdict == RUAD_VERDICT_FAIL ||
		    aligned == RUAD_ALIGNMENT_STRICT)
			return verdict;
		/* A pass that no result explains may be strict or not. */
		return aligned == RUAD_ALIGNMENT_RELAXED ? RUAD_VERDICT_FAIL
							 : RUAD_VERDICT_UNKNOWN;
	}
	if (verdict == RUAD_VERDICT_PASS || aligned == RUAD_ALIGNMENT_NONE)
		return verdict;
	return seen == RUAD_MODE_STRICT ? RUAD_VERDICT_PASS
					: RUAD_VERDICT_UNKNOWN;
}

/* A pass, when something that may be behind it is taken away. */
static enum ruad_verdict
without(enum ruad_alignment all, enum ruad_alignment left,
    enum ruad_alignment unsure, enum ruad_mode mode)
{
	if (suffices(left, mode))
		return RUAD_VERDICT_PASS;
	if (suffices(unsure, mode))
		return RUAD_VERDICT_UNKNOWN;
	return suffices(all, mode) ? RUAD_VERDICT_FAIL : RUAD_VERDICT_UNKNOWN;
}

static enum ruad_verdict
dkim_then(const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_row *row)
{
	enum ruad_mode mode = mode_or_relaxed(ask->policy.adkim);
	enum ruad_verdict v =
	    under_mode(row->dkim, row->dkim_alignment, row->seen.adkim, mode);

	if (v != RUAD_VERDICT_PASS || ask->without_dkim == NULL)
		return v;
	if (row->auth == NULL)
		return RUAD_VERDICT_UNKNOWN;
	return without(row->auth->dkim, row->auth->dkim_left,
	    row->auth->dkim_unsure, mode);
}

static enum ruad_verdict
spf_then(const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_row *row)
{
	enum ruad_mode mode = mode_or_relaxed(ask->policy.aspf);
	enum ruad_verdict v =
	    under_mode(row->spf, row->spf_alignment, row->seen.aspf, mode);

	if (v != RUAD_VERDICT_PASS || ask->without_spf == NULL)
		return v;
	if (row->auth == NULL)
		return RUAD_VERDICT_UNKNOWN;
	return without(row->auth->spf, row->auth->spf_left, RUAD_ALIGNMENT_NONE,
	    mode);
}

static enum ruad_verdict
dmarc(enum ruad_verdict dkim, enum ruad_verdict spf)
{
	if (dkim == RUAD_VERDICT_PASS || spf == RUAD_VERDICT_PASS)
		return RUAD_VERDICT_PASS;
	if (dkim == RUAD_VERDICT_FAIL && spf == RUAD_VERDICT_FAIL)
		return RUAD_VERDICT_FAIL;
	return RUAD_VERDICT_UNKNOWN;
}

/* RFC 9989 section 4.7; RFC 7489 section 6.3 has no np. */
static enum ruad_policy
policy_at(const struct ruad_rehearse_policy *p, enum ruad_rehearse_place place)
{
	if (place == RUAD_PLACE_UNSEEN && p->np != RUAD_POLICY_UNKNOWN)
		return p->np;
	if (place != RUAD_PLACE_OWN && p->sp != RUAD_POLICY_UNKNOWN)
		return p->sp;
	return p->p;
}

static enum ruad_disposition
disposition_of(enum ruad_policy policy)
{
	switch (policy) {
	case RUAD_POLICY_UNKNOWN:
		return RUAD_DISPOSITION_UNKNOWN;
	case RUAD_POLICY_NONE:
		return RUAD_DISPOSITION_NONE;
	case RUAD_POLICY_QUARANTINE:
		return RUAD_DISPOSITION_QUARANTINE;
	case RUAD_POLICY_REJECT:
		return RUAD_DISPOSITION_REJECT;
	}
	return RUAD_DISPOSITION_UNKNOWN;
}

/* Whether the reporter did something else with a failing message than the
 * policy said, of its own. Where the reasons are gone, the difference alone
 * tells. */
static bool
is_exception(const struct ruad_rehearse_row *row, enum ruad_verdict now,
    enum ruad_disposition seen)
{
	if (now != RUAD_VERDICT_FAIL || seen == RUAD_DISPOSITION_UNKNOWN ||
	    row->disposition == RUAD_DISPOSITION_UNKNOWN)
		return false;
	if (row->auth == NULL && !row->sampled)
		return true;
	return (row->reasons & EXCEPTIONS) != 0;
}

/* What would become of a message that fails. */
static void
dispose(const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_row *row, struct ruad_rehearse_outcome *out)
{
	enum ruad_disposition want =
	    disposition_of(policy_at(&ask->policy, row->place));
	enum ruad_disposition seen =
	    disposition_of(policy_at(&row->seen, row->place));
	enum ruad_disposition did = row->disposition;

	/* No action, by another word. */
	if (did == RUAD_DISPOSITION_PASS)
		did = RUAD_DISPOSITION_NONE;
	out->disposition = want;
	if (want != RUAD_DISPOSITION_UNKNOWN &&
	    is_exception(row, out->now, seen)) {
		if (did < seen && did < want) {
			out->disposition = did;
			out->spared = true;
		} else if (did > seen && did > want) {
			out->disposition = did;
		}
	}
	out->hit = out->disposition >= RUAD_DISPOSITION_QUARANTINE;
}

static void
follow_label(enum ruad_sender_label label, struct ruad_rehearse_outcome *out)
{
	out->evidence |= RUAD_EVIDENCE_LABEL;
	out->class = label == RUAD_LABEL_MINE ? RUAD_REHEARSED_MINE_FAIL
	    : label == RUAD_LABEL_FORWARDER   ? RUAD_REHEARSED_FORWARDED
					      : RUAD_REHEARSED_STRANGER;
}

/* Of a message that would fail. */
static void
classify(const struct ruad_rehearse_row *row, struct ruad_rehearse_outcome *out)
{
	bool forwarded = (row->reasons & FORWARDINGS) != 0 ||
	    ((row->reasons & REASON(LOCAL_POLICY)) != 0 && row->arc);

	if (out->now == RUAD_VERDICT_PASS)
		out->evidence |= RUAD_EVIDENCE_PASSED;
	if (row->auth != NULL && row->auth->own_broken)
		out->evidence |= RUAD_EVIDENCE_SIGNED;
	if (row->own_source)
		out->evidence |= RUAD_EVIDENCE_SOURCE;
	/* What fails by the change that is asked about was not broken on its
	 * way, whatever way that is, and nobody else has sent it. */
	if (out->now == RUAD_VERDICT_PASS)
		out->class = RUAD_REHEARSED_MINE_FAIL;
	else if (row->label != RUAD_LABEL_NONE)
		follow_label(row->label, out);
	else if (forwarded || row->forwarder)
		out->class = RUAD_REHEARSED_FORWARDED;
	else
		out->class = out->evidence != 0 ? RUAD_REHEARSED_MINE_FAIL
						: RUAD_REHEARSED_STRANGER;
	if (out->class != RUAD_REHEARSED_FORWARDED)
		return;
	if (forwarded)
		out->evidence |= RUAD_EVIDENCE_REASON;
	if (row->forwarder)
		out->evidence |= RUAD_EVIDENCE_FORWARDER;
}

/* Whether the results give another verdict than the reporter. */
static bool
disagrees(const struct ruad_rehearse_row *row)
{
	if (row->auth == NULL)
		return false;
	return (row->dkim != RUAD_VERDICT_UNKNOWN &&
		   (row->dkim == RUAD_VERDICT_PASS) !=
		       suffices(row->dkim_alignment, row->seen.adkim)) ||
	    (row->spf != RUAD_VERDICT_UNKNOWN &&
		(row->spf == RUAD_VERDICT_PASS) !=
		    suffices(row->spf_alignment, row->seen.aspf));
}

struct ruad_rehearse_outcome
ruad_rehearse(const struct ruad_rehearse_ask *ask,
    const struct ruad_rehearse_row *row)
{
	enum ruad_verdict dkim = dkim_then(ask, row), spf = spf_then(ask, row);
	struct ruad_rehearse_outcome out = {
		.now = dmarc(row->dkim, row->spf),
		.then = dmarc(dkim, spf),
		.disagrees = disagrees(row),
	};

	switch (out.then) {
	case RUAD_VERDICT_PASS:
		out.class = RUAD_REHEARSED_MINE_PASS;
		out.disposition = RUAD_DISPOSITION_NONE;
		if (spf != RUAD_VERDICT_PASS)
			out.evidence |= RUAD_EVIDENCE_DKIM_ONLY;
		if ((row->reasons & FORWARDINGS) != 0)
			out.evidence |= RUAD_EVIDENCE_REASON;
		break;
	case RUAD_VERDICT_FAIL:
		dispose(ask, row, &out);
		classify(row, &out);
		break;
	case RUAD_VERDICT_UNKNOWN:
		out.class = RUAD_REHEARSED_UNSURE;
		break;
	}
	return out;
}

enum ruad_policy
ruad_rehearse_strictest(const struct ruad_rehearse_policy *p)
{
	enum ruad_policy most = p->p;

	if (p->sp > most)
		most = p->sp;
	return p->np > most ? p->np : most;
}

const char *ruad_rehearse_class_word(enum ruad_rehearse_class class)
{
	static const char *const words[RUAD_REHEARSED_COUNT] = {
		[RUAD_REHEARSED_MINE_PASS] = "mine-pass",
		[RUAD_REHEARSED_FORWARDED] = "forwarded",
		[RUAD_REHEARSED_MINE_FAIL] = "mine-fail",
		[RUAD_REHEARSED_STRANGER] = "unknown",
		[RUAD_REHEARSED_UNSURE] = "undecided",
	};

	return words[class];
}

const char *
ruad_rehearse_evidence_word(unsigned bit)
{
	switch (bit) {
	case RUAD_EVIDENCE_PASSED:
		return "passes as published";
	case RUAD_EVIDENCE_SIGNED:
		return "our signature is broken";
	case RUAD_EVIDENCE_SOURCE:
		return "SPF passes from this address";
	case RUAD_EVIDENCE_REASON:
		return "receivers say forwarded";
	case RUAD_EVIDENCE_DKIM_ONLY:
		return "passes by DKIM alone";
	case RUAD_EVIDENCE_FORWARDER:
		return "known to forward";
	case RUAD_EVIDENCE_LABEL:
		return "labelled";
	default:
		return "";
	}
}
