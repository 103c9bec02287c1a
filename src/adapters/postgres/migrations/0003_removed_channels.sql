-- A channel whose row the transaction removed: its number in `channels` says nothing any more.
ALTER TABLE moves ADD COLUMN removed uuid;
