-- Which reporters went quiet? Those that have reported on three or more of the
-- last 90 days of the store, and of which no report has come for longer than
-- three times their usual interval, counted from the newest report.
.headers on
.mode column
WITH span AS (
  SELECT r.reporter_key, min(r.begin_epoch) AS first, max(r.end_epoch) AS last,
    count(DISTINCT r.begin_epoch / 86400) AS days, count(*) AS reports
  FROM v_domain AS d
  CROSS JOIN report AS r ON r.policy_domain_key = d.policy_domain_key
    AND r.begin_epoch > (SELECT unixepoch(max(last_day)) FROM v_domain)
      - 90 * 86400
  GROUP BY r.reporter_key),
newest (epoch) AS (SELECT max(last) FROM span)
SELECT p.org_name, s.reports, s.days,
  date(s.last, 'unixepoch') AS last_day,
  (newest.epoch - s.last) / 86400 AS quiet_days,
  round((s.last - s.first) / 86400.0 / s.days, 1) AS usual_days
FROM span AS s
CROSS JOIN newest
JOIN reporter AS p ON p.reporter_key = s.reporter_key
WHERE s.days >= 3 AND newest.epoch - s.last > 86400
  AND newest.epoch - s.last > 3 * (s.last - s.first) / s.days
ORDER BY s.reports DESC;
