/* asked.c - see asked.h. */
#include "asked.h"
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "text.h"
#include "value.h"

#define DAY_SECS INT64_C(86400)
#define SPAN_MAX_DAYS 800

bool
ruad_asked_day(const char *text, int64_t *out)
{
	struct tm tm = { .tm_mday = 0 };
	char again[16];
	time_t t;

	if (strlen(text) != 10 ||
	    strptime(text, "%Y-%m-%d", &tm) != text + 10 || tm.tm_year < 70)
		return false;
	t = timegm(&tm);
	/* February 30th is another day. */
	strftime(again, sizeof(again), "%Y-%m-%d", gmtime_r(&t, &tm));
	*out = (int64_t)t / DAY_SECS;
	return strcmp(again, text) == 0;
}

/* The seconds at which a day begins. */
static bool
read_day(const char *text, int64_t *out)
{
	if (!ruad_asked_day(text, out))
		return false;
	*out *= DAY_SECS;
	return true;
}

static enum ruad_status
read_time(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_filter *f, struct ruad_err *err)
{
	const char *from = ruad_request_query(req, "from");
	const char *to = ruad_request_query(req, "to");

	if (from != NULL && !read_day(from, &f->since))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "from is a day, as 2026-11-25");
	if (to != NULL && !read_day(to, &f->until))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "to is a day, as 2026-11-25");
	if (to != NULL)
		f->until += DAY_SECS;
	if (from != NULL && to != NULL &&
	    (f->until <= f->since ||
		f->until - f->since > SPAN_MAX_DAYS * DAY_SECS))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "from is not after to, and not more than %d days before",
		    SPAN_MAX_DAYS);
	return RUAD_OK;
}

/* A domain that one may not see does not exist. */
static enum ruad_status
read_domain(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_asked *a, struct ruad_err *err)
{
	const char *text = ruad_request_query(req, "domain");
	bool address;

	if (text == NULL || text[0] == '\0')
		return RUAD_OK;
	if (ruad_value_domain(text, strlen(text), a->domain, sizeof(a->domain),
		&address) != RUAD_DOMAIN_OK ||
	    address || !ruad_request_sees(req, a->domain))
		return ruad_problem(res, RUAD_PROBLEM_NOT_FOUND, err,
		    "no such domain");
	a->filter.domain = a->domain;
	return RUAD_OK;
}

static bool
is_true(const struct ruad_request *req, const char *name)
{
	const char *text = ruad_request_query(req, name);

	return text != NULL && strcmp(text, "true") == 0;
}

/* A list of words, as a set of bits. */
static bool
read_outcomes(const char *text, int64_t *out)
{
	static const char *const words[] = {
		[RUAD_SHARE_EMPTY] = "empty",
		[RUAD_SHARE_ALL] = "pass",
		[RUAD_SHARE_SOME] = "partial",
		[RUAD_SHARE_NONE] = "fail",
	};

	while (*text != '\0') {
		size_t len = strcspn(text, ","), i = 0;

		while (i < 4 && !ruad_text_is(text, len, words[i]))
			i++;
		if (i == 4)
			return false;
		*out |= INT64_C(1) << i;
		text += len + (text[len] == ',');
	}
	return true;
}

static enum ruad_status
read_rest(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_asked *a, struct ruad_err *err)
{
	const char *org = ruad_request_query(req, "org");
	const char *outcome = ruad_request_query(req, "outcome");
	const char *code = ruad_request_query(req, "code");

	if (org != NULL && org[0] != '\0') {
		snprintf(a->reporter, sizeof(a->reporter), "%s", org);
		ruad_text_lower(a->reporter, strlen(a->reporter));
		a->filter.reporter = a->reporter;
	}
	if (outcome != NULL && !read_outcomes(outcome, &a->filter.outcomes))
		return ruad_problem(res, RUAD_PROBLEM_BAD_REQUEST, err,
		    "outcome is a list of: pass, partial, fail, empty");
	if (code != NULL && code[0] != '\0')
		a->filter.code = code;
	a->filter.trusted = is_true(req, "trusted");
	a->filter.odd = is_true(req, "odd");
	return RUAD_OK;
}

static enum ruad_status
read_grants(const struct ruad_request *req, struct ruad_asked *a,
    struct ruad_err *err)
{
	const struct ruad_who *who = ruad_request_who(req);
	json_t *list;

	if (who->all_domains)
		return RUAD_OK;
	list = json_array();
	for (size_t i = 0; i < who->domain_count; i++)
		json_array_append_new(list, json_string(who->domains[i]));
	a->grants = list != NULL ? json_dumps(list, JSON_COMPACT) : NULL;
	json_decref(list);
	a->filter.grants = a->grants;
	return a->grants != NULL ? RUAD_OK : ruad_fail_memory(err, "asked");
}

bool
ruad_asked_read(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_asked *out, enum ruad_status *status_out, struct ruad_err *err)
{
	static enum ruad_status (*const readers[])(const struct ruad_request *,
	    struct ruad_response *, struct ruad_asked *,
	    struct ruad_err *) = { read_domain, read_rest };

	*out = (struct ruad_asked){ .filter = RUAD_FILTER_ALL };
	if (!ruad_page_read(req, res, &out->page, status_out, err))
		return false;
	out->filter.limit = out->page.limit + 1;
	*status_out = read_grants(req, out, err);
	if (*status_out == RUAD_OK)
		*status_out = read_time(req, res, &out->filter, err);
	for (size_t i = 0; i < 2; i++) {
		if (*status_out == RUAD_OK && !ruad_response_is_set(res))
			*status_out = readers[i](req, res, out, err);
	}
	return *status_out == RUAD_OK && !ruad_response_is_set(res);
}

void
ruad_asked_free(struct ruad_asked *a)
{
	ruad_page_free(&a->page);
	free(a->grants);
	a->grants = NULL;
}

int64_t
ruad_asked_after(const struct ruad_asked *a, size_t n)
{
	return json_integer_value(json_array_get(a->page.after, n));
}

/* FNV-1a, as in any table of hashes. */
static uint64_t
mix(uint64_t hash, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return (hash ^ 0xff) * UINT64_C(1099511628211);
}

/* When a file was written last, and its size: with every commit one of the two
 * files is. */
static uint64_t
mix_file(uint64_t hash, const char *path)
{
	struct stat st;
	char text[100] = "";

	if (stat(path, &st) == 0)
		snprintf(text, sizeof(text), "%jd.%09ld %jd",
		    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		    (intmax_t)st.st_size);
	return mix(hash, text);
}

bool
ruad_asked_unchanged(const struct ruad_request *req, struct ruad_response *res)
{
	static const char *const names[] = { "limit", "after", "count" };
	const struct ruad_who *who = ruad_request_who(req);
	const char *store = ruad_request_app(req)->conf->store;
	uint64_t version = UINT64_C(14695981039346656037), hash;
	char wal[PATH_MAX], etag[80], day[30];

	snprintf(wal, sizeof(wal), "%s-wal", store);
	version = mix_file(mix_file(version, store), wal);
	hash = ruad_request_question(req);
	/* What is told of today and of the last days changes at midnight. */
	snprintf(day, sizeof(day), "%" PRId64, (int64_t)time(NULL) / DAY_SECS);
	hash = mix(hash, day);
	for (size_t i = 0; i < 3; i++)
		hash = mix(hash, ruad_request_query(req, names[i]));
	hash = mix(hash, who->all_domains ? "*" : "");
	for (size_t i = 0; i < who->domain_count; i++)
		hash = mix(hash, who->domains[i]);
	hash = mix(hash, ruad_request_header(req, "Accept"));
	snprintf(etag, sizeof(etag), "W/\"%016" PRIx64 "-%016" PRIx64 "\"",
	    version, hash);
	return ruad_response_unchanged(res, req, etag);
}
