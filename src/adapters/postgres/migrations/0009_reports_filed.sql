-- The reports of one user, for exports.
CREATE INDEX reports_filed ON reports (reporter_id, id);
