-- The DMARC records of registered domains, as ruadctl record watch found them.

-- One row is what DNS had for a domain, from the time it was found so until it
-- was found otherwise. Those of a domain that is not registered any more stay.
CREATE TABLE record_history (
  -- as registered_domain.name
  domain TEXT NOT NULL,
  -- when it was first found so, and last
  first_epoch INTEGER NOT NULL,
  last_epoch INTEGER NOT NULL,
  -- 'registered': no record yet; 'published': a record that does not bring
  -- reports here yet; 'verified': one that does; 'failing': it did, or is
  -- broken
  state TEXT NOT NULL,
  -- why it is not verified: a code of ruadctl record, and a sentence
  code TEXT,
  text TEXT,
  -- the name that the record is at, and its text; NULL: none
  record_name TEXT,
  record TEXT,
  -- seconds
  ttl INTEGER NOT NULL,
  PRIMARY KEY (domain, first_epoch)
) STRICT, WITHOUT ROWID;

CREATE VIEW v_record_history AS
SELECT
  h.domain,
  strftime('%Y-%m-%dT%H:%M:%SZ', h.first_epoch, 'unixepoch') AS first_utc,
  strftime('%Y-%m-%dT%H:%M:%SZ', h.last_epoch, 'unixepoch') AS last_utc,
  h.state,
  h.code,
  h.text,
  h.record_name,
  h.record,
  h.ttl,
  -- 1: what was found last
  h.first_epoch = (SELECT max(n.first_epoch) FROM record_history AS n
    WHERE n.domain = h.domain) AS newest
FROM record_history AS h;
