/* view_tallies.c - messages by the organizational domain of their source; and
 * policy domains that nobody has registered. */
#include "view.h"
#include "rows.h"

/* Set the place that a page goes on behind. */
static void
add_place(json_t *args, const struct ruad_view_page *page)
{
	json_object_set_new(args, "limit", json_integer(page->limit));
	json_object_set(args, "av", json_array_get(page->after, 0));
	json_object_set(args, "am", json_array_get(page->after, 1));
	json_object_set(args, "ak", json_array_get(page->after, 2));
}

enum ruad_status
ruad_view_tallies(const struct ruad_view *v, enum ruad_view_bucket bucket,
    const char *q, const struct ruad_view_page *page, bool counted,
    struct ruad_view_list *out, struct ruad_err *err)
{
	enum ruad_status st = ruad_view_args(v, &out->args, err);

	out->sql = NULL;
	if (st != RUAD_OK)
		return st;
	json_object_set_new(out->args, "q",
	    q != NULL ? json_string(q) : json_null());
	add_place(out->args, page);
	out->sql = sqlite3_mprintf(
	    "WITH sums AS (SELECT "
	    "date((bucket) * 86400, 'unixepoch')"
	    " AS period,"
	    "  o.name AS org_domain, o.known_by,"
	    "  " RUAD_VIEW_CLASSES ", sum(failed) AS failed,"
	    "  sum(refused) AS refused"
	    "  FROM (SELECT %s AS bucket, org_id, class, messages AS n, failed,"
	    "   refused FROM roll_tally WHERE domain_key = :k"
	    "   AND day BETWEEN :from AND :to) AS t"
	    "  JOIN roll_org AS o ON o.org_id = t.org_id"
	    "  WHERE :q IS NULL OR instr(lower(o.name), :q) > 0"
	    "  GROUP BY bucket, t.org_id)"
	    " SELECT %s FROM sums WHERE :av IS NULL OR period < :av"
	    "  OR (period = :av AND (messages < :am OR (messages = :am"
	    "   AND org_domain || ' ' || known_by > :ak)))"
	    " ORDER BY period DESC, messages DESC,"
	    "  org_domain || ' ' || known_by LIMIT :limit",
	    ruad_view_bucket_sql(bucket), counted ? "count(*) AS total" : "*");
	return out->sql != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}

enum ruad_status
ruad_view_unregistered(const struct ruad_view *v, json_t **out,
    struct ruad_err *err)
{
	static const char begin[] =
	    "WITH RECURSIVE with_report (k) AS ("
	    " SELECT min(policy_domain_key) FROM report UNION ALL"
	    " SELECT (SELECT min(r.policy_domain_key) FROM report AS r"
	    "  WHERE r.policy_domain_key > k) FROM with_report"
	    " WHERE k IS NOT NULL),"
	    " known (name) AS (SELECT name FROM registered_domain"
	    "  UNION SELECT name FROM ignored_domain)"
	    " SELECT d.name AS domain, sum(y.reports) AS reports,"
	    " sum(y.messages) AS messages,"
	    /* Of the first day: its reports are found by their periods. */
	    " (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', min(r.received_epoch),"
	    "   'unixepoch') FROM report AS r"
	    "  WHERE r.policy_domain_key = d.domain_key"
	    "  AND r.begin_epoch < (min(y.day) + 1) * 86400) AS first_report,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(y.last_received),"
	    "  'unixepoch') AS last_report"
	    " FROM with_report AS w JOIN domain AS d ON d.domain_key = w.k"
	    " JOIN domain_day AS y ON y.policy_domain_key = w.k"
	    " WHERE NOT EXISTS (SELECT 1 FROM known AS n WHERE n.name = d.name"
	    "  OR substr(d.name, -length(n.name) - 1) = '.' || n.name)"
	    " GROUP BY d.domain_key ORDER BY reports DESC, d.name";

	return ruad_json_all(v->db, begin, NULL, out, err);
}
