-- Which policy do reporters see, and since when? One line for each form of a
-- domain's policy in reports about the last 90 days of the store: an old form
-- that still comes in is a resolver with an old record.
.headers on
.mode column
SELECT d.policy_domain,
  CASE r.p WHEN 1 THEN 'none' WHEN 2 THEN 'quarantine' WHEN 3 THEN 'reject'
    END AS p,
  CASE r.sp WHEN 1 THEN 'none' WHEN 2 THEN 'quarantine' WHEN 3 THEN 'reject'
    END AS sp,
  CASE r.adkim WHEN 1 THEN 'r' WHEN 2 THEN 's' END AS adkim,
  CASE r.aspf WHEN 1 THEN 'r' WHEN 2 THEN 's' END AS aspf,
  r.pct,
  date(min(r.begin_epoch), 'unixepoch') AS first_day,
  date(max(r.end_epoch), 'unixepoch') AS last_day,
  count(*) AS reports,
  count(DISTINCT r.reporter_key) AS reporters
FROM v_domain AS d
CROSS JOIN report AS r ON r.policy_domain_key = d.policy_domain_key
  AND r.begin_epoch > (SELECT unixepoch(max(last_day)) FROM v_domain)
    - 90 * 86400
GROUP BY d.policy_domain_key, r.p, r.sp, r.adkim, r.aspf, r.pct
ORDER BY d.policy_domain, last_day DESC;
