-- Workspaces, users, channels, members, messages, mentions.
--
-- Inside, things are linked by integer rowids; outside they are known by their UUID. Times are milliseconds since 1970.
-- Links are not declared as foreign keys: deleted things are purged in bounded steps, and a link may then point at a row
-- that is already gone, though never at one that a reader can find.
-- Codes: channels.type 0 direct, 1 group; members.role 0 member, 1 admin; messages.type 0 text, 1 image, 2 file, 3 system.

CREATE TABLE meta (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    epoch   TEXT    NOT NULL,
    commits INTEGER NOT NULL,  -- transactions committed, ever: compared with the mark file
    is_copy INTEGER NOT NULL   -- 1 in a backup: whoever opens it takes a new epoch
) STRICT;

CREATE TABLE workspaces (
    id                    INTEGER PRIMARY KEY,
    uuid                  BLOB    NOT NULL UNIQUE,
    name                  TEXT    NOT NULL,
    test                  INTEGER NOT NULL,
    read_receipts_enabled INTEGER NOT NULL,
    edit_window_seconds   INTEGER,
    idempotency_secret    BLOB    NOT NULL,
    created_at            INTEGER NOT NULL,
    deleted_at            INTEGER
) STRICT;
CREATE INDEX workspaces_deleted ON workspaces (id) WHERE deleted_at IS NOT NULL;

CREATE TABLE api_keys (
    api_key      TEXT    NOT NULL PRIMARY KEY,
    workspace_id INTEGER NOT NULL,
    secret_hash  BLOB    NOT NULL,
    expires_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id);

CREATE TABLE users (
    id               INTEGER PRIMARY KEY,
    uuid             BLOB    NOT NULL UNIQUE,
    workspace_id     INTEGER NOT NULL,
    membership_count INTEGER NOT NULL,  -- present rows in members, those of channels not yet purged included
    external_id      TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    avatar_url       TEXT,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    metadata         TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_external ON users (workspace_id, external_id);
CREATE INDEX users_by_workspace ON users (workspace_id, uuid);

-- What changes with every message stands first, so that reading it decodes little.
CREATE TABLE channels (
    id              INTEGER PRIMARY KEY,
    uuid            BLOB    NOT NULL UNIQUE,
    workspace_id    INTEGER NOT NULL,
    deleted_at      INTEGER,
    last_activity   INTEGER NOT NULL,  -- created_at of the last message, else of the channel
    rev             INTEGER NOT NULL,
    receipt_rev     INTEGER NOT NULL,
    last_seq        INTEGER NOT NULL,
    last_message_id INTEGER,
    member_count    INTEGER NOT NULL,
    type            INTEGER NOT NULL,
    settings_rev    INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    direct_low      INTEGER,  -- the two users of a direct channel, smaller rowid first
    direct_high     INTEGER,
    external_id     TEXT,
    name            TEXT    NOT NULL,
    avatar_url      TEXT,
    metadata        TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX channels_external ON channels (workspace_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX channels_direct ON channels (direct_low, direct_high)
    WHERE direct_low IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX channels_by_workspace ON channels (workspace_id, uuid);
CREATE INDEX channels_deleted ON channels (id) WHERE deleted_at IS NOT NULL;

-- One row for everyone who is or was a member: `changes` tells who left.
CREATE TABLE members (
    user_id       INTEGER NOT NULL,
    channel_id    INTEGER NOT NULL,
    user_uuid     BLOB    NOT NULL,  -- as in users: members are listed in its order
    present       INTEGER NOT NULL,
    role          INTEGER NOT NULL,
    muted         INTEGER NOT NULL,
    rev           INTEGER NOT NULL,
    joined_rev    INTEGER NOT NULL,
    joined_at     INTEGER NOT NULL,
    last_read_seq INTEGER NOT NULL,
    last_read_at  INTEGER,
    receipt_rev   INTEGER NOT NULL,
    PRIMARY KEY (user_id, channel_id)
) STRICT, WITHOUT ROWID;
-- Holds all that a list of members needs, so that the rows themselves are not sought.
CREATE INDEX members_present ON members (channel_id, present, user_uuid, role, joined_at, rev);
CREATE INDEX members_admins ON members (channel_id, user_id) WHERE present = 1 AND role = 1;
CREATE INDEX members_by_rev ON members (channel_id, rev);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    uuid            BLOB    NOT NULL UNIQUE,
    channel_id      INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    rev             INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    type            INTEGER NOT NULL,
    parent_id       INTEGER,
    mention_count   INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    idempotency_key TEXT,
    request_hash    BLOB,
    attachment_url  TEXT,
    metadata        TEXT    NOT NULL,
    content         TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages (channel_id, seq);
CREATE INDEX messages_by_rev ON messages (channel_id, rev);
-- The key first: keys are minted in the order of time, so that this index appends.
CREATE UNIQUE INDEX messages_by_key ON messages (idempotency_key, user_id, channel_id)
    WHERE idempotency_key IS NOT NULL;

CREATE TABLE mentions (
    message_id INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    PRIMARY KEY (message_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_user ON mentions (user_id, channel_id, seq);
