/* record_check.c - all that is to be said of the DMARC of a domain, now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "record_cmd.h"
#include "record_net.h"
#include "remarks.h"
#include "standing.h"
#include "word.h"

static const struct ruad_column facts[] = {
	{ .name = "domain", .title = "Domain" },
	{ .name = "state", .title = "State" },
	{ .name = "state_since_utc",
	    .title = "Since (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "record_name", .title = "Record at" },
	{ .name = "record", .title = "Record", .wide = true },
	{ .name = "rfc7489", .title = "Under RFC 7489", .wide = true },
	{ .name = "rfc9989", .title = "Under RFC 9989", .wide = true },
	{ .name = "org_domain_7489", .title = "Org. domain, PSL" },
	{ .name = "org_domain_9989", .title = "Org. domain, walk" },
	{ .name = "walk", .kind = RUAD_COLUMN_LIST },
	{ .name = "ttl", .title = "TTL", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "dnssec", .title = "DNSSEC" },
	{ .name = "differ" },
	{ .name = "reports_here" },
};

static const struct ruad_layout layout = {
	.columns = ruad_remark_columns,
	.column_count = RUAD_REMARK_COLUMNS,
	.facts = facts,
	.fact_count = sizeof(facts) / sizeof(facts[0]),
	.rows_name = "remarks",
};

/* What one generation of receivers does with mail of the domain. */
static const char *
describe(const struct ruad_discovered *d, enum ruad_rfc rfc, char buf[300])
{
	const struct ruad_found *f = &d->found[rfc];
	char words[200];

	switch (f->state) {
	case RUAD_FOUND_POLICY:
		snprintf(buf, 300, "%s (%s of %s); %s",
		    ruad_policy_word(f->policy), ruad_record_tag_name(f->tag),
		    f->at->name,
		    ruad_record_describe(f->at->record, rfc, words));
		break;
	case RUAD_FOUND_NOTHING:
		snprintf(buf, 300, "no DMARC");
		break;
	case RUAD_FOUND_BAD:
		snprintf(buf, 300, "no DMARC: the record of %s is ignored",
		    f->at->name);
		break;
	case RUAD_FOUND_SEVERAL:
		snprintf(buf, 300, "no DMARC: %zu records at _dmarc.%s",
		    f->at->dmarc_count, f->at->name);
		break;
	case RUAD_FOUND_BOGUS:
		snprintf(buf, 300, "DNSSEC validation fails");
		break;
	case RUAD_FOUND_UNKNOWN:
		snprintf(buf, 300, "not known: DNS fails");
		break;
	}
	return buf;
}

static json_t *
walk_json(const struct ruad_discovered *d)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < d->walk_count; i++) {
		if (json_array_append_new(list,
			json_string(d->walk[i]->name)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* How a domain stands that is watched; since when is known where that has not
 * changed. False: no memory. */
static bool
add_state(json_t *head, const struct ruad_ctl *ctl,
    const struct ruad_survey *net, const struct ruad_inspection *in)
{
	struct ruad_history now;
	time_t since;
	struct tm tm;
	char text[40];

	if (!net->has_last ||
	    !ruad_standing_judge(in, &net->last,
		ctl->conf->recipients.count > 0, 0, &now))
		return true;
	if (json_object_set_new(head, "state",
		json_string(ruad_standing_word(now.standing))) != 0)
		return false;
	if (now.standing != net->last.standing)
		return true;
	since = (time_t)net->last.first_epoch;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
	    gmtime_r(&since, &tm));
	return json_object_set_new(head, "state_since_utc",
		   json_string(text)) == 0;
}

static json_t *
facts_of(const struct ruad_inspection *in)
{
	static const char *const proofs[] = {
		[RUAD_DNS_UNCHECKED] = "unchecked",
		[RUAD_DNS_UNSIGNED] = "unsigned",
		[RUAD_DNS_PROVEN] = "valid",
	};
	const struct ruad_discovered *d = in->found;
	const struct ruad_found *a = &d->found[RUAD_RFC_7489];
	const struct ruad_found *b = &d->found[RUAD_RFC_9989];
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_section *s = &in->section[0];
	bool there = f->at != NULL;
	char old[300], new[300];

	return json_pack("{s:s, s:n, s:n, s:s, s:o, s:s, s:s, s:s?, s:s?, s:o, "
			 "s:o, "
			 "s:s?, s:b, s:b}",
	    "domain", d->domain, "state", "state_since_utc", "record_name",
	    s->name, "record", ruad_output_text(s->text), "rfc7489",
	    describe(d, RUAD_RFC_7489, old), "rfc9989",
	    describe(d, RUAD_RFC_9989, new), "org_domain_7489",
	    or_null(a->org_domain), "org_domain_9989", or_null(b->org_domain),
	    "walk", walk_json(d), "ttl",
	    there ? json_integer(f->at->answer->ttl_secs) : json_null(),
	    "dnssec", there ? proofs[f->at->answer->proof] : NULL, "differ",
	    a->state != b->state || a->at != b->at || a->policy != b->policy,
	    "reports_here", in->reports_here);
}

static enum ruad_exit
exit_of(const struct ruad_inspection *in)
{
	const struct ruad_remark *worst = ruad_inspection_worst(in);

	if (worst == NULL || worst->severity < RUAD_REMARK_UNKNOWN)
		return RUAD_EXIT_OK;
	return worst->severity == RUAD_REMARK_ERROR ? RUAD_EXIT_FINDINGS
						    : RUAD_EXIT_TEMP;
}

static enum ruad_exit
tell(struct ruad_ctl *ctl, const struct ruad_survey *net,
    const struct ruad_inspection *in)
{
	struct ruad_remarks seen = { NULL };
	enum ruad_exit end;
	json_t *head = facts_of(in);
	struct ruad_output *o = head != NULL && add_state(head, ctl, net, in)
	    ? ruad_output_open(ctl->options.format, &layout, head)
	    : NULL;

	json_decref(head);
	if (o == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	for (size_t i = 0; i < in->count; i++) {
		const struct ruad_section *s = &in->section[i];

		if (!ruad_remarks_rows(o, &s->remarks, s->about, s->name))
			break;
	}
	ruad_survey_compare(net, in, (int64_t)time(NULL), &seen);
	ruad_remarks_rows(o, &seen, "reports", in->section[0].name);
	ruad_remarks_free(&seen);
	end = ruad_output_close(&o);
	return end != RUAD_EXIT_OK ? end : exit_of(in);
}

enum ruad_exit
ruad_record_check(struct ruad_ctl *ctl)
{
	struct ruad_survey net = { .conf = NULL };
	struct ruad_inspection *in = NULL;
	enum ruad_exit status;

	status = ruad_options_set_domain(&ctl->options, ctl->args[0]);
	if (status == RUAD_EXIT_OK)
		status = ruad_record_net_open(ctl, &net);
	if (status == RUAD_EXIT_OK)
		status = ruad_record_net_inspect(ctl, &net, ctl->options.domain,
		    &in);
	if (status == RUAD_EXIT_OK) {
		if (ctl->options.format == RUAD_FORMAT_TABLE &&
		    in->section[0].text != NULL)
			ruad_remarks_marks(&in->section[0].remarks,
			    in->section[0].text, strlen(in->section[0].text));
		status = tell(ctl, &net, in);
	}
	ruad_inspection_free(&in);
	ruad_survey_close(&net);
	return status;
}
