/* view_sender.c - all about one sender. */
#include "view.h"
#include <string.h>
#include "rows.h"
#include "sql.h"

/* Records looked at for who has reported it: those that came last, of each of
 * the addresses with most messages. */
#define RECORDS_MAX "100"
#define ADDRESSES_MAX "10"

enum ruad_status
ruad_view_sender_domain(sqlite3 *db, int64_t sender_id, char domain_out[256],
    char name_out[256], struct ruad_err *err)
{
	struct ruad_bound b = { .db = db };
	enum ruad_status st;

	b.rc = sqlite3_prepare_v2(db,
	    "SELECT d.name, n.name FROM roll_name AS n"
	    " JOIN domain AS d ON d.domain_key = n.domain_key"
	    " WHERE n.sender_id = ?1",
	    -1, &b.stmt, NULL);
	ruad_sql_int(&b, sender_id);
	st = ruad_sql_next(&b, err);
	if (st == RUAD_OK) {
		sqlite3_snprintf(256, domain_out, "%s",
		    sqlite3_column_text(b.stmt, 0));
		sqlite3_snprintf(256, name_out, "%s",
		    sqlite3_column_text(b.stmt, 1));
	}
	sqlite3_finalize(b.stmt);
	return st;
}

static const char head_sql[] =
    "SELECT n.sender_id AS id, :d AS domain, n.name AS sender,"
    " CASE n.kind WHEN 1 THEN 'mailbox' WHEN 2 THEN 'forwarder'"
    "  WHEN 3 THEN 'service' END AS kind, n.basis,"
    " CASE l.label WHEN 1 THEN 'mine' WHEN 2 THEN 'forwarder'"
    "  WHEN 3 THEN 'not-mine' END AS label, l.note, "
    "strftime('%Y-%m-%dT%H:%M:%SZ', l.since_epoch, 'unixepoch')"
    " AS labelled, "
    "date((:from) * 86400, 'unixepoch')"
    " AS \"from\", "
    "date((:to) * 86400, 'unixepoch')"
    " AS \"to\", "
    "date((n.first_day) * 86400, 'unixepoch')"
    " AS first_day, "
    "date((n.last_day) * 86400, 'unixepoch')"
    " AS last_day"
    " FROM roll_name AS n LEFT JOIN sender_label AS l"
    "  ON l.policy_domain = :d AND l.sender = n.name"
    " WHERE n.sender_id = :id";

#define OF_SENDER \
	" FROM roll_sender WHERE domain_key = :k" \
	" AND day BETWEEN :from AND :to AND sender_id = :id"

static const char sums_sql[] =
    "SELECT " RUAD_VIEW_CLASSES_OF_MESSAGES ","
    " coalesce(sum(iif(dkim = 2 AND spf = 2, messages, 0)), 0) AS failed,"
    " coalesce(sum(iif(disposition IN (3, 4), messages, 0)), 0) AS "
    "refused" OF_SENDER;

static const char series_sql[] =
    "SELECT "
    "date((day) * 86400, 'unixepoch')"
    " AS day, " RUAD_VIEW_CLASSES_OF_MESSAGES OF_SENDER
    " GROUP BY day ORDER BY day";

#define ITS_SOURCES \
	" FROM roll_source WHERE domain_key = :k AND sender_id = :id" \
	" AND day BETWEEN :from AND :to"

static const char ips_sql[] =
    "SELECT s.ip_text AS ip, s.ptr, s.asn, s.as_org, s.country, t.messages,"
    " t.failed, "
    "date((t.first_day) * 86400, 'unixepoch')"
    " AS first_day, "
    "date((t.last_day) * 86400, 'unixepoch')"
    " AS last_day FROM (SELECT source_key,"
    "  sum(messages) AS messages, sum(failed) AS failed,"
    "  min(day) AS first_day, max(day) AS last_day" ITS_SOURCES
    "  GROUP BY source_key ORDER BY messages DESC, source_key LIMIT 100) AS t"
    " JOIN source AS s ON s.source_key = t.source_key"
    " ORDER BY t.messages DESC, s.ip";

static const char ip_count_sql[] =
    "SELECT count(DISTINCT source_key) AS ip_count" ITS_SOURCES;

/* The addresses with most messages. */
static const char top_sql[] =
    "SELECT source_key" ITS_SOURCES " GROUP BY source_key"
    " ORDER BY sum(messages) DESC LIMIT " ADDRESSES_MAX;

/* Who has reported one of them, :s. */
static const char reporters_sql[] =
    "SELECT o.org_name, sum(s.messages) AS messages,"
    " sum(iif(s.dkim = 2 AND s.spf = 2, s.messages, 0)) AS failed"
    " FROM (SELECT c.report_key, c.messages, c.dkim, c.spf FROM record AS c"
    "  WHERE c.source_key = :s ORDER BY c.report_key DESC"
    "  LIMIT " RECORDS_MAX ") AS s"
    " CROSS JOIN report AS r ON r.report_key = s.report_key"
    " JOIN reporter AS o ON o.reporter_key = r.reporter_key"
    " WHERE r.policy_domain_key = :k GROUP BY o.reporter_key"
    " ORDER BY messages DESC, o.org_key";

/* By what else it is known: names that passed, and of addresses. */
static const char identified_sql[] =
    "SELECT * FROM (SELECT CASE a.method WHEN 1 THEN 'dkim' ELSE 'spf' END"
    "  AS \"by\", d.name, 'strong' AS strength, sum(a.first) AS messages"
    " FROM roll_auth AS a JOIN domain AS d"
    "  ON d.domain_key = a.auth_domain_key"
    " WHERE a.domain_key = :k AND a.sender_id = :id"
    "  AND a.day BETWEEN :from AND :to AND a.result = 2"
    " GROUP BY a.method, a.auth_domain_key"
    " HAVING sum(a.first) > 0 ORDER BY messages DESC LIMIT 8)"
    " UNION ALL SELECT * FROM (SELECT o.known_by, o.name, 'weak',"
    "  sum(messages) AS messages FROM roll_source AS rs"
    "  JOIN roll_org AS o ON o.org_id = rs.org_id"
    "  WHERE rs.domain_key = :k AND rs.sender_id = :id"
    "  AND rs.day BETWEEN :from AND :to"
    "  AND o.known_by IN ('ptr', 'network')"
    "  GROUP BY o.org_id ORDER BY messages DESC LIMIT 8)";

static enum ruad_status
add_lists(const struct ruad_view *v, const json_t *args, json_t *o,
    struct ruad_err *err)
{
	static const struct {
		const char *name, *sql;
	} lists[] = { { "ips", ips_sql }, { "identified", identified_sql } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *list = NULL;
		enum ruad_status st =
		    ruad_json_all(v->db, lists[i].sql, args, &list, err);

		if (st != RUAD_OK)
			return st;
		json_object_set_new(o, lists[i].name, list);
	}
	return RUAD_OK;
}

/* Add the numbers of a reporter to those of before. */
static void
add_reporter(json_t *list, const json_t *row)
{
	static const char *const names[] = { "messages", "failed" };
	json_t *known;
	size_t i;

	json_array_foreach(list, i, known)
	{
		if (!json_equal(json_object_get(known, "org_name"),
			json_object_get(row, "org_name")))
			continue;
		for (size_t n = 0; n < 2; n++)
			json_object_set_new(known, names[n],
			    json_integer(json_integer_value(
					     json_object_get(known, names[n])) +
				json_integer_value(
				    json_object_get(row, names[n]))));
		return;
	}
	json_array_append_new(list, json_deep_copy(row));
}

static enum ruad_status
add_reporters(const struct ruad_view *v, json_t *args, json_t *o,
    struct ruad_err *err)
{
	json_t *top = NULL, *rows, *list = json_array();
	enum ruad_status st = ruad_json_all(v->db, top_sql, args, &top, err);
	const json_t *row;
	size_t n;

	json_object_set_new(o, "reporters", list);
	for (size_t i = 0; st == RUAD_OK && i < json_array_size(top); i++) {
		json_object_set(args, "s",
		    json_object_get(json_array_get(top, i), "source_key"));
		st = ruad_json_all(v->db, reporters_sql, args, &rows, err);
		if (st != RUAD_OK)
			break;
		json_array_foreach(rows, n, row)
		{
			add_reporter(list, row);
		}
		json_decref(rows);
	}
	json_decref(top);
	return st;
}

static enum ruad_status
add_series(const struct ruad_view *v, const json_t *args, json_t *o,
    struct ruad_err *err)
{
	json_t *rows = NULL;
	enum ruad_status st =
	    ruad_json_arrays(v->db, series_sql, args, &rows, err);

	if (st == RUAD_OK)
		json_object_set_new(o, "series",
		    json_pack("{s:[s, s, s, s, s, s, s], s:o}", "columns",
			"day", "messages", "mine_pass", "forwarded",
			"mine_fail", "unknown", "undecided", "rows", rows));
	return st;
}

static enum ruad_status
add_parts(const struct ruad_view *v, int64_t sender_id, json_t *args, json_t *o,
    struct ruad_err *err)
{
	json_t *part = NULL, *auth = NULL;
	enum ruad_status st =
	    ruad_json_first(v->db, sums_sql, args, &part, err);

	if (st == RUAD_OK) {
		ruad_json_merge(o, part);
		st = ruad_json_first(v->db, ip_count_sql, args, &part, err);
	}
	if (st == RUAD_OK) {
		ruad_json_merge(o, part);
		st = add_lists(v, args, o, err);
	}
	if (st == RUAD_OK)
		st = add_reporters(v, args, o, err);
	if (st == RUAD_OK)
		st = add_series(v, args, o, err);
	if (st == RUAD_OK)
		st = ruad_view_auth(v, sender_id, &auth, err);
	if (st != RUAD_OK)
		return st;
	json_object_set_new(o, "class", json_string(ruad_view_class(o)));
	json_object_set_new(o, "why", ruad_view_why(v, auth));
	json_object_set_new(o, "fix",
	    ruad_view_fix(v, auth, ruad_view_class(o)));
	json_object_set_new(o, "auth", auth);
	return RUAD_OK;
}

enum ruad_status
ruad_view_sender(const struct ruad_view *v, int64_t sender_id, json_t **out,
    struct ruad_err *err)
{
	json_t *args, *o = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	json_object_set_new(args, "id", json_integer(sender_id));
	st = ruad_json_first(v->db, head_sql, args, &o, err);
	if (st == RUAD_OK)
		st = add_parts(v, sender_id, args, o, err);
	json_decref(args);
	if (st != RUAD_OK) {
		json_decref(o);
		return st;
	}
	*out = o;
	return RUAD_OK;
}
