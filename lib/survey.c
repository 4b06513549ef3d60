/* survey.c - see survey.h. A record is often checked before the first report, so
 * the store need not be there. */
#include "survey.h"
#include <time.h>
#include "word.h"

/* How long receivers may use an old record, and reports are under way. */
#define STALE_SECS INT64_C(172800)

enum ruad_status
ruad_survey_open(const struct ruad_conf *conf, struct ruad_survey *out,
    struct ruad_err *err)
{
	struct ruad_dns_settings set = {
		.servers = conf->dns_servers.text,
		.server_count = conf->dns_servers.count,
		.query_msecs = (unsigned)conf->dns_query_msecs,
		.total_msecs = (unsigned)conf->dns_total_msecs,
	};
	enum ruad_status st;

	*out = (struct ruad_survey){ .conf = conf };
	if (conf->dns_trust_anchor[0] != '\0')
		set.trust_anchor = conf->dns_trust_anchor;
	st = ruad_orgdom_open(conf->public_suffix_list[0] != '\0'
		? conf->public_suffix_list
		: NULL,
	    &out->orgdom, err);
	if (st == RUAD_OK)
		st = ruad_dns_open(&set, &out->dns, err);
	if (st == RUAD_OK)
		st = ruad_trail_new(ruad_dns_resolver(out->dns), &out->trail,
		    err);
	if (st != RUAD_OK)
		ruad_survey_close(out);
	return st;
}

void
ruad_survey_close(struct ruad_survey *s)
{
	ruad_trail_free(&s->trail);
	ruad_dns_close(&s->dns);
	ruad_orgdom_close(&s->orgdom);
}

enum ruad_status
ruad_survey_read(struct ruad_survey *s, sqlite3 *db, const char *domain,
    struct ruad_err *err)
{
	enum ruad_status st;

	s->has_seen = s->has_last = false;
	if (db == NULL)
		return RUAD_OK;
	st = ruad_seen_read(db, domain,
	    (int64_t)time(NULL) - RUAD_SURVEY_SEEN_SECS, &s->seen, err);
	if (st != RUAD_OK)
		return st;
	s->has_seen = true;
	st = ruad_history_last(db, domain, &s->last, err);
	s->has_last = st == RUAD_OK;
	return st == RUAD_END ? RUAD_OK : st;
}

enum ruad_status
ruad_survey_look(struct ruad_survey *s, const char *domain,
    struct ruad_inspection **out, struct ruad_err *err)
{
	struct ruad_inspect_settings set = {
		.resolver = ruad_trail_resolver(s->trail),
		.orgdom = s->orgdom,
		.recipients = &s->conf->recipients,
		.delimiters = s->conf->recipient_delimiter,
	};
	struct ruad_selector selectors[RUAD_SEEN_MAX];

	*out = NULL;
	for (size_t i = 0; s->has_seen && i < s->seen.selector_count; i++)
		selectors[set.selector_count++] = (struct ruad_selector){
			.domain = s->seen.selector[i].domain,
			.selector = s->seen.selector[i].selector,
			.passes = s->seen.selector[i].passes,
		};
	set.selectors = selectors;
	ruad_trail_clear(s->trail);
	ruad_dns_renew(s->dns);
	return ruad_inspect(&set, domain, out, err);
}

static void
print_day(int64_t epoch, char buf[40])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	strftime(buf, 40, "%Y-%m-%d", gmtime_r(&t, &tm));
}

void
ruad_survey_compare(const struct ruad_survey *survey,
    const struct ruad_inspection *in, int64_t now_epoch,
    struct ruad_remarks *out)
{
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_seen_policy *s = &survey->seen.policy[0];
	const struct ruad_dmarc_record *r;
	bool fresh;
	char day[40];

	if (!survey->has_seen || f->at == NULL || f->at->record == NULL)
		return;
	r = f->at->record;
	if (survey->seen.policy_count == 0) {
		ruad_remark(out, RUAD_SEEN_NOTHING, RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "no report about this domain in the last 14 days; after a "
		    "record is published the first come in two or three days");
		return;
	}
	print_day(s->end_epoch, day);
	fresh = s->end_epoch > now_epoch - STALE_SECS;
	if (ruad_seen_differences(s, ruad_record_reading(r, RUAD_RFC_7489)) ==
		0 ||
	    ruad_seen_differences(s, ruad_record_reading(r, RUAD_RFC_9989)) ==
		0)
		ruad_remark(out, RUAD_SEEN_SAME, RUAD_REMARK_INFO, RUAD_OF_BOTH,
		    RUAD_NOWHERE, 0,
		    "reporters saw this policy: %lld reports, the newest of "
		    "%.80s up to %s",
		    (long long)s->reports, s->org_name, day);
	else
		ruad_remark(out, RUAD_SEEN_DIFFERENT, RUAD_REMARK_WARNING,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "%.80s saw another policy in the report up to %s: p=%s "
		    "sp=%s adkim=%s aspf=%s; %s",
		    s->org_name, day, ruad_policy_word(s->p),
		    ruad_policy_word(s->sp), ruad_mode_word(s->adkim),
		    ruad_mode_word(s->aspf),
		    fresh ? "after a change that is usual for up to 48 hours"
			  : "that report is old, newer ones may agree");
}
