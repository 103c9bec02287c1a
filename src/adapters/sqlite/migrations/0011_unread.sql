-- What is unread is counted without what was unsent and without what blocked users wrote, from indexes alone.

-- The author of each position. (channel_id, seq) stays unique: one connection writes, and numbers without holes.
DROP INDEX messages_by_seq;
CREATE UNIQUE INDEX messages_by_seq ON messages (channel_id, seq, user_id);
-- Few of all. `deleted_at` stands in it so that it covers its own condition.
CREATE INDEX messages_unsent ON messages (channel_id, seq, user_id, deleted_at) WHERE deleted_at IS NOT NULL;
