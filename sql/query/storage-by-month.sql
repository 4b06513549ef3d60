-- What takes the space? Mails and bare reports by the month in which they were
-- received: their number, their size as received, and what is kept of it.
SELECT strftime('%Y-%m', m.received_epoch, 'unixepoch') AS month,
  count(*) AS mails,
  sum(m.bytes) AS bytes_received,
  sum(length(w.data)) AS bytes_of_originals
FROM mail AS m
LEFT JOIN raw AS w ON w.mail_key = m.mail_key
GROUP BY month
ORDER BY month DESC;
