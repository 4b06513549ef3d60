-- Version 3: indexes that answer what is asked of every mail and report of a
-- month without a look at the rows.

DROP INDEX mail_by_received;
-- The expiry of originals and of quarantine goes by age; "What takes the
-- space?" adds up the bytes of a month.
CREATE INDEX mail_by_received ON mail (received_epoch, mail_key, bytes);

DROP INDEX report_by_received;
-- "The newest reports", those of one second in the order of their keys; expiry by
-- age; the records of a month.
CREATE INDEX report_by_received ON report (received_epoch, report_key, records);
