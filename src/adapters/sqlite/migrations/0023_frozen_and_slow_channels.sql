-- Channels where only admins write, or members wait between two messages.
ALTER TABLE channels ADD COLUMN slow_mode_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN frozen            INTEGER NOT NULL DEFAULT 0;
-- When the member sent last in slow mode.
ALTER TABLE members ADD COLUMN last_sent_at INTEGER;
