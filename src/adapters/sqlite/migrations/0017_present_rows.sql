-- Walks over what is there, never over what was: rows of former members stay for ever, those of
-- deleted webhooks and workspaces until they are purged.

CREATE INDEX members_of_user ON members (user_id, channel_id) WHERE present = 1;
CREATE INDEX workspaces_listed ON workspaces (uuid) WHERE deleted_at IS NULL;
CREATE INDEX webhooks_listed ON webhooks (workspace_id, uuid) WHERE deleted = 0;
