-- The public key of a workspace stays when its secret is replaced: a key may have several secrets for a while.

CREATE TABLE api_secrets (
    api_key      TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL,
    workspace_id INTEGER NOT NULL,
    expires_at   INTEGER,  -- null: in force
    PRIMARY KEY (api_key, secret_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO api_secrets (api_key, secret_hash, workspace_id, expires_at)
    SELECT api_key, secret_hash, workspace_id, expires_at FROM api_keys;
DROP TABLE api_keys;
CREATE INDEX api_secrets_by_workspace ON api_secrets (workspace_id);
