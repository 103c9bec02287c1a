-- How far a channel has been delivered to each member. What was read was delivered.
ALTER TABLE members ADD COLUMN last_delivered_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN last_delivered_at INTEGER;
UPDATE members SET last_delivered_seq = last_read_seq, last_delivered_at = last_read_at;
