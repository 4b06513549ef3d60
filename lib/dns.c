/* dns.c - libunbound works in a thread of its own; this waits for it, but not
 * beyond the deadlines. A query that is given up is cancelled.
 * Invariant: no callback is outstanding between two calls of ask(). */
#include "dns.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unbound.h>
#include <unistd.h>
#include "text.h"

enum { CLASS_IN = 1, TYPE_DNSKEY = 48, RCODE_NAME = 3 };

struct ruad_dns {
	struct ruad_resolver resolver; /* first member */
	struct ub_ctx *ctx; /* owned */
	char **servers; /* owned, with the texts */
	size_t server_count;
	char *anchor; /* owned; NULL: nothing is validated */
	bool probed; /* whether the servers let signatures through is known */
	unsigned query_msecs, total_msecs;
	int64_t end_msecs; /* when all must have been answered */
};

/* What the callback leaves. */
struct waiting {
	struct ub_result *result; /* owned; NULL: none yet, or a failure */
	bool done;
	/* What was asked for is no name: such stand in reports and records,
	 * and are not there. */
	bool no_name;
};

static int64_t
now_msecs(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static enum ruad_status
fail(struct ruad_err *err, enum ruad_status st, const char *what, int rc)
{
	return ruad_fail(err, st, RUAD_OUR_IO, "dns: %s: %s", what,
	    ub_strerror(rc));
}

/* Make the context anew, with the trust anchor or without one. */
static enum ruad_status
make_context(struct ruad_dns *d, struct ruad_err *err)
{
	int rc;

	if (d->ctx != NULL)
		ub_ctx_delete(d->ctx);
	d->ctx = ub_ctx_create();
	if (d->ctx == NULL)
		return ruad_fail_memory(err, "dns");
	ub_ctx_debuglevel(d->ctx, 0);
	/* Resolvers on this host are the usual case. */
	rc = ub_ctx_set_option(d->ctx, "do-not-query-localhost:", "no");
	if (rc == 0)
		rc = ub_ctx_async(d->ctx, 1);
	if (rc != 0)
		return fail(err, RUAD_TEMP, "setting up", rc);
	for (size_t i = 0; i < d->server_count; i++) {
		rc = ub_ctx_set_fwd(d->ctx, d->servers[i]);
		if (rc != 0)
			return fail(err, RUAD_BAD, d->servers[i], rc);
	}
	/* Without that file libunbound asks the root servers itself. */
	if (d->server_count == 0)
		(void)ub_ctx_resolvconf(d->ctx, NULL);
	if (d->anchor == NULL)
		return RUAD_OK;
	rc = ub_ctx_add_ta_file(d->ctx, d->anchor);
	return rc == 0 ? RUAD_OK : fail(err, RUAD_BAD, d->anchor, rc);
}

static bool
copy_servers(struct ruad_dns *d, const struct ruad_dns_settings *set)
{
	d->servers = calloc(set->server_count + 1, sizeof(*d->servers));
	if (d->servers == NULL)
		return false;
	for (size_t i = 0; i < set->server_count; i++) {
		d->servers[i] = strdup(set->servers[i]);
		if (d->servers[i] == NULL)
			return false;
		d->server_count++;
	}
	return true;
}

/* Called by ub_process(). */
static void
on_answer(void *arg, int rc, struct ub_result *result)
{
	struct waiting *w = arg;

	w->done = true;
	w->no_name = rc == UB_SYNTAX;
	if (rc == 0)
		w->result = result;
	else
		ub_resolve_free(result);
}

/* Wait for one answer. RUAD_OK with w->done false: time is up. */
static enum ruad_status
resolve(struct ruad_dns *d, const char *name, int type, struct waiting *w,
    struct ruad_err *err)
{
	int64_t end = now_msecs() + d->query_msecs, left;
	int id, rc;

	if (end > d->end_msecs)
		end = d->end_msecs;
	rc = ub_resolve_async(d->ctx, name, type, CLASS_IN, w, on_answer, &id);
	if (rc != 0)
		return fail(err, RUAD_TEMP, name, rc);
	while (!w->done && (left = end - now_msecs()) > 0) {
		struct pollfd p = { .fd = ub_fd(d->ctx), .events = POLLIN };
		int n = poll(&p, 1, (int)left);

		if (n < 0 && errno != EINTR)
			break;
		if (n > 0 && (rc = ub_process(d->ctx)) != 0)
			return fail(err, RUAD_TEMP, name, rc);
	}
	if (!w->done)
		ub_cancel(d->ctx, id);
	return RUAD_OK;
}

/* Whether the servers keep the signatures of the root from us. */
static enum ruad_status
is_stripped(struct ruad_dns *d, bool *out, struct ruad_err *err)
{
	struct waiting w = { .result = NULL };
	enum ruad_status st = resolve(d, ".", TYPE_DNSKEY, &w, err);

	*out = st == RUAD_OK && w.result != NULL && w.result->bogus != 0;
	ub_resolve_free(w.result);
	return st;
}

static enum ruad_dns_outcome
outcome_of(const struct waiting *w)
{
	const struct ub_result *r = w->result;

	if (w->no_name)
		return RUAD_DNS_NO_NAME;
	if (!w->done)
		return RUAD_DNS_TIMEOUT;
	if (r == NULL)
		return RUAD_DNS_FAILED;
	if (r->bogus)
		return RUAD_DNS_BOGUS;
	if (r->havedata)
		return RUAD_DNS_FOUND;
	if (r->nxdomain || r->rcode == RCODE_NAME)
		return RUAD_DNS_NO_NAME;
	return r->rcode == 0 ? RUAD_DNS_NO_DATA : RUAD_DNS_FAILED;
}

/* The answer as ours; NULL: no memory. */
static struct ruad_dns_answer *
convert(const struct ruad_dns *d, const struct waiting *w, const char *name)
{
	struct ruad_dns_answer *a = ruad_dns_answer_new(outcome_of(w));
	const struct ub_result *r = w->result;

	if (a == NULL || r == NULL)
		return a;
	a->ttl_secs = r->ttl > 0 ? (uint32_t)r->ttl : 0;
	if (d->anchor != NULL)
		a->proof = r->secure ? RUAD_DNS_PROVEN : RUAD_DNS_UNSIGNED;
	if (r->why_bogus != NULL)
		ruad_text_escape(a->why, sizeof(a->why), r->why_bogus,
		    strlen(r->why_bogus));
	for (size_t i = 0; a->outcome == RUAD_DNS_FOUND && r->data[i] != NULL;
	     i++) {
		if (!ruad_dns_answer_add(a, r->data[i], (size_t)r->len[i]))
			goto fail;
	}
	if (r->canonname != NULL && strcasecmp(r->canonname, name) != 0) {
		size_t len = strlen(r->canonname);

		a->canonical = strdup(r->canonname);
		if (a->canonical == NULL)
			goto fail;
		if (len > 1 && a->canonical[len - 1] == '.')
			a->canonical[len - 1] = '\0';
		if (strcasecmp(a->canonical, name) == 0) {
			free(a->canonical);
			a->canonical = NULL;
		}
	}
	return a;
fail:
	ruad_dns_answer_free(&a);
	return NULL;
}

static enum ruad_status
ask(struct ruad_resolver *self, const char *name, enum ruad_dns_type type,
    struct ruad_dns_answer **out, struct ruad_err *err)
{
	struct ruad_dns *d = (struct ruad_dns *)self;
	struct waiting w = { .result = NULL };
	enum ruad_status st = resolve(d, name, (int)type, &w, err);
	bool stripped = false;

	if (st == RUAD_OK && w.result != NULL && w.result->bogus &&
	    !d->probed) {
		d->probed = true;
		st = is_stripped(d, &stripped, err);
	}
	if (st == RUAD_OK && stripped) {
		ub_resolve_free(w.result);
		free(d->anchor);
		d->anchor = NULL;
		w = (struct waiting){ .result = NULL };
		st = make_context(d, err);
		if (st == RUAD_OK)
			st = resolve(d, name, (int)type, &w, err);
	}
	if (st == RUAD_OK) {
		*out = convert(d, &w, name);
		if (*out == NULL)
			st = ruad_fail_memory(err, "dns");
	}
	ub_resolve_free(w.result);
	return st;
}

enum ruad_status
ruad_dns_open(const struct ruad_dns_settings *set, struct ruad_dns **out,
    struct ruad_err *err)
{
	struct ruad_dns *d = *out = calloc(1, sizeof(*d));
	const char *anchor = set->trust_anchor;
	enum ruad_status st;

	if (d == NULL)
		return ruad_fail_memory(err, "dns");
	d->resolver.ask = ask;
	d->query_msecs = set->query_msecs;
	d->total_msecs = set->total_msecs;
	ruad_dns_renew(d);
	if (!copy_servers(d, set)) {
		st = ruad_fail_memory(err, "dns");
		goto fail;
	}
	if (anchor != NULL && access(anchor, R_OK) == 0) {
		d->anchor = strdup(anchor);
		if (d->anchor == NULL) {
			st = ruad_fail_memory(err, "dns");
			goto fail;
		}
	}
	st = make_context(d, err);
	if (st == RUAD_OK)
		return RUAD_OK;
fail:
	ruad_dns_close(out);
	return st;
}

struct ruad_resolver *
ruad_dns_resolver(struct ruad_dns *d)
{
	return &d->resolver;
}

void
ruad_dns_renew(struct ruad_dns *d)
{
	d->end_msecs = now_msecs() + d->total_msecs;
}

void
ruad_dns_close(struct ruad_dns **d)
{
	if (*d == NULL)
		return;
	if ((*d)->ctx != NULL)
		ub_ctx_delete((*d)->ctx);
	for (size_t i = 0; i < (*d)->server_count; i++)
		free((*d)->servers[i]);
	free((*d)->servers);
	free((*d)->anchor);
	free(*d);
	*d = NULL;
}
