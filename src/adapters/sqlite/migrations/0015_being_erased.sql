-- Deleted users whose messages have not all been taken away yet. Whoever counts messages asks whether there are any.
CREATE INDEX users_being_erased ON users (workspace_id, id) WHERE deletion = 2;
