/* view_senders.c - who sends in the name of a domain. Each group has a part of
 * SQL that gives rows of key, sender, class and messages; the rest is the same
 * for all. Values of users are parameters, never SQL. */
#include "view.h"
#include <string.h>
#include "rows.h"
#include "sql.h"

/* Addresses of the domain that the filters let through; true where there is no
 * filter on addresses. */
#define SOURCE_MATCHES \
	"(:asn IS NULL OR s.asn = :asn)" \
	" AND (:cc IS NULL OR s.country = :cc COLLATE NOCASE)" \
	" AND (:ip1 IS NULL OR hex(s.ip) BETWEEN :ip1 AND :ip2)" \
	" AND (:org IS NULL OR instr(lower(s.as_org), :org) > 0)"

#define BY_SOURCE \
	"SELECT rs.sender_id FROM roll_source AS rs" \
	" JOIN source AS s ON s.source_key = rs.source_key" \
	" WHERE rs.domain_key = :k AND rs.sender_id IN " RUAD_VIEW_SENDERS \
	" AND rs.day BETWEEN :from AND :to AND "

#define LABEL \
	"(SELECT l.label FROM sender_label AS l WHERE l.policy_domain = :d" \
	" AND l.sender = n.name)"

/* Of senders, wherever the group has one. */
#define SENDER_MATCHES \
	"(:label IS NULL OR sender_id IN (SELECT n.sender_id FROM roll_name " \
	"AS n" \
	" WHERE n.domain_key = :k AND coalesce(" LABEL ", 0) = :label))"

#define LABEL_WORD \
	"CASE " LABEL " WHEN 1 THEN 'mine' WHEN 2 THEN 'forwarder'" \
	" WHEN 3 THEN 'not-mine' END AS label"
#define KIND_WORD \
	"CASE n.kind WHEN 1 THEN 'mailbox' WHEN 2 THEN 'forwarder'" \
	" WHEN 3 THEN 'service' END AS kind"

#define NO_SENDER "NULL AS kind, NULL AS label, NULL AS basis"
#define NO_SOURCE "NULL AS asn, NULL AS as_org, NULL AS country, NULL AS ptr"

/* Sums of each address first: there are far fewer of them than days. */
#define SOURCES \
	"(SELECT source_key, sender_id, class, sum(messages) AS messages," \
	" sum(failed) AS failed, sum(refused) AS refused, min(day) AS d1," \
	" max(day) AS d2 FROM roll_source WHERE domain_key = :k" \
	" AND sender_id IN " RUAD_VIEW_SENDERS \
	" AND day BETWEEN :from AND :to GROUP BY source_key, sender_id, " \
	"class)"

/* What a page shows of a group; `rows` gives key, class, n, failed, refused and
 * day, `more` what else is told of a key. */
struct group {
	const char *name;
	const char *rows;
	const char *more;
};

static const struct group groups[] = {
	{ "sender",
	    "SELECT f.sender_id AS key, f.class, f.messages AS n,"
	    " iif(f.dkim = 2 AND f.spf = 2, f.messages, 0) AS failed,"
	    " iif(f.disposition IN (3, 4), f.messages, 0) AS refused,"
	    " f.day AS d1, f.day AS d2,"
	    " 0 AS source_key FROM roll_sender AS f"
	    " WHERE f.domain_key = :k AND f.day BETWEEN :from AND :to"
	    " AND (NOT :by_source OR f.sender_id IN"
	    "  (" BY_SOURCE SOURCE_MATCHES "))"
	    " AND (:q IS NULL OR f.sender_id IN (SELECT n.sender_id"
	    "  FROM roll_name AS n WHERE n.domain_key = :k"
	    "  AND instr(lower(n.name), :q) > 0)"
	    "  OR f.sender_id IN (" BY_SOURCE
	    "   (instr(lower(s.ptr), :q) > 0 OR instr(lower(s.as_org), :q) > 0"
	    "   OR instr(s.ip_text, :q) > 0)))"
	    " AND " SENDER_MATCHES,
	    "n.name AS key, n.name, n.sender_id AS id, " KIND_WORD
	    ", " LABEL_WORD ", n.basis, g.*, " NO_SOURCE
	    ", coalesce(n.first_day > :to - 7 AND n.first_day > (SELECT"
	    "  min(day) FROM roll_day WHERE domain_key = :k), 0) AS \"new?\""
	    " FROM sums AS g JOIN roll_name AS n ON n.sender_id = g.at" },
	{ "ip",
	    "SELECT rs.source_key AS key, rs.class, rs.messages AS n,"
	    " rs.failed, rs.refused, rs.d1, rs.d2, rs.source_key"
	    " FROM " SOURCES " AS rs JOIN source AS s"
	    "  ON s.source_key = rs.source_key"
	    " WHERE " SOURCE_MATCHES
	    " AND (:q IS NULL OR instr(lower(s.ptr), :q) > 0"
	    "  OR instr(lower(s.as_org), :q) > 0 OR instr(s.ip_text, :q) > 0)"
	    " AND " SENDER_MATCHES,
	    "s.ip_text AS key, s.ip_text AS name, NULL AS id, " NO_SENDER
	    ", g.*, s.asn, s.as_org, s.country, s.ptr, 0 AS \"new?\""
	    " FROM sums AS g JOIN source AS s ON s.source_key = g.at" },
	{ "asn",
	    "SELECT coalesce(s.asn, 0) AS key, rs.class, rs.messages AS n,"
	    " rs.failed, rs.refused, rs.d1, rs.d2, rs.source_key"
	    " FROM " SOURCES " AS rs JOIN source AS s"
	    "  ON s.source_key = rs.source_key"
	    " WHERE " SOURCE_MATCHES
	    " AND (:q IS NULL OR instr(lower(s.as_org), :q) > 0"
	    "  OR instr('as' || s.asn, :q) > 0)"
	    " AND " SENDER_MATCHES,
	    "iif(g.at = 0, '', 'AS' || g.at) AS key,"
	    " iif(g.at = 0, '', coalesce(s.as_org, 'AS' || g.at)) AS name,"
	    " NULL AS id, " NO_SENDER ", g.*, nullif(g.at, 0) AS asn, s.as_org,"
	    " s.country, NULL AS ptr, 0 AS \"new?\" FROM sums AS g"
	    " LEFT JOIN source AS s ON s.source_key = g.a_source" },
	{ "dkim", NULL, NULL }, /* see auth_rows */
	{ "envelope", NULL, NULL },
};

/* By the domain of a result, of the method in %d. */
static const char auth_rows[] =
    "SELECT ra.auth_domain_key AS key, ra.class, ra.first AS n,"
    " ra.first_failed AS failed, ra.first_refused AS refused, ra.day AS d1,"
    " ra.day AS d2,"
    " 0 AS source_key FROM roll_auth AS ra"
    " WHERE ra.domain_key = :k AND ra.sender_id IN " RUAD_VIEW_SENDERS
    " AND ra.day BETWEEN :from AND :to"
    " AND ra.method = %d AND ra.auth_domain_key IS NOT NULL AND ra.first > 0"
    " AND (NOT :by_source OR ra.sender_id IN (" BY_SOURCE SOURCE_MATCHES "))"
    " AND (:q IS NULL OR ra.auth_domain_key IN (SELECT domain_key FROM domain"
    "  WHERE instr(name, :q) > 0))"
    " AND " SENDER_MATCHES;
static const char auth_more[] =
    "d.name AS key, d.name, NULL AS id, " NO_SENDER ", g.*, " NO_SOURCE
    ", 0 AS \"new?\" FROM sums AS g JOIN domain AS d ON d.domain_key = g.at";

static const char *const sorts[] = { "failed", "messages", "refused",
	"mine_pass", "mine_fail", "forwarded", "unknown", "first_day",
	"last_day", "name" };

static const struct group *
find_group(const char *name)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (name == NULL || strcmp(groups[i].name, name) == 0)
			return &groups[i];
	}
	return NULL;
}

/* The column of a sort, without its "-". */
static const char *
find_sort(const char *sort)
{
	if (sort == NULL)
		return sorts[0];
	if (sort[0] == '-')
		sort++;
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++) {
		if (strcmp(sorts[i], sort) == 0)
			return sorts[i];
	}
	return NULL;
}

static bool
is_descending(const char *sort)
{
	return sort == NULL || sort[0] == '-';
}

static json_t *
hex_json(const unsigned char *ip)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[32];

	if (ip == NULL)
		return json_null();
	for (int i = 0; i < 16; i++) {
		text[2 * i] = digits[ip[i] >> 4];
		text[2 * i + 1] = digits[ip[i] & 15];
	}
	return json_stringn(text, sizeof(text));
}

static json_t *
label_json(const char *word)
{
	static const char *const words[] = { "none", "mine", "forwarder",
		"not-mine" };

	for (int i = 0; word != NULL && i < 4; i++) {
		if (strcmp(words[i], word) == 0)
			return json_integer(i);
	}
	return json_null();
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static void
add_args(json_t *args, const struct ruad_view_senders *a,
    const struct ruad_view_page *page)
{
	bool by_source = a->ip_first != NULL || a->asn != 0 ||
	    a->country != NULL || a->org != NULL;

	ruad_json_merge(args,
	    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:I}",
		"q", text_or_null(a->q), "org", text_or_null(a->org), "cc",
		text_or_null(a->country), "label", label_json(a->label), "asn",
		a->asn != 0 ? json_integer(a->asn) : json_null(), "ip1",
		hex_json(a->ip_first), "ip2", hex_json(a->ip_last), "by_source",
		by_source, "mask", (json_int_t)a->classes, "min",
		(json_int_t)a->min_messages, "limit", (json_int_t)page->limit));
	json_object_set(args, "av", json_array_get(page->after, 0));
	json_object_set(args, "ak", json_array_get(page->after, 1));
}

static char *
compose(const struct group *group, const struct ruad_view_senders *a)
{
	bool auth = group->rows == NULL;
	int method = strcmp(group->name, "dkim") == 0 ? 1 : 2;
	char *rows = auth ? sqlite3_mprintf(auth_rows, method)
			  : sqlite3_mprintf("%s", group->rows);
	const char *sort = find_sort(a->sort);
	bool down = is_descending(a->sort);
	char *sql;

	if (rows == NULL)
		return NULL;
	sql = sqlite3_mprintf(
	    "WITH picked AS (%s),"
	    " sums AS (SELECT key AS at, " RUAD_VIEW_CLASSES ","
	    "  sum(failed) AS failed, sum(refused) AS refused,"
	    "  "
	    "date((min(d1)) * 86400, 'unixepoch')"
	    " AS first_day,"
	    "  "
	    "date((max(d2)) * 86400, 'unixepoch')"
	    " AS last_day,"
	    "  count(DISTINCT source_key) AS ips, max(source_key) AS a_source"
	    "  FROM picked GROUP BY key HAVING sum(n) >= :min AND (:mask = 0"
	    "   OR sum(iif((1 << class) & :mask, n, 0)) > 0)),"
	    " told AS (SELECT %s)"
	    " SELECT %s FROM told WHERE :ak IS NULL OR \"%w\" %s :av"
	    "  OR (\"%w\" = :av AND key > :ak)"
	    " ORDER BY \"%w\" %s, key LIMIT :limit",
	    rows, auth ? auth_more : group->more,
	    a->counted ? "count(*) AS total" : "*", sort, down ? "<" : ">",
	    sort, sort, down ? "DESC" : "ASC");
	sqlite3_free(rows);
	return sql;
}

enum ruad_status
ruad_view_senders(const struct ruad_view *v,
    const struct ruad_view_senders *asked, const struct ruad_view_page *page,
    struct ruad_view_list *out, struct ruad_err *err)
{
	const struct group *group = find_group(asked->group);
	enum ruad_status st;

	*out = (struct ruad_view_list){ NULL, NULL };
	if (group == NULL)
		return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "group is one of sender, asn, ip, dkim, envelope");
	if (find_sort(asked->sort) == NULL)
		return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE,
		    "sort is one of failed, messages, refused, mine_pass, "
		    "mine_fail, forwarded, unknown, first_day, last_day, name");
	st = ruad_view_args(v, &out->args, err);
	if (st != RUAD_OK)
		return st;
	add_args(out->args, asked, page);
	out->sql = compose(group, asked);
	return out->sql != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}

const json_t *
ruad_view_senders_place(const struct ruad_view_senders *asked,
    const json_t *row)
{
	return json_object_get(row, find_sort(asked->sort));
}

/* How many addresses a sender has. */
static enum ruad_status
count_ips(const struct ruad_view *v, json_int_t id, json_t *row,
    struct ruad_err *err)
{
	json_t *args, *count = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);

	if (st != RUAD_OK)
		return st;
	json_object_set_new(args, "id", json_integer(id));
	st = ruad_json_first(v->db,
	    "SELECT count(DISTINCT source_key) AS ips FROM roll_source"
	    " WHERE domain_key = :k AND sender_id = :id"
	    " AND day BETWEEN :from AND :to",
	    args, &count, err);
	json_decref(args);
	if (st == RUAD_OK)
		ruad_json_merge(row, count);
	return st;
}

enum ruad_status
ruad_view_senders_finish(const struct ruad_view *v, json_t *row,
    struct ruad_err *err)
{
	json_int_t id = json_integer_value(json_object_get(row, "id"));
	json_t *auth = NULL, *why = NULL;
	enum ruad_status st = RUAD_OK;

	json_object_set_new(row, "class", json_string(ruad_view_class(row)));
	/* Results have no address. */
	if (json_integer_value(json_object_get(row, "a_source")) == 0)
		json_object_del(row, "ips");
	json_object_del(row, "at");
	json_object_del(row, "a_source");
	if (id == 0)
		return RUAD_OK;
	st = count_ips(v, id, row, err);
	if (st == RUAD_OK &&
	    json_integer_value(json_object_get(row, "failed")) > 0) {
		st = ruad_view_auth(v, id, &auth, err);
		if (st == RUAD_OK)
			why = ruad_view_brief_why(v, auth);
		json_decref(auth);
	}
	json_object_set_new(row, "why", why != NULL ? why : json_null());
	return st;
}
