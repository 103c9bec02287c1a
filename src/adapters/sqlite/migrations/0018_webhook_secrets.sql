-- A webhook has several secrets while one replaces another, and a request for one can be repeated under its key.

CREATE TABLE webhook_secrets (
    id              INTEGER PRIMARY KEY,
    workspace_id    INTEGER NOT NULL,
    webhook_uuid    BLOB    NOT NULL,
    secret          TEXT    NOT NULL,  -- in clear: deliveries are signed with it; empty: its webhook was deleted
    made_at         INTEGER NOT NULL,
    expires_at      INTEGER,           -- null: in force
    idempotency_key TEXT,
    request_hash    BLOB
) STRICT;
INSERT INTO webhook_secrets (workspace_id, webhook_uuid, secret, made_at)
    SELECT workspace_id, uuid, secret, created_at FROM webhooks WHERE deleted = 0;
CREATE INDEX webhook_secrets_of ON webhook_secrets (webhook_uuid, id);
CREATE INDEX webhook_secrets_by_key ON webhook_secrets (workspace_id, idempotency_key, id);
CREATE INDEX webhook_secrets_expiring ON webhook_secrets (expires_at) WHERE expires_at IS NOT NULL;
ALTER TABLE webhooks DROP COLUMN secret;
