/* api_dns.c - all that DNS says about the mail of a domain, and what is to be
 * said of it; the answers as they came beside that. */
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include "api.h"
#include "app.h"
#include "body.h"
#include "describe.h"
#include "dns_look.h"
#include "fields.h"
#include "record_json.h"
#include "spf.h"

static const char *
type_word(enum ruad_dns_type type)
{
	switch (type) {
	case RUAD_DNS_A:
		return "A";
	case RUAD_DNS_AAAA:
		return "AAAA";
	case RUAD_DNS_MX:
		return "MX";
	case RUAD_DNS_PTR:
		return "PTR";
	case RUAD_DNS_TXT:
		break;
	}
	return "TXT";
}

static json_t *
answers_json(const struct ruad_trail *trail)
{
	const struct ruad_trail_step *s;
	json_t *list = json_array();

	for (size_t n = 0; (s = ruad_trail_step(trail, n)) != NULL; n++) {
		const struct ruad_dns_answer *a = s->answer;

		json_array_append_new(list,
		    json_pack("{s:o, s:s, s:s, s:o, s:I, s:s, s:o, s:o}",
			"name", ruad_describe_text(s->name), "type",
			type_word(s->type), "outcome",
			ruad_json_outcome(a->outcome), "why",
			ruad_fields_or_null(a->why), "ttl",
			(json_int_t)a->ttl_secs, "dnssec",
			ruad_json_proof(a->proof), "cname",
			ruad_describe_text(a->canonical), "data",
			ruad_json_data(a, s->type)));
	}
	return list;
}

static json_t *node_json(const struct ruad_spf_node *node, const char *term);

static json_t *
terms_json(const struct ruad_spf_node *node)
{
	json_t *list = json_array();

	for (size_t i = 0; i < node->count; i++) {
		const struct ruad_spf_term *t = &node->term[i];

		json_array_append_new(list,
		    json_pack("{s:o, s:I, s:i, s:o}", "term",
			ruad_describe_text(t->text), "pos", (json_int_t)t->at,
			"lookups", (int)t->lookup, "node",
			t->node != NULL ? node_json(t->node, t->text)
					: json_null()));
	}
	return list;
}

/* As deep as spf.c goes. */
static json_t *
node_json(const struct ruad_spf_node *node, const char *term)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:I, s:I, s:o}", "domain",
	    ruad_describe_text(node->domain), "term", ruad_describe_text(term),
	    "outcome", ruad_json_outcome(node->outcome), "record",
	    ruad_describe_text(node->record), "ttl", (json_int_t)node->ttl_secs,
	    "lookups", (json_int_t)node->lookups, "terms", terms_json(node));
}

/* All that it asks has been asked already. */
static enum ruad_status
spf_json(struct ruad_dns_look *l, const char *domain, json_t **out,
    struct ruad_err *err)
{
	struct ruad_remarks remarks = { NULL };
	struct ruad_spf *spf;
	enum ruad_status st =
	    ruad_spf_look(ruad_trail_resolver(l->survey.trail), domain, &spf,
		&remarks, err);
	bool found;

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	found = spf->root->record != NULL;
	*out = json_pack("{s:o, s:o, s:I, s:i, s:I, s:i, s:o, s:o}", "record",
	    ruad_describe_text(spf->root->record), "ttl",
	    found ? json_integer(spf->root->ttl_secs) : json_null(), "lookups",
	    (json_int_t)spf->lookups, "lookups_max", (int)RUAD_SPF_LOOKUPS_MAX,
	    "voids", (json_int_t)spf->voids, "voids_max",
	    (int)RUAD_SPF_VOIDS_MAX, "problems",
	    ruad_json_remarks(&remarks, RUAD_REMARK_INFO), "tree",
	    found ? node_json(spf->root, NULL) : json_null());
	ruad_spf_free(&spf);
	ruad_remarks_free(&remarks);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "dns");
}

/* The state of a key in a word: what the worst remark on it says. */
static const char *
key_state(const struct ruad_remarks *list)
{
	static const struct {
		enum ruad_remark_code code;
		const char *word;
	} words[] = { { RUAD_LOOKUP_FAILED, "unknown" },
		{ RUAD_LOOKUP_BOGUS, "unknown" },
		{ RUAD_DKIM_MISSING, "missing" },
		{ RUAD_DKIM_REVOKED, "revoked" },
		{ RUAD_DKIM_SYNTAX, "syntax" }, { RUAD_DKIM_SHORT, "short" },
		{ RUAD_DKIM_TESTING, "testing" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (ruad_remarked(list, words[i].code))
			return words[i].word;
	}
	return "ok";
}

/* The sections about keys stand in the order of the selectors. */
static json_t *
dkim_json(const struct ruad_dns_look *l)
{
	const struct ruad_seen *seen = &l->survey.seen;
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; i < l->in->count; i++) {
		const struct ruad_section *s = &l->in->section[i];
		const struct ruad_seen_selector *x = &seen->selector[n];

		if (strcmp(s->about, "dkim") != 0 || n >= seen->selector_count)
			continue;
		n++;
		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:o, s:b, s:s, s:o}", "domain",
			ruad_describe_text(x->domain), "selector",
			ruad_describe_text(x->selector), "name",
			ruad_describe_text(s->name), "passes", (int)x->passes,
			"state", key_state(&s->remarks), "problems",
			ruad_json_remarks(&s->remarks, RUAD_REMARK_INFO)));
	}
	return list;
}

static json_t *
authorisation_json(const struct ruad_inspection *in)
{
	static const char *const words[] = {
		[RUAD_REMARK_INFO] = "ok",
		[RUAD_REMARK_WARNING] = "warning",
		[RUAD_REMARK_UNKNOWN] = "unknown",
		[RUAD_REMARK_ERROR] = "error",
	};
	json_t *list = json_array();

	for (size_t i = 0; i < in->count; i++) {
		const struct ruad_section *s = &in->section[i];

		if (strcmp(s->about, "rua") != 0 &&
		    strcmp(s->about, "ruf") != 0)
			continue;
		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:o, s:s, s:o}", "tag", s->about,
			"name", ruad_describe_text(s->name), "text",
			ruad_describe_text(s->text), "state",
			words[ruad_remarks_worst(&s->remarks)], "problems",
			ruad_json_remarks(&s->remarks, RUAD_REMARK_INFO)));
	}
	return list;
}

static json_t *
seen_json(const struct ruad_dns_look *l)
{
	struct ruad_remarks seen = { NULL };
	json_t *list;

	ruad_survey_compare(&l->survey, l->in, l->asked_epoch, &seen);
	list = ruad_json_remarks(&seen, RUAD_REMARK_INFO);
	ruad_remarks_free(&seen);
	return list;
}

static json_t *
dmarc_json(const struct ruad_inspection *in)
{
	const struct ruad_lookup *own = ruad_discovery_own(in->found);
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_section *s = &in->section[0];
	char name[300];

	snprintf(name, sizeof(name), "_dmarc.%s", in->found->domain);
	return json_pack("{s:s, s:s, s:o, s:s?, s:s?, s:o, s:s?, s:o}", "name",
	    name, "outcome", ruad_json_outcome(own->answer->outcome), "record",
	    ruad_describe_text(s->text), "record_name",
	    f->at != NULL ? s->name : NULL, "inherited_from",
	    f->at != NULL && f->at != own ? f->at->name : NULL, "ttl",
	    f->at != NULL ? json_integer(f->at->answer->ttl_secs) : json_null(),
	    "dnssec",
	    f->at != NULL ? ruad_json_proof(f->at->answer->proof) : NULL,
	    "problems", ruad_json_remarks(&s->remarks, RUAD_REMARK_INFO));
}

static enum ruad_status
tell(struct ruad_dns_look *l, struct ruad_response *res, const char *domain,
    const void *arg, struct ruad_err *err)
{
	const struct ruad_found *f = ruad_inspection_found(l->in);
	json_t *spf;
	enum ruad_status st = spf_json(l, domain, &spf, err);

	(void)arg;
	if (st != RUAD_OK)
		return st;
	return ruad_response_json(res, MHD_HTTP_OK,
	    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:o}",
		"domain", domain, "asked_utc", ruad_body_time(l->asked_epoch),
		"dmarc", dmarc_json(l->in), "spf", spf, "dkim", dkim_json(l),
		"authorisation", authorisation_json(l->in), "seen",
		seen_json(l), "dnssec",
		f->at != NULL ? ruad_json_proof(f->at->answer->proof) : NULL,
		"answers", answers_json(l->survey.trail)),
	    err);
}

enum ruad_status
ruad_api_dns(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_dns_look_tell(req, res, tell, NULL, err);
}
