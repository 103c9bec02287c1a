-- The words of each message that has any and was not deleted, as `search/pg_words.cpp` writes them. Apart from the messages, so
-- that a reaction does not enter all words again.

CREATE TABLE message_words (
    message_id bigint   PRIMARY KEY,
    channel_id bigint   NOT NULL,
    words      tsvector NOT NULL
);
CREATE INDEX message_words_of_channel ON message_words (channel_id, message_id);
-- New words wait in a short list, which every search reads, until they are merged.
CREATE INDEX message_words_by_word ON message_words USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 1024);

-- How far the words of messages that came without any have been written: those of ids from `below` on are there, as `version` writes
-- them.
CREATE TABLE words_progress (
    version bigint NOT NULL,
    below   bigint NOT NULL
);
INSERT INTO words_progress (version, below) VALUES (0, 0);
