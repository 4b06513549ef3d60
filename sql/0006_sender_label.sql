-- What the operator knows of those who send in the name of a policy domain.

-- One row is one sender, as ruadctl senders and rehearse name it.
CREATE TABLE sender_label (
  -- lower case, A-labels, no final dot
  policy_domain TEXT NOT NULL,
  sender TEXT NOT NULL COLLATE NOCASE,
  -- 1 mine, 2 forwarder, 3 not-mine
  label INTEGER NOT NULL,
  since_epoch INTEGER NOT NULL,
  -- free text
  note TEXT,
  PRIMARY KEY (policy_domain, sender)
) STRICT, WITHOUT ROWID;

CREATE VIEW v_sender_label AS
SELECT
  x.policy_domain,
  x.sender,
  CASE x.label WHEN 1 THEN 'mine' WHEN 2 THEN 'forwarder'
    WHEN 3 THEN 'not-mine' END AS label,
  strftime('%Y-%m-%dT%H:%M:%SZ', x.since_epoch, 'unixepoch') AS since_utc,
  x.note
FROM sender_label AS x;
