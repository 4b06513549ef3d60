/* rehearse_ask.c - see rehearse_ask.h. */
#include "rehearse_ask.h"
#include <time.h>
#include "parse.h"

#define DAY_SECS INT64_C(86400)

/* What a tag of the command line says, UNKNOWN where it is not there. */
static bool
read_policy(const struct ruad_options *o, enum ruad_option_id id,
    enum ruad_policy *out)
{
	const char *text = o->tag[id - RUAD_OPTION_P];

	if (text == NULL || ruad_parse_policy(text, out))
		return true;
	ruad_message("bad policy \"%s\": allowed is none, quarantine or "
		     "reject",
	    text);
	return false;
}

static bool
read_mode(const struct ruad_options *o, enum ruad_option_id id,
    enum ruad_mode *out)
{
	const char *text = o->tag[id - RUAD_OPTION_P];

	if (text == NULL || ruad_parse_mode(text, out))
		return true;
	ruad_message("bad mode \"%s\": allowed is r or s", text);
	return false;
}

enum ruad_exit
ruad_rehearse_tags(const struct ruad_options *o,
    struct ruad_rehearse_policy *out)
{
	if (!read_policy(o, RUAD_OPTION_P, &out->p) ||
	    !read_policy(o, RUAD_OPTION_SP, &out->sp) ||
	    !read_policy(o, RUAD_OPTION_NP, &out->np) ||
	    !read_mode(o, RUAD_OPTION_ADKIM, &out->adkim) ||
	    !read_mode(o, RUAD_OPTION_ASPF, &out->aspf))
		return RUAD_EXIT_USAGE;
	return RUAD_EXIT_OK;
}

static void
choose_days(struct ruad_rehearse_answer *a, const struct ruad_options *o)
{
	int64_t today = (int64_t)time(NULL) / DAY_SECS;
	const struct ruad_filter *f = &o->filter;
	bool has_until = (o->given & RUAD_OPTION(UNTIL)) != 0;
	int64_t last = has_until ? (f->until - 1) / DAY_SECS : today;
	int64_t days = a->limits.days;

	if (f->since != INT64_MIN)
		a->ask.first_day = f->since / DAY_SECS;
	else
		a->ask.first_day = last - days + (last < today ? 1 : 0);
	a->ask.last_day = last;
	a->ask.days = (last < today ? last + 1 : today) - a->ask.first_day;
	if (a->ask.days < 0)
		a->ask.days = 0;
}

/* The days of the answer, and the senders in them. */
static enum ruad_status
read_days(struct ruad_ctl *ctl, struct ruad_rehearse_answer *a,
    struct ruad_err *err)
{
	sqlite3 *db = ruad_query_handle(ctl->query);
	const char *list = ctl->conf->public_suffix_list;
	struct ruad_orgdom *orgdom = NULL;
	struct ruad_senders senders = { 0 };
	enum ruad_status st;

	st = ruad_orgdom_open(list[0] != '\0' ? list : NULL, &orgdom, err);
	if (st == RUAD_OK)
		st = ruad_senders_open(db, ctl->options.domain, &senders, err);
	if (st == RUAD_OK) {
		a->ask.orgdom = orgdom;
		a->ask.senders = &senders;
		st = ruad_rehearsal_read(db, &a->ask, &a->result, err);
	}
	ruad_senders_close(&senders);
	ruad_orgdom_close(&orgdom);
	a->ask.orgdom = NULL;
	a->ask.senders = NULL;
	return st;
}

enum ruad_exit
ruad_rehearse_read(struct ruad_ctl *ctl, bool as_published,
    struct ruad_rehearse_answer *a)
{
	const struct ruad_conf *conf = ctl->conf;
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_rehearsal_seen(ruad_query_handle(ctl->query),
	    ctl->options.domain, &a->seen, &err);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	if (as_published) {
		a->asked.policy = a->seen.policy;
	} else {
		ruad_rehearsal_choose(&a->seen.policy, &a->asked.policy);
		a->asked.without_dkim = ctl->options.without_dkim;
		a->asked.without_spf = ctl->options.without_spf;
	}
	a->limits = conf->ready;
	a->limits.days = as_published ||
		ruad_rehearse_strictest(&a->asked.policy) == RUAD_POLICY_REJECT
	    ? conf->ready_days_reject
	    : conf->ready_days_quarantine;
	choose_days(a, &ctl->options);
	a->ask.domain = ctl->options.domain;
	a->ask.policy = &a->asked;
	a->ask.limits = &a->limits;
	st = read_days(ctl, a, &err);
	if (st != RUAD_OK)
		return ruad_message_failure(&err);
	a->verdict =
	    ruad_ready_judge(&a->result.facts, &a->limits, a->condition);
	return RUAD_EXIT_OK;
}
