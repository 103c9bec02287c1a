-- Pinned messages.
ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
ALTER TABLE messages ADD COLUMN pinned_by INTEGER;
CREATE INDEX messages_pinned ON messages (channel_id, pinned_at, seq) WHERE pinned_at IS NOT NULL;

-- Users whose tokens are refused, from `suspended_at` on.
ALTER TABLE users ADD COLUMN suspended_at      INTEGER;
ALTER TABLE users ADD COLUMN suspended_until   INTEGER;  -- null: until it is lifted
ALTER TABLE users ADD COLUMN suspension_reason TEXT;

-- Lists of channels of one type.
CREATE INDEX channels_by_type ON channels (workspace_id, type, uuid) WHERE deleted_at IS NULL;

-- What users report to the moderators. Status: 0 open, 1 resolved, 2 dismissed.
CREATE TABLE reports (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid           BLOB    NOT NULL UNIQUE,
    workspace_id   INTEGER NOT NULL,
    reporter_id    INTEGER NOT NULL,
    thing          BLOB    NOT NULL,  -- the uuid of the message or the user: nobody reports the same twice
    user_id        INTEGER NOT NULL,  -- who is reported
    channel_id     INTEGER,
    message_uuid   BLOB,
    at             INTEGER NOT NULL,
    status         INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    note           TEXT,
    moderator_note TEXT
) STRICT;
CREATE UNIQUE INDEX reports_of_reporter ON reports (reporter_id, thing);
CREATE INDEX reports_listed ON reports (workspace_id, id);
CREATE INDEX reports_by_status ON reports (workspace_id, status, id);
CREATE INDEX reports_of_channel ON reports (channel_id) WHERE channel_id IS NOT NULL;
