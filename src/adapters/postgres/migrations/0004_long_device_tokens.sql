-- An entry of an index may have 2,700 bytes, and a token more. That a token is there once is seen to by a lock.
DROP INDEX devices_by_token;
CREATE INDEX devices_by_token ON devices (workspace_id, hashtextextended(token, 0));
