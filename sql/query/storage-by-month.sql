-- What takes the space? Mails and bare reports by the month in which they were
-- received, with their size as received, which is what an original takes before
-- it is deflated; and the reports and records in them.
.headers on
.mode column
WITH RECURSIVE month (first, next) AS (
  SELECT unixepoch(min(received_epoch), 'unixepoch', 'start of month'),
    unixepoch(min(received_epoch), 'unixepoch', 'start of month', '+1 month')
  FROM mail
  UNION ALL
  SELECT next, unixepoch(next, 'unixepoch', '+1 month') FROM month
  WHERE next <= (SELECT max(received_epoch) FROM mail))
SELECT strftime('%Y-%m', first, 'unixepoch') AS month,
  (SELECT count(*) FROM mail
    WHERE received_epoch >= first AND received_epoch < next) AS mails,
  (SELECT sum(bytes) FROM mail
    WHERE received_epoch >= first AND received_epoch < next)
    AS bytes_received,
  (SELECT count(*) FROM report
    WHERE received_epoch >= first AND received_epoch < next) AS reports,
  (SELECT sum(records) FROM report
    WHERE received_epoch >= first AND received_epoch < next) AS records
FROM month
WHERE first IS NOT NULL
ORDER BY first DESC;
