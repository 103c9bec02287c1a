-- What the search index has to take back. A plain send writes nothing here: the index reads messages by ascending id.
-- AUTOINCREMENT: an id is never given twice, so that an index can tell whether jobs it has not seen were dropped.

CREATE TABLE search_jobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    old_text   TEXT    NOT NULL  -- as it was before this change
) STRICT;
CREATE INDEX search_jobs_by_message ON search_jobs (message_id, id);

-- The highest id a purged message has had: it is not given again, since the index goes by ascending ids.
CREATE TABLE purged_messages (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    last_id   INTEGER NOT NULL
) STRICT;
INSERT INTO purged_messages (id, last_id) VALUES (1, 0);
