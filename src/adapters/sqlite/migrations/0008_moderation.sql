-- What workspaces want moderated, and what was found.
--
-- Codes: actions 0 flag, 1 mask, 2 reject, 3 auto_mute; severities 0 mild, 1 strong, 2 extreme; rules 0 profanity, 1 blocklist,
-- 2 phone, 3 link, 4 flood, 5 moderator.

ALTER TABLE workspaces ADD COLUMN moderation_enabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN moderation_rev INTEGER NOT NULL DEFAULT 0;

-- Apart from the workspace, which every command reads. No row: the defaults.
CREATE TABLE moderation_settings (
    workspace_id           INTEGER PRIMARY KEY,
    profanity_enabled      INTEGER NOT NULL,
    profanity_action       INTEGER NOT NULL,
    profanity_min_severity INTEGER NOT NULL,
    link_enabled           INTEGER NOT NULL,
    link_action            INTEGER NOT NULL,
    phone_enabled          INTEGER NOT NULL,
    phone_action           INTEGER NOT NULL,
    flood_enabled          INTEGER NOT NULL,
    flood_action           INTEGER NOT NULL,
    flood_max_repeats      INTEGER NOT NULL,
    flood_window_seconds   INTEGER NOT NULL,
    auto_mute_seconds      INTEGER NOT NULL,
    blocklist              TEXT    NOT NULL,  -- a line for each term
    allowlist              TEXT    NOT NULL
) STRICT;

CREATE TABLE moderation_records (
    id           INTEGER PRIMARY KEY,
    uuid         BLOB    NOT NULL UNIQUE,
    workspace_id INTEGER NOT NULL,
    channel_id   INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    message_uuid BLOB,               -- null: no message was stored
    at           INTEGER NOT NULL,
    rule         INTEGER NOT NULL,
    action       INTEGER NOT NULL,
    excerpt      TEXT    NOT NULL    -- empty: erased
) STRICT;
-- Lists are in the order of ids, which is that of the commits.
CREATE INDEX moderation_of_workspace ON moderation_records (workspace_id);
CREATE INDEX moderation_of_channel ON moderation_records (channel_id);
CREATE INDEX moderation_of_user ON moderation_records (user_id);
CREATE INDEX moderation_to_erase ON moderation_records (user_id) WHERE excerpt <> '';
CREATE INDEX moderation_by_time ON moderation_records (at);
