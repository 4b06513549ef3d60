/* discover.c - both algorithms share the answers; the walk goes first, for it
 * asks for nearly everything that the other wants. */
#include "discover.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record of the walk that names itself more than a public suffix or not. */
static char
psd_of(const struct ruad_lookup *l)
{
	return ruad_record_reading(l->record, RUAD_RFC_9989)->psd;
}

/* Keep the texts that are DMARC records, and read it if there is one. */
static enum ruad_status
read_records(struct ruad_lookup *l, struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;

	if (l->answer->outcome != RUAD_DNS_FOUND)
		return RUAD_OK;
	for (size_t i = 0; i < l->answer->count && st == RUAD_OK; i++) {
		size_t len;
		char *text = ruad_dns_txt(l->answer, i, &len);

		if (text == NULL)
			return ruad_fail_memory(err, "discover");
		if (ruad_record_is_dmarc(text, len)) {
			ruad_record_free(&l->record);
			if (l->dmarc_count++ == 0)
				st = ruad_record_read(text, len, &l->record,
				    err);
		}
		free(text);
	}
	return st;
}

/* Ask for _dmarc.NAME, once. */
static enum ruad_status
look(struct ruad_discovered *d, struct ruad_resolver *resolver,
    const char *name, struct ruad_lookup **out, struct ruad_err *err)
{
	struct ruad_lookup *l;
	char query[300];

	for (size_t i = 0; i < d->lookup_count; i++) {
		*out = d->lookup[i];
		if (strcmp((*out)->name, name) == 0)
			return RUAD_OK;
	}
	l = *out = calloc(1, sizeof(*l));
	if (l == NULL)
		return ruad_fail_memory(err, "discover");
	d->lookup[d->lookup_count++] = l;
	snprintf(l->name, sizeof(l->name), "%s", name);
	snprintf(query, sizeof(query), "_dmarc.%s", name);
	/* No name is longer: RFC 1035 section 2.3.4. */
	if (strlen(query) > 253) {
		l->answer = ruad_dns_answer_new(RUAD_DNS_NO_NAME);
		return l->answer != NULL ? RUAD_OK
					 : ruad_fail_memory(err, "discover");
	}
	if (ruad_resolver_ask(resolver, query, RUAD_DNS_TXT, &l->answer, err) !=
	    RUAD_OK)
		return RUAD_TEMP;
	return read_records(l, err);
}

static size_t
count_labels(const char *name)
{
	size_t n = 1;

	for (; *name != '\0'; name++)
		n += *name == '.';
	return n;
}

/* The name without its first label; NULL: it has only one. */
static const char *
parent_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? dot + 1 : NULL;
}

/* RFC 9989 section 4.10: from the name itself upwards; of a long name only the
 * last seven labels after that. */
static enum ruad_status
walk(struct ruad_discovered *d, struct ruad_resolver *resolver,
    struct ruad_err *err)
{
	const char *name = d->domain;
	struct ruad_lookup *l;
	enum ruad_status st;

	while (name != NULL && d->walk_count < RUAD_WALK_MAX) {
		st = look(d, resolver, name, &l, err);
		if (st != RUAD_OK)
			return st;
		d->walk[d->walk_count++] = l;
		if (l->record != NULL && psd_of(l) != 'u')
			break;
		name = parent_of(name);
		while (d->walk_count == 1 && name != NULL &&
		    count_labels(name) > RUAD_WALK_MAX - 1)
			name = parent_of(name);
	}
	return RUAD_OK;
}

/* A failure on the walk: what it hides is not known. */
static enum ruad_found_state
walk_failure(const struct ruad_discovered *d)
{
	enum ruad_found_state state = RUAD_FOUND_NOTHING;

	for (size_t i = 0; i < d->walk_count; i++) {
		enum ruad_dns_outcome o = d->walk[i]->answer->outcome;

		if (ruad_dns_is_unknown(o))
			return RUAD_FOUND_UNKNOWN;
		if (o == RUAD_DNS_BOGUS)
			state = RUAD_FOUND_BOGUS;
	}
	return state;
}

/* The name one label longer than `above` on the way to the domain. */
static const char *
below(const char *domain, const char *above)
{
	const char *s = domain + strlen(domain) - strlen(above) - 1;

	while (s > domain && s[-1] != '.')
		s--;
	return s;
}

/* RFC 9989 section 4.10.2: the organizational domain by the walk. *psd_out: the
 * public suffix domain that ended it, or NULL. */
static const char *
walk_org(const struct ruad_discovered *d, const struct ruad_lookup **psd_out)
{
	const struct ruad_lookup *highest = NULL;

	*psd_out = NULL;
	for (size_t i = 0; i < d->walk_count; i++) {
		const struct ruad_lookup *l = d->walk[i];

		if (l->record == NULL)
			continue;
		highest = l;
		if (psd_of(l) == 'n')
			return l->name;
		if (psd_of(l) == 'y' && i > 0) {
			*psd_out = l;
			return below(d->domain, l->name);
		}
	}
	return highest != NULL ? highest->name : d->domain;
}

static const struct ruad_lookup *
walked(const struct ruad_discovered *d, const char *name)
{
	for (size_t i = 0; i < d->walk_count; i++) {
		if (strcmp(d->walk[i]->name, name) == 0)
			return d->walk[i];
	}
	return NULL;
}

/* What the record at `l` says about the domain. */
static void
take(struct ruad_discovered *d, enum ruad_rfc rfc, const struct ruad_lookup *l)
{
	const struct ruad_reading *a = ruad_record_reading(l->record, rfc);
	struct ruad_found *f = &d->found[rfc];
	bool own = l == ruad_discovery_own(d);
	size_t len;
	bool absent = d->existence == RUAD_DNS_NO_NAME && rfc == RUAD_RFC_9989;

	f->at = l;
	f->state = a->state == RUAD_RECORD_IGNORED ? RUAD_FOUND_BAD
						   : RUAD_FOUND_POLICY;
	f->tag = own ? RUAD_TAG_P : absent ? RUAD_TAG_NP : RUAD_TAG_SP;
	while (f->tag > RUAD_TAG_P &&
	    ruad_record_value(l->record, f->tag, &len) == NULL)
		f->tag--;
	f->policy = own ? a->p : absent ? a->np : a->sp;
}

/* The other ways for a lookup to end the search. False: it does not. */
static bool
ends(struct ruad_found *f, const struct ruad_lookup *l)
{
	if (ruad_dns_is_unknown(l->answer->outcome))
		f->state = RUAD_FOUND_UNKNOWN;
	else if (l->answer->outcome == RUAD_DNS_BOGUS)
		f->state = RUAD_FOUND_BOGUS;
	else if (l->dmarc_count > 1) {
		f->state = RUAD_FOUND_SEVERAL;
		f->at = l;
	} else
		return false;
	return true;
}

/* RFC 9989 section 4.10.1: the domain's own record, else that of its
 * organizational domain, else that of the public suffix domain. */
static void
conclude_walk(struct ruad_discovered *d)
{
	const struct ruad_lookup *own = ruad_discovery_own(d), *psd, *l;
	struct ruad_found *f = &d->found[RUAD_RFC_9989];
	enum ruad_found_state failure = walk_failure(d);
	const char *org = walk_org(d, &psd);

	if (failure == RUAD_FOUND_NOTHING)
		snprintf(f->org_domain, sizeof(f->org_domain), "%s", org);
	if (own->record != NULL) {
		take(d, RUAD_RFC_9989, own);
		return;
	}
	if (failure != RUAD_FOUND_NOTHING) {
		f->state = failure;
		return;
	}
	l = walked(d, org);
	if (l != NULL && l->record != NULL)
		take(d, RUAD_RFC_9989, l);
	else if (psd != NULL)
		take(d, RUAD_RFC_9989, psd);
	else if (own->dmarc_count > 1)
		(void)ends(f, own);
}

/* RFC 7489 section 6.6.3. */
static enum ruad_status
conclude_psl(struct ruad_discovered *d, struct ruad_resolver *resolver,
    const struct ruad_orgdom *orgdom, struct ruad_err *err)
{
	const struct ruad_lookup *own = ruad_discovery_own(d);
	const char *org = ruad_orgdom_find(orgdom, d->domain);
	struct ruad_found *f = &d->found[RUAD_RFC_7489];
	struct ruad_lookup *l;
	enum ruad_status st;

	if (org != NULL)
		snprintf(f->org_domain, sizeof(f->org_domain), "%s", org);
	if (ends(f, own))
		return RUAD_OK;
	if (own->record != NULL) {
		take(d, RUAD_RFC_7489, own);
		return RUAD_OK;
	}
	if (org == NULL || strcmp(org, d->domain) == 0)
		return RUAD_OK;
	st = look(d, resolver, org, &l, err);
	if (st != RUAD_OK || ends(f, l))
		return st;
	if (l->record != NULL)
		take(d, RUAD_RFC_7489, l);
	return RUAD_OK;
}

/* Whether the domain exists matters below a record (RFC 9989 section 4.7, np)
 * and to its owner where there is none. */
static enum ruad_status
ask_existence(struct ruad_discovered *d, struct ruad_resolver *resolver,
    struct ruad_err *err)
{
	struct ruad_dns_answer *a;
	enum ruad_status st;

	if (ruad_discovery_own(d)->answer->outcome != RUAD_DNS_NO_NAME)
		return RUAD_OK;
	st = ruad_resolver_ask(resolver, d->domain, RUAD_DNS_A, &a, err);
	if (st == RUAD_OK)
		d->existence = a->outcome;
	ruad_dns_answer_free(&a);
	return st;
}

enum ruad_status
ruad_discover(struct ruad_resolver *resolver, const struct ruad_orgdom *orgdom,
    const char *domain, struct ruad_discovered **out, struct ruad_err *err)
{
	struct ruad_discovered *d = *out = calloc(1, sizeof(*d));
	enum ruad_status st;

	if (d == NULL)
		return ruad_fail_memory(err, "discover");
	snprintf(d->domain, sizeof(d->domain), "%s", domain);
	st = walk(d, resolver, err);
	if (st == RUAD_OK)
		st = ask_existence(d, resolver, err);
	if (st == RUAD_OK) {
		conclude_walk(d);
		st = conclude_psl(d, resolver, orgdom, err);
	}
	if (st != RUAD_OK)
		ruad_discovery_free(out);
	return st;
}

void
ruad_discovery_free(struct ruad_discovered **d)
{
	if (*d == NULL)
		return;
	for (size_t i = 0; i < (*d)->lookup_count; i++) {
		struct ruad_lookup *l = (*d)->lookup[i];

		ruad_record_free(&l->record);
		ruad_dns_answer_free(&l->answer);
		free(l);
	}
	free(*d);
	*d = NULL;
}

const struct ruad_lookup *
ruad_discovery_own(const struct ruad_discovered *d)
{
	return d->lookup[0];
}
