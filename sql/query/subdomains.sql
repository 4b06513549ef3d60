-- Which subdomains are in use? The author domains of each policy domain in the
-- last 30 days of the store: one with no pass at all is made up, or is a sender
-- that nobody has set up.
.headers on
.mode column
SELECT v.policy_domain, h.name AS header_from,
  sum(y.messages) AS messages,
  sum(CASE WHEN y.dkim = 1 OR y.spf = 1 THEN y.messages ELSE 0 END)
    AS messages_pass,
  count(DISTINCT y.source_key) AS sources,
  date(max(y.day) * 86400, 'unixepoch') AS last_day
FROM v_domain AS v
CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
  AND y.day > (SELECT unixepoch(max(last_day)) FROM v_domain) / 86400 - 30
JOIN domain AS h ON h.domain_key = y.header_from_key
GROUP BY y.policy_domain_key, y.header_from_key
ORDER BY v.policy_domain, messages DESC;
