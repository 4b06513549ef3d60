-- What was refused, and why? Mails and parts of mails without a usable report,
-- in the last 30 days in which any mail was received.
.headers on
.mode column
SELECT q.outcome, q.code, count(*) AS times,
  strftime('%Y-%m-%dT%H:%M:%SZ', max(m.received_epoch), 'unixepoch')
    AS last_utc,
  q.text AS last_text,
  m.subject AS last_subject
FROM quarantine AS q
CROSS JOIN mail AS m ON m.mail_key = q.mail_key
WHERE m.received_epoch > (SELECT max(received_epoch) FROM mail) - 30 * 86400
GROUP BY q.outcome, q.code
ORDER BY times DESC;
