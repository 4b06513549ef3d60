-- Which DKIM selectors of ours do reporters see, and with which results? Those
-- of every policy domain and of what is below it. A selector that you do not
-- know signs with a key that somebody else has; one that only fails is broken.
.headers on
.mode column
SELECT d.name AS domain, a.selector,
  CASE a.result WHEN 1 THEN 'none' WHEN 2 THEN 'pass' WHEN 3 THEN 'fail'
    WHEN 4 THEN 'policy' WHEN 5 THEN 'neutral' WHEN 6 THEN 'softfail'
    WHEN 7 THEN 'temperror' WHEN 8 THEN 'permerror' ELSE 'other' END
    AS result,
  count(*) AS distinct_results
FROM domain AS d
CROSS JOIN auth_result AS a ON a.domain_key = d.domain_key
WHERE a.method = 1
  AND d.org_domain IN (
    SELECT o.org_domain FROM v_domain AS v
    JOIN domain AS o ON o.domain_key = v.policy_domain_key)
GROUP BY d.domain_key, a.selector, a.result
ORDER BY d.name, a.selector, result;
