-- Who fails DMARC, and why? The 25 sources with most failing messages in the
-- last 30 days of the store, each with the results of its newest failing
-- record.
.headers on
.mode column
WITH failing AS (
  SELECT y.policy_domain_key, v.policy_domain, y.source_key,
    sum(y.messages) AS messages, max(y.day) AS last_day
  FROM v_domain AS v
  CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
    AND y.day > (SELECT unixepoch(max(last_day)) FROM v_domain) / 86400 - 30
  WHERE y.dkim = 2 AND y.spf = 2
  GROUP BY y.policy_domain_key, y.source_key
  ORDER BY messages DESC
  LIMIT 25),
newest AS (
  SELECT f.*, (
    SELECT c.report_key FROM record AS c
    CROSS JOIN report AS r ON r.report_key = c.report_key
    WHERE c.source_key = f.source_key AND c.dkim = 2 AND c.spf = 2
      AND r.policy_domain_key = f.policy_domain_key
    ORDER BY c.report_key DESC LIMIT 1) AS report_key
  FROM failing AS f)
SELECT n.policy_domain, s.ip_text AS source_ip, n.messages,
  date(n.last_day * 86400, 'unixepoch') AS last_day,
  h.name AS header_from,
  (SELECT group_concat(
      a.method || '=' || a.result || ' ' || coalesce(a.domain, ''), ', ')
    FROM v_auth AS a
    WHERE a.report_key = c.report_key AND a.row_no = c.row_no) AS results,
  n.report_key
FROM newest AS n
JOIN source AS s ON s.source_key = n.source_key
LEFT JOIN record AS c ON c.report_key = n.report_key AND c.row_no = (
  SELECT min(x.row_no) FROM record AS x
  WHERE x.source_key = n.source_key AND x.report_key = n.report_key
    AND x.dkim = 2 AND x.spf = 2)
LEFT JOIN domain AS h ON h.domain_key = c.header_from_key
ORDER BY n.messages DESC;
