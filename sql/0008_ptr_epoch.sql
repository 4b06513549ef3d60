-- When the name of an address was looked up last by ruadctl enrich; NULL:
-- never. source.ptr is NULL where there was none, or none that its own address
-- confirms.
ALTER TABLE source ADD COLUMN ptr_epoch INTEGER;
