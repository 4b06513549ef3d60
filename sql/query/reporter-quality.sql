-- Whose reports are odd? Reporters by the share of their reports with
-- warnings, in those received in the last 90 days: a reporter with refused rows
-- tells less than it knows.
.headers on
.mode column
SELECT p.org_name, count(*) AS reports,
  sum(r.warnings <> '') AS with_warnings,
  sum(r.rows_refused) AS rows_refused,
  sum(r.records) AS records,
  date(max(r.end_epoch), 'unixepoch') AS last_day,
  max(r.warnings) AS example
FROM report AS r
JOIN reporter AS p ON p.reporter_key = r.reporter_key
WHERE r.received_epoch > (SELECT max(received_epoch) FROM report) - 90 * 86400
GROUP BY +r.reporter_key -- so that only those 90 days are read
ORDER BY rows_refused DESC, 1.0 * with_warnings / reports DESC, reports DESC;
