/* spf.c - goes through the record as a receiver would for a sender that nothing
 * matches, so that every lookup is counted. Names with macros depend on the
 * message: they count, and are not looked up. */
#include "spf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text.h"

/* Bounds the work for a record that is too long anyway. */
enum { LOOKUPS_STOP = 30, DEPTH_MAX = 12 };

struct walk {
	struct ruad_resolver *resolver;
	struct ruad_remarks *remarks;
	struct ruad_err *err;
	size_t at; /* of the term of the first record that led here */
	size_t len;
	struct ruad_spf *out;
	struct ruad_spf_node *node; /* of the record that is gone through */
	size_t term; /* of it, which is looked at */
	bool failed; /* DNS did not answer: the counts may be too low */
};

/* One blank-separated piece of a record. */
struct term {
	const char *s; /* without qualifier */
	size_t len; /* the same */
	size_t name_len; /* up to ":", "/" or "=" */
	const char *value; /* behind ":" or "="; "" where there is none */
	size_t value_len; /* up to "/" for mechanisms */
	char qualifier;
	bool modifier; /* name=value */
};

static bool
is_spf(const char *text, size_t len)
{
	return len >= 6 && ruad_text_is(text, 6, "v=spf1") &&
	    (len == 6 || text[6] == ' ');
}

/* The term at s[0..len). */
static struct term
cut_term(const char *s, size_t len)
{
	struct term t = { .qualifier = '+', .value = "" };
	size_t n = 0;

	if (len > 0 && strchr("+-~?", *s) != NULL) {
		t.qualifier = *s++;
		len--;
	}
	while (n < len && s[n] != ':' && s[n] != '/' && s[n] != '=')
		n++;
	t.s = s;
	t.len = len;
	t.name_len = n;
	if (n == len)
		return t;
	t.modifier = s[n] == '=';
	if (s[n] == '/')
		return t;
	t.value = s + n + 1;
	while (n + 1 + t.value_len < len &&
	    (t.modifier || t.value[t.value_len] != '/'))
		t.value_len++;
	return t;
}

static bool
is_named(const struct term *t, const char *name)
{
	return ruad_text_is(t->s, t->name_len, name);
}

/* `name` is the domain in question, "" for none. */
static void
remark_term(struct walk *w, enum ruad_remark_code code,
    enum ruad_severity severity, const char *name, const char *what)
{
	ruad_remark(w->remarks, code, severity, RUAD_OF_BOTH, w->at, w->len,
	    "%s%s%s", name, name[0] != '\0' ? " " : "", what);
}

/* The one SPF record of a domain, as a node that belongs to the caller. Its
 * record is NULL where there is none, or several; *count_out says which. */
static enum ruad_status
fetch(struct walk *w, const char *domain, struct ruad_spf_node **out,
    unsigned *count_out)
{
	struct ruad_spf_node *node = *out = calloc(1, sizeof(*node));
	struct ruad_dns_answer *a;
	enum ruad_status st;

	*count_out = 0;
	if (node == NULL)
		return ruad_fail_memory(w->err, "spf");
	snprintf(node->domain, sizeof(node->domain), "%s", domain);
	st = ruad_resolver_ask(w->resolver, domain, RUAD_DNS_TXT, &a, w->err);
	if (st != RUAD_OK)
		return st;
	node->outcome = a->outcome;
	node->ttl_secs = a->ttl_secs;
	for (size_t i = 0; st == RUAD_OK && i < a->count; i++) {
		size_t len;
		char *text = ruad_dns_txt(a, i, &len);

		if (text == NULL)
			st = ruad_fail_memory(w->err, "spf");
		else if (is_spf(text, len) && (*count_out)++ == 0) {
			node->record = text;
			continue;
		}
		free(text);
	}
	ruad_dns_answer_free(&a);
	if (st != RUAD_OK || *count_out > 1) {
		free(node->record);
		node->record = NULL;
	}
	return st;
}

static enum ruad_status walk_record(struct walk *w, struct ruad_spf_node *node,
    unsigned depth);

/* Note a term of the record that is gone through. */
static enum ruad_status
add_term(struct walk *w, const char *s, size_t len)
{
	struct ruad_spf_node *node = w->node;
	struct ruad_spf_term *term =
	    realloc(node->term, (node->count + 1) * sizeof(*term));

	if (term == NULL)
		return ruad_fail_memory(w->err, "spf");
	node->term = term;
	w->term = node->count;
	term += node->count;
	*term = (struct ruad_spf_term){ .text = strndup(s, len),
		.at = (size_t)(s - node->record) };
	if (term->text == NULL)
		return ruad_fail_memory(w->err, "spf");
	node->count++;
	return RUAD_OK;
}

/* The term costs a lookup. */
static void
count_lookup(struct walk *w)
{
	w->out->lookups++;
	w->node->term[w->term].lookup = true;
}

/* The name that a term is about: its value, or the domain of its record. False:
 * it depends on the message, or is too long. */
static bool
target_of(const struct term *t, const char *domain, char out[256])
{
	if (memchr(t->value, '%', t->value_len) != NULL || t->value_len > 253)
		return false;
	if (t->value_len == 0)
		snprintf(out, 256, "%s", domain);
	else
		snprintf(out, 256, "%.*s", (int)t->value_len, t->value);
	if (out[0] != '\0' && out[strlen(out) - 1] == '.')
		out[strlen(out) - 1] = '\0';
	return out[0] != '\0';
}

/* include: and redirect= go on in another record. */
static enum ruad_status
follow(struct walk *w, const struct term *t, const char *domain, unsigned depth)
{
	struct ruad_spf_node *node, *here = w->node;
	enum ruad_status st;
	char name[256];
	unsigned count;
	size_t term = w->term;

	count_lookup(w);
	if (t->value_len == 0) {
		remark_term(w, RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR, "",
		    "a name is missing behind include: or redirect=");
		return RUAD_OK;
	}
	if (!target_of(t, domain, name) || depth >= DEPTH_MAX ||
	    w->out->lookups > LOOKUPS_STOP)
		return RUAD_OK;
	st = fetch(w, name, &node, &count);
	here->term[term].node = node;
	if (st != RUAD_OK)
		return st;
	if (ruad_dns_is_unknown(node->outcome))
		w->failed = true;
	else if (count == 0)
		remark_term(w, RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR, name,
		    "has no SPF record: receivers give up at this point with "
		    "permerror");
	else if (count > 1)
		remark_term(w, RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR, name,
		    "has several SPF records: receivers give up at this point "
		    "with permerror");
	else
		st = walk_record(w, node, depth + 1);
	w->node = here;
	w->term = term;
	return st;
}

/* a, mx, exists: whether the lookup finds anything. */
static enum ruad_status
look(struct walk *w, const struct term *t, const char *domain)
{
	enum ruad_dns_type type = is_named(t, "mx") ? RUAD_DNS_MX : RUAD_DNS_A;
	struct ruad_dns_answer *a;
	enum ruad_dns_outcome outcome;
	enum ruad_status st;
	char name[256];

	count_lookup(w);
	if (!target_of(t, domain, name) || w->out->lookups > LOOKUPS_STOP)
		return RUAD_OK;
	st = ruad_resolver_ask(w->resolver, name, type, &a, w->err);
	if (st != RUAD_OK)
		return st;
	outcome = a->outcome;
	ruad_dns_answer_free(&a);
	/* A sender with an IPv6 address is looked up as AAAA instead. */
	if (outcome == RUAD_DNS_NO_DATA && is_named(t, "a")) {
		st = ruad_resolver_ask(w->resolver, name, RUAD_DNS_AAAA, &a,
		    w->err);
		if (st != RUAD_OK)
			return st;
		outcome = a->outcome;
		ruad_dns_answer_free(&a);
	}
	if (ruad_dns_is_unknown(outcome))
		w->failed = true;
	if (outcome == RUAD_DNS_NO_DATA || outcome == RUAD_DNS_NO_NAME) {
		w->out->voids++;
		remark_term(w, RUAD_SPF_VOID, RUAD_REMARK_WARNING, name,
		    "does not exist, or has no address");
	}
	return RUAD_OK;
}

/* What all others are to be taken for, said of the domain's own record. */
static void
judge_all(struct walk *w, const struct term *t)
{
	static const struct {
		char qualifier;
		enum ruad_severity severity;
		const char *text;
	} all[] = {
		{ '+', RUAD_REMARK_ERROR,
		    "+all lets the whole world send in your name: SPF passes "
		    "for everybody, and so does DMARC" },
		{ '?', RUAD_REMARK_WARNING,
		    "?all says nothing of senders that are not listed" },
		{ '~', RUAD_REMARK_INFO,
		    "~all: senders that are not listed are suspicious; with "
		    "DMARC as good as -all, and kinder to forwarded mail" },
		{ '-', RUAD_REMARK_INFO,
		    "-all: senders that are not listed fail; some receivers "
		    "refuse forwarded mail before they look at DKIM" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].qualifier == t->qualifier)
			remark_term(w, RUAD_SPF_ALL, all[i].severity, "",
			    all[i].text);
	}
}

/* One term. *all_out: it was "all", and nothing behind it counts. */
static enum ruad_status
walk_term(struct walk *w, const struct term *t, const char *domain,
    unsigned depth, bool *all_out)
{
	*all_out = !t->modifier && is_named(t, "all");
	if (*all_out) {
		if (depth == 0)
			judge_all(w, t);
		return RUAD_OK;
	}
	if (t->modifier || is_named(t, "ip4") || is_named(t, "ip6"))
		return RUAD_OK;
	if (is_named(t, "include"))
		return follow(w, t, domain, depth);
	if (is_named(t, "a") || is_named(t, "mx") || is_named(t, "exists"))
		return look(w, t, domain);
	if (is_named(t, "ptr")) {
		count_lookup(w);
		remark_term(w, RUAD_SPF_SYNTAX, RUAD_REMARK_WARNING, "",
		    "ptr is slow, and RFC 7208 says not to use it");
		return RUAD_OK;
	}
	remark_term(w, RUAD_SPF_SYNTAX, RUAD_REMARK_ERROR, "",
	    "no mechanism of SPF: receivers give up with permerror");
	return RUAD_OK;
}

static enum ruad_status
walk_record(struct walk *w, struct ruad_spf_node *node, unsigned depth)
{
	const char *text = node->record;
	unsigned before = w->out->lookups;
	enum ruad_status st = RUAD_OK;
	struct term redirect = { .s = NULL };
	size_t redirect_at = 0, redirect_term = 0;
	bool all = false;

	w->node = node;

	for (const char *s = text + 6; st == RUAD_OK && !all && *s != '\0';) {
		size_t len = strcspn(s, " ");
		struct term t = cut_term(s, len);

		if (depth == 0) {
			w->at = (size_t)(s - text);
			w->len = len;
		}
		if (len > 0)
			st = add_term(w, s, len);
		if (st == RUAD_OK && t.modifier && is_named(&t, "redirect")) {
			redirect = t;
			redirect_at = w->at;
			redirect_term = w->term;
		} else if (st == RUAD_OK && len > 0) {
			st = walk_term(w, &t, node->domain, depth, &all);
		}
		s += len;
		s += strspn(s, " ");
	}
	/* RFC 7208 section 6.1: only where there is no "all". */
	if (st == RUAD_OK && !all && redirect.s != NULL) {
		if (depth == 0) {
			w->at = redirect_at;
			w->len = redirect.len;
		}
		w->term = redirect_term;
		st = follow(w, &redirect, node->domain, depth);
	} else if (st == RUAD_OK && !all && depth == 0) {
		ruad_remark(w->remarks, RUAD_SPF_NO_ALL, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, strlen(text), 0,
		    "no -all or ~all at the end: nothing is said of senders "
		    "that are not listed");
	}
	node->lookups = w->out->lookups - before;
	return st;
}

static void
judge_counts(struct walk *w)
{
	if (w->failed)
		ruad_remark(w->remarks, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "not all that the SPF record refers to could be looked "
		    "up");
	if (w->out->lookups > RUAD_SPF_LOOKUPS_MAX)
		ruad_remark(w->remarks, RUAD_SPF_LOOKUPS, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "%s%u DNS lookups, %d are allowed: receivers give up with "
		    "permerror, and SPF passes for nobody",
		    w->out->lookups > LOOKUPS_STOP ? "more than " : "",
		    w->out->lookups > LOOKUPS_STOP ? (unsigned)LOOKUPS_STOP
						   : w->out->lookups,
		    RUAD_SPF_LOOKUPS_MAX);
	if (w->out->voids > RUAD_SPF_VOIDS_MAX)
		ruad_remark(w->remarks, RUAD_SPF_VOID, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "%u lookups that find nothing, %d are allowed: receivers "
		    "may give up with permerror",
		    w->out->voids, RUAD_SPF_VOIDS_MAX);
}

/* The tree is at most DEPTH_MAX deep. */
static void
free_node(struct ruad_spf_node *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->count; i++) {
		free(node->term[i].text);
		free_node(node->term[i].node);
	}
	free(node->term);
	free(node->record);
	free(node);
}

void
ruad_spf_free(struct ruad_spf **spf)
{
	if (*spf == NULL)
		return;
	free_node((*spf)->root);
	free(*spf);
	*spf = NULL;
}

enum ruad_status
ruad_spf_look(struct ruad_resolver *resolver, const char *domain,
    struct ruad_spf **out, struct ruad_remarks *remarks, struct ruad_err *err)
{
	struct ruad_spf *found = *out = calloc(1, sizeof(*found));
	struct walk w = { .resolver = resolver,
		.remarks = remarks,
		.err = err,
		.out = found };
	enum ruad_status st;
	unsigned count;

	if (found == NULL)
		return ruad_fail_memory(err, "spf");
	st = fetch(&w, domain, &found->root, &count);
	if (st != RUAD_OK)
		goto fail;
	if (found->root->outcome == RUAD_DNS_BOGUS ||
	    ruad_dns_is_unknown(found->root->outcome)) {
		ruad_remark(remarks, RUAD_LOOKUP_FAILED, RUAD_REMARK_UNKNOWN,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "the SPF record could not be looked up: %s",
		    ruad_dns_outcome_word(found->root->outcome));
	} else if (count == 0) {
		ruad_remark(remarks, RUAD_SPF_NONE, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "no SPF record: DMARC depends on DKIM alone; for a domain "
		    "that sends no mail publish \"v=spf1 -all\"");
	} else if (count > 1) {
		ruad_remark(remarks, RUAD_SPF_SEVERAL, RUAD_REMARK_ERROR,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "%u SPF records where one is allowed: receivers give up "
		    "with permerror; join them into one",
		    count);
	} else {
		st = walk_record(&w, found->root, 0);
		judge_counts(&w);
		if (ruad_remarks_worst(remarks) < RUAD_REMARK_ERROR)
			ruad_remark(remarks, RUAD_SPF_OK, RUAD_REMARK_INFO,
			    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
			    "an SPF record with %u of at most %d DNS lookups",
			    found->lookups, RUAD_SPF_LOOKUPS_MAX);
	}
	if (st == RUAD_OK)
		return RUAD_OK;
fail:
	ruad_spf_free(out);
	return st;
}

enum ruad_status
ruad_spf_check(struct ruad_resolver *resolver, const char *domain,
    char **text_out, struct ruad_remarks *remarks, struct ruad_err *err)
{
	struct ruad_spf *spf;
	enum ruad_status st =
	    ruad_spf_look(resolver, domain, &spf, remarks, err);

	*text_out = NULL;
	if (st != RUAD_OK)
		return st;
	*text_out = spf->root->record;
	spf->root->record = NULL;
	ruad_spf_free(&spf);
	return RUAD_OK;
}
