-- What lists of a workspace go over: behind any number of deleted users or channels a page costs its own rows.
CREATE INDEX users_present ON users (workspace_id, uuid) WHERE deleted_at IS NULL;
CREATE INDEX channels_present ON channels (workspace_id, uuid) WHERE deleted_at IS NULL;
