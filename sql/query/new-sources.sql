-- Which sources are new? Those that first sent for a domain in the last 7 days
-- of the store, with most messages first.
.headers on
.mode column
WITH start (day) AS (
  SELECT unixepoch(max(last_day)) / 86400 - 6 FROM v_domain)
SELECT v.policy_domain, s.ip_text AS source_ip, s.ptr,
  date(min(y.day) * 86400, 'unixepoch') AS first_day,
  sum(y.messages) AS messages,
  sum(CASE WHEN y.dkim = 1 OR y.spf = 1 THEN y.messages ELSE 0 END)
    AS messages_pass
FROM start
CROSS JOIN v_domain AS v
CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
  AND y.day >= start.day
JOIN source AS s ON s.source_key = y.source_key
WHERE NOT EXISTS (
  SELECT 1 FROM daily AS e
  WHERE e.source_key = y.source_key
    AND e.policy_domain_key = y.policy_domain_key AND e.day < start.day)
GROUP BY y.policy_domain_key, y.source_key
ORDER BY messages DESC
LIMIT 100;
