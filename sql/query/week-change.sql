-- What changed this week? Messages and the share with a DMARC pass of each
-- domain, in the last 7 days of the store and in the 7 days before.
.headers on
.mode column
WITH newest (day) AS (
  SELECT unixepoch(max(last_day)) / 86400 FROM v_domain),
weeks AS (
  SELECT v.policy_domain, y.day > newest.day - 7 AS this_week,
    sum(y.messages) AS messages, sum(y.messages_pass) AS pass
  FROM newest
  CROSS JOIN v_domain AS v
  CROSS JOIN domain_day AS y ON y.policy_domain_key = v.policy_domain_key
    AND y.day > newest.day - 14
  GROUP BY 1, 2)
SELECT policy_domain,
  sum(messages) FILTER (WHERE this_week) AS messages,
  sum(messages) FILTER (WHERE NOT this_week) AS messages_before,
  round(100.0 * sum(pass) FILTER (WHERE this_week)
    / sum(messages) FILTER (WHERE this_week), 1) AS pass_percent,
  round(100.0 * sum(pass) FILTER (WHERE NOT this_week)
    / sum(messages) FILTER (WHERE NOT this_week), 1) AS pass_percent_before
FROM weeks
GROUP BY policy_domain
ORDER BY messages DESC;
