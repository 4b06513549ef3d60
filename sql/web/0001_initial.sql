-- The database of the console. Times are seconds since 1970; texts of users are
-- in lower case.

-- One row is somebody who may log in.
CREATE TABLE user (
  user_id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL UNIQUE,
  role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3), -- lib/role.h
  all_domains INTEGER NOT NULL CHECK (all_domains IN (0, 1)),
  password TEXT NOT NULL, -- argon2id, with its salt and parameters
  one_time INTEGER NOT NULL CHECK (one_time IN (0, 1)), -- to be replaced
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  totp BLOB, -- nonce and secretbox of the secret; NULL: no second factor
  totp_pending BLOB, -- the same, not confirmed yet
  totp_counter INTEGER NOT NULL DEFAULT 0, -- the last one that was used
  language TEXT, -- NULL: that of the settings
  theme TEXT NOT NULL DEFAULT 'auto',
  created_epoch INTEGER NOT NULL,
  login_epoch INTEGER, -- of the last login
  version INTEGER NOT NULL DEFAULT 1 -- grows with each change by hand
) STRICT;

-- One row is a domain that a user sees, with all below it.
CREATE TABLE user_domain (
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  domain TEXT NOT NULL, -- A-labels
  PRIMARY KEY (user_id, domain)
) STRICT, WITHOUT ROWID;

-- One row is a code that has not been used.
CREATE TABLE recovery_code (
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  digest BLOB NOT NULL, -- keyed BLAKE2b
  PRIMARY KEY (user_id, digest)
) STRICT, WITHOUT ROWID;

-- One row is a login that has not ended.
CREATE TABLE session (
  session_id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest BLOB NOT NULL UNIQUE, -- BLAKE2b of the cookie
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  second INTEGER NOT NULL CHECK (second IN (0, 1)), -- the code was right
  created_epoch INTEGER NOT NULL,
  used_epoch INTEGER NOT NULL, -- exact to a minute
  expires_epoch INTEGER NOT NULL,
  password_epoch INTEGER NOT NULL, -- when the password was typed last
  address TEXT NOT NULL,
  user_agent TEXT
) STRICT;
-- The sessions of a user, and what has expired.
CREATE INDEX session_user ON session (user_id);
CREATE INDEX session_expires ON session (expires_epoch);

-- One row is a token for a program.
CREATE TABLE token (
  token_id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  digest BLOB NOT NULL UNIQUE, -- BLAKE2b of it
  name TEXT NOT NULL,
  role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3), -- at most
  all_domains INTEGER NOT NULL CHECK (all_domains IN (0, 1)),
  created_epoch INTEGER NOT NULL,
  expires_epoch INTEGER, -- NULL: never
  used_epoch INTEGER -- exact to a minute; NULL: never
) STRICT;
CREATE INDEX token_user ON token (user_id);

-- One row is a domain that a token sees, if its user does.
CREATE TABLE token_domain (
  token_id INTEGER NOT NULL REFERENCES token ON DELETE CASCADE,
  domain TEXT NOT NULL,
  PRIMARY KEY (token_id, domain)
) STRICT, WITHOUT ROWID;

-- One row is a login, or a network, from which wrong passwords came.
CREATE TABLE throttle (
  name TEXT PRIMARY KEY, -- user:LOGIN or net:NETWORK
  failures INTEGER NOT NULL,
  last_epoch INTEGER NOT NULL,
  until_epoch INTEGER NOT NULL -- nothing is tried before
) STRICT, WITHOUT ROWID;

-- One row is something that somebody did.
CREATE TABLE audit (
  audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  epoch INTEGER NOT NULL,
  actor TEXT NOT NULL, -- login, or user of the host
  via TEXT NOT NULL, -- session, token, peer, proxy, cli, none
  address TEXT NOT NULL,
  action TEXT NOT NULL, -- user.add
  object TEXT, -- what it was done to
  detail TEXT -- JSON
) STRICT;

-- One row is a setting that is not the default.
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
