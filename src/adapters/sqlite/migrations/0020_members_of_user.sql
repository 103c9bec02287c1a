-- With `present`, a walk over a user's channels never seeks their rows: SQLite reads it although the index is of nothing else.
DROP INDEX members_of_user;
CREATE INDEX members_of_user ON members (user_id, channel_id, present, archived_seq, muted) WHERE present = 1;
