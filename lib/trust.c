/* trust.c - the decision. A field is tallied on the side and counts only when
 * it could be read to its end.
 *
 * Fields can be forged, and filters copy text of the sender into comments. So
 * one field with an id of ours that cannot be read (a comment that never ends,
 * more results than any honest filter writes) takes the pass from the mail:
 * what it hides may be a fail. */
#include "trust.h"
#include <string.h>
#include "authres.h"
#include "text.h"

/* How an authenticated domain fits that of From. */
enum fit { FIT_NONE, FIT_POSSIBLE, FIT_RELAXED, FIT_STRICT };

struct facts { /* of the mail */
	const char *from;
	bool null_sender;
	const struct ruad_orgdom *orgdom; /* may be NULL */
};

/* What the results say, taken together. */
struct tally {
	bool others; /* there are results of DKIM or SPF */
	enum ruad_auth_result dmarc;
	const char *dmarc_by; /* authserv-id; NULL: no result of DMARC */
	enum fit fit; /* the best */
	const char *fit_by;
	bool dkim; /* there is a passing signature: the one that fits best */
	enum fit dkim_fit;
	char dkim_domain[RUAD_AUTHRES_NAME_BYTES];
	char dkim_selector[RUAD_AUTHRES_NAME_BYTES];
};

/* How many labels the names share from the right. */
static unsigned
common_labels(const char *a, const char *b)
{
	size_t i = strlen(a), j = strlen(b);
	unsigned labels = 0;

	while (i > 0 && j > 0 && a[i - 1] == b[j - 1]) {
		i--;
		j--;
		if (a[i] == '.')
			labels++;
	}
	/* The leftmost label counts only where it ends in both. */
	if ((i == 0 || a[i - 1] == '.') && (j == 0 || b[j - 1] == '.') &&
	    a[i] != '.')
		labels++;
	return labels;
}

static enum fit
fit_of(const char *domain, const struct facts *f)
{
	const char *a, *b;

	if (domain[0] == '\0')
		return FIT_NONE;
	if (strcmp(domain, f->from) == 0)
		return FIT_STRICT;
	if (f->orgdom == NULL)
		return common_labels(domain, f->from) >= 2 ? FIT_POSSIBLE
							   : FIT_NONE;
	a = ruad_orgdom_find(f->orgdom, domain);
	b = ruad_orgdom_find(f->orgdom, f->from);
	return a != NULL && b != NULL && strcmp(a, b) == 0 ? FIT_RELAXED
							   : FIT_NONE;
}

/* Of several results of DMARC the worst counts: trusted filters that
 * contradict each other never make a pass. */
static int
dmarc_weight(enum ruad_auth_result result)
{
	switch (result) {
	case RUAD_AUTH_FAIL:
		return 5;
	case RUAD_AUTH_TEMPERROR:
		return 4;
	case RUAD_AUTH_PERMERROR:
		return 3;
	case RUAD_AUTH_PASS:
		return 2;
	case RUAD_AUTH_NONE:
		return 1;
	case RUAD_AUTH_UNKNOWN:
	case RUAD_AUTH_PASS_DERIVED:
	case RUAD_AUTH_FAIL_DERIVED:
	case RUAD_AUTH_UNTRUSTED:
	case RUAD_AUTH_OFF:
		break;
	}
	return 0;
}

static enum ruad_auth_result
dmarc_result(enum ruad_result word)
{
	switch (word) {
	case RUAD_RESULT_PASS:
		return RUAD_AUTH_PASS;
	case RUAD_RESULT_NONE:
		return RUAD_AUTH_NONE;
	case RUAD_RESULT_TEMPERROR:
		return RUAD_AUTH_TEMPERROR;
	case RUAD_RESULT_PERMERROR:
		return RUAD_AUTH_PERMERROR;
	case RUAD_RESULT_OTHER:
	case RUAD_RESULT_FAIL:
	case RUAD_RESULT_POLICY:
	case RUAD_RESULT_NEUTRAL:
	case RUAD_RESULT_SOFTFAIL:
		break;
	}
	return RUAD_AUTH_FAIL;
}

static void
tally_dmarc(struct tally *t, enum ruad_auth_result result, const char *by)
{
	if (by != NULL &&
	    (t->dmarc_by == NULL ||
		dmarc_weight(result) > dmarc_weight(t->dmarc))) {
		t->dmarc = result;
		t->dmarc_by = by;
	}
}

static void
tally_fit(struct tally *t, enum fit fit, const char *by)
{
	if (fit > t->fit) {
		t->fit = fit;
		t->fit_by = by;
	}
}

static void
tally_dkim(struct tally *t, enum fit fit, const char *domain,
    const char *selector)
{
	if (t->dkim && fit <= t->dkim_fit)
		return;
	t->dkim = true;
	t->dkim_fit = fit;
	ruad_authres_name(t->dkim_domain, domain, strlen(domain));
	ruad_authres_name(t->dkim_selector, selector, strlen(selector));
}

static void
tally_result(struct tally *t, const struct ruad_authres_result *r,
    const struct facts *f, const char *by)
{
	const char *domain;
	enum fit fit;

	if (r->ignored)
		return;
	if (r->method == RUAD_AUTHRES_DMARC) {
		if (!r->has_from || strcmp(r->header_from, f->from) == 0)
			tally_dmarc(t, dmarc_result(r->word), by);
		return;
	}
	t->others = true;
	if (r->word != RUAD_RESULT_PASS)
		return;
	if (r->method == RUAD_AUTHRES_DKIM)
		domain = r->header_d[0] != '\0' ? r->header_d : r->header_i;
	else if (r->mailfrom[0] != '\0' || !f->null_sender)
		domain = r->mailfrom;
	else
		domain = r->helo; /* RFC 7208 section 2.4 */
	fit = fit_of(domain, f);
	tally_fit(t, fit, by);
	if (r->method == RUAD_AUTHRES_DKIM && domain[0] != '\0')
		tally_dkim(t, fit, domain, r->header_s);
}

static void
tally_merge(struct tally *t, const struct tally *more)
{
	t->others = t->others || more->others;
	tally_dmarc(t, more->dmarc, more->dmarc_by);
	tally_fit(t, more->fit, more->fit_by);
	if (more->dkim)
		tally_dkim(t, more->dkim_fit, more->dkim_domain,
		    more->dkim_selector);
}

/* Which of our ids the field bears, perhaps with "/job id" behind; NULL:
 * none. */
static const char *
find_id(const struct ruad_trust_settings *set, const char *authserv_id)
{
	const char *id;
	size_t i, len;

	for (i = 0; i < set->authserv_id_count; i++) {
		id = set->authserv_ids[i];
		len = strlen(id);
		if (len > 0 && strlen(authserv_id) >= len &&
		    ruad_text_is(authserv_id, len, id) &&
		    (authserv_id[len] == '\0' || authserv_id[len] == '/'))
			return id;
	}
	return NULL;
}

enum field { FIELD_FOREIGN, FIELD_OURS, FIELD_UNREADABLE };

/* Read one field; *id_out and *t are set where it is ours and was read. */
static enum field
scan_field(const char *value, const struct ruad_trust_settings *set,
    const struct facts *f, const char **id_out, struct tally *t)
{
	struct tally own = { .others = false };
	struct ruad_authres_result r;
	struct ruad_authres a;
	const char *id;

	ruad_authres_open(&a, value);
	id = find_id(set, a.authserv_id);
	if (id == NULL || a.unknown_version)
		return FIELD_FOREIGN;
	while (ruad_authres_next(&a, &r))
		tally_result(&own, &r, f, id);
	if (a.broken)
		return FIELD_UNREADABLE;
	*id_out = id;
	tally_merge(t, &own);
	return FIELD_OURS;
}

static enum ruad_auth_result
derive(const struct tally *t)
{
	if (!t->others)
		return RUAD_AUTH_NONE;
	switch (t->fit) {
	case FIT_STRICT:
	case FIT_RELAXED:
		return RUAD_AUTH_PASS_DERIVED;
	case FIT_POSSIBLE:
		return RUAD_AUTH_UNKNOWN;
	case FIT_NONE:
		break;
	}
	return RUAD_AUTH_FAIL_DERIVED;
}

static bool
is_named(const struct ruad_field *field, const char *name)
{
	return ruad_text_is(field->name, strlen(field->name), name);
}

/* Read the fields above the first Received that is not trusted. Returns the
 * authserv-id of the first that is ours, or NULL. *claim_out: there is a field,
 * wherever and whosever. */
static const char *
scan_fields(const struct ruad_trust_settings *set,
    const struct ruad_field *fields, size_t field_count, const struct facts *f,
    struct tally *t, bool *unreadable_out, bool *claim_out)
{
	const char *first = NULL, *id = NULL;
	unsigned received = 0;
	size_t i;

	*unreadable_out = *claim_out = false;
	for (i = 0; i < field_count; i++) {
		if (is_named(&fields[i], "Received"))
			received++;
		if (!is_named(&fields[i], "Authentication-Results"))
			continue;
		*claim_out = true;
		if (received > set->trusted_received)
			break;
		switch (scan_field(fields[i].value, set, f, &id, t)) {
		case FIELD_OURS:
			if (first == NULL)
				first = id;
			break;
		case FIELD_UNREADABLE:
			*unreadable_out = true;
			break;
		case FIELD_FOREIGN:
			break;
		}
	}
	return first;
}

/* DMARC speaks of mails with one author domain (RFC 7489 section 6.6.1). */
static bool
has_one_author(const struct ruad_field *fields, size_t field_count,
    size_t from_domain_count)
{
	size_t i, from_fields = 0;

	for (i = 0; i < field_count; i++)
		if (is_named(&fields[i], "From"))
			from_fields++;
	return from_domain_count == 1 && from_fields <= 1;
}

void
ruad_trust_decide(const struct ruad_trust_settings *set,
    const struct ruad_field *fields, size_t field_count,
    const char *const *from_domains, size_t from_domain_count, bool null_sender,
    struct ruad_orgdom *orgdom, struct ruad_trust *out)
{
	struct facts f = { .null_sender = null_sender, .orgdom = orgdom };
	struct tally t = { .others = false };
	bool unreadable, claim;
	const char *by;

	memset(out, 0, sizeof(*out));
	if (from_domain_count == 1)
		ruad_authres_name(out->from_domain, from_domains[0],
		    strlen(from_domains[0]));
	out->result = RUAD_AUTH_OFF;
	if (set->authserv_id_count == 0)
		return;
	out->result = RUAD_AUTH_FAIL;
	if (!has_one_author(fields, field_count, from_domain_count) ||
	    out->from_domain[0] == '\0')
		return;
	f.from = out->from_domain;
	by = scan_fields(set, fields, field_count, &f, &t, &unreadable, &claim);
	/* Step 7: nothing says anything of DMARC, DKIM or SPF. */
	out->result = claim ? RUAD_AUTH_UNTRUSTED : RUAD_AUTH_NONE;
	if (by == NULL)
		return;
	if (t.dmarc_by != NULL) {
		out->result = t.dmarc;
		by = t.dmarc_by;
	} else {
		out->result = derive(&t);
		if (t.fit_by != NULL)
			by = t.fit_by;
	}
	if (unreadable &&
	    (out->result == RUAD_AUTH_PASS ||
		out->result == RUAD_AUTH_PASS_DERIVED))
		out->result = RUAD_AUTH_UNKNOWN;
	ruad_text_clean(out->authserv_id, sizeof(out->authserv_id), by,
	    strlen(by), NULL);
	ruad_authres_name(out->dkim_domain, t.dkim_domain,
	    strlen(t.dkim_domain));
	ruad_authres_name(out->dkim_selector, t.dkim_selector,
	    strlen(t.dkim_selector));
}
