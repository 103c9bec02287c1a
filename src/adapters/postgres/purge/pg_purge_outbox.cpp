// Purging the outbox: deliveries that are too old, and those of webhooks that were deleted or have too many.
#include <chrono>

#include "adapters/postgres/pg_statement.hpp"
#include "adapters/postgres/purge/pg_purge.hpp"
#include "adapters/sql/kept.hpp"

namespace cariosan::postgres {
namespace {

using sql::kPurgeRows;

/// Fails the deliveries of a webhook with too many pending ones.
void give_up_deliveries(Connection& connection, std::int64_t webhook) {
    Statement fail(connection,
                   "UPDATE deliveries d SET status = 2, finished_at = h.updated_at, due = 0,"
                   " last_error = 'too many deliveries were pending' FROM webhooks h"
                   " WHERE h.id = $1 AND d.id IN (SELECT id FROM deliveries WHERE webhook_id = $1 AND status = 0 LIMIT $2)");
    const std::int64_t failed = fail.change(webhook, kPurgeRows);
    Statement count(connection, "UPDATE webhooks SET pending = pending - $2, overflowed = $3 WHERE id = $1");
    count.run(webhook, failed, failed == kPurgeRows);
}

}  // namespace

void purge_webhook(Connection& connection, std::int64_t webhook) {
    Statement drop(connection, "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE webhook_id = $1 LIMIT $2)");
    if (drop.change(webhook, kPurgeRows) > 0) return;
    Statement(connection, "DELETE FROM webhooks WHERE id = $1").run(webhook);
}

bool purge_webhooks(Connection& connection) {
    // Locked first, as by a batch that writes deliveries of it.
    Statement find(connection, "SELECT id, deleted FROM webhooks WHERE deleted = 1 OR overflowed = 1 LIMIT 1 FOR UPDATE");
    Rows rows = find.query();
    if (!rows.next()) return false;
    const std::int64_t webhook = rows.integer();
    if (rows.flag()) {
        purge_webhook(connection, webhook);
    } else {
        give_up_deliveries(connection, webhook);
    }
    return true;
}

bool purge_old_deliveries(Connection& connection, Timestamp now) {
    const std::int64_t kept_since = now.milliseconds - std::chrono::milliseconds(sql::kDeliveriesKept).count();
    Statement finished(connection,
                       "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE finished_at <= $1 LIMIT $2)");
    if (finished.change(kept_since, kPurgeRows) > 0) return true;
    Statement secrets(connection,
                      "DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets WHERE expires_at <= $1 LIMIT $2)");
    if (secrets.change(now, kPurgeRows) > 0) return true;
    // Pending ones of disabled webhooks.
    Statement waiting(connection,
                      "WITH gone AS (DELETE FROM deliveries WHERE id IN (SELECT d.id FROM webhooks h JOIN deliveries d"
                      " ON d.webhook_id = h.id AND d.status = 0 WHERE h.pending > 0 AND h.enabled = 0 AND d.created_at <= $1"
                      " LIMIT $2) RETURNING webhook_id),"
                      " lost AS (SELECT webhook_id, count(*) AS number FROM gone GROUP BY webhook_id)"
                      " UPDATE webhooks h SET pending = pending - lost.number FROM lost WHERE h.id = lost.webhook_id");
    return waiting.change(kept_since, kPurgeRows / 2) > 0;
}

}  // namespace cariosan::postgres
