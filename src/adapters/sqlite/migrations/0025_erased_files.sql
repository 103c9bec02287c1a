-- The files of messages that were unsent or erased, until they are taken away.
CREATE TABLE erased_files (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT    NOT NULL
) STRICT;

-- Which messages name a file, by the uuid in its address: the part before the last slash. The address may begin in several ways, as
-- the server moves; this part stays.
CREATE INDEX messages_of_file ON messages (substr(rtrim(attachment_url, replace(attachment_url, '/', '')), -37, 36))
    WHERE attachment_url IS NOT NULL;
