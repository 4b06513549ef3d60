-- Version 9: the sums of a day, so that the questions about all of a store
-- answer at once however large it is.

-- One row is one UTC day of a policy domain: the sums of `daily`, and of the
-- reports of that day. Kept in the same transaction, and taken away with the
-- last report of the day.
CREATE TABLE domain_day (
  policy_domain_key INTEGER NOT NULL REFERENCES domain,
  -- days since 1970-01-01
  day INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  -- by the reporters: dkim or spf passed; both failed
  messages_pass INTEGER NOT NULL,
  messages_fail INTEGER NOT NULL,
  -- none includes pass
  disposition_none INTEGER NOT NULL,
  disposition_quarantine INTEGER NOT NULL,
  disposition_reject INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  rows_refused INTEGER NOT NULL,
  -- the latest end of a period, and when the last report came
  last_end INTEGER NOT NULL,
  last_received INTEGER NOT NULL,
  PRIMARY KEY (policy_domain_key, day)
) STRICT, WITHOUT ROWID;

INSERT INTO domain_day
SELECT r.k, r.day, coalesce(y.messages, 0), coalesce(y.messages_pass, 0),
  coalesce(y.messages_fail, 0), coalesce(y.disposition_none, 0),
  coalesce(y.disposition_quarantine, 0), coalesce(y.disposition_reject, 0),
  r.reports, r.rows_refused, r.last_end, r.last_received
FROM (
  SELECT policy_domain_key AS k,
    (begin_epoch + (end_epoch - begin_epoch) / 2) / 86400
      - ((begin_epoch + (end_epoch - begin_epoch) / 2) % 86400 < 0) AS day,
    count(*) AS reports, sum(rows_refused) AS rows_refused,
    max(end_epoch) AS last_end, max(received_epoch) AS last_received
  FROM report GROUP BY 1, 2) AS r
LEFT JOIN (
  SELECT policy_domain_key AS k, day, sum(messages) AS messages,
    sum(iif(dkim = 1 OR spf = 1, messages, 0)) AS messages_pass,
    sum(iif(dkim = 2 AND spf = 2, messages, 0)) AS messages_fail,
    sum(iif(disposition IN (1, 2), messages, 0)) AS disposition_none,
    sum(iif(disposition = 3, messages, 0)) AS disposition_quarantine,
    sum(iif(disposition = 4, messages, 0)) AS disposition_reject
  FROM daily GROUP BY 1, 2) AS y ON y.k = r.k AND y.day = r.day;
