/* view_overview.c - the five cards of a domain: is it safe, what fails, what
 * changed, is somebody spoofing it, do reports still come. */
#include "view.h"
#include <string.h>
#include <time.h>
#include "rows.h"

enum { TOP = 5, SILENT_HOURS = 72, NEW_HOURS = 72, EXPECTED_PERCENT = 80 };

static json_int_t
number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static json_t *
time_json(int64_t epoch)
{
	char text[32];
	time_t t = (time_t)epoch;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

/* Which sources fail, and whose are they? */

static const char failing_sql[] =
    "WITH s AS (SELECT sender_id, sum(iif(class = 2, messages, 0)) AS mine,"
    "  sum(iif(class = 3, messages, 0)) AS unknown FROM roll_sender"
    "  WHERE domain_key = :k AND day BETWEEN :from AND :to"
    "  AND class IN (2, 3) GROUP BY sender_id)"
    " SELECT count(*) AS senders, coalesce(sum(mine > 0), 0) AS mine,"
    " coalesce(sum(mine = 0), 0) AS unknown,"
    " coalesce(sum(mine), 0) AS messages_mine,"
    " coalesce(sum(unknown), 0) AS messages_unknown FROM s";

/* A row of the list of senders, as the card has it. */
static json_t *
brief(const json_t *row)
{
	static const char *const names[] = { "id", "kind", "label", "class",
		"messages", "failed", "why" };
	json_t *o = json_pack("{s:O}", "sender", json_object_get(row, "name"));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set(o, names[i], json_object_get(row, names[i]));
	return o;
}

static enum ruad_status
top_senders(const struct ruad_view *v, json_t **out, struct ruad_err *err)
{
	const struct ruad_view_senders asked = { .classes = 1u
			<< RUAD_REHEARSED_MINE_FAIL |
		    1u << RUAD_REHEARSED_STRANGER };
	const struct ruad_view_page page = { .limit = TOP };
	struct ruad_view_list l;
	json_t *rows = NULL, *list = json_array(), *row;
	enum ruad_status st = ruad_view_senders(v, &asked, &page, &l, err);
	size_t i;

	if (st == RUAD_OK)
		st = ruad_json_all(v->db, l.sql, l.args, &rows, err);
	ruad_view_list_free(&l);
	for (i = 0; st == RUAD_OK && i < json_array_size(rows); i++) {
		row = json_array_get(rows, i);
		st = ruad_view_senders_finish(v, row, err);
		json_array_append_new(list, brief(row));
	}
	json_decref(rows);
	if (st == RUAD_OK)
		*out = list;
	else
		json_decref(list);
	return st;
}

static enum ruad_status
failing_card(const struct ruad_view *v, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	json_t *top = NULL;
	enum ruad_status st =
	    ruad_json_first(v->db, failing_sql, args, out, err);

	if (st == RUAD_OK)
		st = top_senders(v, &top, err);
	if (st != RUAD_OK)
		return st;
	json_object_set_new(*out, "href",
	    json_sprintf("/d/%s/senders?class=mine_fail,unknown", v->domain));
	json_object_set_new(*out, "top", top);
	return RUAD_OK;
}

/* What changed this week? */

static const char change_sql[] =
    "SELECT messages, messages_before, "
    "1000 * coalesce(pass, 0) / nullif(messages, 0) / 10.0"
    " AS pass_percent, "
    "1000 * coalesce(pass_before, 0) / nullif(messages_before, 0) / 10.0"
    " AS pass_percent_before FROM (SELECT"
    " coalesce(sum(iif(day BETWEEN :to - 7 AND :to - 1, messages, 0)), 0) AS "
    "messages,"
    " sum(iif(class = 0 AND day BETWEEN :to - 7 AND :to - 1, messages, 0)) AS "
    "pass,"
    " coalesce(sum(iif(day BETWEEN :to - 14 AND :to - 8, messages, 0)), 0)"
    "  AS messages_before,"
    " sum(iif(class = 0 AND day BETWEEN :to - 14 AND :to - 8, messages, 0)) AS "
    "pass_before"
    " FROM roll_day WHERE domain_key = :k AND day BETWEEN :to - 14 AND :to)";

static enum ruad_status
change_card(const struct ruad_view *v, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	json_t *events = NULL, *now, *before;
	enum ruad_status st =
	    ruad_json_first(v->db, change_sql, args, out, err);

	if (st == RUAD_OK)
		st = ruad_view_changes(v, &events, err);
	if (st != RUAD_OK)
		return st;
	now = json_object_get(*out, "pass_percent");
	before = json_object_get(*out, "pass_percent_before");
	/* One decimal, as both have it. */
	json_object_set_new(*out, "points",
	    json_is_real(now) && json_is_real(before)
		? json_real((double)(long)(10 * json_real_value(now) -
				10 * json_real_value(before) +
				(json_real_value(now) > json_real_value(before)
					? .5
					: -.5)) /
		      10)
		: json_null());
	json_object_set_new(*out, "events",
	    json_integer((json_int_t)json_array_size(events)));
	json_object_set_new(*out, "href",
	    json_sprintf("/d/%s#changes", v->domain));
	json_decref(events);
	return RUAD_OK;
}

/* Is someone spoofing me? */

/* Week 0 is that of the 7 days up to :to; reported tells whether reports came
 * in a week at all. */
static const char spoofing_sql[] =
    "WITH weeks (w) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8)),"
    " sums AS (SELECT (:to - day) / 7 AS w,"
    "  sum(iif(class = 3, messages, 0)) AS n, sum(messages) AS total,"
    "  count(DISTINCT iif(class = 3, day, NULL)) AS days FROM roll_day"
    "  WHERE domain_key = :k AND day BETWEEN :to - 62 AND :to GROUP BY 1),"
    " past AS (SELECT n, row_number() OVER (ORDER BY n) AS i,"
    "  count(*) OVER () AS c FROM sums WHERE w BETWEEN 1 AND 8)"
    " SELECT coalesce((SELECT n FROM sums WHERE w = 0), 0) AS messages,"
    " coalesce((SELECT total FROM sums WHERE w = 0), 0) AS total,"
    " coalesce((SELECT days FROM sums WHERE w = 0), 0) AS days,"
    " (SELECT CAST(avg(n) AS INTEGER) FROM past WHERE c >= 2"
    "  AND i IN ((c + 1) / 2, c / 2 + 1)) AS median";

static const char disposition_sql[] =
    "SELECT coalesce(sum(iif(disposition IN (1, 2), messages, 0)), 0) AS none,"
    " coalesce(sum(iif(disposition = 3, messages, 0)), 0) AS quarantine,"
    " coalesce(sum(iif(disposition = 4, messages, 0)), 0) AS reject,"
    " coalesce(sum(iif(disposition = 0, messages, 0)), 0) AS not_known"
    " FROM roll_day WHERE domain_key = :k AND day BETWEEN :to - 6 AND :to"
    " AND class = 3";

/* Networks as senders without a name are called, for all of them. */
static const char networks_sql[] =
    "WITH n AS (SELECT iif(substr(s.ip, 1, 12) ="
    "  x'00000000000000000000ffff', substr(s.ip, 1, 15), substr(s.ip, 1, 6))"
    "  AS prefix, min(s.ip) AS ip, sum(rs.messages) AS messages"
    "  FROM roll_source AS rs JOIN source AS s"
    "   ON s.source_key = rs.source_key"
    "  WHERE rs.domain_key = :k AND rs.sender_id IN " RUAD_VIEW_SENDERS
    "  AND rs.day BETWEEN :to - 6 AND :to"
    "  AND rs.class = 3 GROUP BY 1 ORDER BY messages DESC LIMIT 5)"
    " SELECT s.ip_text AS network, s.asn, s.as_org, s.country, n.messages"
    " FROM n JOIN source AS s ON s.ip = n.ip ORDER BY n.messages DESC, n.ip";

/* "192.0.2.0/24" of an address in it. */
static void
name_network(json_t *row)
{
	const char *ip = json_string_value(json_object_get(row, "network"));
	const char *dot = ip != NULL ? strrchr(ip, '.') : NULL;
	size_t len = 0;
	int parts = 0;

	if (ip == NULL)
		return;
	if (dot != NULL && strchr(ip, ':') == NULL) {
		json_object_set_new(row, "network",
		    json_sprintf("%.*s.0/24", (int)(dot - ip), ip));
		return;
	}
	while (parts < 3 && ip[len] != '\0') {
		parts += ip[len] == ':';
		if (ip[len] == ':' && ip[len + 1] == ':')
			break;
		len++;
	}
	if (len > 0 && ip[len - 1] == ':')
		len--;
	json_object_set_new(row, "network",
	    json_sprintf("%.*s::/48", (int)len, ip));
}

static const char *
spoofing_answer(const struct ruad_view *v,
    const struct ruad_roll_published *published, const json_t *card,
    const json_t *disposition)
{
	json_int_t messages = number(card, "messages");
	json_int_t total = number(card, "total");

	if (total == 0)
		return "no_data";
	if (!ruad_ready_is_large(&v->bounds->ready, messages, total))
		return "no";
	return published->policy.p == RUAD_POLICY_REJECT &&
		number(disposition, "reject") == messages
	    ? "refused"
	    : "yes";
}

static enum ruad_status
spoofing_card(const struct ruad_view *v,
    const struct ruad_roll_published *published, const json_t *args,
    json_t **out, struct ruad_err *err)
{
	json_t *did = NULL, *networks = NULL, *row;
	enum ruad_status st =
	    ruad_json_first(v->db, spoofing_sql, args, out, err);
	size_t i;

	if (st == RUAD_OK)
		st = ruad_json_first(v->db, disposition_sql, args, &did, err);
	if (st == RUAD_OK)
		st = ruad_json_all(v->db, networks_sql, args, &networks, err);
	if (st != RUAD_OK) {
		json_decref(did);
		return st;
	}
	json_array_foreach(networks, i, row)
	{
		name_network(row);
	}
	json_object_set_new(*out, "answer",
	    json_string(spoofing_answer(v, published, *out, did)));
	json_object_del(*out, "total");
	json_object_set_new(*out, "networks", networks);
	json_object_set_new(*out, "disposition", did);
	json_object_set_new(*out, "href",
	    json_sprintf("/d/%s/senders?class=unknown", v->domain));
	return RUAD_OK;
}

/* Are reports still coming? */

static const char reports_sql[] =
    "WITH usual AS (SELECT reporter_key, max(last_received) AS last"
    "  FROM roll_report WHERE domain_key = :k"
    "  AND day BETWEEN :today - 14 AND :today GROUP BY reporter_key"
    "  HAVING count(DISTINCT day) >= 4)"
    " SELECT (SELECT count(*) FROM usual) AS expected,"
    " (SELECT count(*) FROM usual WHERE last >= :now - 48 * 3600) AS heard,"
    " (SELECT max(last_received) FROM roll_report WHERE domain_key = :k"
    "  AND day >= (SELECT max(day) - 30 FROM roll_report"
    "   WHERE domain_key = :k))"
    "  AS last,"
    " (SELECT count(*) FROM quarantine AS q JOIN mail AS m"
    "  ON m.mail_key = q.mail_key WHERE q.outcome = 'refused'"
    "  AND m.received_epoch >= :now - 7 * 86400) AS ingest_errors,"
    " (SELECT min(first_epoch) FROM record_history WHERE domain = :d"
    "  AND record IS NOT NULL) AS first";

static enum ruad_status
reports_card(const struct ruad_view *v, const json_t *args, json_t **out,
    struct ruad_err *err)
{
	json_t *row = NULL;
	json_int_t last, first, expected, heard, hours;
	const char *answer = "ok";
	enum ruad_status st =
	    ruad_json_first(v->db, reports_sql, args, &row, err);

	if (st != RUAD_OK)
		return st;
	last = number(row, "last");
	first = number(row, "first");
	expected = number(row, "expected");
	heard = number(row, "heard");
	hours = (v->now_epoch - last) / 3600;
	if (last == 0)
		answer = first != 0 && v->now_epoch - first < NEW_HOURS * 3600
		    ? "new"
		    : "none";
	else if (hours >= SILENT_HOURS)
		answer = "silent";
	else if (heard * 100 < expected * EXPECTED_PERCENT)
		answer = "late";
	*out = json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:o, s:s}",
	    "answer", answer, "expected", expected, "heard", heard, "percent",
	    expected > 0 ? json_real((double)(1000 * heard / expected) / 10)
			 : json_null(),
	    "newest", last != 0 ? time_json(last) : json_null(), "age_hours",
	    last != 0 ? json_integer(hours) : json_null(), "ingest_errors",
	    number(row, "ingest_errors"), "published",
	    first != 0 ? time_json(first) : json_null(), "href", "/reporters");
	json_decref(row);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}

/* All of it */

static const char sums_sql[] =
    "SELECT " RUAD_VIEW_CLASSES_OF_MESSAGES
    " FROM roll_day WHERE domain_key = :k AND day BETWEEN :from AND :to";

static const char parked_sql[] =
    "SELECT coalesce((SELECT parked FROM domain_mark WHERE domain = :d), 0)"
    " AS \"parked?\"";

static enum ruad_status
add_cards(const struct ruad_view *v,
    const struct ruad_roll_published *published, const json_t *args, json_t *o,
    struct ruad_err *err)
{
	json_t *card = NULL;
	enum ruad_status st = ruad_view_ready(v, published,
	    json_object_get(o, "standing"), &card, err);

	json_object_set_new(o, "ready", card);
	card = NULL;
	if (st == RUAD_OK)
		st = failing_card(v, args, &card, err);
	json_object_set_new(o, "failing", card);
	card = NULL;
	if (st == RUAD_OK)
		st = change_card(v, args, &card, err);
	json_object_set_new(o, "change", card);
	card = NULL;
	if (st == RUAD_OK)
		st = spoofing_card(v, published, args, &card, err);
	json_object_set_new(o, "spoofing", card);
	card = NULL;
	if (st == RUAD_OK)
		st = reports_card(v, args, &card, err);
	json_object_set_new(o, "reports", card);
	return st;
}

enum ruad_status
ruad_view_overview(const struct ruad_view *v, json_t **out,
    struct ruad_err *err)
{
	struct ruad_roll_published published;
	json_t *args, *sums = NULL, *standing = NULL, *o = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = ruad_roll_published(v->db, v->domain, &published, err);
	if (st == RUAD_OK)
		st = ruad_json_first(v->db, parked_sql, args, &o, err);
	if (st == RUAD_OK)
		st = ruad_json_first(v->db, sums_sql, args, &sums, err);
	if (st == RUAD_OK)
		st = ruad_view_standing(v, &standing, err);
	if (st == RUAD_OK) {
		ruad_json_merge(o,
		    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "domain",
			v->domain, "from", ruad_view_day(v->first_day), "to",
			ruad_view_day(v->last_day), "as_of",
			time_json(v->now_epoch), "policy",
			ruad_view_policy(&published), "standing", standing,
			"sums", sums));
		st = add_cards(v, &published, args, o, err);
	}
	json_decref(args);
	if (st == RUAD_OK)
		*out = o;
	else
		json_decref(o);
	return st;
}
