-- The store of ruad, version 1. Tables are for machines; people read the views
-- (v_report, v_record, ...), which ruad-schema(5) documents and which change
-- only with a new major version. Enumerations hold the numbers of
-- lib/report.h, 0 standing for "the report does not say"; times are seconds
-- since the epoch, UTC.

-- One row is one reporting organisation.
CREATE TABLE reporter (
  reporter_key INTEGER PRIMARY KEY,
  -- org_name in lower case, inner white space collapsed: the identity
  org_key TEXT NOT NULL UNIQUE,
  -- org_name as it was first seen
  org_name TEXT NOT NULL
) STRICT;

-- One row is one domain name that some report mentions.
CREATE TABLE domain (
  domain_key INTEGER PRIMARY KEY,
  -- lower case, A-labels, no final dot; '' is the null reverse-path
  name TEXT NOT NULL UNIQUE,
  -- organizational domain by the Public Suffix List when first seen; NULL: none
  org_domain TEXT,
  -- 1: not a domain name, kept as it came; never aligns with anything
  bad INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row is one source address. Enrichment hangs here.
CREATE TABLE source (
  source_key INTEGER PRIMARY KEY,
  -- 16 bytes, IPv4 as ::ffff:a.b.c.d: sorts and matches networks
  ip BLOB NOT NULL UNIQUE CHECK (length(ip) = 16),
  -- the same, as people write it
  ip_text TEXT NOT NULL,
  -- filled in by later look-ups, never while mail is taken in
  ptr TEXT,
  asn INTEGER,
  as_org TEXT,
  country TEXT,
  sender TEXT
) STRICT;

-- One row is one received mail, or one bare report file, that left something
-- in the store.
CREATE TABLE mail (
  mail_key INTEGER PRIMARY KEY,
  -- BLAKE2b of its bytes (b2sum -l 256): the same mail again is the same row
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- 1: a mail, 0: a bare report file
  is_mail INTEGER NOT NULL,
  received_epoch INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  -- queue id of the MTA; NULL when read from a file
  queue_id TEXT,
  message_id TEXT,
  -- RFC5321.MailFrom; '' is the null reverse-path
  mail_from TEXT,
  -- domain of RFC5322.From
  header_from TEXT,
  subject TEXT,
  file_name TEXT,
  -- 1: the report was inside a forwarded mail
  forwarded INTEGER NOT NULL DEFAULT 0,
  -- whether the mail itself passed DMARC: a word of RFC 8601, see
  -- ruad-schema(5)
  trust TEXT NOT NULL,
  -- the authenticated domain, and the authserv-id that vouches for it
  trust_domain TEXT,
  trust_by TEXT
) STRICT;

-- The expiry of originals and of quarantine goes by age.
CREATE INDEX mail_by_received ON mail (received_epoch);

-- The original of a mail, as received. It has its own retention.
CREATE TABLE raw (
  mail_key INTEGER PRIMARY KEY REFERENCES mail ON DELETE CASCADE,
  -- zlib stream of the bytes
  data BLOB NOT NULL
) STRICT;

-- One row is one report. (reporter, policy domain, report_id, begin, end) is
-- its identity; reporters reuse every smaller key.
CREATE TABLE report (
  report_key INTEGER PRIMARY KEY,
  reporter_key INTEGER NOT NULL REFERENCES reporter,
  policy_domain_key INTEGER NOT NULL REFERENCES domain,
  report_id TEXT NOT NULL,
  begin_epoch INTEGER NOT NULL,
  end_epoch INTEGER NOT NULL,
  mail_key INTEGER NOT NULL REFERENCES mail,
  received_epoch INTEGER NOT NULL,
  -- report_metadata, as sent
  org_name TEXT NOT NULL,
  org_email TEXT,
  extra_contact_info TEXT,
  generator TEXT,
  -- policy_published. 0 unknown; p, sp, np: 1 none 2 quarantine 3 reject;
  -- adkim, aspf: 1 relaxed 2 strict; testing: 1 n 2 y;
  -- discovery_method: 1 psl 2 treewalk
  p INTEGER NOT NULL,
  sp INTEGER NOT NULL,
  np INTEGER NOT NULL,
  adkim INTEGER NOT NULL,
  aspf INTEGER NOT NULL,
  pct INTEGER,
  fo TEXT,
  testing INTEGER NOT NULL,
  discovery_method INTEGER NOT NULL,
  -- form of the document: 1 D0, 2 D1, 3 D2?, 4 D2
  dialect INTEGER NOT NULL,
  version TEXT,
  namespace TEXT,
  -- which part of the mail, which entry of the archive
  part TEXT,
  -- rows kept, messages in them, of these with a DMARC pass; rows refused
  records INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  messages_pass INTEGER NOT NULL,
  rows_refused INTEGER NOT NULL,
  -- warning codes, blank-separated
  warnings TEXT NOT NULL,
  -- SHA-256 of the normalised content
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  -- The period stands before the id so that this index also answers the search
  -- for overlapping reports.
  UNIQUE (reporter_key, policy_domain_key, begin_epoch, end_epoch, report_id)
) STRICT;

-- "The reports of a domain, newest first"; summary.
CREATE INDEX report_by_domain ON report (policy_domain_key, begin_epoch);
-- "The reports of a mail": retry, raw, expiry.
CREATE INDEX report_by_mail ON report (mail_key);
-- "The newest reports"; expiry by age.
CREATE INDEX report_by_received ON report (received_epoch);

-- One row is one report_metadata/error of a report.
CREATE TABLE report_error (
  report_key INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (report_key, position)
) STRICT, WITHOUT ROWID;

-- One row is one word of a report that was replaced by a canonical one.
CREATE TABLE raw_word (
  report_key INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
  -- 0: of the report itself
  row_no INTEGER NOT NULL,
  -- element name
  field TEXT NOT NULL,
  word TEXT NOT NULL,
  PRIMARY KEY (report_key, row_no, field, word)
) STRICT, WITHOUT ROWID;

-- One row is one row of a report that was refused; the first hundred of each
-- report are kept, report.rows_refused counts all.
CREATE TABLE refused_row (
  report_key INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
  row_no INTEGER NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (report_key, row_no)
) STRICT, WITHOUT ROWID;

-- One row is one copy of a report that arrived with other content than the
-- one that is stored.
CREATE TABLE conflict (
  report_key INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
  content_hash BLOB NOT NULL,
  mail_key INTEGER NOT NULL REFERENCES mail,
  received_epoch INTEGER NOT NULL,
  records INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY (report_key, content_hash)
) STRICT, WITHOUT ROWID;

-- "The conflicts that a mail brought": expiry of mails.
CREATE INDEX conflict_by_mail ON conflict (mail_key);

-- One row is one distinct list of authentication results; most records of a
-- report share a few.
CREATE TABLE auth_set (
  auth_set_key INTEGER PRIMARY KEY,
  -- BLAKE2b of its entries
  digest BLOB NOT NULL UNIQUE
) STRICT;

-- One row is one dkim or spf element of such a list.
CREATE TABLE auth_result (
  auth_set_key INTEGER NOT NULL REFERENCES auth_set ON DELETE CASCADE,
  -- document order, from 0
  position INTEGER NOT NULL,
  -- 1 dkim, 2 spf
  method INTEGER NOT NULL,
  domain_key INTEGER REFERENCES domain,
  -- dkim: the s= value
  selector TEXT,
  -- spf: 0 not said, 1 mfrom, 2 helo
  scope INTEGER NOT NULL,
  -- 0 other, 1 none 2 pass 3 fail 4 policy 5 neutral 6 softfail 7 temperror
  -- 8 permerror
  result INTEGER NOT NULL,
  -- the word as sent, where it is another
  result_raw TEXT,
  human_result TEXT,
  PRIMARY KEY (auth_set_key, position)
) STRICT, WITHOUT ROWID;

-- "Which DKIM domain, which selector, which SPF domain."
CREATE INDEX auth_result_by_domain ON auth_result (domain_key);

-- One row is one distinct, not empty list of override reasons.
CREATE TABLE reason_set (
  reason_set_key INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE
) STRICT;

-- One row is one policy_evaluated/reason of such a list.
CREATE TABLE reason (
  reason_set_key INTEGER NOT NULL REFERENCES reason_set ON DELETE CASCADE,
  position INTEGER NOT NULL,
  -- 1 other 2 forwarded 3 sampled_out 4 trusted_forwarder 5 mailing_list
  -- 6 local_policy 7 policy_test_mode
  type INTEGER NOT NULL,
  type_raw TEXT,
  comment TEXT,
  PRIMARY KEY (reason_set_key, position)
) STRICT, WITHOUT ROWID;

-- One row is one row of a report.
CREATE TABLE record (
  report_key INTEGER NOT NULL REFERENCES report ON DELETE CASCADE,
  -- position in the document, from 1; a refused row leaves a gap
  row_no INTEGER NOT NULL,
  source_key INTEGER NOT NULL REFERENCES source,
  messages INTEGER NOT NULL,
  -- 0 unknown 1 none 2 pass 3 quarantine 4 reject
  disposition INTEGER NOT NULL,
  -- what the reporter found aligned: 0 unknown 1 pass 2 fail
  dkim INTEGER NOT NULL,
  spf INTEGER NOT NULL,
  -- 1: dkim, 2: spf was not sent and is derived from the results
  derived INTEGER NOT NULL,
  -- recomputed from the results: 0 none 1 relaxed 2 strict
  dkim_alignment INTEGER NOT NULL,
  spf_alignment INTEGER NOT NULL,
  header_from_key INTEGER REFERENCES domain,
  envelope_from_key INTEGER REFERENCES domain,
  envelope_to_key INTEGER REFERENCES domain,
  auth_set_key INTEGER REFERENCES auth_set,
  reason_set_key INTEGER REFERENCES reason_set,
  PRIMARY KEY (report_key, row_no)
) STRICT, WITHOUT ROWID;

-- "Everything about this address."
CREATE INDEX record_by_source ON record (source_key);

-- One row is the messages of one UTC day, that of the middle of the reporting
-- period, with equal facts. Kept in the transaction of the records, and
-- outlives their expiry. Dashboards read only this.
CREATE TABLE daily (
  policy_domain_key INTEGER NOT NULL REFERENCES domain,
  -- days since 1970-01-01
  day INTEGER NOT NULL,
  -- the policy domain where a record has no header_from
  header_from_key INTEGER NOT NULL REFERENCES domain,
  source_key INTEGER NOT NULL REFERENCES source,
  -- as in record
  disposition INTEGER NOT NULL,
  dkim INTEGER NOT NULL,
  spf INTEGER NOT NULL,
  dkim_alignment INTEGER NOT NULL,
  spf_alignment INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  -- reports that brought them
  reports INTEGER NOT NULL,
  PRIMARY KEY (policy_domain_key, day, header_from_key, source_key,
    disposition, dkim, spf, dkim_alignment, spf_alignment)
) STRICT, WITHOUT ROWID;

-- "The days of this address": v_source.
CREATE INDEX daily_by_source ON daily (source_key);

-- One row is one mail, part or report that was refused, with the reason; its
-- original is in raw.
CREATE TABLE quarantine (
  quarantine_key INTEGER PRIMARY KEY,
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

-- "What was wrong with this mail": retry.
CREATE INDEX quarantine_by_mail ON quarantine (mail_key);

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
  m.message_id
FROM report AS r
JOIN domain AS d ON d.domain_key = r.policy_domain_key
JOIN mail AS m ON m.mail_key = r.mail_key;

CREATE VIEW v_record AS
SELECT
  c.report_key,
  c.row_no,
  pd.name AS policy_domain,
  r.org_name,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.begin_epoch, 'unixepoch') AS begin_utc,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.end_epoch, 'unixepoch') AS end_utc,
  s.ip_text AS source_ip,
  c.messages,
  CASE c.disposition WHEN 1 THEN 'none' WHEN 2 THEN 'pass'
    WHEN 3 THEN 'quarantine' WHEN 4 THEN 'reject' END AS disposition,
  CASE c.dkim WHEN 1 THEN 'pass' WHEN 2 THEN 'fail' END AS dkim,
  CASE c.spf WHEN 1 THEN 'pass' WHEN 2 THEN 'fail' END AS spf,
  CASE WHEN c.dkim = 1 OR c.spf = 1 THEN 'pass'
    WHEN c.dkim = 2 AND c.spf = 2 THEN 'fail' END AS dmarc,
  hf.name AS header_from,
  ef.name AS envelope_from,
  et.name AS envelope_to,
  CASE c.dkim_alignment WHEN 0 THEN 'none' WHEN 1 THEN 'relaxed'
    WHEN 2 THEN 'strict' END AS dkim_alignment,
  CASE c.spf_alignment WHEN 0 THEN 'none' WHEN 1 THEN 'relaxed'
    WHEN 2 THEN 'strict' END AS spf_alignment,
  (SELECT group_concat(word, ' ') FROM (
    SELECT CASE x.type WHEN 1 THEN 'other' WHEN 2 THEN 'forwarded'
      WHEN 3 THEN 'sampled_out' WHEN 4 THEN 'trusted_forwarder'
      WHEN 5 THEN 'mailing_list' WHEN 6 THEN 'local_policy'
      WHEN 7 THEN 'policy_test_mode' END AS word
    FROM reason AS x WHERE x.reason_set_key = c.reason_set_key
    ORDER BY x.position)) AS reasons
FROM record AS c
JOIN report AS r ON r.report_key = c.report_key
JOIN domain AS pd ON pd.domain_key = r.policy_domain_key
JOIN source AS s ON s.source_key = c.source_key
LEFT JOIN domain AS hf ON hf.domain_key = c.header_from_key
LEFT JOIN domain AS ef ON ef.domain_key = c.envelope_from_key
LEFT JOIN domain AS et ON et.domain_key = c.envelope_to_key;

CREATE VIEW v_auth AS
SELECT
  c.report_key,
  c.row_no,
  CASE a.method WHEN 1 THEN 'dkim' WHEN 2 THEN 'spf' END AS method,
  d.name AS domain,
  a.selector,
  CASE a.scope WHEN 1 THEN 'mfrom' WHEN 2 THEN 'helo' END AS scope,
  CASE a.result WHEN 0 THEN 'other' WHEN 1 THEN 'none' WHEN 2 THEN 'pass'
    WHEN 3 THEN 'fail' WHEN 4 THEN 'policy' WHEN 5 THEN 'neutral'
    WHEN 6 THEN 'softfail' WHEN 7 THEN 'temperror' WHEN 8 THEN 'permerror'
    END AS result,
  CASE WHEN a.result <> 2 OR d.bad OR hf.bad OR d.name IS NULL
      OR hf.name IS NULL THEN 'none'
    -- HELO counts for the null reverse-path only
    WHEN a.scope = 2 AND (SELECT name FROM domain
      WHERE domain_key = c.envelope_from_key) IS NOT '' THEN 'none'
    WHEN d.name = hf.name THEN 'strict'
    WHEN d.org_domain = hf.org_domain THEN 'relaxed'
    ELSE 'none' END AS alignment,
  a.human_result,
  a.position,
  a.result_raw
FROM record AS c
JOIN auth_result AS a ON a.auth_set_key = c.auth_set_key
LEFT JOIN domain AS d ON d.domain_key = a.domain_key
LEFT JOIN domain AS hf ON hf.domain_key = c.header_from_key;

CREATE VIEW v_daily AS
SELECT
  date(y.day * 86400, 'unixepoch') AS day,
  pd.name AS policy_domain,
  hf.name AS header_from,
  s.ip_text AS source_ip,
  CASE y.disposition WHEN 1 THEN 'none' WHEN 2 THEN 'pass'
    WHEN 3 THEN 'quarantine' WHEN 4 THEN 'reject' END AS disposition,
  CASE y.dkim WHEN 1 THEN 'pass' WHEN 2 THEN 'fail' END AS dkim,
  CASE y.spf WHEN 1 THEN 'pass' WHEN 2 THEN 'fail' END AS spf,
  CASE y.dkim_alignment WHEN 0 THEN 'none' WHEN 1 THEN 'relaxed'
    WHEN 2 THEN 'strict' END AS dkim_alignment,
  CASE y.spf_alignment WHEN 0 THEN 'none' WHEN 1 THEN 'relaxed'
    WHEN 2 THEN 'strict' END AS spf_alignment,
  y.messages,
  y.reports
FROM daily AS y
JOIN domain AS pd ON pd.domain_key = y.policy_domain_key
JOIN domain AS hf ON hf.domain_key = y.header_from_key
JOIN source AS s ON s.source_key = y.source_key;

CREATE VIEW v_source AS
SELECT
  s.ip_text AS source_ip,
  date(min(y.day) * 86400, 'unixepoch') AS first_day,
  date(max(y.day) * 86400, 'unixepoch') AS last_day,
  sum(y.messages) AS messages,
  sum(CASE WHEN y.dkim = 1 OR y.spf = 1 THEN y.messages ELSE 0 END)
    AS messages_pass,
  s.ptr,
  s.asn,
  s.as_org,
  s.country,
  s.sender
FROM source AS s
JOIN daily AS y ON y.source_key = s.source_key
GROUP BY s.source_key;

-- Goes from one policy domain to the next in the index of daily: fast however
-- many days there are, and the way to join daily on a few of them.
CREATE VIEW v_domain AS
WITH RECURSIVE present (k) AS (
  SELECT min(policy_domain_key) FROM daily
  UNION ALL
  SELECT (SELECT min(y.policy_domain_key) FROM daily AS y
    WHERE y.policy_domain_key > present.k)
  FROM present WHERE k IS NOT NULL)
SELECT
  d.name AS policy_domain,
  date((SELECT min(y.day) FROM daily AS y
    WHERE y.policy_domain_key = d.domain_key) * 86400, 'unixepoch')
    AS first_day,
  date((SELECT max(y.day) FROM daily AS y
    WHERE y.policy_domain_key = d.domain_key) * 86400, 'unixepoch')
    AS last_day,
  d.domain_key AS policy_domain_key
FROM present
JOIN domain AS d ON d.domain_key = present.k;

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
  m.file_name
FROM quarantine AS q
JOIN mail AS m ON m.mail_key = q.mail_key;
