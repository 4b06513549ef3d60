/* align.c - alignment depends on the author domain and the list of results,
 * and few pairs of them occur; still it is cheap enough to do for each record.
 */
#include "align.h"
#include <string.h>

static void
find_org_domains(struct ruad_report *r, const struct ruad_orgdom *o)
{
	uint32_t i;

	for (i = 0; i < r->name_count; i++)
		if (!r->names[i].bad && r->names[i].len > 0)
			r->names[i].org_domain =
			    ruad_orgdom_find(o, r->names[i].text);
}

static enum ruad_alignment
align_pair(const struct ruad_report *r, ruad_text from, ruad_text domain)
{
	const struct ruad_name *a, *b;

	if (from == RUAD_ABSENT || domain == RUAD_ABSENT)
		return RUAD_ALIGNMENT_NONE;
	a = &r->names[from];
	b = &r->names[domain];
	if (a->bad || b->bad || a->len == 0 || b->len == 0)
		return RUAD_ALIGNMENT_NONE;
	if (from == domain)
		return RUAD_ALIGNMENT_STRICT;
	if (a->org_domain != NULL && b->org_domain != NULL &&
	    strcmp(a->org_domain, b->org_domain) == 0)
		return RUAD_ALIGNMENT_RELAXED;
	return RUAD_ALIGNMENT_NONE;
}

/* RFC 7489 section 3.1.2: SPF authenticates MAIL FROM; the HELO identity
 * stands in only for the null reverse-path. */
static bool
counts(const struct ruad_report *r, const struct ruad_record *rec,
    const struct ruad_auth *a)
{
	if (a->result != RUAD_RESULT_PASS)
		return false;
	return a->method != RUAD_METHOD_SPF || a->scope != RUAD_SCOPE_HELO ||
	    (rec->envelope_from != RUAD_ABSENT &&
		r->names[rec->envelope_from].len == 0);
}

/* The best alignment of a passing result of one method. *passes_out: there is
 * a passing result at all. */
static enum ruad_alignment
best_alignment(const struct ruad_report *r, const struct ruad_record *rec,
    enum ruad_method method, bool *passes_out)
{
	const struct ruad_auth_set *set = &r->auth_sets[rec->auth_set];
	enum ruad_alignment best = RUAD_ALIGNMENT_NONE, one;
	uint32_t i;

	*passes_out = false;
	for (i = 0; i < set->count; i++) {
		const struct ruad_auth *a = &set->auth[i];

		if (a->method != method || !counts(r, rec, a))
			continue;
		*passes_out = true;
		one = align_pair(r, rec->header_from, a->domain);
		if (one > best)
			best = one;
	}
	return best;
}

/* What the reporter would have found, where it does not say: strict mode takes
 * identical domains only. What passes without an author domain to compare it
 * with, or in relaxed mode without a suffix list, may be aligned or not. */
static enum ruad_verdict
derive(enum ruad_alignment alignment, bool passes, enum ruad_mode mode,
    bool has_author, bool has_list)
{
	bool strict = mode == RUAD_MODE_STRICT;

	if (alignment == RUAD_ALIGNMENT_STRICT ||
	    (alignment == RUAD_ALIGNMENT_RELAXED && !strict))
		return RUAD_VERDICT_PASS;
	if (!passes || (has_author && (strict || has_list)))
		return RUAD_VERDICT_FAIL;
	return RUAD_VERDICT_UNKNOWN;
}

/* RFC 9989 section 5.4: a pass is not acted on, and a failure under a policy
 * is, unless a reason is given. */
static bool
is_odd(const struct ruad_report *r, const struct ruad_record *rec,
    enum ruad_verdict dmarc)
{
	bool acted = rec->disposition == RUAD_DISPOSITION_QUARANTINE ||
	    rec->disposition == RUAD_DISPOSITION_REJECT;

	if (dmarc == RUAD_VERDICT_PASS)
		return acted;
	return dmarc == RUAD_VERDICT_FAIL &&
	    rec->disposition == RUAD_DISPOSITION_NONE &&
	    r->p > RUAD_POLICY_NONE && rec->reason_set == 0;
}

/* Without policy_evaluated nothing was evaluated, and nothing is derived. */
static bool
was_evaluated(const struct ruad_record *rec)
{
	return rec->disposition != RUAD_DISPOSITION_UNKNOWN ||
	    rec->dkim != RUAD_VERDICT_UNKNOWN ||
	    rec->spf != RUAD_VERDICT_UNKNOWN;
}

static void
align_record(struct ruad_report *r, struct ruad_record *rec, bool has_list)
{
	bool evaluated = was_evaluated(rec), dkim_passes, spf_passes;
	bool has_author = rec->header_from != RUAD_ABSENT;
	enum ruad_verdict dmarc;

	rec->dkim_alignment =
	    (uint8_t)best_alignment(r, rec, RUAD_METHOD_DKIM, &dkim_passes);
	rec->spf_alignment =
	    (uint8_t)best_alignment(r, rec, RUAD_METHOD_SPF, &spf_passes);
	if (evaluated && rec->dkim == RUAD_VERDICT_UNKNOWN) {
		rec->dkim = (uint8_t)derive(rec->dkim_alignment, dkim_passes,
		    r->adkim, has_author, has_list);
		rec->derived |= RUAD_DERIVED_DKIM;
	}
	if (evaluated && rec->spf == RUAD_VERDICT_UNKNOWN) {
		rec->spf = (uint8_t)derive(rec->spf_alignment, spf_passes,
		    r->aspf, has_author, has_list);
		rec->derived |= RUAD_DERIVED_SPF;
	}
	dmarc = ruad_record_dmarc(rec);
	if (dmarc == RUAD_VERDICT_PASS)
		r->messages_pass += rec->messages;
	if (is_odd(r, rec, dmarc))
		ruad_warn(&r->warnings, RUAD_ROW_ODD_VERDICT);
}

void
ruad_align(struct ruad_report *r, const struct ruad_orgdom *o)
{
	uint32_t i;

	find_org_domains(r, o);
	r->messages_pass = 0;
	for (i = 0; i < r->records; i++)
		align_record(r, ruad_report_record(r, i), o != NULL);
}
