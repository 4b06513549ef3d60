-- Version 4: policy domains that the operator has seen and does not want to be
-- asked about.

-- One row is one policy domain, with all below it, that is not listed among
-- those that are not registered. It decides nothing else.
CREATE TABLE ignored_domain (
  -- lower case, A-labels, no final dot
  name TEXT PRIMARY KEY,
  since_epoch INTEGER NOT NULL,
  -- why; free text
  note TEXT
) STRICT, WITHOUT ROWID;
