/* cmd_enrich.c - looks up the names of source addresses in DNS, at a bounded
 * rate, and keeps them in the store. */
#include <stdlib.h>
#include <time.h>
#include "cmd.h"
#include "enrich.h"
#include "geo.h"
#include "ptr.h"
#include "record_net.h"

#define DAY_SECS INT64_C(86400)
/* How long a name holds, and that there is none. */
#define NAME_DAYS 7
#define NONE_DAYS 1
#define USED_DAYS 28 /* of addresses that matter */
#define SOURCES_MAX 1000 /* of one run */
#define BATCH 50 /* kept in one transaction */
#define FAILURES_MAX 20 /* one after the other */
#define NSECS 1000000000L

/* A resolver that waits before it asks another. */
struct paced {
	struct ruad_resolver resolver; /* first member */
	struct ruad_resolver *inner; /* borrowed */
	struct timespec pause;
};

static enum ruad_status
ask(struct ruad_resolver *self, const char *name, enum ruad_dns_type type,
    struct ruad_dns_answer **out, struct ruad_err *err)
{
	struct paced *p = (struct paced *)self;

	nanosleep(&p->pause, NULL);
	return ruad_resolver_ask(p->inner, name, type, out, err);
}

struct work {
	struct ruad_enrich_source *source; /* owned */
	size_t count;
	size_t done, named, failed; /* of them */
	size_t in_a_row; /* failures */
};

/* Ask for one batch; what was found stands at its beginning then. */
static enum ruad_status
ask_batch(struct work *w, struct ruad_dns *dns, struct paced *p,
    struct ruad_enrich_source *batch, size_t count, size_t *found_out,
    struct ruad_err *err)
{
	enum ruad_status st = RUAD_OK;
	bool known;

	*found_out = 0;
	for (size_t i = 0; i < count && w->in_a_row < FAILURES_MAX; i++) {
		struct ruad_enrich_source *s = &batch[i];

		ruad_dns_renew(dns);
		st = ruad_ptr_ask(&p->resolver, s->ip, s->ptr, &known, err);
		if (st != RUAD_OK)
			break;
		w->in_a_row = known ? 0 : w->in_a_row + 1;
		if (!known) {
			w->failed++;
			continue;
		}
		w->done++;
		w->named += s->ptr[0] != '\0';
		batch[(*found_out)++] = *s;
	}
	return st;
}

static enum ruad_exit
look_up(struct ruad_ctl *ctl, struct work *w, struct ruad_dns *dns,
    struct ruad_store *store)
{
	struct paced p = { { ask }, ruad_dns_resolver(dns),
		{ .tv_nsec = NSECS / ctl->conf->enrich_rate } };
	enum ruad_status st = RUAD_OK;
	struct ruad_err err;
	size_t found;

	if (p.pause.tv_nsec == NSECS)
		p.pause = (struct timespec){ .tv_sec = 1 };
	for (size_t at = 0; at < w->count && w->in_a_row < FAILURES_MAX;
	     at += BATCH) {
		size_t count = w->count - at < BATCH ? w->count - at : BATCH;

		st = ask_batch(w, dns, &p, w->source + at, count, &found, &err);
		if (st == RUAD_OK && found > 0)
			st = ruad_enrich_put(store, w->source + at, found,
			    (int64_t)time(NULL), &err);
		if (st != RUAD_OK)
			return ruad_message_failure(&err);
	}
	ruad_message("%zu addresses looked up, %zu with a name; %zu not "
		     "answered",
	    w->done, w->named, w->failed);
	return w->failed > 0 ? RUAD_EXIT_TEMP : RUAD_EXIT_OK;
}

static int64_t
first_day(const struct ruad_ctl *ctl)
{
	int64_t since = ctl->options.filter.since;

	return (since != INT64_MIN
		       ? since
		       : (int64_t)time(NULL) - USED_DAYS * DAY_SECS) /
	    DAY_SECS;
}

static enum ruad_exit
read_list(struct ruad_ctl *ctl, struct work *w)
{
	int64_t now = (int64_t)time(NULL), limit = ctl->options.filter.limit;
	size_t cap =
	    limit > 0 && limit < SOURCES_MAX ? (size_t)limit : SOURCES_MAX;
	struct ruad_err err;

	w->source = calloc(cap, sizeof(*w->source));
	if (w->source == NULL) {
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	if (ruad_enrich_list(ruad_query_handle(ctl->query), first_day(ctl),
		now - NAME_DAYS * DAY_SECS, now - NONE_DAYS * DAY_SECS,
		w->source, cap, &w->count, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

/* The names of addresses. */
static enum ruad_exit
find_names(struct ruad_ctl *ctl, struct ruad_store *store)
{
	struct ruad_survey net = { .dns = NULL };
	struct work w = { .source = NULL };
	enum ruad_exit status = read_list(ctl, &w);

	/* A snapshot that is held would keep the log from shrinking. */
	ruad_query_close(&ctl->query);
	if (status == RUAD_EXIT_OK)
		status = ruad_record_net_open(ctl, &net);
	if (status == RUAD_EXIT_OK)
		status = look_up(ctl, &w, net.dns, store);
	ruad_survey_close(&net);
	free(w.source);
	return status;
}

enum ruad_exit
ruad_cmd_enrich(struct ruad_ctl *ctl)
{
	struct ruad_store *store = NULL;
	enum ruad_exit status = ruad_ctl_conf(ctl);
	const struct ruad_conf *c = ctl->conf;

	if (status != RUAD_EXIT_OK)
		return status;
	if (!c->enrich_ptr && c->asn_database[0] == '\0' &&
	    c->country_database[0] == '\0')
		return ruad_message_usage(
		    "enrich_ptr of ruad.conf(5) is no, and there is neither "
		    "asn_database nor country_database");
	status = ruad_ctl_open_store(ctl, &store);
	if (status == RUAD_EXIT_OK)
		status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_geo_fill(ctl, store, first_day(ctl));
	if (status == RUAD_EXIT_OK && c->enrich_ptr)
		status = find_names(ctl, store);
	ruad_store_close(&store);
	return status;
}
