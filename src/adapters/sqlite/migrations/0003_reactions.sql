-- One reaction per user and message, and how many have chosen each emoji.
CREATE TABLE reactions (
    message_id INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    emoji      TEXT    NOT NULL,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;

-- `first_rev` is the revision of the emoji's first use: the order in which they are shown.
CREATE TABLE reaction_counts (
    message_id INTEGER NOT NULL,
    emoji      TEXT    NOT NULL,
    first_rev  INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji)
) STRICT, WITHOUT ROWID;

-- How many rows a message has there: most have none, and are not asked for any.
ALTER TABLE messages ADD COLUMN emoji_count INTEGER NOT NULL DEFAULT 0;
