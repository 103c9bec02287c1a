// Purging the outbox: finished deliveries, and those of deleted webhooks.
#include "adapters/sqlite/purge/purge.hpp"

namespace cariosan::sqlite {
namespace {

/// At most `kPurgeRows` deliveries of a deleted webhook, then the webhook.
void purge_webhook(Connection& connection, std::int64_t webhook) {
    Statement drop(connection,
                   "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries INDEXED BY deliveries_of_webhook"
                   " WHERE webhook_id = ?1 LIMIT ?2)");
    if (drop.change(webhook, kPurgeRows) > 0) return;
    Statement(connection, "DELETE FROM webhooks WHERE id = ?1").run(webhook);
}

/// Fails the deliveries of a webhook with too many pending ones.
void give_up(Connection& connection, std::int64_t webhook) {
    Statement fail(connection,
                   "UPDATE deliveries SET status = 2, finished_at = h.updated_at, due = 0,"
                   " last_error = 'too many deliveries were pending' FROM webhooks h"
                   " WHERE h.id = ?1 AND deliveries.id IN (SELECT id FROM deliveries INDEXED BY deliveries_pending"
                   " WHERE webhook_id = ?1 AND status = 0 LIMIT ?2)");
    const std::int64_t failed = fail.change(webhook, kPurgeRows);
    Statement count(connection, "UPDATE webhooks SET pending = pending - ?2, overflowed = ?3 WHERE id = ?1");
    count.run(webhook, failed, failed == kPurgeRows);
}

/// Finished deliveries and secrets that have expired, at most one step's worth.
struct OldDeliveries {
    std::int64_t finished = 0;
    std::int64_t secrets = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> waiting;  ///< deliveries and their disabled webhooks

    bool empty() const { return finished == 0 && secrets == 0 && waiting.empty(); }
};

std::int64_t count_expired_secrets(Connection& connection, Timestamp now) {
    Statement expired(connection,
                      "SELECT count(*) FROM (SELECT 1 FROM webhook_secrets INDEXED BY webhook_secrets_expiring"
                      " WHERE expires_at <= ?1 LIMIT ?2)");
    Rows count = expired.query(now, kPurgeRows / 2);
    return count.next() ? count.integer() : 0;
}

OldDeliveries find_old(Connection& connection, Timestamp kept_since, Timestamp now) {
    OldDeliveries old;
    old.secrets = count_expired_secrets(connection, now);
    Statement finished(connection,
                       "SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_finished"
                       " WHERE finished_at <= ?1 LIMIT ?2)");
    Rows count = finished.query(kept_since, kPurgeRows);
    if (count.next()) old.finished = count.integer();
    Statement waiting(connection,
                      "SELECT d.id, h.id FROM webhooks h INDEXED BY webhooks_with_work CROSS JOIN deliveries d"
                      " INDEXED BY deliveries_pending ON d.webhook_id = h.id AND d.status = 0"
                      " WHERE h.pending > 0 AND h.enabled = 0 AND d.created_at <= ?1 LIMIT ?2");
    Rows rows = waiting.query(kept_since, kPurgeRows / 2);
    while (rows.next()) {
        const std::int64_t delivery = rows.integer();
        old.waiting.emplace_back(delivery, rows.integer());
    }
    return old;
}

}  // namespace

std::optional<OutboxWork> find_outbox_work(Connection& connection) {
    Statement statement(connection,
                        "SELECT id, deleted FROM webhooks INDEXED BY webhooks_to_clear"
                        " WHERE deleted = 1 OR overflowed = 1 LIMIT 1");
    Rows rows = statement.query();
    if (!rows.next()) return std::nullopt;
    const std::int64_t webhook = rows.integer();
    return OutboxWork{webhook, rows.flag()};
}

void purge_outbox(Connection& connection, const OutboxWork& work) {
    if (work.deleted) {
        purge_webhook(connection, work.webhook);
    } else {
        give_up(connection, work.webhook);
    }
}

bool purge_webhooks_of(Connection& connection, std::int64_t workspace) {
    Statement find(connection,
                   "SELECT id FROM webhooks INDEXED BY webhooks_of_workspace WHERE workspace_id = ?1 LIMIT 1");
    std::int64_t webhook = 0;
    {
        Rows rows = find.query(workspace);
        if (!rows.next()) return false;
        webhook = rows.integer();
    }
    purge_webhook(connection, webhook);
    return true;
}

Result<bool> purge_deliveries(Writer& writer, Timestamp now) {
    if (auto state = writer.ready(); !state) return state.error();
    const Timestamp kept_since{now.milliseconds - std::chrono::milliseconds(sql::kDeliveriesKept).count()};
    const OldDeliveries old = find_old(writer.connection(), kept_since, now);
    if (writer.connection().failed()) return writer.connection().failure();
    if (old.empty()) return false;
    const auto done = writer.transaction([&](WriteStatements& sql) {
        Statement(sql.connection,
                  "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries INDEXED BY deliveries_finished"
                  " WHERE finished_at <= ?1 LIMIT ?2)")
            .run(kept_since, kPurgeRows);
        Statement(sql.connection,
                  "DELETE FROM webhook_secrets WHERE id IN (SELECT id FROM webhook_secrets"
                  " INDEXED BY webhook_secrets_expiring WHERE expires_at <= ?1 LIMIT ?2)")
            .run(now, kPurgeRows / 2);
        Statement drop(sql.connection, "DELETE FROM deliveries WHERE id = ?1");
        for (const auto& [delivery, webhook] : old.waiting) {
            drop.run(delivery);
            sql.outbox.add_pending.run(webhook, -1);
        }
    });
    if (!done) return done.error();
    if (old.secrets > 0) writer.set_text_blanked(true);
    return true;
}

}  // namespace cariosan::sqlite
