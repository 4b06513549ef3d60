-- Names of senders that ruadctl senders import has brought.

-- One row is one domain of signatures, envelopes or PTR records, with all below
-- it, and whose it is. An import replaces all rows.
CREATE TABLE sender_name (
  -- lower case, A-labels, no final dot
  domain TEXT PRIMARY KEY,
  sender TEXT NOT NULL,
  -- the words of the file for what it does
  type TEXT NOT NULL,
  -- what that means: 0 nothing we know, 1 mailbox, 2 forwarder, 3 service
  kind INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
