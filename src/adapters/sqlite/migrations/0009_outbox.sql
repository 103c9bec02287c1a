-- Webhooks, and what is to be told to them.

CREATE TABLE webhooks (
    id                INTEGER PRIMARY KEY,
    uuid              BLOB    NOT NULL UNIQUE,
    workspace_id      INTEGER NOT NULL,
    url               TEXT    NOT NULL,
    events            INTEGER NOT NULL,            -- a bit for each
    secret            TEXT    NOT NULL,            -- in clear: every delivery is signed with it
    enabled           INTEGER NOT NULL,
    disabled_reason   TEXT,
    disabled_at       INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted           INTEGER NOT NULL DEFAULT 0,  -- its deliveries are purged, then it
    overflowed        INTEGER NOT NULL DEFAULT 0,  -- what is pending is given up
    pending           INTEGER NOT NULL DEFAULT 0,
    failed_attempts   INTEGER NOT NULL DEFAULT 0,  -- in a row
    failed_deliveries INTEGER NOT NULL DEFAULT 0,  -- finally, in a row
    lease_owner       BLOB,
    leased_until      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhooks_of_workspace ON webhooks (workspace_id, uuid);
CREATE INDEX webhooks_with_work ON webhooks (id) WHERE pending > 0;
CREATE INDEX webhooks_to_clear ON webhooks (id) WHERE deleted = 1 OR overflowed = 1;
CREATE INDEX webhooks_leased ON webhooks (id) WHERE lease_owner IS NOT NULL;

-- One row per event and webhook. Never the text of a message: what is told is made when it is told.
CREATE TABLE deliveries (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id          INTEGER NOT NULL,
    event_uuid          BLOB    NOT NULL,            -- the same for all webhooks
    event               INTEGER NOT NULL,
    status              INTEGER NOT NULL,            -- 0 pending, 1 delivered, 2 failed
    attempts            INTEGER NOT NULL DEFAULT 0,
    due                 INTEGER NOT NULL DEFAULT 0,  -- 0: as soon as possible
    last_status_code    INTEGER,
    last_error          TEXT,
    created_at          INTEGER NOT NULL,
    delivered_at        INTEGER,
    finished_at         INTEGER,
    channel_uuid        BLOB,
    channel_external_id TEXT,
    message_uuid        BLOB,
    user_uuid           BLOB,
    rev                 INTEGER NOT NULL,
    external_id         TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    detail              TEXT    NOT NULL,
    mentions            BLOB,                        -- 16 bytes each
    record              BLOB
) STRICT;
CREATE UNIQUE INDEX deliveries_of_event ON deliveries (webhook_id, event_uuid);
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_pending ON deliveries (webhook_id, id) WHERE status = 0;
CREATE INDEX deliveries_due ON deliveries (webhook_id, due, id) WHERE status = 0;
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
