/* stats.c - libmicrohttpd speaks HTTP; this file listens, and writes the one
 * page there is. Who asks costs a look into the store, so few may ask at
 * once. */
#include "stats.h"
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "listen.h"
#include "metrics.h"
#include "query.h"

enum {
	CONNECTIONS_MAX = 8,
	IDLE_SECS = 5,
	/* Whoever asks would rather have no numbers of the store than wait. */
	BUSY_MSECS = 1000
};

struct ruad_stats {
	struct ruad_intake *in; /* borrowed */
	const char *store; /* borrowed */
	struct MHD_Daemon *http;
	struct ruad_listen listen;
};

static void
write_one(FILE *to, const char *name, const char *type, const char *help,
    double value)
{
	ruad_metrics_begin(to, name, type, help);
	ruad_metrics_value(to, name, NULL, NULL, value);
}

static void
write_writer(struct ruad_writer *w, FILE *to)
{
	struct ruad_writer_stats s;

	ruad_writer_stats(w, &s);
	write_one(to, "ruad_queue_length", "gauge",
	    "Mails that wait for their commit.", (double)s.queued);
	write_one(to, "ruad_queue_full_total", "counter",
	    "Mails turned away because queue_max waited already.",
	    (double)s.queue_full);
	write_one(to, "ruad_commits_total", "counter",
	    "Batches of mails committed.", (double)s.batches);
	write_one(to, "ruad_commits_failed_total", "counter",
	    "Batches that could not be committed.", (double)s.failed_batches);
	write_one(to, "ruad_commit_mails_total", "counter",
	    "Mails in these batches.", (double)s.deliveries);
	write_one(to, "ruad_commit_mails_max", "gauge",
	    "Mails in the largest batch.", (double)s.batch_most);
	write_one(to, "ruad_commit_seconds_total", "counter",
	    "Time that batches took to commit.", (double)s.commit_usecs / 1e6);
	write_one(to, "ruad_commit_seconds_max", "gauge",
	    "Time that the slowest batch took.",
	    (double)s.commit_usecs_most / 1e6);
}

static void
write_tally(struct ruad_tally *t, FILE *to)
{
	static const char mails[] = "ruad_mails_total";
	static const char refused[] = "ruad_mails_refused_total";

	ruad_metrics_begin(to, mails, "counter",
	    "Report mails, by what came of them.");
	for (int i = RUAD_STORED; i <= RUAD_ERROR; i++)
		ruad_metrics_value(to, mails, "outcome",
		    ruad_outcome_word((enum ruad_outcome)i),
		    (double)atomic_load(&t->outcomes[i]));
	ruad_metrics_begin(to, refused, "counter",
	    "Report mails refused or put off, by the code of the reason.");
	for (int i = RUAD_CODE_NONE + 1; i < RUAD_CODE_COUNT; i++) {
		unsigned long long n = atomic_load(&t->codes[i]);

		if (n > 0)
			ruad_metrics_value(to, refused, "code",
			    ruad_code_name((enum ruad_code)i), (double)n);
	}
}

static void
write_store(const char *path, FILE *to)
{
	struct ruad_query *q = NULL;
	struct ruad_err ignored;
	bool good = ruad_query_open(path, BUSY_MSECS, &q, &ignored) == RUAD_OK;

	/* Numbers that break off are not good ones, and this says so. */
	if (good)
		good = ruad_metrics_write(ruad_query_handle(q), to, &ignored) ==
		    RUAD_OK;
	ruad_query_close(&q);
	write_one(to, "ruad_store_readable", "gauge",
	    "Whether the numbers of the store could be read.", good);
}

static void
write_page(const struct ruad_stats *s, FILE *to)
{
	struct ruad_intake *in = s->in;

	ruad_metrics_begin(to, "ruad_info", "gauge",
	    "The version of the daemon.");
	ruad_metrics_value(to, "ruad_info", "version", PACKAGE_VERSION, 1);
	write_tally(&in->tally, to);
	write_writer(in->writer, to);
	write_one(to, "ruad_mails_at_end", "gauge",
	    "Mails that are being read or wait for their commit.",
	    (double)atomic_load(&in->busy));
	write_one(to, "ruad_memory_bytes", "gauge",
	    "Memory for mails that are being read.",
	    (double)atomic_load(&in->budget->used));
	write_one(to, "ruad_memory_max_bytes", "gauge", "Its bound.",
	    (double)in->budget->max);
	write_store(s->store, to);
}

/* Answer with a text, which is taken over. */
static enum MHD_Result
answer(struct MHD_Connection *c, unsigned status, char *text, size_t len)
{
	struct MHD_Response *r =
	    MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_NO;

	if (r == NULL) {
		free(text);
		return MHD_NO;
	}
	if (MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE,
		"text/plain; version=0.0.4; charset=utf-8") == MHD_YES)
		result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
complain(struct MHD_Connection *c, unsigned status, const char *text)
{
	char *copy = strdup(text);

	return copy != NULL ? answer(c, status, copy, strlen(copy)) : MHD_NO;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *body,
    size_t *body_bytes, void **state)
{
	const struct ruad_stats *s = arg;
	char *text = NULL;
	size_t len;
	FILE *to;

	(void)version;
	(void)body;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		*body_bytes = 0;
		return complain(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
	}
	if (strcmp(url, "/metrics") != 0)
		return complain(c, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	to = open_memstream(&text, &len);
	if (to == NULL)
		return MHD_NO;
	write_page(s, to);
	if (fclose(to) != 0) {
		free(text);
		return MHD_NO;
	}
	return answer(c, MHD_HTTP_OK, text, len);
}

static enum ruad_status
fail_errno(const char *name, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "metrics_socket %s: %s",
	    name, strerror(errno));
}

enum ruad_status
ruad_stats_start(const char *socket, struct ruad_intake *in, const char *store,
    struct ruad_stats **out, struct ruad_err *err)
{
	struct ruad_stats *s = *out = calloc(1, sizeof(*s));
	enum ruad_status st;
	int fd;

	if (s == NULL)
		return ruad_fail_memory(err, "stats");
	s->in = in;
	s->store = store;
	fd = ruad_listen_open(socket, CONNECTIONS_MAX, &s->listen);
	if (fd == -1) {
		st = fail_errno(socket, err);
		goto fail;
	}
	s->http = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD |
		MHD_USE_AUTO,
	    0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECS, MHD_OPTION_END);
	if (s->http != NULL)
		return RUAD_OK;
	close(fd);
	st = ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO,
	    "metrics_socket %s: HTTP cannot be served", socket);
fail:
	ruad_stats_stop(out);
	return st;
}

void
ruad_stats_stop(struct ruad_stats **stats)
{
	struct ruad_stats *s = *stats;

	if (s == NULL)
		return;
	*stats = NULL;
	if (s->http != NULL)
		MHD_stop_daemon(s->http);
	ruad_listen_remove(&s->listen);
	free(s);
}
