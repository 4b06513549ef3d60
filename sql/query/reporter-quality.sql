-- Whose reports are odd? Reporters by the share of their reports with
-- warnings, in those about the last 90 days of the store: a reporter with
-- refused rows tells less than it knows.
.headers on
.mode column
SELECT p.org_name, count(*) AS reports,
  sum(r.warnings <> '') AS with_warnings,
  sum(r.rows_refused) AS rows_refused,
  sum(r.records) AS records,
  date(max(r.end_epoch), 'unixepoch') AS last_day,
  max(r.warnings) AS example
FROM v_domain AS d
CROSS JOIN report AS r ON r.policy_domain_key = d.policy_domain_key
  AND r.begin_epoch > (SELECT unixepoch(max(last_day)) FROM v_domain)
    - 90 * 86400
JOIN reporter AS p ON p.reporter_key = r.reporter_key
GROUP BY p.reporter_key
ORDER BY rows_refused DESC, 1.0 * with_warnings / reports DESC, reports DESC;
