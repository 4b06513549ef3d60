/* question_summary.c - the summary of policy domains, most messages first. */
#include "question.h"

#define PERCENT_NOW \
	"1000 * coalesce(c.messages_pass, 0) / nullif(c.messages, 0) / 10.0"
#define PERCENT_BEFORE \
	"1000 * coalesce(b.messages_pass, 0) / nullif(b.messages, 0) / 10.0"

/* The rows of a summary from the tables counted, past and received. */
#define SUMMARY_ROWS \
	" SELECT d.name AS policy_domain," \
	" coalesce(c.messages, 0) AS messages," \
	" coalesce(c.messages_pass, 0) AS messages_pass," \
	" coalesce(c.messages_fail, 0) AS messages_fail," \
	" " PERCENT_NOW " AS pass_percent," \
	" iif(:before <> 0, coalesce(b.messages, 0), NULL)" \
	"  AS messages_before," \
	" " PERCENT_BEFORE " AS pass_percent_before," \
	" round(100.0 * (coalesce(c.messages, 0) - b.messages)" \
	"  / b.messages, 1) AS messages_change," \
	" round(" PERCENT_NOW " - " PERCENT_BEFORE ", 1) AS pass_change," \
	" coalesce(c.disposition_none, 0) AS disposition_none," \
	" coalesce(c.disposition_quarantine, 0) AS disposition_quarantine," \
	" coalesce(c.disposition_reject, 0) AS disposition_reject," \
	" coalesce(c.sources, 0) AS sources," \
	" coalesce(p.reporters, 0) AS reporters," \
	" coalesce(p.reports, 0) AS reports," \
	" date(c.first_day * 86400, 'unixepoch') AS first_day," \
	" date(c.last_day * 86400, 'unixepoch') AS last_day," \
	" strftime('%Y-%m-%dT%H:%M:%SZ', p.last_end, 'unixepoch')" \
	"  AS last_report_utc," \
	" strftime('%Y-%m-%dT%H:%M:%SZ', p.last_received, 'unixepoch')" \
	"  AS last_received_utc" \
	" FROM (SELECT k FROM counted UNION SELECT k FROM received" \
	"  UNION SELECT k FROM past) AS u" \
	" JOIN domain AS d ON d.domain_key = u.k" \
	" LEFT JOIN counted AS c ON c.k = u.k" \
	" LEFT JOIN past AS b ON b.k = u.k" \
	" LEFT JOIN received AS p ON p.k = u.k" \
	" ORDER BY messages DESC, policy_domain LIMIT :limit"

/* Which domains a source and a reporter have, an index tells that is read from
 * one domain to the next and not row by row. */
#define SOURCE_OF \
	" source_of (s, k) AS (" \
	"  SELECT a.source_key, (SELECT min(y.policy_domain_key)" \
	"   FROM daily AS y WHERE y.source_key = a.source_key)" \
	"   FROM source AS a" \
	"  UNION ALL SELECT s, (SELECT min(y.policy_domain_key)" \
	"   FROM daily AS y WHERE y.source_key = s" \
	"   AND y.policy_domain_key > k)" \
	"  FROM source_of WHERE k IS NOT NULL)"
#define REPORTER_OF \
	" reporter_of (o, k) AS (" \
	"  SELECT o.reporter_key, (SELECT min(r.policy_domain_key)" \
	"   FROM report AS r WHERE r.reporter_key = o.reporter_key)" \
	"   FROM reporter AS o" \
	"  UNION ALL SELECT o, (SELECT min(r.policy_domain_key)" \
	"   FROM report AS r WHERE r.reporter_key = o" \
	"   AND r.policy_domain_key > k)" \
	"  FROM reporter_of WHERE k IS NOT NULL)"

/* The sums of days; and with the numbers of sources and reporters. */
#define SUMMED \
	" summed AS (SELECT y.policy_domain_key AS k," \
	"  sum(y.messages) AS messages," \
	"  sum(y.messages_pass) AS messages_pass," \
	"  sum(y.messages_fail) AS messages_fail," \
	"  sum(y.disposition_none) AS disposition_none," \
	"  sum(y.disposition_quarantine) AS disposition_quarantine," \
	"  sum(y.disposition_reject) AS disposition_reject," \
	"  min(y.day) FILTER (WHERE y.messages > 0) AS first_day," \
	"  max(y.day) FILTER (WHERE y.messages > 0) AS last_day," \
	"  sum(y.reports) AS reports, max(y.last_end) AS last_end," \
	"  max(y.last_received) AS last_received" \
	"  FROM domain_day AS y WHERE true {daily}" \
	"  GROUP BY y.policy_domain_key)," \
	" counted AS (SELECT a.*, n.n AS sources FROM summed AS a" \
	"  LEFT JOIN sources AS n ON n.k = a.k)," \
	" received AS (SELECT a.*, n.n AS reporters FROM summed AS a" \
	"  LEFT JOIN reporters AS n ON n.k = a.k)"

/* The summary of all time. */
static const char whole_summary_sql[] =
    "WITH RECURSIVE" SOURCE_OF "," REPORTER_OF ","
    " sources AS (SELECT k, count(*) AS n FROM source_of GROUP BY k),"
    " reporters AS (SELECT k, count(*) AS n FROM reporter_of"
    "  GROUP BY k)," SUMMED ","
    " past AS (SELECT NULL AS k, NULL AS messages, NULL AS messages_pass"
    "  WHERE false)" SUMMARY_ROWS;

/* That of some days: only of these the sources are looked for. */
static const char days_summary_sql[] =
    "WITH RECURSIVE" REPORTER_OF ","
    " sources AS (SELECT y.policy_domain_key AS k,"
    "  count(DISTINCT y.source_key) AS n"
    "  FROM v_domain AS v CROSS JOIN daily AS y"
    "  ON y.policy_domain_key = v.policy_domain_key"
    "  WHERE true {daily} GROUP BY y.policy_domain_key),"
    " reporters AS (SELECT k, count(*) AS n FROM reporter_of"
    "  WHERE (SELECT 1 FROM report AS r"
    "   WHERE r.reporter_key = o AND r.policy_domain_key = k {report}"
    "   ORDER BY r.begin_epoch DESC LIMIT 1) IS NOT NULL"
    "  GROUP BY k)," SUMMED ","
    " past AS (SELECT y.policy_domain_key AS k, sum(y.messages) AS messages,"
    "  sum(y.messages_pass) AS messages_pass FROM domain_day AS y"
    "  WHERE :before <> 0 {before} GROUP BY y.policy_domain_key)" SUMMARY_ROWS;

/* That of some of the messages. Goes from one policy domain to the next in the
 * indexes, as v_domain does, so that only the days asked for are read. */
static const char part_summary_sql[] =
    "WITH RECURSIVE" RUAD_QUESTION_WITH_REPORT ","
    " counted AS (SELECT y.policy_domain_key AS k, " RUAD_QUESTION_COUNTS ","
    "  count(DISTINCT y.source_key) AS sources"
    "  FROM v_domain AS v CROSS JOIN {days} AS y"
    "  ON y.policy_domain_key = v.policy_domain_key"
    "  WHERE true {daily} GROUP BY y.policy_domain_key),"
    " past AS (SELECT y.policy_domain_key AS k, " RUAD_QUESTION_COUNTS
    "  FROM v_domain AS v CROSS JOIN {days} AS y"
    "  ON y.policy_domain_key = v.policy_domain_key"
    "  WHERE :before <> 0 {before} GROUP BY y.policy_domain_key),"
    " received AS (SELECT r.policy_domain_key AS k,"
    "  count(*) AS reports,"
    "  count(DISTINCT r.reporter_key) AS reporters,"
    "  max(r.end_epoch) AS last_end,"
    "  max(r.received_epoch) AS last_received"
    "  FROM with_report CROSS JOIN report AS r"
    "  ON r.policy_domain_key = with_report.k"
    "  WHERE true {reports} GROUP BY r.policy_domain_key)" SUMMARY_ROWS;

const char *
ruad_question_summary(unsigned conditions)
{
	if (ruad_filter_is_whole(conditions))
		return whole_summary_sql;
	return ruad_filter_is_days(conditions) ? days_summary_sql
					       : part_summary_sql;
}
