-- Version 2: which policy domains this site answers for, and who may report for
-- whom.

-- One row is one policy domain that this site answers for, with all below it.
-- Only asked where accept_domains of ruad.conf(5) is "registered".
CREATE TABLE registered_domain (
  -- lower case, A-labels, no final dot
  name TEXT PRIMARY KEY,
  since_epoch INTEGER NOT NULL,
  -- why, or for whom; free text
  note TEXT
) STRICT, WITHOUT ROWID;

-- One row is a pin: a domain whose mail may bring reports of an organisation.
-- Without a pin any mail may that passed DMARC.
CREATE TABLE reporter_domain (
  -- as reporter.org_key; a pin may be older than the first report
  org_key TEXT NOT NULL,
  -- of RFC5322.From, and all below it: lower case, A-labels, no final dot
  domain TEXT NOT NULL,
  -- the organisation as it was typed
  org_name TEXT NOT NULL,
  since_epoch INTEGER NOT NULL,
  PRIMARY KEY (org_key, domain)
) STRICT, WITHOUT ROWID;

-- The keys of quarantine are what people type to drop things: now none is ever
-- given twice.
DROP VIEW v_quarantine;

-- One row is one mail, part or report that was refused, with the reason; its
-- original is in raw.
CREATE TABLE quarantine_2 (
  quarantine_key INTEGER PRIMARY KEY AUTOINCREMENT,
  mail_key INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
  -- 'refused' or 'not-a-report'
  outcome TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  -- which part of the mail, which entry of the archive
  part TEXT,
  -- size of that part
  bytes INTEGER NOT NULL
) STRICT;

INSERT INTO quarantine_2
SELECT quarantine_key, mail_key, outcome, code, text, part, bytes
FROM quarantine ORDER BY quarantine_key;
DROP TABLE quarantine;
ALTER TABLE quarantine_2 RENAME TO quarantine;

-- "What was wrong with this mail": retry.
CREATE INDEX quarantine_by_mail ON quarantine (mail_key);

CREATE VIEW v_quarantine AS
SELECT
  q.quarantine_key,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.received_epoch, 'unixepoch')
    AS received_utc,
  m.queue_id,
  m.message_id,
  m.mail_from,
  q.outcome,
  q.code,
  q.text,
  q.bytes,
  q.part,
  m.subject,
  m.file_name,
  -- 1: the original is there
  EXISTS (SELECT 1 FROM raw WHERE raw.mail_key = q.mail_key) AS kept,
  q.mail_key
FROM quarantine AS q
JOIN mail AS m ON m.mail_key = q.mail_key;

-- As before, and whether the report can be trusted.
DROP VIEW v_report;

CREATE VIEW v_report AS
SELECT
  r.report_key,
  r.org_name,
  r.org_email,
  r.report_id,
  d.name AS policy_domain,
  r.begin_epoch,
  r.end_epoch,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.begin_epoch, 'unixepoch') AS begin_utc,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.end_epoch, 'unixepoch') AS end_utc,
  CASE r.p WHEN 1 THEN 'none' WHEN 2 THEN 'quarantine' WHEN 3 THEN 'reject'
    END AS p,
  CASE r.sp WHEN 1 THEN 'none' WHEN 2 THEN 'quarantine' WHEN 3 THEN 'reject'
    END AS sp,
  CASE r.np WHEN 1 THEN 'none' WHEN 2 THEN 'quarantine' WHEN 3 THEN 'reject'
    END AS np,
  CASE r.adkim WHEN 1 THEN 'r' WHEN 2 THEN 's' END AS adkim,
  CASE r.aspf WHEN 1 THEN 'r' WHEN 2 THEN 's' END AS aspf,
  r.pct,
  r.fo,
  CASE r.testing WHEN 1 THEN 'n' WHEN 2 THEN 'y' END AS testing,
  CASE r.discovery_method WHEN 1 THEN 'psl' WHEN 2 THEN 'treewalk'
    END AS discovery_method,
  CASE r.dialect WHEN 1 THEN 'D0' WHEN 2 THEN 'D1' WHEN 3 THEN 'D2?'
    WHEN 4 THEN 'D2' END AS dialect,
  r.records,
  r.messages,
  r.messages_pass,
  r.rows_refused,
  r.warnings,
  m.trust,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.received_epoch, 'unixepoch')
    AS received_utc,
  r.extra_contact_info,
  r.generator,
  r.version,
  r.namespace,
  r.part,
  m.trust_domain,
  m.queue_id,
  m.message_id,
  -- 1: the report mail passed DMARC, for a domain that may speak for the
  -- organisation
  m.trust IN ('pass', 'pass-derived') AND coalesce((
    SELECT max(m.trust_domain = x.domain
      OR substr(m.trust_domain, -length(x.domain) - 1) = '.' || x.domain)
    FROM reporter_domain AS x WHERE x.org_key = (
      SELECT o.org_key FROM reporter AS o
      WHERE o.reporter_key = r.reporter_key)), 1) AS trusted
FROM report AS r
JOIN domain AS d ON d.domain_key = r.policy_domain_key
JOIN mail AS m ON m.mail_key = r.mail_key;
