/* api_data.c - pages about one domain: overview, timeline, changes, senders,
 * simulation and tallies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "api.h"
#include "rows.h"
#include "text.h"
#include "value.h"

static enum ruad_status
make_overview(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	return ruad_view_overview(&a->view, out, err);
}

enum ruad_status
ruad_api_overview(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_overview, NULL, err);
}

static const char *const buckets[] = { "day", "week", "month", NULL };

static enum ruad_status
make_timeline(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	static const char *const by_words[] = { "class", "disposition",
		"alignment", NULL };
	enum ruad_status st = RUAD_OK;
	int bucket = ruad_answer_word(a, "bucket", buckets, &st, err);
	int by =
	    bucket >= 0 ? ruad_answer_word(a, "by", by_words, &st, err) : -1;

	return by < 0
	    ? st
	    : ruad_view_timeline(&a->view, (enum ruad_view_bucket)bucket,
		  (enum ruad_view_by)by, out, err);
}

enum ruad_status
ruad_api_timeline(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_timeline, NULL, err);
}

static enum ruad_status
make_changes(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	json_t *all = NULL;
	enum ruad_status st = ruad_view_changes(&a->view, &all, err);

	if (st == RUAD_OK)
		*out = ruad_answer_slice(a, all);
	return st;
}

enum ruad_status
ruad_api_changes(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const char *const columns[] = { "code", "severity", "day",
		"sender", "params", "detail", "href", NULL };
	static const struct ruad_answer_list list = { "changes", columns, NULL,
		NULL };

	return ruad_answer(req, res, make_changes, &list, err);
}

/* Senders */

/* What is asked for, with the memory that it points to. */
struct senders {
	struct ruad_view_senders asked;
	char q[200], org[200];
	unsigned char first[16], last[16];
};

static const char *
lower(const struct ruad_asking *a, const char *name, char buf[200])
{
	const char *value = ruad_request_query(a->req, name);

	if (value == NULL || value[0] == '\0')
		return NULL;
	snprintf(buf, 200, "%s", value);
	ruad_text_lower(buf, strlen(buf));
	return buf;
}

/* A set of classes, with commas. */
static bool
read_classes(const char *text, unsigned *out)
{
	static const char *const words[RUAD_REHEARSED_COUNT] = { "mine_pass",
		"forwarded", "mine_fail", "unknown", "undecided" };

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, ",");
		int i = 0;

		while (i < RUAD_REHEARSED_COUNT &&
		    !ruad_text_is(text, len, words[i]))
			i++;
		if (i == RUAD_REHEARSED_COUNT)
			return false;
		*out |= 1u << i;
		text += len + (text[len] == ',');
	}
	return true;
}

/* An address, or a network with the number of its bits. */
static bool
read_network(const char *text, struct senders *s)
{
	bool special;
	size_t len = strcspn(text, "/");
	long bits = 128, most;
	char *end;

	if (!ruad_value_ip(text, len, s->first, &special))
		return false;
	most = memchr(text, ':', len) != NULL ? 128 : 32;
	if (text[len] == '/') {
		bits = strtol(text + len + 1, &end, 10);
		if (text[len + 1] < '0' || text[len + 1] > '9' ||
		    *end != '\0' || bits > most)
			return false;
		bits += 128 - most;
	}
	memcpy(s->last, s->first, 16);
	for (long i = bits; i < 128; i++) {
		s->first[i / 8] &= (unsigned char)~(0x80 >> i % 8);
		s->last[i / 8] |= (unsigned char)(0x80 >> i % 8);
	}
	s->asked.ip_first = s->first;
	s->asked.ip_last = s->last;
	return true;
}

static bool
read_number(const char *text, int64_t *out)
{
	char *end;

	if (text == NULL || text[0] == '\0')
		return true;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 15)
		return false;
	*out = strtoll(text, &end, 10);
	return *end == '\0';
}

static bool
is_label(const char *text)
{
	static const char *const words[] = { "none", "mine", "forwarder",
		"not-mine" };

	for (size_t i = 0; text != NULL && i < 4; i++) {
		if (strcmp(words[i], text) == 0)
			return true;
	}
	return text == NULL;
}

/* NULL: all is good; else what is wrong. */
static const char *
read_senders(const struct ruad_asking *a, struct senders *s)
{
	const struct ruad_request *r = a->req;
	const char *ip = ruad_request_query(r, "ip");

	*s = (struct senders){ .asked = {
				   .group = ruad_request_query(r, "group"),
				   .sort = ruad_request_query(r, "sort"),
				   .label = ruad_request_query(r, "label"),
				   .country = ruad_request_query(r, "cc"),
			       } };
	s->asked.q = lower(a, "q", s->q);
	s->asked.org = lower(a, "org", s->org);
	if (!is_label(s->asked.label))
		return "label is one of mine, forwarder, not-mine, none";
	if (!read_classes(ruad_request_query(r, "class"), &s->asked.classes))
		return "class is a list of mine_pass, forwarded, mine_fail, "
		       "unknown, undecided";
	if (ip != NULL && ip[0] != '\0' && !read_network(ip, s))
		return "ip is an address, or a network as 192.0.2.0/24";
	if (!read_number(ruad_request_query(r, "asn"), &s->asked.asn) ||
	    !read_number(ruad_request_query(r, "min_messages"),
		&s->asked.min_messages))
		return "asn and min_messages are numbers";
	return NULL;
}

/* Compose a->list; a problem may have been answered instead. */
static enum ruad_status
compose_senders(struct ruad_asking *a, bool counted, int64_t limit,
    struct ruad_err *err)
{
	const struct ruad_view_page page = { limit,
		counted ? NULL : a->page.after };
	struct senders s;
	const char *why = read_senders(a, &s);
	enum ruad_status st;

	if (why != NULL)
		return ruad_problem(a->res, RUAD_PROBLEM_BAD_REQUEST, err, "%s",
		    why);
	s.asked.counted = counted;
	ruad_view_list_free(&a->list);
	st = ruad_view_senders(&a->view, &s.asked, &page, &a->list, err);
	return st == RUAD_BAD ? ruad_problem(a->res, RUAD_PROBLEM_BAD_REQUEST,
				    err, "%s", err->text)
			      : st;
}

static enum ruad_status
open_senders(struct ruad_asking *a, struct ruad_err *err)
{
	return compose_senders(a, false, -1, err);
}

static json_t *
senders_place(const struct ruad_asking *a, const json_t *row)
{
	const struct ruad_view_senders asked = {
		.sort = ruad_request_query(a->req, "sort")
	};

	return json_pack("[O, O]", ruad_view_senders_place(&asked, row),
	    json_object_get(row, "key"));
}

static const char *const sender_columns[] = { "key", "name", "id", "kind",
	"label", "basis", "class", "messages", "mine_pass", "forwarded",
	"mine_fail", "unknown", "undecided", "failed", "refused", "ips", "asn",
	"as_org", "country", "ptr", "first_day", "last_day", "new", "why",
	NULL };
static const struct ruad_answer_list senders_list = { "senders", sender_columns,
	open_senders, ruad_view_senders_finish };

/* How many rows a->list has, as "total". */
static enum ruad_status
add_total(struct ruad_asking *a, json_t *o, struct ruad_err *err)
{
	json_t *rows = NULL;
	enum ruad_status st =
	    ruad_json_all(a->view.db, a->list.sql, a->list.args, &rows, err);

	if (st == RUAD_OK)
		json_object_set(o, "total",
		    json_object_get(json_array_get(rows, 0), "total"));
	json_decref(rows);
	return st;
}

static enum ruad_status
make_senders(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	enum ruad_status st = compose_senders(a, false, a->page.limit + 1, err);

	if (st != RUAD_OK || ruad_response_is_set(a->res))
		return st;
	st = ruad_answer_page(a, &senders_list, senders_place, out, err);
	if (st == RUAD_OK && a->page.count) {
		st = compose_senders(a, true, -1, err);
		if (st == RUAD_OK)
			st = add_total(a, *out, err);
	}
	return st;
}

enum ruad_status
ruad_api_senders(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_senders, &senders_list, err);
}

/* Tallies: a week is what people ask for. */

static enum ruad_status
compose_tallies(struct ruad_asking *a, bool counted, int64_t limit,
    struct ruad_err *err)
{
	static const char *const words[] = { "week", "day", "month", NULL };
	static const enum ruad_view_bucket bucket[] = { RUAD_VIEW_WEEK,
		RUAD_VIEW_DAY, RUAD_VIEW_MONTH };
	const struct ruad_view_page page = { limit,
		counted ? NULL : a->page.after };
	enum ruad_status st = RUAD_OK;
	int i = ruad_answer_word(a, "bucket", words, &st, err);
	char q[200];

	if (i < 0)
		return st;
	ruad_view_list_free(&a->list);
	return ruad_view_tallies(&a->view, bucket[i], lower(a, "q", q), &page,
	    counted, &a->list, err);
}

static enum ruad_status
open_tallies(struct ruad_asking *a, struct ruad_err *err)
{
	return compose_tallies(a, false, -1, err);
}

static json_t *
tallies_place(const struct ruad_asking *a, const json_t *row)
{
	(void)a;
	return json_pack("[O, O, o]", json_object_get(row, "period"),
	    json_object_get(row, "messages"),
	    json_sprintf("%s %s",
		json_string_value(json_object_get(row, "org_domain")),
		json_string_value(json_object_get(row, "known_by"))));
}

static const char *const tally_columns[] = { "period", "org_domain", "known_by",
	"messages", "mine_pass", "forwarded", "mine_fail", "unknown",
	"undecided", "failed", "refused", NULL };
static const struct ruad_answer_list tallies_list = { "tallies", tally_columns,
	open_tallies, NULL };

static enum ruad_status
make_tallies(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	enum ruad_status st = compose_tallies(a, false, a->page.limit + 1, err);

	if (st != RUAD_OK || ruad_response_is_set(a->res))
		return st;
	st = ruad_answer_page(a, &tallies_list, tallies_place, out, err);
	if (st == RUAD_OK && a->page.count) {
		st = compose_tallies(a, true, -1, err);
		if (st == RUAD_OK)
			st = add_total(a, *out, err);
	}
	return st;
}

enum ruad_status
ruad_api_tallies(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_tallies, &tallies_list, err);
}

/* A simulation: what is not asked for is as published. */

static enum ruad_status
make_simulation(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	static const char *const policies[] = { "", "none", "quarantine",
		"reject", NULL };
	static const char *const modes[] = { "", "r", "s", NULL };
	static const struct {
		const char *name;
		const char *const *words;
	} tags[] = { { "p", policies }, { "sp", policies }, { "np", policies },
		{ "adkim", modes }, { "aspf", modes } };
	enum ruad_status st = RUAD_OK;
	int n[5];

	for (int i = 0; i < 5; i++) {
		n[i] =
		    ruad_answer_word(a, tags[i].name, tags[i].words, &st, err);
		if (n[i] < 0)
			return st;
	}
	return ruad_view_simulate(&a->view,
	    &(struct ruad_rehearse_policy){ (enum ruad_policy)n[0],
		(enum ruad_policy)n[1], (enum ruad_policy)n[2],
		(enum ruad_mode)n[3], (enum ruad_mode)n[4] },
	    out, err);
}

enum ruad_status
ruad_api_simulate(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	return ruad_answer(req, res, make_simulation, NULL, err);
}
