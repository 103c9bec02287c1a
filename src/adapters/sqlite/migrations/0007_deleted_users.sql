-- Deleted users, and finding things by the user they are of: to take them away, or to hand them out.
--
-- A deleted user keeps its row, which its messages point at, but nothing that says who it was: the texts are empty, and an
-- empty external_id is what tells it from others wherever a user is read beside something else.

ALTER TABLE users ADD COLUMN deleted_at INTEGER;
-- What is left to be done: 0 nothing; 1 its memberships end; 2 that, and its messages are blanked.
ALTER TABLE users ADD COLUMN deletion INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_in_deletion ON users (id) WHERE deletion > 0;

DROP INDEX users_external;
CREATE UNIQUE INDEX users_external ON users (workspace_id, external_id) WHERE deleted_at IS NULL;

-- There is no index of messages by author: it would cost each send more than a scan costs the rare call that needs one.
CREATE INDEX reactions_of_user ON reactions (user_id, message_id);
