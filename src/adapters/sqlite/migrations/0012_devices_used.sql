-- When a user last registered a device: past the limit the one unused longest makes room.
ALTER TABLE devices ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET used_at = created_at;
