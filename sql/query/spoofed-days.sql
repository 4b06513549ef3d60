-- On which days was a domain abused most? The 25 days with most messages that
-- neither SPF nor DKIM passed for, in the last 180 days of the store.
.headers on
.mode column
SELECT v.policy_domain, date(y.day * 86400, 'unixepoch') AS day,
  sum(y.messages) AS messages_fail,
  sum(CASE WHEN y.disposition >= 3 THEN y.messages ELSE 0 END)
    AS messages_held_back,
  count(DISTINCT y.source_key) AS sources
FROM v_domain AS v
CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
  AND y.day > (SELECT unixepoch(max(last_day)) FROM v_domain) / 86400 - 180
WHERE y.dkim = 2 AND y.spf = 2
GROUP BY y.policy_domain_key, y.day
ORDER BY messages_fail DESC
LIMIT 25;
