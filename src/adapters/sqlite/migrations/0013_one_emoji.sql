-- Emoji that differ in U+FE0F alone are one: compared without it, shown as they were first written. And when each reaction
-- was made; of older ones it is not known, and the time of their message stands for it.
ALTER TABLE reactions ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE reactions SET emoji = replace(emoji, char(0xFE0F), ''),
    at = coalesce((SELECT m.created_at FROM messages m WHERE m.id = reactions.message_id), 0);

ALTER TABLE reaction_counts RENAME TO written_counts;
CREATE TABLE reaction_counts (
    message_id INTEGER NOT NULL,
    emoji      TEXT    NOT NULL,  -- as in reactions: without U+FE0F
    first_rev  INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    shown      TEXT    NOT NULL,  -- as it was first written
    PRIMARY KEY (message_id, emoji)
) STRICT, WITHOUT ROWID;
-- Beside the one min(), `emoji` is that of the row with the least first_rev.
INSERT INTO reaction_counts (message_id, emoji, first_rev, count, shown)
    SELECT message_id, replace(emoji, char(0xFE0F), ''), min(first_rev), sum(count), emoji
    FROM written_counts GROUP BY 1, 2;
UPDATE messages SET emoji_count = (SELECT count(*) FROM reaction_counts k WHERE k.message_id = messages.id)
    WHERE id IN (SELECT message_id FROM written_counts GROUP BY message_id, replace(emoji, char(0xFE0F), '')
                 HAVING count(*) > 1);
DROP TABLE written_counts;
