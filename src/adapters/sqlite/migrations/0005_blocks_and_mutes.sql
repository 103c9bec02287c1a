-- Who may not write for a while, and who does not want to hear of whom.

-- `channel_id` 0 and a `channel_uuid` of zeros: everywhere in the workspace.
CREATE TABLE mutes (
    user_id      INTEGER NOT NULL,
    channel_id   INTEGER NOT NULL,
    workspace_id INTEGER NOT NULL,
    user_uuid    BLOB    NOT NULL,  -- as in users and channels: mutes are listed in their order
    channel_uuid BLOB    NOT NULL,
    until        INTEGER,           -- null: until it is lifted
    reason       TEXT,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, channel_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mutes_by_workspace ON mutes (workspace_id, user_uuid, channel_uuid);
CREATE INDEX mutes_of_channel ON mutes (channel_id) WHERE channel_id <> 0;
CREATE INDEX mutes_by_end ON mutes (until) WHERE until IS NOT NULL;

CREATE TABLE blocks (
    user_id      INTEGER NOT NULL,  -- who blocks
    blocked_uuid BLOB    NOT NULL,  -- as in users: blocks are listed in its order
    blocked_id   INTEGER NOT NULL,
    workspace_id INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_of_blocked ON blocks (blocked_id);
CREATE INDEX blocks_by_workspace ON blocks (workspace_id);

-- How many rows a user has there: most have none, and are not asked for any.
ALTER TABLE users ADD COLUMN mute_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN block_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN blocks_rev INTEGER NOT NULL DEFAULT 0;
