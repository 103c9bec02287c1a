-- Devices, and the messages that are still to be pushed to them.

CREATE TABLE devices (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- of no other device ever: jobs that try again hold it
    workspace_id INTEGER NOT NULL,
    user_id      INTEGER NOT NULL,
    platform     INTEGER NOT NULL,  -- 0 ios, 1 android, 2 web
    created_at   INTEGER NOT NULL,
    token        TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX devices_by_token ON devices (workspace_id, token);
CREATE INDEX devices_of_user ON devices (user_id);

-- Holds no text and nothing of a workspace's own: a job whose message is gone is dropped when its turn comes.
CREATE TABLE push_jobs (
    id         INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,  -- of a leased one: when the lease ends
    attempts   INTEGER NOT NULL,
    after_user BLOB    NOT NULL,  -- the users up to this one, in the order of uuid, have been told
    owner      BLOB,              -- to whom it is leased
    devices    TEXT               -- a JSON array of the devices that are tried again; null: all of the channel
) STRICT;
CREATE INDEX push_jobs_by_due ON push_jobs (due_at);
CREATE INDEX push_jobs_leased ON push_jobs (id) WHERE owner IS NOT NULL;

-- How many there are: counting them would cost each send more.
CREATE TABLE push_queue (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    pending INTEGER NOT NULL
) STRICT;
INSERT INTO push_queue (id, pending) VALUES (1, 0);
