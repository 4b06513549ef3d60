-- Which senders pass by SPF alone, or by DKIM alone? Sources in the last 30
-- days of the store of which every pass had the same one of both: SPF alone
-- breaks when mail is forwarded, DKIM alone when a signature does.
.headers on
.mode column
SELECT v.policy_domain, s.ip_text AS source_ip, s.ptr,
  CASE WHEN max(y.dkim = 1) THEN 'dkim' ELSE 'spf' END AS only,
  sum(y.messages) AS messages_pass,
  date(max(y.day) * 86400, 'unixepoch') AS last_day
FROM v_domain AS v
CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
  AND y.day > (SELECT unixepoch(max(last_day)) FROM v_domain) / 86400 - 30
JOIN source AS s ON s.source_key = y.source_key
WHERE y.dkim = 1 OR y.spf = 1
GROUP BY y.policy_domain_key, y.source_key
HAVING NOT max(y.dkim = 1) OR NOT max(y.spf = 1)
ORDER BY messages_pass DESC
LIMIT 100;
