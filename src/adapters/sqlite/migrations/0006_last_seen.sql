-- When the last connection of a user ended; null: it has not had one, or is having its first.
ALTER TABLE users ADD COLUMN last_seen_at INTEGER;
