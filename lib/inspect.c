/* inspect.c - sections in the order in which people want to read them; none is
 * left out because another has failed. */
#include "inspect.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dkim_key.h"
#include "recipient.h"
#include "spf.h"
#include "word.h"

struct inspector {
	const struct ruad_inspect_settings *set;
	struct ruad_inspection *in;
	struct ruad_err *err;
};

/* A new section; NULL: no memory, which has been told. It stays where it is
 * only until the next one. */
static struct ruad_section *
add_section(struct inspector *i, const char *about, const char *name)
{
	struct ruad_section *s =
	    realloc(i->in->section, (i->in->count + 1) * sizeof(*s));

	if (s == NULL) {
		(void)ruad_fail_memory(i->err, "inspect");
		return NULL;
	}
	i->in->section = s;
	s += i->in->count;
	*s = (struct ruad_section){ .about = about, .name = strdup(name) };
	if (s->name == NULL) {
		(void)ruad_fail_memory(i->err, "inspect");
		return NULL;
	}
	i->in->count++;
	return s;
}

static void say(struct ruad_remarks *list, enum ruad_remark_code code,
    enum ruad_severity severity, const char *fmt, ...) RUAD_PRINTF(4, 5);

/* A remark on no place. */
static void
say(struct ruad_remarks *list, enum ruad_remark_code code,
    enum ruad_severity severity, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ruad_remark(list, code, severity, RUAD_OF_BOTH, RUAD_NOWHERE, 0, "%s",
	    text);
}

/* "2 hours" of a number of seconds. */
static void
print_time(uint32_t secs, char *buf, size_t cap)
{
	static const struct {
		uint32_t secs;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" },
		{ 1, "second" } };
	size_t i = 0;
	uint32_t n;

	while (i < 3 && (secs < units[i].secs || secs % units[i].secs != 0))
		i++;
	n = secs / units[i].secs;
	snprintf(buf, cap, "%u %s%s", (unsigned)n, units[i].name,
	    n == 1 ? "" : "s");
}

const struct ruad_found *
ruad_inspection_found(const struct ruad_inspection *in)
{
	const struct ruad_found *f = &in->found->found[RUAD_RFC_9989];

	return f->at == NULL && in->found->found[RUAD_RFC_7489].at != NULL
	    ? &in->found->found[RUAD_RFC_7489]
	    : f;
}

/* There is no record to speak of. */
static void
remark_absence(struct ruad_remarks *list, const struct ruad_discovered *d,
    const struct ruad_found *f)
{
	const struct ruad_lookup *failed = ruad_discovery_own(d);

	for (size_t i = 0; i < d->lookup_count; i++) {
		if (failed->answer->outcome != RUAD_DNS_BOGUS &&
		    !ruad_dns_is_unknown(failed->answer->outcome))
			failed = d->lookup[i];
	}
	switch (f->state) {
	case RUAD_FOUND_POLICY:
	case RUAD_FOUND_BAD:
		break;
	case RUAD_FOUND_SEVERAL:
		say(list, RUAD_RECORD_SEVERAL, RUAD_REMARK_ERROR,
		    "%zu DMARC records at _dmarc.%s where one is allowed: "
		    "receivers ignore all of them; delete all but one",
		    f->at->dmarc_count, f->at->name);
		break;
	case RUAD_FOUND_NOTHING:
		if (d->existence == RUAD_DNS_NO_NAME)
			say(list, RUAD_DOMAIN_NONE, RUAD_REMARK_ERROR,
			    "the domain %s does not exist in DNS", d->domain);
		say(list, RUAD_RECORD_NONE, RUAD_REMARK_ERROR,
		    "no DMARC record holds for this domain: nobody sends "
		    "reports, and forged mail is treated as each receiver "
		    "likes; see ruadctl record generate. One that was "
		    "published just now may take up to 48 hours to be seen");
		break;
	case RUAD_FOUND_BOGUS:
		say(list, RUAD_LOOKUP_BOGUS, RUAD_REMARK_ERROR,
		    "_dmarc.%s: DNSSEC validation failed: receivers that "
		    "validate find no record and may refuse your mail; whoever "
		    "runs the zone must put its signatures right%s%.120s",
		    failed->name, failed->answer->why[0] != '\0' ? ". " : "",
		    failed->answer->why);
		break;
	case RUAD_FOUND_UNKNOWN:
		say(list, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    "_dmarc.%s could not be looked up: %s; try again, and if "
		    "that stays so ask whoever runs its name servers",
		    failed->name,
		    ruad_dns_outcome_word(failed->answer->outcome));
		break;
	}
}

static const char *
describe(const struct ruad_found *f, char buf[300])
{
	if (f->at != NULL)
		snprintf(buf, 300, "%s at _dmarc.%s",
		    f->state == RUAD_FOUND_SEVERAL ? "several records"
			: f->state == RUAD_FOUND_BAD
			? "a record that they ignore"
			: "the record",
		    f->at->name);
	else
		snprintf(buf, 300, "%s",
		    f->state == RUAD_FOUND_NOTHING ? "no record"
						   : "an answer that fails");
	return buf;
}

/* Where the two ways to find a record come to different ends. */
static void
remark_difference(struct ruad_remarks *list, const struct ruad_discovered *d)
{
	const struct ruad_found *a = &d->found[RUAD_RFC_7489];
	const struct ruad_found *b = &d->found[RUAD_RFC_9989];
	char old[300], new[300];

	if (a->state != b->state || a->at != b->at)
		say(list, RUAD_RECORD_DIFFER, RUAD_REMARK_WARNING,
		    "receivers of RFC 7489 find %.110s, those of RFC 9989 "
		    "%.110s",
		    describe(a, old), describe(b, new));
	else if (a->state == RUAD_FOUND_POLICY && a->policy != b->policy)
		say(list, RUAD_RECORD_DIFFER, RUAD_REMARK_WARNING,
		    "receivers of RFC 7489 apply %s, those of RFC 9989 %s",
		    ruad_policy_word(a->policy), ruad_policy_word(b->policy));
	if (a->org_domain[0] != '\0' && b->org_domain[0] != '\0' &&
	    strcmp(a->org_domain, b->org_domain) != 0 && b->at != NULL)
		say(list, RUAD_RECORD_DIFFER, RUAD_REMARK_WARNING,
		    "the organizational domain is %.80s by RFC 7489 and %.80s "
		    "by RFC 9989: what counts as aligned differs",
		    a->org_domain, b->org_domain);
	if (a->org_domain[0] == '\0' &&
	    ruad_discovery_own(d)->answer->outcome != RUAD_DNS_TIMEOUT)
		say(list, RUAD_PUBLIC_SUFFIX, RUAD_REMARK_INFO,
		    "the domain is a public suffix: others register names "
		    "below it");
}

static void
remark_proof(struct ruad_remarks *list, const struct ruad_dns_answer *a)
{
	switch (a->proof) {
	case RUAD_DNS_UNCHECKED:
		say(list, RUAD_DNSSEC_UNCHECKED, RUAD_REMARK_INFO,
		    "DNSSEC was not checked: there is no trust anchor, or the "
		    "DNS servers keep signatures back");
		break;
	case RUAD_DNS_UNSIGNED:
		say(list, RUAD_DNSSEC_NONE, RUAD_REMARK_INFO,
		    "the record is not protected by DNSSEC");
		break;
	case RUAD_DNS_PROVEN:
		say(list, RUAD_DNSSEC_OK, RUAD_REMARK_INFO,
		    "the record is protected by DNSSEC, and valid");
		break;
	}
}

/* What is to be said of the place where the record was found. */
static void
remark_place(struct ruad_remarks *list, const struct ruad_discovered *d,
    const struct ruad_found *f)
{
	const struct ruad_dns_answer *a = f->at->answer;
	char ttl[40];

	if (f->at != ruad_discovery_own(d) && f->state == RUAD_FOUND_POLICY)
		say(list, RUAD_RECORD_INHERITED, RUAD_REMARK_INFO,
		    "%s has no record of its own: that of %s holds, of which "
		    "%s applies: %s",
		    d->domain, f->at->name, ruad_record_tag_name(f->tag),
		    ruad_policy_word(f->policy));
	if (a->canonical != NULL)
		say(list, RUAD_RECORD_CNAME, RUAD_REMARK_INFO,
		    "the record is a CNAME to %.200s: whoever runs that name "
		    "decides over your policy",
		    a->canonical);
	if (a->count > f->at->dmarc_count)
		say(list, RUAD_RECORD_BESIDE, RUAD_REMARK_WARNING,
		    "%zu other TXT records at _dmarc.%s, which receivers pass "
		    "over; is there a wildcard?",
		    a->count - f->at->dmarc_count, f->at->name);
	print_time(a->ttl_secs, ttl, sizeof(ttl));
	say(list, RUAD_RECORD_TTL, RUAD_REMARK_INFO,
	    "after a change, receivers may use the old record for %s more; "
	    "allow up to 48 hours",
	    ttl);
	remark_proof(list, a);
}

static enum ruad_status
copy_remarks(struct ruad_remarks *to, const struct ruad_remarks *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct ruad_remark *r = &from->item[i];

		ruad_remark(to, r->code, r->severity, r->of, r->at, r->len,
		    "%s", r->text);
	}
	return to->failed ? RUAD_TEMP : RUAD_OK;
}

/* No receiver sees a record in the texts at the domain itself, but their owner
 * may: the first that means to be one is told of, with its place, in the section
 * of the record or, where another holds, in one of its own. */
static enum ruad_status
inspect_near_miss(struct inspector *i, struct ruad_section *s)
{
	const struct ruad_lookup *own = ruad_discovery_own(i->in->found);
	struct ruad_dmarc_record *r = NULL;
	char *text = NULL, name[300];
	enum ruad_status st;
	size_t len = 0;

	if (own->dmarc_count > 0)
		return RUAD_OK;
	for (size_t n = 0; text == NULL && n < own->answer->count; n++) {
		text = ruad_dns_txt(own->answer, n, &len);
		if (text == NULL)
			return ruad_fail_memory(i->err, "inspect");
		if (strcasestr(text, "dmarc1") == NULL) {
			free(text);
			text = NULL;
		}
	}
	if (text == NULL)
		return RUAD_OK;
	snprintf(name, sizeof(name), "_dmarc.%s", own->name);
	if (s->text != NULL)
		s = add_section(i, "record", name);
	if (s == NULL) {
		free(text);
		return RUAD_TEMP;
	}
	s->text = text;
	st = ruad_record_read(text, len, &r, i->err);
	if (st == RUAD_OK)
		st = copy_remarks(&s->remarks, ruad_record_remarks(r));
	ruad_record_free(&r);
	return st;
}

/* The record, and how it was found. */
static enum ruad_status
inspect_record(struct inspector *i)
{
	const struct ruad_discovered *d = i->in->found;
	const struct ruad_found *f = ruad_inspection_found(i->in);
	const struct ruad_dmarc_record *r =
	    f->at != NULL ? f->at->record : NULL;
	char name[300];
	struct ruad_section *s;
	size_t len;

	snprintf(name, sizeof(name), "_dmarc.%s",
	    f->at != NULL ? f->at->name : d->domain);
	s = add_section(i, "record", name);
	if (s == NULL)
		return RUAD_TEMP;
	remark_absence(&s->remarks, d, f);
	/* RFC 9989 goes on above them, RFC 7489 does not. */
	if (f->state != RUAD_FOUND_SEVERAL &&
	    d->found[RUAD_RFC_7489].state == RUAD_FOUND_SEVERAL)
		remark_absence(&s->remarks, d, &d->found[RUAD_RFC_7489]);
	remark_difference(&s->remarks, d);
	if (f->at != NULL)
		remark_place(&s->remarks, d, f);
	if (r == NULL)
		return f->state == RUAD_FOUND_NOTHING ? inspect_near_miss(i, s)
						      : RUAD_OK;
	s->text = strdup(ruad_record_text(r, &len));
	if (s->text == NULL ||
	    copy_remarks(&s->remarks, ruad_record_remarks(r)) != RUAD_OK)
		return ruad_fail_memory(i->err, "inspect");
	return inspect_near_miss(i, s);
}

bool
ruad_inspect_report_name(const char *domain, const char *host, char out[256])
{
	int n = snprintf(out, 256, "%s._report._dmarc.%s", domain, host);

	return n > 0 && n <= 253;
}

/* Whether one of the texts allows the reports; *rua_out is a rua of its own, or
 * NULL, which the caller frees. */
static enum ruad_status
read_authorisation(const struct ruad_dns_answer *a, bool *yes_out,
    struct ruad_dmarc_record **own_out, struct ruad_err *err)
{
	*yes_out = false;
	*own_out = NULL;
	for (size_t n = 0; n < a->count; n++) {
		size_t len;
		char *text = ruad_dns_txt(a, n, &len);
		enum ruad_status st = RUAD_OK;

		if (text == NULL)
			return ruad_fail_memory(err, "inspect");
		if (!*yes_out && ruad_record_authorises(text, len)) {
			*yes_out = true;
			st = ruad_record_read(text, len, own_out, err);
		}
		free(text);
		if (st != RUAD_OK)
			return st;
	}
	return RUAD_OK;
}

static bool
is_ours(const struct inspector *i, const struct ruad_uri *u)
{
	return i->set->recipients != NULL &&
	    ruad_recipient_match(i->set->recipients, i->set->delimiters,
		u->address);
}

/* The host allows reports about the domain, and perhaps wants them elsewhere.
 * Whether they come in here. */
static bool
remark_allowed(struct inspector *i, struct ruad_remarks *list,
    const struct ruad_dmarc_record *own, enum ruad_record_tag tag,
    const char *domain, const struct ruad_uri *u)
{
	const struct ruad_uri *other = ruad_record_uri(own, tag, 0);
	bool replaced = other != NULL && other->valid && other->mailto;

	if (replaced && strcmp(other->host, u->host) != 0) {
		say(list, RUAD_RUA_REPLACED, RUAD_REMARK_ERROR,
		    "%.80s wants them at %.100s, another host: senders use "
		    "neither address",
		    u->host, other->address);
		return false;
	}
	say(list, RUAD_RUA_AUTHORISED, RUAD_REMARK_INFO,
	    "%.80s allows reports about %.80s", u->host, domain);
	if (replaced)
		say(list, RUAD_RUA_REPLACED, RUAD_REMARK_INFO,
		    "%s wants them at %.200s instead", u->host, other->address);
	return is_ours(i, replaced ? other : u);
}

/* RFC 9990 section 4, RFC 7489 section 7.1: another organisation must say that
 * it wants the reports. *here_out: they come in here. */
static enum ruad_status
check_authorisation(struct inspector *i, const char *domain,
    const struct ruad_uri *u, enum ruad_record_tag tag,
    struct ruad_remarks *list, bool *here_out)
{
	struct ruad_dmarc_record *own = NULL;
	struct ruad_dns_answer *a = NULL;
	enum ruad_status st;
	bool allowed;
	char name[256];

	*here_out = false;
	if (!ruad_inspect_report_name(domain, u->host, name)) {
		say(list, RUAD_RUA_UNAUTHORISED, RUAD_REMARK_ERROR,
		    "the name of the record that would allow this is too long "
		    "for DNS: use another address");
		return RUAD_OK;
	}
	st =
	    ruad_resolver_ask(i->set->resolver, name, RUAD_DNS_TXT, &a, i->err);
	if (st == RUAD_OK)
		st = read_authorisation(a, &allowed, &own, i->err);
	if (st != RUAD_OK)
		goto out;
	if (ruad_dns_is_unknown(a->outcome)) {
		say(list, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    "whether %.80s allows reports about %.80s could not be "
		    "looked up: %s",
		    u->host, domain, ruad_dns_outcome_word(a->outcome));
	} else if (!allowed) {
		say(list, RUAD_RUA_UNAUTHORISED, RUAD_REMARK_ERROR,
		    "senders leave this address out, for its domain does not "
		    "allow reports about yours; it must publish a TXT record "
		    "\"v=DMARC1\" at %.150s",
		    name);
	} else {
		*here_out = remark_allowed(i, list, own, tag, domain, u);
	}
out:
	ruad_record_free(&own);
	ruad_dns_answer_free(&a);
	return st;
}

/* Whether mail can be sent there at all. */
static enum ruad_status
check_mx(struct inspector *i, const struct ruad_uri *u,
    struct ruad_remarks *list)
{
	static const enum ruad_dns_type types[] = { RUAD_DNS_MX, RUAD_DNS_A,
		RUAD_DNS_AAAA };
	enum ruad_dns_outcome outcome = RUAD_DNS_NO_DATA;
	bool null_mx = false;

	for (size_t n = 0; n < 3 && outcome == RUAD_DNS_NO_DATA; n++) {
		struct ruad_dns_answer *a;
		char host[256];

		if (ruad_resolver_ask(i->set->resolver, u->host, types[n], &a,
			i->err) != RUAD_OK)
			return RUAD_TEMP;
		outcome = a->outcome;
		null_mx = n == 0 && a->count == 1 && ruad_dns_mx(a, 0, host) &&
		    host[0] == '\0';
		ruad_dns_answer_free(&a);
	}
	if (ruad_dns_is_unknown(outcome))
		say(list, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    "the MX of %.200s could not be looked up: %s", u->host,
		    ruad_dns_outcome_word(outcome));
	else if (null_mx)
		say(list, RUAD_RUA_NO_MX, RUAD_REMARK_ERROR,
		    "%.200s says that it takes no mail (null MX)", u->host);
	else if (outcome != RUAD_DNS_FOUND)
		say(list, RUAD_RUA_NO_MX, RUAD_REMARK_ERROR,
		    "no mail can be sent to %.200s: it has neither MX nor "
		    "address in DNS",
		    u->host);
	return RUAD_OK;
}

/* Whether the host belongs to the organisation of the policy domain, by both
 * ways to tell. */
static enum ruad_status
is_external(struct inspector *i, const struct ruad_found *f, const char *host,
    bool *out)
{
	struct ruad_discovered *own = NULL, *other = NULL;
	enum ruad_status st;

	*out = false;
	if (strcmp(host, f->at->name) == 0)
		return RUAD_OK;
	st = ruad_discover(i->set->resolver, i->set->orgdom, host, &other,
	    i->err);
	if (st == RUAD_OK)
		st = ruad_discover(i->set->resolver, i->set->orgdom,
		    f->at->name, &own, i->err);
	for (int rfc = 0; st == RUAD_OK && rfc < RUAD_RFC_COUNT; rfc++) {
		const char *a = own->found[rfc].org_domain;
		const char *b = other->found[rfc].org_domain;

		/* Not known, after a failure: the other way decides. */
		if (a[0] == '\0' || b[0] == '\0')
			continue;
		*out = *out || strcmp(a, b) != 0;
	}
	ruad_discovery_free(&own);
	ruad_discovery_free(&other);
	return st;
}

static enum ruad_status
inspect_uri(struct inspector *i, const struct ruad_found *f,
    const struct ruad_uri *u, enum ruad_record_tag tag)
{
	struct ruad_section *s =
	    add_section(i, ruad_record_tag_name(tag), u->address);
	bool external, here = is_ours(i, u);
	enum ruad_status st;

	if (s == NULL)
		return RUAD_TEMP;
	st = is_external(i, f, u->host, &external);
	if (st == RUAD_OK && external)
		st = check_authorisation(i, f->at->name, u, tag, &s->remarks,
		    &here);
	if (st == RUAD_OK)
		st = check_mx(i, u, &s->remarks);
	if (here && tag == RUAD_TAG_RUA)
		i->in->reports_here = true;
	return st;
}

static enum ruad_status
inspect_destinations(struct inspector *i)
{
	static const enum ruad_record_tag tags[] = { RUAD_TAG_RUA,
		RUAD_TAG_RUF };
	const struct ruad_found *f = ruad_inspection_found(i->in);
	const struct ruad_uri *u;
	enum ruad_status st = RUAD_OK;
	bool named = false;

	if (f->at == NULL || f->at->record == NULL)
		return RUAD_OK;
	for (size_t t = 0; t < 2; t++) {
		for (size_t n = 0; st == RUAD_OK &&
		     (u = ruad_record_uri(f->at->record, tags[t], n)) != NULL;
		     n++) {
			if (!u->valid || !u->mailto)
				continue;
			named = named || (t == 0 && is_ours(i, u));
			st = inspect_uri(i, f, u, tags[t]);
		}
	}
	if (st == RUAD_OK && !named && i->set->recipients != NULL &&
	    i->set->recipients->count > 0)
		say(&i->in->section[0].remarks, RUAD_RUA_NOT_HERE,
		    RUAD_REMARK_WARNING,
		    "no address in rua is one that ruad takes reports at "
		    "(recipients in ruad.conf(5)): none will come in here");
	return st;
}

static enum ruad_status
inspect_spf(struct inspector *i)
{
	struct ruad_section *s = add_section(i, "spf", i->in->found->domain);

	if (s == NULL)
		return RUAD_TEMP;
	return ruad_spf_check(i->set->resolver, i->in->found->domain, &s->text,
	    &s->remarks, i->err);
}

static enum ruad_status
inspect_dkim(struct inspector *i)
{
	enum ruad_status st = RUAD_OK;

	for (size_t n = 0; st == RUAD_OK && n < i->set->selector_count; n++) {
		const struct ruad_selector *sel = &i->set->selectors[n];
		struct ruad_section *s;
		char name[600];

		snprintf(name, sizeof(name), "%s._domainkey.%s", sel->selector,
		    sel->domain);
		s = add_section(i, "dkim", name);
		if (s == NULL)
			return RUAD_TEMP;
		st = ruad_dkim_key_check(i->set->resolver, sel->domain,
		    sel->selector, sel->passes, &s->remarks, i->err);
	}
	return st;
}

enum ruad_status
ruad_inspect(const struct ruad_inspect_settings *set, const char *domain,
    struct ruad_inspection **out, struct ruad_err *err)
{
	struct ruad_inspection *in = *out = calloc(1, sizeof(*in));
	struct inspector i = { .set = set, .in = in, .err = err };
	enum ruad_status st;

	if (in == NULL)
		return ruad_fail_memory(err, "inspect");
	st = ruad_discover(set->resolver, set->orgdom, domain, &in->found, err);
	if (st == RUAD_OK)
		st = inspect_record(&i);
	if (st == RUAD_OK)
		st = inspect_destinations(&i);
	/* A name that does not exist has nothing else. */
	if (st == RUAD_OK && in->found->existence != RUAD_DNS_NO_NAME)
		st = inspect_spf(&i);
	if (st == RUAD_OK)
		st = inspect_dkim(&i);
	if (st != RUAD_OK)
		ruad_inspection_free(out);
	return st;
}

void
ruad_inspection_free(struct ruad_inspection **in)
{
	if (*in == NULL)
		return;
	for (size_t i = 0; i < (*in)->count; i++) {
		ruad_remarks_free(&(*in)->section[i].remarks);
		free((*in)->section[i].name);
		free((*in)->section[i].text);
	}
	free((*in)->section);
	ruad_discovery_free(&(*in)->found);
	free(*in);
	*in = NULL;
}

const struct ruad_remark *
ruad_inspection_worst(const struct ruad_inspection *in)
{
	const struct ruad_remark *worst = NULL;

	for (size_t i = 0; i < in->count; i++) {
		const struct ruad_remarks *list = &in->section[i].remarks;

		for (size_t n = 0; n < list->count; n++) {
			if (worst == NULL ||
			    list->item[n].severity > worst->severity)
				worst = &list->item[n];
		}
	}
	return worst;
}
