/* record_net.c - see record_net.h. The store is only read, and need not be
 * there: a record is often checked before the first report. */
#include "record_net.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "word.h"

/* Reports older than that say nothing of the record of today. */
#define SEEN_SECS INT64_C(1209600)
/* How long receivers may use an old record, and reports are under way. */
#define STALE_SECS INT64_C(172800)

enum ruad_exit
ruad_record_net_open(struct ruad_ctl *ctl, struct ruad_record_net *net)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	struct ruad_dns_settings set;
	const struct ruad_conf *c = ctl->conf;
	struct ruad_err err;

	*net = (struct ruad_record_net){ .dns = NULL };
	if (status != RUAD_EXIT_OK)
		return status;
	set = (struct ruad_dns_settings){
		.servers = c->dns_servers.text,
		.server_count = c->dns_servers.count,
		.query_msecs = (unsigned)c->dns_query_msecs,
		.total_msecs = (unsigned)c->dns_total_msecs,
	};
	if (c->dns_trust_anchor[0] != '\0')
		set.trust_anchor = c->dns_trust_anchor;
	if (ruad_orgdom_open(c->public_suffix_list[0] != '\0'
		    ? c->public_suffix_list
		    : NULL,
		&net->orgdom, &err) != RUAD_OK ||
	    ruad_dns_open(&set, &net->dns, &err) != RUAD_OK) {
		ruad_record_net_close(net);
		return ruad_message_failure(&err);
	}
	return RUAD_EXIT_OK;
}

void
ruad_record_net_close(struct ruad_record_net *net)
{
	ruad_dns_close(&net->dns);
	ruad_orgdom_close(&net->orgdom);
}

/* What the store shows, if there is one. */
static enum ruad_exit
read_seen(struct ruad_ctl *ctl, struct ruad_record_net *net, const char *domain)
{
	enum ruad_exit status;
	enum ruad_status st;
	struct ruad_err err;

	net->has_seen = net->has_last = false;
	if (access(ruad_ctl_store(ctl), F_OK) != 0 && errno == ENOENT)
		return RUAD_EXIT_OK;
	status = ctl->query == NULL ? ruad_ctl_query(ctl) : RUAD_EXIT_OK;
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_seen_read(ruad_query_handle(ctl->query), domain,
		(int64_t)time(NULL) - SEEN_SECS, &net->seen, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	net->has_seen = true;
	st = ruad_history_last(ruad_query_handle(ctl->query), domain,
	    &net->last, &err);
	net->has_last = st == RUAD_OK;
	return st == RUAD_OK || st == RUAD_END ? RUAD_EXIT_OK
					       : ruad_message_failure(&err);
}

enum ruad_exit
ruad_record_net_inspect(struct ruad_ctl *ctl, struct ruad_record_net *net,
    const char *domain, struct ruad_inspection **out)
{
	struct ruad_inspect_settings set = {
		.resolver = ruad_dns_resolver(net->dns),
		.orgdom = net->orgdom,
		.recipients = &ctl->conf->recipients,
		.delimiters = ctl->conf->recipient_delimiter,
	};
	struct ruad_selector selectors[RUAD_SEEN_MAX];
	enum ruad_exit status = read_seen(ctl, net, domain);
	struct ruad_err err;

	*out = NULL;
	if (status != RUAD_EXIT_OK)
		return status;
	for (size_t i = 0; net->has_seen && i < net->seen.selector_count; i++)
		selectors[set.selector_count++] = (struct ruad_selector){
			.domain = net->seen.selector[i].domain,
			.selector = net->seen.selector[i].selector,
			.passes = net->seen.selector[i].passes,
		};
	set.selectors = selectors;
	ruad_dns_renew(net->dns);
	if (ruad_inspect(&set, domain, out, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

/* Whether what reporters saw is what this says to either generation. */
static bool
agrees(const struct ruad_seen_policy *s, const struct ruad_reading *a)
{
	return (s->p == RUAD_POLICY_UNKNOWN || s->p == a->p) &&
	    (s->sp == RUAD_POLICY_UNKNOWN || s->sp == a->sp) &&
	    (s->adkim == RUAD_MODE_UNKNOWN || s->adkim == a->adkim) &&
	    (s->aspf == RUAD_MODE_UNKNOWN || s->aspf == a->aspf) &&
	    (s->pct < 0 || s->pct == a->pct);
}

static void
print_day(int64_t epoch, char buf[40])
{
	time_t t = (time_t)epoch;
	struct tm tm;

	strftime(buf, 40, "%Y-%m-%d", gmtime_r(&t, &tm));
}

void
ruad_record_net_compare(const struct ruad_record_net *net,
    const struct ruad_inspection *in, struct ruad_remarks *out)
{
	const struct ruad_found *f = ruad_inspection_found(in);
	const struct ruad_seen_policy *s = &net->seen.policy[0];
	const struct ruad_dmarc_record *r;
	bool fresh;
	char day[40];

	if (!net->has_seen || f->at == NULL || f->at->record == NULL)
		return;
	r = f->at->record;
	if (net->seen.policy_count == 0) {
		ruad_remark(out, RUAD_SEEN_NOTHING, RUAD_REMARK_INFO,
		    RUAD_OF_BOTH, RUAD_NOWHERE, 0,
		    "no report about this domain in the last 14 days; after a "
		    "record is published the first come in two or three days");
		return;
	}
	print_day(s->end_epoch, day);
	fresh = s->end_epoch > (int64_t)time(NULL) - STALE_SECS;
	if (agrees(s, ruad_record_reading(r, RUAD_RFC_7489)) ||
	    agrees(s, ruad_record_reading(r, RUAD_RFC_9989)))
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
