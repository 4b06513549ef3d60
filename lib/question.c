/* question.c - the questions as SQL. The conditions of a filter are put in at
 * the names in braces, so that each combination of filters gets the plan that
 * suits it:
 * {days}        the roll-up; or, where that does not know enough, the same from
 *               the records, one by one
 * {daily}       conditions on it AS y; {before}: for the time before
 * {reports}     conditions on report AS r: only reports with a record that is
 *               asked for
 * {reports}      the same, without a look at the records
 * {record}      conditions on record AS c of report AS r
 * {quarantine}  conditions on quarantine AS q, mail AS m */
#include "question.h"
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "sql.h"

/* Sums of messages: of {days} AS y for each source and author domain. */
#define PAIRS \
	"SELECT y.source_key, y.header_from_key," \
	" sum(y.messages) AS messages," \
	" sum(iif(y.dkim = 1 OR y.spf = 1, y.messages, 0)) AS messages_pass," \
	" sum(iif(y.dkim = 2 AND y.spf = 2, y.messages, 0))" \
	"  AS messages_fail," \
	" min(y.day) AS first_day, max(y.day) AS last_day" \
	" FROM {days} AS y WHERE true {daily}" \
	" GROUP BY y.source_key, y.header_from_key"

/* The same of record AS c for each list of results and source. */
#define SETS \
	"SELECT c.auth_set_key, c.source_key," \
	" sum(c.messages) AS messages," \
	" sum(iif(c.dkim = 1 OR c.spf = 1, c.messages, 0)) AS messages_pass," \
	" sum(iif(c.dkim = 2 AND c.spf = 2, c.messages, 0))" \
	"  AS messages_fail," \
	" min(" RUAD_SQL_DAY ") AS first_day," \
	" max(" RUAD_SQL_DAY ") AS last_day" \
	" FROM report AS r CROSS JOIN record AS c" \
	" ON c.report_key = r.report_key WHERE true {report} {record}" \
	" GROUP BY c.auth_set_key, c.source_key"

/* The sums of such sums, AS n. */
#define TOTALS \
	"sum(n.messages) AS messages," \
	" sum(n.messages_pass) AS messages_pass," \
	" sum(n.messages_fail) AS messages_fail," \
	" 1000 * sum(n.messages_pass) / nullif(sum(n.messages), 0) / 10.0" \
	"  AS pass_percent," \
	" date(min(n.first_day) * 86400, 'unixepoch') AS first_day," \
	" date(max(n.last_day) * 86400, 'unixepoch') AS last_day"

/* The source of most failing messages of n: it stands behind their number in
 * the greatest text. */
#define WORST \
	"CAST(substr(max(printf('%020d', n.messages_fail)" \
	" || n.source_key), 21) AS INTEGER) AS source_key"

/* A list of results stands once for all records that have it. */
#define BY_RESULT(column, method) \
	"WITH sets AS MATERIALIZED (" SETS ")," \
	" found AS (SELECT DISTINCT a.auth_set_key, a.domain_key" \
	"  FROM auth_result AS a WHERE a.auth_set_key IN" \
	"   (SELECT auth_set_key FROM sets) AND a.method = " method \
	"  AND a.domain_key IS NOT NULL)" \
	" SELECT d.name AS " column ", " TOTALS "," \
	" count(DISTINCT n.source_key) AS sources, " WORST " FROM sets AS n" \
	" LEFT JOIN found AS f ON f.auth_set_key = n.auth_set_key" \
	" LEFT JOIN domain AS d ON d.domain_key = f.domain_key" \
	" GROUP BY f.domain_key" \
	" ORDER BY messages_fail DESC, messages DESC, d.name LIMIT :limit"

/* The domain of a report or of a question at or below one that is noted. */
#define P_BELOW_G RUAD_SQL_BELOW("p.name", "g.name")
#define D_BELOW_G RUAD_SQL_BELOW("d.name", "g.name")
#define ASKED_BELOW_G RUAD_SQL_BELOW(":domain", "g.name")
#define D_BELOW_ASKED RUAD_SQL_BELOW("d.name", ":domain")

static const char *const question_sql[RUAD_ASK_COUNT] = {
	[RUAD_ASK_REPORTS] =
	    "SELECT v.report_key, v.org_name, v.policy_domain, v.report_id,"
	    " v.begin_utc, v.end_utc, v.p, v.records, v.messages,"
	    " v.messages_pass,"
	    " 1000 * v.messages_pass / nullif(v.messages, 0) / 10.0"
	    "  AS pass_percent,"
	    " v.rows_refused, v.warnings, v.trust, v.trust_domain, v.trusted,"
	    " v.received_utc, r.received_epoch,"
	    " (SELECT count(*) FROM conflict AS c"
	    "  WHERE c.report_key = v.report_key) AS conflicts"
	    " FROM v_report AS v JOIN report AS r"
	    " ON r.report_key = v.report_key WHERE v.report_key IN ("
	    "  SELECT r.report_key FROM report AS r WHERE true {reports}"
	    "  ORDER BY r.received_epoch DESC, r.report_key DESC LIMIT :limit)"
	    " ORDER BY r.received_epoch DESC, v.report_key DESC",

	[RUAD_ASK_REPORT] =
	    "SELECT v.*, (SELECT count(*) FROM record AS c"
	    "  WHERE c.report_key = v.report_key) AS records_kept,"
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
	    "  WHERE c.report_key = v.report_key) AS conflicts,"
	    " EXISTS (SELECT 1 FROM report AS r JOIN raw AS w"
	    "  ON w.mail_key = r.mail_key WHERE r.report_key = :report)"
	    "  AS has_raw, (SELECT r.mail_key FROM report AS r"
	    "  WHERE r.report_key = :report) AS mail_key"
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
	    " AND v.row_no IN (SELECT c.row_no FROM report AS r"
	    "  JOIN record AS c ON c.report_key = r.report_key"
	    "  WHERE r.report_key = :report {record}"
	    "  ORDER BY c.row_no LIMIT :limit)"
	    " ORDER BY v.row_no",

	[RUAD_ASK_SOURCES] =
	    "WITH pairs AS (" PAIRS "),"
	    " n AS (SELECT p.*, h.name FROM pairs AS p"
	    "  JOIN domain AS h ON h.domain_key = p.header_from_key"
	    "  ORDER BY p.source_key, p.messages DESC)"
	    " SELECT s.source_key, s.ip_text AS source_ip, " TOTALS ","
	    " group_concat(n.name, ' ') AS header_from, s.ptr"
	    " FROM n JOIN source AS s ON s.source_key = n.source_key"
	    " GROUP BY n.source_key"
	    " ORDER BY messages_fail DESC, messages DESC, s.ip LIMIT :limit",

	/* The network as the hexadecimal form of its bytes. */
	[RUAD_ASK_NETWORKS] =
	    "WITH pairs AS (" PAIRS "),"
	    " n AS (SELECT p.*, hex(iif(substr(s.ip, 1, 12) ="
	    "  x'00000000000000000000ffff', substr(s.ip, 1, 15),"
	    "  substr(s.ip, 1, 6))) AS prefix FROM pairs AS p"
	    "  JOIN source AS s ON s.source_key = p.source_key)"
	    " SELECT prefix, " TOTALS ","
	    " count(DISTINCT n.source_key) AS sources, " WORST
	    " FROM n GROUP BY prefix"
	    " ORDER BY messages_fail DESC, messages DESC, prefix LIMIT :limit",

	[RUAD_ASK_AUTHORS] =
	    "WITH n AS (" PAIRS ")"
	    " SELECT h.name AS header_from, " TOTALS ","
	    " count(*) AS sources, " WORST
	    " FROM n JOIN domain AS h ON h.domain_key = n.header_from_key"
	    " GROUP BY n.header_from_key"
	    " ORDER BY messages_fail DESC, messages DESC, h.name LIMIT :limit",

	[RUAD_ASK_DKIM_DOMAINS] = BY_RESULT("dkim_domain", "1"),
	[RUAD_ASK_SPF_DOMAINS] = BY_RESULT("spf_domain", "2"),

	[RUAD_ASK_FAILURES] =
	    "WITH failing AS (SELECT y.policy_domain_key, y.header_from_key,"
	    "  y.source_key, y.disposition, sum(y.messages) AS messages,"
	    "  min(y.day) AS first_day, max(y.day) AS last_day"
	    "  FROM v_domain AS v CROSS JOIN {days} AS y"
	    "  ON y.policy_domain_key = v.policy_domain_key"
	    "  WHERE y.dkim = 2 AND y.spf = 2 {daily} GROUP BY 1, 2, 3, 4"
	    "  ORDER BY messages DESC, last_day DESC, 3, 2, 4 LIMIT :limit)"
	    " SELECT d.name AS policy_domain, s.ip_text AS source_ip,"
	    " h.name AS header_from, f.messages,"
	    " f.disposition AS disposition_number,"
	    " CASE f.disposition WHEN 1 THEN 'none' WHEN 2 THEN 'pass'"
	    "  WHEN 3 THEN 'quarantine' WHEN 4 THEN 'reject' END"
	    "  AS disposition,"
	    " date(f.first_day * 86400, 'unixepoch') AS first_day,"
	    " date(f.last_day * 86400, 'unixepoch') AS last_day,"
	    " s.ptr, f.source_key"
	    " FROM failing AS f"
	    " JOIN domain AS d ON d.domain_key = f.policy_domain_key"
	    " JOIN domain AS h ON h.domain_key = f.header_from_key"
	    " JOIN source AS s ON s.source_key = f.source_key"
	    " ORDER BY f.messages DESC, f.last_day DESC, f.source_key,"
	    "  f.header_from_key, f.disposition",

	[RUAD_ASK_TIMELINE] =
	    "WITH RECURSIVE counted AS (SELECT y.day, " RUAD_QUESTION_COUNTS ","
	    "  count(DISTINCT y.source_key) AS sources"
	    "  FROM v_domain AS v CROSS JOIN {days} AS y"
	    "  ON y.policy_domain_key = v.policy_domain_key"
	    "  WHERE true {daily} GROUP BY y.day),"
	    " span (day, first_day) AS (SELECT max(day), min(day) FROM counted"
	    "  UNION ALL SELECT day - 1, first_day FROM span"
	    "  WHERE day > first_day LIMIT :limit)"
	    " SELECT date(p.day * 86400, 'unixepoch') AS day,"
	    " coalesce(c.messages, 0) AS messages,"
	    " coalesce(c.messages_pass, 0) AS messages_pass,"
	    " coalesce(c.messages_fail, 0) AS messages_fail,"
	    /* Cut to 12.3 of 12.39: what is not all must not look like it. */
	    " 1000 * coalesce(c.messages_pass, 0) / nullif(c.messages, 0)"
	    "  / 10.0 AS pass_percent,"
	    " coalesce(c.disposition_none, 0) AS disposition_none,"
	    " coalesce(c.disposition_quarantine, 0)"
	    "  AS disposition_quarantine,"
	    " coalesce(c.disposition_reject, 0) AS disposition_reject,"
	    " coalesce(c.sources, 0) AS sources,"
	    " max(c.messages) OVER () AS most"
	    " FROM span AS p LEFT JOIN counted AS c ON c.day = p.day"
	    " WHERE p.day IS NOT NULL ORDER BY p.day",

	/* A gap is a time without a report between two of them. The mails that
	 * were refused are those from an author domain that has also brought
	 * reports. */
	[RUAD_ASK_CADENCE] =
	    "WITH kept AS MATERIALIZED (SELECT r.reporter_key,"
	    "  " RUAD_SQL_DAY " AS day, r.policy_domain_key, r.end_epoch,"
	    "  r.received_epoch, r.records, r.messages, r.rows_refused,"
	    "  r.warnings, r.mail_key FROM report AS r WHERE true {reports}),"
	    " newest (day) AS (SELECT " RUAD_SQL_DAY " FROM report AS r"
	    "  ORDER BY r.received_epoch DESC LIMIT 1),"
	    " present AS (SELECT DISTINCT reporter_key, day FROM kept),"
	    " steps AS (SELECT reporter_key, day, day - lag(day) OVER"
	    "  (PARTITION BY reporter_key ORDER BY day) AS step FROM present),"
	    " rhythm AS (SELECT reporter_key, count(*) AS days,"
	    "  min(day) AS first_day, max(day) AS last_day,"
	    "  coalesce(sum(step > 1), 0) AS gaps,"
	    "  coalesce(max(step) - 1, 0) AS longest_gap_days"
	    "  FROM steps GROUP BY reporter_key),"
	    " words AS (SELECT k.reporter_key, w.value AS code, count(*) AS n"
	    "  FROM kept AS k, json_each('[\"'"
	    "   || replace(k.warnings, ' ', '\",\"') || '\"]') AS w"
	    "  WHERE k.warnings <> '' GROUP BY 1, 2),"
	    " warned AS (SELECT reporter_key, group_concat(code, ' ') AS list"
	    "  FROM (SELECT * FROM words ORDER BY reporter_key, n DESC, code)"
	    "  GROUP BY reporter_key),"
	    " bad AS MATERIALIZED (SELECT m.header_from, count(*) AS n"
	    "  FROM quarantine AS q CROSS JOIN mail AS m"
	    "  ON m.mail_key = q.mail_key"
	    "  WHERE q.outcome = 'refused' AND m.header_from IS NOT NULL"
	    "  {quarantine} GROUP BY 1),"
	    " authors AS (SELECT DISTINCT k.reporter_key, m.header_from"
	    "  FROM kept AS k CROSS JOIN mail AS m ON m.mail_key = k.mail_key"
	    "  WHERE EXISTS (SELECT 1 FROM bad)),"
	    " refused AS (SELECT a.reporter_key, sum(b.n) AS n"
	    "  FROM authors AS a JOIN bad AS b USING (header_from)"
	    "  GROUP BY a.reporter_key),"
	    " totals AS (SELECT reporter_key, count(*) AS reports,"
	    "  count(DISTINCT policy_domain_key) AS domains,"
	    "  sum(records) AS records, sum(messages) AS messages,"
	    "  sum(rows_refused) AS rows_refused,"
	    "  sum(warnings <> '') AS reports_with_warnings,"
	    "  max(end_epoch) AS last_end, max(received_epoch) AS received"
	    "  FROM kept GROUP BY reporter_key)"
	    " SELECT o.org_name, t.reports, t.domains, t.records, t.messages,"
	    " date(y.first_day * 86400, 'unixepoch') AS first_day,"
	    " date(y.last_day * 86400, 'unixepoch') AS last_day, y.days,"
	    " round(1.0 * (y.last_day - y.first_day) / nullif(y.days - 1, 0),"
	    "  1) AS every_days, y.gaps, y.longest_gap_days,"
	    " max(newest.day - y.last_day, 0) AS quiet_days,"
	    " t.reports_with_warnings, t.rows_refused,"
	    " coalesce(x.n, 0) AS refused, w.list AS warnings,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', t.last_end, 'unixepoch')"
	    "  AS last_report_utc,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', t.received, 'unixepoch')"
	    "  AS last_received_utc"
	    " FROM totals AS t CROSS JOIN newest"
	    " JOIN reporter AS o ON o.reporter_key = t.reporter_key"
	    " JOIN rhythm AS y ON y.reporter_key = t.reporter_key"
	    " LEFT JOIN warned AS w ON w.reporter_key = t.reporter_key"
	    " LEFT JOIN refused AS x ON x.reporter_key = t.reporter_key"
	    " ORDER BY t.reports DESC, lower(o.org_name) LIMIT :limit",

	[RUAD_ASK_FAILURE] =
	    "WITH recent AS (SELECT * FROM record WHERE source_key = :source"
	    "  ORDER BY report_key DESC, row_no DESC LIMIT :records),"
	    " failing AS (SELECT c.auth_set_key, c.reason_set_key,"
	    "  c.header_from_key, r.adkim, r.aspf,"
	    "  sum(c.messages) AS messages, max(c.report_key) AS report_key"
	    "  FROM recent AS c CROSS JOIN report AS r"
	    "  ON r.report_key = c.report_key"
	    "  WHERE c.dkim = 2 AND c.spf = 2 {report} {record}"
	    "  GROUP BY 1, 2, 3, 4, 5),"
	    " worst AS (SELECT *, (SELECT sum(messages) FROM failing)"
	    "  AS of_messages FROM failing ORDER BY messages DESC LIMIT 1)"
	    " SELECT w.messages, w.of_messages, w.report_key,"
	    " (SELECT ip_text FROM source WHERE source_key = :source)"
	    "  AS source_ip, w.adkim, w.aspf,"
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
	    " m.received_epoch,"
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
	    "WITH RECURSIVE" RUAD_QUESTION_WITH_REPORT ","
	    " policy AS (SELECT d.name, count(*) AS reports,"
	    "  max(r.received_epoch) AS received"
	    "  FROM with_report CROSS JOIN report AS r"
	    "  ON r.policy_domain_key = with_report.k"
	    "  JOIN domain AS d ON d.domain_key = with_report.k"
	    "  GROUP BY with_report.k),"
	    " noted AS (SELECT name, since_epoch, note, 'registered' AS state"
	    "  FROM registered_domain UNION ALL"
	    "  SELECT name, since_epoch, note, 'ignored' FROM ignored_domain)"
	    " SELECT g.name AS domain, g.state,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', g.since_epoch, 'unixepoch')"
	    "  AS since_utc,"
	    " coalesce(sum(p.reports), 0) AS reports,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(p.received), 'unixepoch')"
	    "  AS last_received_utc, g.note"
	    " FROM noted AS g LEFT JOIN policy AS p"
	    " ON " P_BELOW_G " GROUP BY g.name ORDER BY g.name LIMIT :limit",

	[RUAD_ASK_STANDINGS] =
	    "SELECT g.name AS domain, coalesce(h.state, 'registered') AS state,"
	    " coalesce(h.first_utc, strftime('%Y-%m-%dT%H:%M:%SZ',"
	    "  g.since_epoch, 'unixepoch')) AS since_utc,"
	    " h.last_utc AS checked_utc, h.record_name, h.record, h.code,"
	    " h.text FROM registered_domain AS g LEFT JOIN v_record_history"
	    " AS h ON h.domain = g.name AND h.newest"
	    " ORDER BY g.name LIMIT :limit",

	[RUAD_ASK_UNREGISTERED] =
	    "WITH RECURSIVE" RUAD_QUESTION_WITH_REPORT
	    " SELECT d.name AS domain, count(*) AS reports,"
	    " sum(r.messages) AS messages,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(r.received_epoch),"
	    "  'unixepoch') AS last_received_utc"
	    " FROM with_report CROSS JOIN report AS r"
	    " ON r.policy_domain_key = with_report.k"
	    " JOIN domain AS d ON d.domain_key = with_report.k"
	    " WHERE NOT EXISTS (SELECT 1 FROM registered_domain AS g"
	    "  WHERE " D_BELOW_G ")"
	    " AND NOT EXISTS (SELECT 1 FROM ignored_domain AS g"
	    "  WHERE " D_BELOW_G ")"
	    " GROUP BY with_report.k ORDER BY reports DESC, domain"
	    " LIMIT :limit",

	/* The policy is that of the newest report about the domain itself. */
	[RUAD_ASK_DOMAIN] =
	    "WITH RECURSIVE" RUAD_QUESTION_WITH_REPORT ","
	    " mine AS (SELECT r.* FROM with_report"
	    "  JOIN domain AS d ON d.domain_key = with_report.k"
	    "  CROSS JOIN report AS r ON r.policy_domain_key = with_report.k"
	    "  WHERE " D_BELOW_ASKED "),"
	    " newest AS (SELECT v.* FROM report AS r JOIN v_report AS v"
	    "  ON v.report_key = r.report_key WHERE r.policy_domain_key ="
	    "   (SELECT domain_key FROM domain WHERE name = :domain)"
	    "  ORDER BY r.begin_epoch DESC LIMIT 1),"
	    " mark AS (SELECT * FROM ("
	    "  SELECT name, since_epoch, note, 'registered' AS state"
	    "   FROM registered_domain UNION ALL"
	    "  SELECT name, since_epoch, note, 'ignored' FROM ignored_domain)"
	    "  AS g WHERE " ASKED_BELOW_G
	    "  ORDER BY state DESC, length(name) DESC LIMIT 1)"
	    " SELECT :domain AS domain,"
	    " coalesce((SELECT state FROM mark), 'not registered') AS state,"
	    " (SELECT name FROM mark) AS by_domain,"
	    " (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', since_epoch,"
	    "  'unixepoch') FROM mark) AS since_utc,"
	    " (SELECT note FROM mark) AS note,"
	    " count(*) AS reports,"
	    " count(DISTINCT m.policy_domain_key) AS policy_domains,"
	    " count(DISTINCT m.reporter_key) AS reporters,"
	    " coalesce(sum(m.messages), 0) AS messages,"
	    " coalesce(sum(m.messages_pass), 0) AS messages_pass,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', min(m.begin_epoch), 'unixepoch')"
	    "  AS first_begin_utc,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(m.end_epoch), 'unixepoch')"
	    "  AS last_end_utc,"
	    " strftime('%Y-%m-%dT%H:%M:%SZ', max(m.received_epoch),"
	    "  'unixepoch') AS last_received_utc,"
	    " (SELECT p FROM newest) AS p, (SELECT sp FROM newest) AS sp,"
	    " (SELECT np FROM newest) AS np,"
	    " (SELECT adkim FROM newest) AS adkim,"
	    " (SELECT aspf FROM newest) AS aspf"
	    " FROM mine AS m",

	[RUAD_ASK_REPORTERS] =
	    "WITH seen AS (SELECT o.org_key, o.org_name,"
	    "  iif(m.trust IN ('pass', 'pass-derived'), m.trust_domain, NULL)"
	    "   AS domain, count(*) AS reports,"
	    "  max(r.received_epoch) AS received"
	    "  FROM report AS r JOIN mail AS m ON m.mail_key = r.mail_key"
	    "  JOIN reporter AS o ON o.reporter_key = r.reporter_key"
	    "  WHERE true {reports} GROUP BY o.reporter_key, 3),"
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
	    " WHERE true {reports} AND (r.records = 0 OR EXISTS"
	    "  (SELECT 1 FROM record AS c WHERE c.report_key = r.report_key))"
	    " ORDER BY r.mail_key, r.report_key",
};

/* What the roll-up has, from the records. */
static const char records_begin[] =
    "(SELECT r.policy_domain_key, " RUAD_SQL_DAY " AS day,"
    " coalesce(c.header_from_key, r.policy_domain_key) AS header_from_key,"
    " c.source_key, c.disposition, c.dkim, c.spf, c.messages"
    " FROM report AS r JOIN record AS c ON c.report_key = r.report_key"
    " WHERE true";

/* A statement being written. */
struct text {
	char *sql;
	size_t len;
	unsigned conditions;
};

static void
add(struct text *t, const char *s, size_t len)
{
	assert(t->len + len < RUAD_QUESTION_BYTES);
	memcpy(t->sql + t->len, s, len);
	t->len += len;
}

static void
add_text(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

/* Add what the conditions say of a place. */
static void
add_conditions(struct text *t, enum ruad_filter_place place)
{
	const char *s;

	for (unsigned i = 0; (s = ruad_filter_sql(i, place)) != NULL; i++) {
		if ((t->conditions & 1u << i) != 0)
			add_text(t, s);
	}
}

static void
fill_days(struct text *t)
{
	if (!ruad_filter_needs_records(t->conditions)) {
		add_text(t, "daily");
		return;
	}
	add_text(t, records_begin);
	add_conditions(t, RUAD_FILTER_REPORT);
	add_conditions(t, RUAD_FILTER_RECORD);
	add_text(t, ")");
}

/* Conditions on {days} AS y: what stands there in place of the roll-up meets
 * all but those on the day. */
static void
fill_daily(struct text *t, enum ruad_filter_place days)
{
	if (!ruad_filter_needs_records(t->conditions))
		add_conditions(t, RUAD_FILTER_DAILY);
	add_conditions(t, days);
}

static void
fill_report(struct text *t)
{
	add_conditions(t, RUAD_FILTER_REPORT);
	add_conditions(t, RUAD_FILTER_PERIOD);
}

static void
fill_reports(struct text *t)
{
	fill_report(t);
	if (!ruad_filter_has_record(t->conditions))
		return;
	add_conditions(t, RUAD_FILTER_HINT);
	add_text(t,
	    " AND EXISTS (SELECT 1 FROM record AS c"
	    " WHERE c.report_key = r.report_key");
	add_conditions(t, RUAD_FILTER_RECORD);
	add_text(t, ")");
}

/* What stands in for a name in braces. */
static void
fill(struct text *t, const char *name, size_t len)
{
	if (strncmp(name, "days", len) == 0)
		fill_days(t);
	else if (strncmp(name, "daily", len) == 0)
		fill_daily(t, RUAD_FILTER_DAYS);
	else if (strncmp(name, "before", len) == 0)
		fill_daily(t, RUAD_FILTER_BEFORE);
	else if (strncmp(name, "report", len) == 0)
		fill_report(t);
	else if (strncmp(name, "reports", len) == 0)
		fill_reports(t);
	else if (strncmp(name, "record", len) == 0)
		add_conditions(t, RUAD_FILTER_RECORD);
	else
		add_conditions(t, RUAD_FILTER_QUARANTINE);
}

void
ruad_question_compose(enum ruad_question question, unsigned conditions,
    char sql[RUAD_QUESTION_BYTES])
{
	struct text t = { .sql = sql, .conditions = conditions };
	const char *text = question_sql[question];

	if (question == RUAD_ASK_SUMMARY)
		text = ruad_question_summary(conditions);
	else if (text == NULL)
		text = ruad_question_console(question);
	while (*text != '\0') {
		size_t len = strcspn(text, "{");

		add(&t, text, len);
		text += len;
		if (*text == '\0')
			break;
		len = strcspn(++text, "}");
		fill(&t, text, len);
		text += len + 1;
	}
	sql[t.len] = '\0';
}
