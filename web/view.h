/* view.h - what the pages of the console show of domains and senders, as JSON
 * that web/openapi.json describes. Reads the roll-ups (lib/roll.h) and what is
 * small in the store, never its records, but for the reporters of one sender.
 * No HTTP here. One handle, one thread. */
#ifndef RUAD_WEB_VIEW_H
#define RUAD_WEB_VIEW_H
#include "roll.h"
#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* About what, and when. All is borrowed. */
struct ruad_view {
	sqlite3 *db; /* of ruad_roll_open() */
	const struct ruad_roll_bounds *bounds;
	const char *domain; /* policy domain; NULL: of all */
	int64_t now_epoch;
	int64_t first_day, last_day; /* since 1970-01-01 */
};

/* The functions below give a value that the caller owns. They fail like
 * ruad_sql_fail(), and with RUAD_TEMP where memory ran out. */

/* What all statements may need: k, the key of the domain (null: no report is
 * about it), d, from, to, now, today. */
RUAD_NODISCARD enum ruad_status ruad_view_args(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);

/* A sentence: a code, its parameters (taken over), and the same in English,
 * whose memory is freed. NULL: no memory. */
json_t *ruad_view_say(const char *code, json_t *params, json_t *detail);

/* The class of an object with a member for each of them: mine_fail where there
 * is any, else that of most messages. */
const char *ruad_view_class(const json_t *counts);

/* "2026-11-25" */
json_t *ruad_view_day(int64_t day);

/* view_policy.c: schemas Policy, Standing and Marker. */
json_t *ruad_view_policy(const struct ruad_roll_published *p);
RUAD_NODISCARD enum ruad_status ruad_view_standing(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_view_markers(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);

/* view_ready.c: the answer to whether it is safe, and its conditions. */
RUAD_NODISCARD enum ruad_status ruad_view_ready(const struct ruad_view *v,
    const struct ruad_roll_published *published, const json_t *standing,
    json_t **out, struct ruad_err *err);

/* What to simulate; UNKNOWN: as published, or for p a step more. */
RUAD_NODISCARD enum ruad_status ruad_view_simulate(const struct ruad_view *v,
    const struct ruad_rehearse_policy *asked, json_t **out,
    struct ruad_err *err);

/* view_overview.c: schema Overview. */
RUAD_NODISCARD enum ruad_status ruad_view_overview(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);

/* view_timeline.c */
enum ruad_view_bucket { RUAD_VIEW_DAY, RUAD_VIEW_WEEK, RUAD_VIEW_MONTH };
enum ruad_view_by { RUAD_VIEW_CLASS, RUAD_VIEW_DISPOSITION, RUAD_VIEW_ALIGNED };
RUAD_NODISCARD enum ruad_status ruad_view_timeline(const struct ruad_view *v,
    enum ruad_view_bucket bucket, enum ruad_view_by by, json_t **out,
    struct ruad_err *err);

/* The first day of the bucket of a day, as SQL; a day is an expression. */
const char *ruad_view_bucket_sql(enum ruad_view_bucket bucket);

/* view_changes.c: an array of schema Change, for the 7 days up to last_day. */
RUAD_NODISCARD enum ruad_status ruad_view_changes(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);

/* view_why.c: why messages of a sender fail, and what mends it. `auth` are its
 * results, as ruad_view_auth() gives them. */
RUAD_NODISCARD enum ruad_status ruad_view_auth(const struct ruad_view *v,
    int64_t sender_id, json_t **out, struct ruad_err *err);
json_t *ruad_view_why(const struct ruad_view *v, const json_t *auth);
json_t *ruad_view_fix(const struct ruad_view *v, const json_t *auth,
    const char *class);
/* The first of them, or null. */
json_t *ruad_view_brief_why(const struct ruad_view *v, const json_t *auth);

/* view_sender.c: schema Sender. RUAD_END: there is no such; *domain_out (at
 * least 256 bytes) is its domain, to be looked at first. */
RUAD_NODISCARD enum ruad_status ruad_view_sender_domain(sqlite3 *db,
    int64_t sender_id, char domain_out[256], char name_out[256],
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status ruad_view_sender(const struct ruad_view *v,
    int64_t sender_id, json_t **out, struct ruad_err *err);

/* view_domains.c: schema Domain. RUAD_END: it is neither registered, nor is
 * there a report about it. */
RUAD_NODISCARD enum ruad_status ruad_view_domain(const struct ruad_view *v,
    json_t **out, struct ruad_err *err);

/* Whether it is registered, or there is a report about it. */
RUAD_NODISCARD enum ruad_status
ruad_view_domain_exists(const struct ruad_view *v, bool *out,
    struct ruad_err *err);

/* Names of the domains that the list has, an array of texts, sorted. */
RUAD_NODISCARD enum ruad_status
ruad_view_domain_names(const struct ruad_view *v, json_t **out,
    struct ruad_err *err);

/* Lists that are read row by row: a statement and its arguments, which follow
 * from what is asked. */
struct ruad_view_list {
	char *sql; /* owned */
	json_t *args; /* owned */
};
void ruad_view_list_free(struct ruad_view_list *l);

/* Where a page begins, and how long it is. */
struct ruad_view_page {
	int64_t limit; /* rows; -1: all */
	const json_t *after; /* [sort value, key] of the row before; or NULL */
};

/* view_senders.c: schema SenderRow, without why. */
struct ruad_view_senders {
	const char *group, *sort; /* NULL: the default */
	const char *q, *org; /* in lower case */
	const char *label, *country;
	unsigned classes; /* set of 1 << class; 0: all */
	const unsigned char *ip_first, *ip_last; /* 16 bytes each; or NULL */
	int64_t asn, min_messages; /* 0: any */
	bool counted; /* give the number of rows instead: {"total": n} */
};
/* RUAD_BAD: group or sort are none that there are; the text says which. */
RUAD_NODISCARD enum ruad_status ruad_view_senders(const struct ruad_view *v,
    const struct ruad_view_senders *asked, const struct ruad_view_page *page,
    struct ruad_view_list *out, struct ruad_err *err);

/* Add why to a row of group=sender, and how many addresses it has. */
RUAD_NODISCARD enum ruad_status
ruad_view_senders_finish(const struct ruad_view *v, json_t *row,
    struct ruad_err *err);

/* The value that a row is sorted by, borrowed. */
const json_t *ruad_view_senders_place(const struct ruad_view_senders *asked,
    const json_t *row);

/* view_tallies.c: schemas Tally and Unregistered. */
RUAD_NODISCARD enum ruad_status ruad_view_tallies(const struct ruad_view *v,
    enum ruad_view_bucket bucket, const char *q,
    const struct ruad_view_page *page, bool counted, struct ruad_view_list *out,
    struct ruad_err *err);
RUAD_NODISCARD enum ruad_status
ruad_view_unregistered(const struct ruad_view *v, json_t **out,
    struct ruad_err *err);

/* The senders of the domain that may be there since :from, as a set: the tables
 * of addresses and of results go by sender, then by day. */
#define RUAD_VIEW_SENDERS \
	"(SELECT sender_id FROM roll_name WHERE domain_key = :k" \
	" AND last_day >= :from)"

/* Parts of SQL: sums of the column n, or messages, by the numbers of enum
 * ruad_rehearse_class. Elsewhere, a per cent is rounded down to one decimal:
 * what is not all must not look like all. */
#define RUAD_VIEW_CLASSES \
	"coalesce(sum(n), 0) AS messages," \
	" coalesce(sum(iif(class = 0, n, 0)), 0) AS mine_pass," \
	" coalesce(sum(iif(class = 1, n, 0)), 0) AS forwarded," \
	" coalesce(sum(iif(class = 2, n, 0)), 0) AS mine_fail," \
	" coalesce(sum(iif(class = 3, n, 0)), 0) AS unknown," \
	" coalesce(sum(iif(class = 4, n, 0)), 0) AS undecided"
#define RUAD_VIEW_CLASSES_OF_MESSAGES \
	"coalesce(sum(messages), 0) AS messages," \
	" coalesce(sum(iif(class = 0, messages, 0)), 0) AS mine_pass," \
	" coalesce(sum(iif(class = 1, messages, 0)), 0) AS forwarded," \
	" coalesce(sum(iif(class = 2, messages, 0)), 0) AS mine_fail," \
	" coalesce(sum(iif(class = 3, messages, 0)), 0) AS unknown," \
	" coalesce(sum(iif(class = 4, messages, 0)), 0) AS undecided"

#endif
