/* question.c - the questions as SQL. Filters become fixed conditions, put in at
 * {daily}, {report} and {quarantine}, or another table at {days}; their values
 * are bound. So each combination gets the plan that suits it, and no text of a
 * user reaches SQL. */
#include "question.h"
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include "sql.h"

/* Goes from one policy domain to the next in the index of reports. */
#define WITH_REPORT \
	" with_report (k) AS (" \
	"  SELECT min(policy_domain_key) FROM report UNION ALL" \
	"  SELECT (SELECT min(r.policy_domain_key) FROM report AS r" \
	"   WHERE r.policy_domain_key > k) FROM with_report" \
	"  WHERE k IS NOT NULL)"

/* A per cent is cut to "12.3" of 12.39: what is not all must not look like
 * all. */
static const char *const question_sql[RUAD_ASK_COUNT] = {
	[RUAD_ASK_REPORTS] =
	    "SELECT v.report_key, v.org_name, v.policy_domain, v.report_id,"
	    " v.begin_utc, v.end_utc, v.p, v.records, v.messages,"
	    " v.messages_pass,"
	    " 1000 * v.messages_pass / nullif(v.messages, 0) / 10.0"
	    "  AS pass_percent,"
	    " v.rows_refused, v.warnings, v.trust, v.trust_domain, v.trusted,"
	    " v.received_utc"
	    " FROM v_report AS v WHERE v.report_key IN ("
	    "  SELECT r.report_key FROM report AS r WHERE true {report}"
	    "  ORDER BY r.received_epoch DESC, r.report_key DESC LIMIT :limit)"
	    " ORDER BY v.received_utc DESC, v.report_key DESC",

	[RUAD_ASK_REPORT] =
	    "SELECT v.*,"
	    " (SELECT json_group_array(e.text) FROM report_error AS e"
	    "  WHERE e.report_key = v.report_key) AS errors,"
	    " (SELECT json_group_array(json_object('row_no', w.row_no,"
	    "  'field', w.field, 'word', w.word)) FROM raw_word AS w"
	    "  WHERE w.report_key = v.report_key) AS raw_words,"
	    " (SELECT json_group_array(json_object('row_no', f.row_no,"
	    "  'code', f.code, 'text', f.text)) FROM refused_row AS f"
	    "  WHERE f.report_key = v.report_key) AS refused_rows,"
	    " (SELECT json_group_array(json_object('received_utc',"
	    "   strftime('%Y-%m-%dT%H:%M:%SZ', c.received_epoch, 'unixepoch'),"
	    "   'records', c.records, 'messages', c.messages))"
	    "  FROM conflict AS c"
	    "  WHERE c.report_key = v.report_key) AS conflicts"
	    " FROM v_report AS v WHERE v.report_key = :report",

	[RUAD_ASK_RECORDS] =
	    "SELECT v.report_key, v.row_no, v.source_ip, v.messages,"
	    " v.disposition, v.dkim, v.spf, v.dmarc, v.header_from,"
	    " v.envelope_from, v.envelope_to, v.dkim_alignment,"
	    " v.spf_alignment, v.reasons,"
	    " (SELECT json_group_array(json_object('method', a.method,"
	    "   'domain', a.domain, 'selector', a.selector, 'scope', a.scope,"
	    "   'result', a.result, 'alignment', a.alignment,"
	    "   'human_result', a.human_result))"
	    "  FROM (SELECT * FROM v_auth AS x WHERE x.report_key = :report"
	    "   AND x.row_no = v.row_no ORDER BY x.position) AS a)"
	    "  AS auth_results"
	    " FROM v_record AS v WHERE v.report_key = :report"
	    " ORDER BY v.row_no",

	/* Goes from one policy domain to the next in the indexes, as v_domain
	 * does, so that only the days asked for are read. */
	[RUAD_ASK_SUMMARY] =
	    "WITH RECURSIVE" WITH_REPORT ","
	    " counted AS (SELECT y.policy_domain_key AS k,"
	    "  sum(y.messages) AS messages,"
	    "  sum(y.messages) FILTER (WHERE y.dkim = 1 OR y.spf = 1)"
	    "   AS messages_pass,"
	    "  sum(y.messages) FILTER (WHERE y.dkim = 2 AND y.spf = 2)"
	    "   AS messages_fail,"
	    "  sum(y.messages) FILTER (WHERE y.disposition IN (1, 2))"
	    "   AS disposition_none,"
	    "  sum(y.messages) FILTER (WHERE y.disposition = 3)"
	    "   AS disposition_quarantine,"
	    "  sum(y.messages) FILTER (WHERE y.disposition = 4)"
	    "   AS disposition_reject,"
	    "  count(DISTINCT y.source_key) AS sources,"
	    "  min(y.day) AS first_day, max(y.day) AS last_day"
	    "  FROM v_domain AS v CROSS JOIN {days} AS y"
	    "  ON y.policy_domain_key = v.policy_domain_key"
	    "  WHERE true {daily} GROUP BY y.policy_domain_key),"
	    " received AS (SELECT r.policy_domain_key AS k,"
	    "  count(*) AS reports,"
	    "  count(DISTINCT r.reporter_key) AS reporters,"
	    "  max(r.end_epoch) AS last_end,"
	    "  max(r.received_epoch) AS last_received"
	    "  FROM with_report CROSS JOIN report AS r"
	    "  ON r.policy_domain_key = with_report.k"
	    "  WHERE true {report} GROUP BY r.policy_domain_key)"
	    " SELECT d.name AS policy_domain,"
	    " coalesce(c.messages, 0) AS messages,"
	    " coalesce(c.messages_pass, 0) AS messages_pass,"
	    " coalesce(c.messages_fail, 0) AS messages_fail,"
	    " 1000 * coalesce(c.messages_pass, 0) / c.messages / 10.0"
	    "  AS pass_percent,"
	    " coalesce(c.disposition_none, 0) AS disposition_none,"
	    " coalesce(c.disposition_quarantine, 0)"
	    "  AS disposition_quarantine,"
	    " coalesce(c.disposition_reject, 0) AS disposition_reject,"
	    " coalesce(c.sources, 0) AS sources,"
	    " coalesce(p.reporters, 0) AS reporters,"
	    " coalesce(p.reports, 0) AS reports,"
	    " date(c.first_day * 86400, 'unixepoch') AS first_day,"
	    " date(c.last_day * 86400, 'unixepoch') AS last_day,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', p.last_end, 'unixepoch')"
	    "  AS last_report_utc,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', p.last_received, 'unixepoch')"
	    "  AS last_received_utc"
	    " FROM (SELECT k FROM counted UNION SELECT k FROM received) AS u"
	    " JOIN domain AS d ON d.domain_key = u.k"
	    " LEFT JOIN counted AS c ON c.k = u.k"
	    " LEFT JOIN received AS p ON p.k = u.k"
	    " ORDER BY messages DESC, policy_domain LIMIT :limit",

	[RUAD_ASK_SOURCES] =
	    "WITH pairs AS (SELECT y.source_key, y.header_from_key,"
	    "  sum(y.messages) AS messages,"
	    "  sum(CASE WHEN y.dkim = 1 OR y.spf = 1 THEN y.messages"
	    "   ELSE 0 END) AS messages_pass,"
	    "  sum(CASE WHEN y.dkim = 2 AND y.spf = 2 THEN y.messages"
	    "   ELSE 0 END) AS messages_fail,"
	    "  min(y.day) AS first_day, max(y.day) AS last_day"
	    "  FROM {days} AS y WHERE true {daily}"
	    "  GROUP BY y.source_key, y.header_from_key),"
	    " named AS (SELECT p.*, h.name FROM pairs AS p"
	    "  JOIN domain AS h ON h.domain_key = p.header_from_key"
	    "  ORDER BY p.source_key, p.messages DESC)"
	    " SELECT s.source_key, s.ip_text AS source_ip,"
	    " sum(n.messages) AS messages,"
	    " sum(n.messages_pass) AS messages_pass,"
	    " sum(n.messages_fail) AS messages_fail,"
	    " group_concat(n.name, ' ') AS header_from,"
	    " date(min(n.first_day) * 86400, 'unixepoch') AS first_day,"
	    " date(max(n.last_day) * 86400, 'unixepoch') AS last_day,"
	    " s.ptr"
	    " FROM named AS n JOIN source AS s ON s.source_key = n.source_key"
	    " GROUP BY n.source_key"
	    " ORDER BY messages_fail DESC, messages DESC, s.ip"
	    " LIMIT :limit",

	[RUAD_ASK_FAILURE] =
	    "WITH recent AS (SELECT * FROM record WHERE source_key = :source"
	    "  ORDER BY report_key DESC, row_no DESC LIMIT :records),"
	    " failing AS (SELECT n.auth_set_key, n.reason_set_key,"
	    "  n.header_from_key, r.adkim, r.aspf,"
	    "  sum(n.messages) AS messages"
	    "  FROM recent AS n CROSS JOIN report AS r"
	    "  ON r.report_key = n.report_key"
	    "  WHERE n.dkim = 2 AND n.spf = 2 {report}"
	    "  GROUP BY 1, 2, 3, 4, 5),"
	    " worst AS (SELECT *, (SELECT sum(messages) FROM failing)"
	    "  AS of_messages FROM failing ORDER BY messages DESC LIMIT 1)"
	    " SELECT w.messages, w.of_messages, w.adkim, w.aspf,"
	    " (SELECT x.type FROM reason AS x"
	    "  WHERE x.reason_set_key = w.reason_set_key"
	    "  ORDER BY x.position LIMIT 1) AS reason,"
	    " a.method, d.name AS domain, a.result,"
	    /* As v_auth has it: the HELO name never aligns with anything. */
	    " CASE WHEN a.result <> 2 OR d.bad OR h.bad OR d.name IS NULL"
	    "  OR h.name IS NULL OR a.scope = 2 THEN 0"
	    "  WHEN d.name = h.name THEN 2"
	    "  WHEN d.org_domain = h.org_domain THEN 1"
	    "  ELSE 0 END AS alignment"
	    " FROM worst AS w"
	    " LEFT JOIN domain AS h ON h.domain_key = w.header_from_key"
	    " LEFT JOIN auth_result AS a ON a.auth_set_key = w.auth_set_key"
	    " LEFT JOIN domain AS d ON d.domain_key = a.domain_key"
	    " ORDER BY a.position",

	/* CROSS JOIN: the quarantine is small, the mails are many. */
	[RUAD_ASK_QUARANTINE] =
	    "SELECT v.*, m.is_mail, m.bytes AS mail_bytes, m.header_from,"
	    " m.trust, m.trust_domain"
	    " FROM v_quarantine AS v JOIN mail AS m ON m.mail_key = v.mail_key"
	    " WHERE v.quarantine_key IN (SELECT q.quarantine_key"
	    "  FROM quarantine AS q"
	    "  CROSS JOIN mail AS m ON m.mail_key = q.mail_key"
	    "  WHERE true {quarantine}"
	    "  ORDER BY m.received_epoch DESC, q.quarantine_key DESC"
	    "  LIMIT :limit)"
	    " ORDER BY m.received_epoch DESC, v.quarantine_key DESC",

	[RUAD_ASK_REGISTERED] =
	    "WITH RECURSIVE" WITH_REPORT ","
	    " policy AS (SELECT d.name, count(*) AS reports,"
	    "  max(r.received_epoch) AS received"
	    "  FROM with_report CROSS JOIN report AS r"
	    "  ON r.policy_domain_key = with_report.k"
	    "  JOIN domain AS d ON d.domain_key = with_report.k"
	    "  GROUP BY with_report.k)"
	    " SELECT g.name AS domain,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', g.since_epoch, 'unixepoch')"
	    "  AS since_utc,"
	    " coalesce(sum(p.reports), 0) AS reports,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(p.received), 'unixepoch')"
	    "  AS last_received_utc, g.note"
	    " FROM registered_domain AS g LEFT JOIN policy AS p"
	    " ON p.name = g.name"
	    "  OR substr(p.name, -length(g.name) - 1) = '.' || g.name"
	    " GROUP BY g.name ORDER BY g.name LIMIT :limit",

	[RUAD_ASK_UNREGISTERED] =
	    "WITH RECURSIVE" WITH_REPORT
	    " SELECT d.name AS domain, count(*) AS reports,"
	    " sum(r.messages) AS messages,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(r.received_epoch),"
	    "  'unixepoch') AS last_received_utc"
	    " FROM with_report CROSS JOIN report AS r"
	    " ON r.policy_domain_key = with_report.k"
	    " JOIN domain AS d ON d.domain_key = with_report.k"
	    " WHERE NOT EXISTS (SELECT 1 FROM registered_domain AS g"
	    "  WHERE d.name = g.name"
	    "   OR substr(d.name, -length(g.name) - 1) = '.' || g.name)"
	    " GROUP BY with_report.k ORDER BY reports DESC, domain"
	    " LIMIT :limit",

	[RUAD_ASK_REPORTERS] =
	    "WITH seen AS (SELECT o.org_key, o.org_name,"
	    "  iif(m.trust IN ('pass', 'pass-derived'), m.trust_domain, NULL)"
	    "   AS domain, count(*) AS reports,"
	    "  max(r.received_epoch) AS received"
	    "  FROM report AS r JOIN mail AS m ON m.mail_key = r.mail_key"
	    "  JOIN reporter AS o ON o.reporter_key = r.reporter_key"
	    "  WHERE true {report} GROUP BY o.reporter_key, 3),"
	    " both AS (SELECT s.org_name, s.domain,"
	    "   (SELECT iif(max(coalesce(s.domain = x.domain"
	    "     OR substr(s.domain, -length(x.domain) - 1)"
	    "      = '.' || x.domain, 0)), 'yes', 'no')"
	    "    FROM reporter_domain AS x"
	    "    WHERE x.org_key = s.org_key HAVING count(*) > 0) AS pinned,"
	    "   s.reports, s.received FROM seen AS s"
	    "  UNION ALL SELECT x.org_name, x.domain, 'yes', 0, NULL"
	    "   FROM reporter_domain AS x WHERE (:reporter IS NULL"
	    "    OR instr(x.org_key, :reporter) > 0)"
	    "   AND NOT EXISTS (SELECT 1 FROM seen AS s"
	    "    WHERE s.org_key = x.org_key AND s.domain = x.domain))"
	    " SELECT org_name, domain, pinned, reports,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', received, 'unixepoch')"
	    "  AS last_received_utc FROM both"
	    " ORDER BY lower(org_name), reports DESC, domain LIMIT :limit",

	/* Without those whose records have been expired. */
	[RUAD_ASK_REPORT_KEYS] =
	    "SELECT r.report_key, r.mail_key FROM report AS r"
	    " WHERE true {report} AND (r.records = 0 OR EXISTS"
	    "  (SELECT 1 FROM record AS c WHERE c.report_key = r.report_key))"
	    " ORDER BY r.mail_key, r.report_key",
};

/* The conditions of a filter, on daily AS y, on report AS r, and on quarantine
 * AS q with mail AS m; "": none. */
enum condition {
	BY_DOMAIN,
	BY_REPORTER,
	BY_SINCE,
	BY_UNTIL,
	BY_CODE,
	BY_KEY,
	BY_TRUST,
	CONDITION_COUNT
};

#define DOMAIN_KEY "(SELECT domain_key FROM domain WHERE name = :domain)"
#define IS_TRUSTED \
	"(SELECT t.trusted FROM v_report AS t" \
	" WHERE t.report_key = r.report_key)"

static const struct {
	const char *on_daily, *on_report, *on_quarantine;
} condition_sql[CONDITION_COUNT] = {
	[BY_DOMAIN] = { " AND y.policy_domain_key = " DOMAIN_KEY,
	    " AND r.policy_domain_key = " DOMAIN_KEY, "" },
	[BY_REPORTER] = { "",
	    " AND r.reporter_key IN (SELECT reporter_key FROM reporter"
	    " WHERE instr(org_key, :reporter) > 0)",
	    "" },
	[BY_SINCE] = { " AND y.day >= :since / 86400",
	    " AND " RUAD_SQL_MIDDLE " >= :since",
	    " AND m.received_epoch >= :since" },
	[BY_UNTIL] = { " AND y.day <= (:until - 1) / 86400",
	    " AND " RUAD_SQL_MIDDLE " < :until",
	    " AND m.received_epoch < :until" },
	[BY_CODE] = { "", "", " AND q.code = :code" },
	[BY_KEY] = { "", "", " AND q.quarantine_key = :quarantine" },
	[BY_TRUST] = { "", " AND " IS_TRUSTED, "" },
};

/* What stands in for {days}: the roll-up, or the same from the records of
 * trusted reports, one by one. */
static const char trusted_days[] =
    "(SELECT r.policy_domain_key, " RUAD_SQL_DAY " AS day,"
    " coalesce(c.header_from_key, r.policy_domain_key) AS header_from_key,"
    " c.source_key, c.disposition, c.dkim, c.spf, c.messages"
    " FROM report AS r JOIN record AS c ON c.report_key = r.report_key"
    " WHERE " IS_TRUSTED ")";

unsigned
ruad_question_conditions(const struct ruad_filter *f)
{
	return (f->domain != NULL ? 1u << BY_DOMAIN : 0) |
	    (f->reporter != NULL ? 1u << BY_REPORTER : 0) |
	    (f->since != INT64_MIN ? 1u << BY_SINCE : 0) |
	    (f->until != INT64_MAX ? 1u << BY_UNTIL : 0) |
	    (f->code != NULL ? 1u << BY_CODE : 0) |
	    (f->quarantine_key != 0 ? 1u << BY_KEY : 0) |
	    (f->trusted ? 1u << BY_TRUST : 0);
}

/* A statement being written. */
struct text {
	char *sql;
	size_t len;
};

static void
add(struct text *t, const char *s, size_t len)
{
	assert(t->len + len < RUAD_QUESTION_BYTES);
	memcpy(t->sql + t->len, s, len);
	t->len += len;
}

static bool
is_named(const char *placeholder, const char *name)
{
	return strncmp(placeholder, name, strlen(name)) == 0;
}

/* What stands in for a placeholder. */
static void
fill(struct text *t, const char *placeholder, unsigned conditions)
{
	const char *s = "daily";

	if (is_named(placeholder, "{days}")) {
		if ((conditions & 1u << BY_TRUST) != 0)
			s = trusted_days;
		add(t, s, strlen(s));
		return;
	}
	for (unsigned i = 0; i < CONDITION_COUNT; i++) {
		if ((conditions & 1u << i) == 0)
			continue;
		s = is_named(placeholder, "{daily}") ? condition_sql[i].on_daily
		    : is_named(placeholder, "{report}")
		    ? condition_sql[i].on_report
		    : condition_sql[i].on_quarantine;
		add(t, s, strlen(s));
	}
}

void
ruad_question_compose(enum ruad_question question, unsigned conditions,
    char sql[RUAD_QUESTION_BYTES])
{
	const char *text = question_sql[question];
	struct text t = { .sql = sql };

	while (*text != '\0') {
		size_t len = strcspn(text, "{");

		add(&t, text, len);
		text += len;
		if (*text == '\0')
			break;
		fill(&t, text, conditions);
		text = strchr(text, '}') + 1;
	}
	sql[t.len] = '\0';
}
