-- Who forwards our mail? Sources of which SPF is not aligned although a DKIM
-- signature of ours survived, in the last 30 days of the store: forwarders, or
-- senders of ours that lack an own bounce domain.
.headers on
.mode column
SELECT v.policy_domain, s.ip_text AS source_ip, s.ptr,
  sum(y.messages) AS messages,
  sum(CASE WHEN y.disposition >= 3 THEN y.messages ELSE 0 END)
    AS messages_held_back,
  date(max(y.day) * 86400, 'unixepoch') AS last_day
FROM v_domain AS v
CROSS JOIN daily AS y ON y.policy_domain_key = v.policy_domain_key
  AND y.day > (SELECT unixepoch(max(last_day)) FROM v_domain) / 86400 - 30
JOIN source AS s ON s.source_key = y.source_key
WHERE y.dkim = 1 AND y.dkim_alignment > 0 AND y.spf_alignment = 0
GROUP BY y.policy_domain_key, y.source_key
ORDER BY messages DESC
LIMIT 100;
