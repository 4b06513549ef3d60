/* record_generate.c - a DMARC record for a domain, and how it is published. The
 * record goes to standard output, all explanations to standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "record_cmd.h"
#include "record_draft.h"
#include "record_net.h"
#include "remarks.h"
#include "word.h"

static enum ruad_exit
no_memory(void)
{
	ruad_message("out of memory");
	return RUAD_EXIT_TEMP;
}

/* Say what is the case for a name below another, or without any record. */
static void
tell_place(const struct ruad_discovered *d, const struct ruad_found *f)
{
	if (f->at == NULL) {
		ruad_message("%s has no DMARC record yet", d->domain);
		return;
	}
	if (f->at == ruad_discovery_own(d))
		return;
	ruad_message("%s has no record of its own and inherits that of %s: "
		     "%s=%s. It needs one only where its policy or its "
		     "addresses are to be others; all names below %s are "
		     "changed with: ruadctl record generate %s --sp ...",
	    d->domain, f->at->name, ruad_record_tag_name(f->tag),
	    ruad_policy_word(f->policy), f->at->name, f->at->name);
}

/* What keeps us from knowing the record that holds; NULL: nothing. */
static const struct ruad_lookup *
failed_lookup(const struct ruad_discovered *d)
{
	const struct ruad_lookup *own = ruad_discovery_own(d);

	enum ruad_found_state state = d->found[RUAD_RFC_9989].state;

	/* A record of its own is enough to begin with. */
	if (own->dmarc_count > 0 ||
	    (state != RUAD_FOUND_BOGUS && state != RUAD_FOUND_UNKNOWN))
		return NULL;
	for (size_t n = 0; n < d->walk_count; n++) {
		const struct ruad_lookup *l = d->walk[n];

		if (l->answer->outcome == RUAD_DNS_BOGUS ||
		    ruad_dns_is_unknown(l->answer->outcome))
			return l;
	}
	return NULL;
}

/* Begin with what DNS has. */
static enum ruad_exit
prefill(struct ruad_survey *net, const char *domain, struct ruad_draft *draft)
{
	struct ruad_discovered *d;
	const struct ruad_lookup *own, *failed;
	const struct ruad_found *f;
	struct ruad_err err;
	enum ruad_exit status = RUAD_EXIT_OK;

	if (ruad_discover(ruad_dns_resolver(net->dns), net->orgdom, domain, &d,
		&err) != RUAD_OK)
		return ruad_message_failure(&err);
	own = ruad_discovery_own(d);
	f = &d->found[RUAD_RFC_9989];
	failed = failed_lookup(d);
	if (failed != NULL) {
		ruad_message("what DNS has at _dmarc.%s could not be looked "
			     "up: %s; with --new it does not matter",
		    failed->name,
		    ruad_dns_outcome_word(failed->answer->outcome));
		status = RUAD_EXIT_TEMP;
	} else if (own->dmarc_count > 1) {
		ruad_message("%zu records are at _dmarc.%s: this one is to "
			     "take the place of all",
		    own->dmarc_count, domain);
	} else {
		tell_place(d, f);
		if (own->answer->canonical != NULL)
			ruad_message("_dmarc.%s is a CNAME: the record is to "
				     "be published at %s, or in its place",
			    domain, own->answer->canonical);
		if (!ruad_draft_inherit(draft, d, f))
			status = no_memory();
	}
	ruad_discovery_free(&d);
	return status;
}

/* pct, ri and rf: kept, or dropped. */
static bool
settle_historic(const struct ruad_ctl *ctl, struct ruad_draft *draft)
{
	for (int i = RUAD_TAG_PCT; i <= RUAD_TAG_RF; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;

		if (ctl->options.drop_historic &&
		    !ruad_draft_set(draft, tag, NULL))
			return false;
		if (draft->value[tag] != NULL)
			ruad_message("%s is historic: receivers of RFC 7489 "
				     "heed it, those of RFC 9989 ignore it; "
				     "--historic drop takes it out",
			    ruad_record_tag_name(tag));
	}
	return true;
}

/* All that goes into the record. */
static enum ruad_exit
fill(struct ruad_ctl *ctl, struct ruad_survey *net, struct ruad_draft *draft)
{
	bool is_new = (ctl->options.given & RUAD_OPTION(NEW)) != 0;
	bool scripted = (ctl->options.given & RUAD_OPTIONS_TAGS) != 0;
	enum ruad_exit status = RUAD_EXIT_OK;
	enum ruad_draft_rua how = RUAD_DRAFT_RUA_THERE;

	if (!is_new)
		status = prefill(net, ctl->options.domain, draft);
	if (status != RUAD_EXIT_OK)
		return status;
	if (draft->value[RUAD_TAG_P] == NULL &&
	    !ruad_draft_set(draft, RUAD_TAG_P, "none"))
		return no_memory();
	if (!ruad_draft_apply(draft, &ctl->options))
		return no_memory();
	if (ctl->options.tag[RUAD_TAG_RUA - RUAD_TAG_P] == NULL &&
	    !ruad_draft_add_rua(draft, ctl->conf, &how))
		return no_memory();
	if (how == RUAD_DRAFT_RUA_NONE)
		ruad_message("recipients of ruad.conf(5) is empty: no address "
			     "of this host is added to rua");
	if (!scripted && isatty(STDIN_FILENO))
		status = ruad_draft_ask(draft, ctl->options.domain);
	if (status == RUAD_EXIT_OK && !settle_historic(ctl, draft))
		status = no_memory();
	return status;
}

/* Every tag, what it says and what it is for. */
static void
explain(const struct ruad_draft *draft)
{
	for (int i = RUAD_TAG_P; i < RUAD_TAG_COUNT; i++) {
		enum ruad_record_tag tag = (enum ruad_record_tag)i;

		if (draft->value[tag] != NULL)
			ruad_message("%s=%s: %s", ruad_record_tag_name(tag),
			    draft->value[tag], ruad_record_tag_help(tag));
	}
}

/* What is wrong with the record; nonsense is not published. */
static enum ruad_exit
judge(const struct ruad_dmarc_record *r)
{
	const struct ruad_remarks *list = ruad_record_remarks(r);
	bool bad = ruad_remarks_worst(list) == RUAD_REMARK_ERROR;
	const char *text;
	size_t len;

	text = ruad_record_text(r, &len);
	for (size_t i = 0; i < list->count; i++) {
		const struct ruad_remark *m = &list->item[i];

		if (m->severity == RUAD_REMARK_INFO)
			continue;
		if (bad && m->severity == RUAD_REMARK_ERROR) {
			ruad_message("%s", text);
			ruad_message("%*s^ at %zu", (int)m->at, "", m->at + 1);
		}
		ruad_message("%s: %s", ruad_severity_word(m->severity),
		    m->text);
	}
	return bad ? RUAD_EXIT_USAGE : RUAD_EXIT_OK;
}

/* The records by which other organisations allow the reports. */
static bool
publish_authorisations(const struct ruad_ctl *ctl,
    const struct ruad_survey *net, const struct ruad_dmarc_record *r)
{
	struct ruad_authorisation others[RUAD_AUTHORISATIONS_MAX];
	size_t count = ruad_draft_authorisations(r, net->orgdom,
	    ctl->options.domain, others);

	for (size_t i = 0; i < count; i++) {
		ruad_message("%s belongs to another organisation: until "
			     "whoever runs it publishes the record %s, nobody "
			     "sends reports there",
		    others[i].host, others[i].record.name);
		putchar('\n');
		if (!ruad_publish(stdout, ctl->options.publish,
			&others[i].record))
			return false;
	}
	return true;
}

static enum ruad_exit
publish(const struct ruad_ctl *ctl, const struct ruad_survey *net,
    const struct ruad_dmarc_record *r)
{
	struct ruad_publish_record main = { .name = "" };
	enum ruad_exit status;
	size_t len;

	if (ctl->options.xml)
		return ruad_message_usage("--format xml is of export only");
	main.text = ruad_record_text(r, &len);
	if (snprintf(main.name, sizeof(main.name), "_dmarc.%s",
		ctl->options.domain) > 253)
		return ruad_message_usage("_dmarc.%s is too long for DNS",
		    ctl->options.domain);
	snprintf(main.zone, sizeof(main.zone), "%s",
	    ruad_draft_zone(net->orgdom, ctl->options.domain));
	if (!ruad_publish(stdout, ctl->options.publish, &main) ||
	    !publish_authorisations(ctl, net, r))
		return no_memory();
	status = ruad_output_flush(stdout, "standard output");
	if (status != RUAD_EXIT_OK)
		return status;
	ruad_message("it may take up to 48 hours until all receivers see it; "
		     "then: ruadctl record check %s",
	    ctl->options.domain);
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_record_generate(struct ruad_ctl *ctl)
{
	struct ruad_survey net = { .conf = NULL };
	struct ruad_draft draft = { { NULL } };
	struct ruad_dmarc_record *r = NULL;
	enum ruad_exit status;
	struct ruad_err err;

	status = ruad_options_set_domain(&ctl->options, ctl->args[0]);
	if (status == RUAD_EXIT_OK)
		status = ruad_record_net_open(ctl, &net);
	if (status == RUAD_EXIT_OK)
		status = fill(ctl, &net, &draft);
	if (status == RUAD_EXIT_OK) {
		r = ruad_draft_record(&draft, &err);
		if (r == NULL)
			status = ruad_message_failure(&err);
	}
	if (status == RUAD_EXIT_OK) {
		explain(&draft);
		status = judge(r);
	}
	if (status == RUAD_EXIT_OK)
		status = publish(ctl, &net, r);
	ruad_record_free(&r);
	ruad_draft_free(&draft);
	ruad_survey_close(&net);
	return status;
}
