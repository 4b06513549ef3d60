-- What takes the space? Mails and bare reports by the month in which they were
-- received, with their size as received, which is what an original takes before
-- it is deflated.
.headers on
.mode column
WITH RECURSIVE month (first, next) AS (
  SELECT unixepoch(min(received_epoch), 'unixepoch', 'start of month'),
    unixepoch(min(received_epoch), 'unixepoch', 'start of month', '+1 month')
  FROM mail
  UNION ALL
  SELECT next, unixepoch(next, 'unixepoch', '+1 month') FROM month
  WHERE next <= (SELECT max(received_epoch) FROM mail)),
-- Both sums of a month in one walk through its part of the index.
sums AS MATERIALIZED (
  SELECT first,
    (SELECT json_array(count(*), sum(bytes)) FROM mail
      WHERE received_epoch >= first AND received_epoch < next) AS m
  FROM month
  WHERE first IS NOT NULL)
SELECT strftime('%Y-%m', first, 'unixepoch') AS month,
  m ->> 0 AS mails, m ->> 1 AS bytes_received
FROM sums
ORDER BY first DESC;
