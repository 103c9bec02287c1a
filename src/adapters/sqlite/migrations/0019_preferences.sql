-- How members keep their channels, and per user how often that changed: in each row the number of its last change.
ALTER TABLE users ADD COLUMN preferences_rev INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN preferences_rev INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN archived_seq INTEGER;  -- archived when this was the newest message
ALTER TABLE members ADD COLUMN unread_mark INTEGER;   -- marked unread at this read position

-- Channels could be muted before: to a client that asks from the beginning that is a change.
UPDATE members SET preferences_rev = numbered.number
    FROM (SELECT user_id, channel_id, row_number() OVER (PARTITION BY user_id ORDER BY channel_id) AS number
          FROM members WHERE muted = 1 AND present = 1) AS numbered
    WHERE members.user_id = numbered.user_id AND members.channel_id = numbered.channel_id;
UPDATE users SET preferences_rev = counted.changes
    FROM (SELECT user_id, max(preferences_rev) AS changes FROM members WHERE preferences_rev > 0 GROUP BY user_id) AS counted
    WHERE users.id = counted.user_id;

CREATE INDEX members_preferences ON members (user_id, preferences_rev) WHERE preferences_rev > 0 AND present = 1;
-- Tells by itself which channels are archived, so that a list seeks only the rows it shows. A receipt does not touch it.
DROP INDEX members_of_user;
CREATE INDEX members_of_user ON members (user_id, channel_id, archived_seq, muted) WHERE present = 1;
