/// Reads what is sent to the outside: webhooks and their deliveries, devices and push jobs. Implemented in one
/// read_<what>.cpp each.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sqlite/snapshot.hpp"

namespace cariosan::sqlite {

class SqliteOutbox final : public OutboxReader {
  public:
    explicit SqliteOutbox(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<std::optional<Webhook>> find(WorkspaceId workspace, WebhookId id) override;
    Result<std::vector<Webhook>> list(WorkspaceId workspace, std::optional<WebhookId> after, std::int64_t limit) override;
    Result<DeliveryPage> deliveries(WebhookId webhook, std::optional<std::int64_t> before, std::int64_t limit) override;
    Result<std::optional<Delivery>> find_delivery(WebhookId webhook, EventId event) override;
    Result<std::optional<Timestamp>> next_due() override;
    Result<std::vector<DueDelivery>> due(WebhookId webhook, Timestamp now, std::span<const std::int64_t> except,
                                         bool oldest_only, std::int64_t limit) override;

  private:
    /// The row of a webhook that was not deleted, and its workspace.
    struct Place {
        std::int64_t row = 0;
        WorkspaceId workspace;
    };
    std::optional<Place> place_of(WebhookId webhook);

    Snapshot& snapshot_;
    Statement place_{snapshot_.connection(),
                     "SELECT h.id, w.uuid FROM webhooks h JOIN workspaces w ON w.id = h.workspace_id"
                     " WHERE h.uuid = ?1 AND h.deleted = 0 AND w.deleted_at IS NULL"};
    Statement find_{snapshot_.connection(),
                    {"SELECT ", kWebhookColumns,
                     " FROM webhooks h WHERE h.uuid = ?1 AND h.workspace_id = ?2 AND h.deleted = 0"}};
    Statement list_{snapshot_.connection(),
                    {"SELECT ", kWebhookColumns,
                     " FROM webhooks h INDEXED BY webhooks_listed WHERE h.workspace_id = ?1 AND h.uuid > ?2 AND h.deleted = 0"
                     " ORDER BY h.uuid LIMIT ?3"}};
    Statement deliveries_{snapshot_.connection(),
                          {"SELECT d.id, ", kDeliveryColumns,
                           " FROM deliveries d WHERE d.webhook_id = ?1 AND d.id < ?2 ORDER BY d.id DESC LIMIT ?3"}};
    Statement delivery_{snapshot_.connection(),
                        {"SELECT ", kDeliveryColumns,
                         " FROM deliveries d WHERE d.webhook_id = ?1 AND d.event_uuid = ?2"}};
    Statement next_due_{snapshot_.connection(),
                        {"SELECT min(", kNextDue,
                         ") FROM webhooks h INDEXED BY webhooks_with_work JOIN workspaces w ON w.id = h.workspace_id"
                         " WHERE h.pending > 0 AND h.enabled = 1 AND h.deleted = 0 AND w.deleted_at IS NULL"}};
    Statement retries_{snapshot_.connection(),
                       {"SELECT d.id, d.attempts, ", kOutboxColumns,
                        " FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = ?1 AND d.status = 0"
                        " AND d.due > 0 AND d.due <= ?2 AND d.id NOT IN (SELECT j.value FROM json_each(?3) j)"
                        " ORDER BY d.due, d.id LIMIT ?4"}};
    Statement far_ahead_{snapshot_.connection(),
                         {"SELECT d.id, d.attempts, ", kOutboxColumns,
                          " FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = ?1 AND d.status = 0"
                          " AND d.due > ?2 AND d.id NOT IN (SELECT j.value FROM json_each(?3) j)"
                          " ORDER BY d.due, d.id LIMIT ?4"}};
    Statement fresh_{snapshot_.connection(),
                     {"SELECT d.id, d.attempts, ", kOutboxColumns,
                      " FROM deliveries d INDEXED BY deliveries_due WHERE d.webhook_id = ?1 AND d.status = 0"
                      " AND d.due = 0 AND d.id NOT IN (SELECT j.value FROM json_each(?2) j) ORDER BY d.id LIMIT ?3"}};
    Statement oldest_{snapshot_.connection(),
                      {"SELECT d.due, d.id, d.attempts, ", kOutboxColumns,
                       " FROM deliveries d INDEXED BY deliveries_pending WHERE d.webhook_id = ?1 AND d.status = 0"
                       " ORDER BY d.id LIMIT 1"}};
};

/// Aliases `x` (members), `u` and `d`; ?1 channel, ?2 the user to continue after, ?3 author.
inline constexpr std::string_view kPushTargets = "SELECT x.user_uuid, d.id, d.token FROM ";
inline constexpr std::string_view kTakesPush =
    " CROSS JOIN users u ON u.id = x.user_id WHERE x.channel_id = ?1 AND x.present = 1 AND x.user_uuid > ?2"
    " AND x.user_uuid <> ?3 AND x.muted = 0 AND u.deleted_at IS NULL"
    " AND (u.block_count = 0 OR NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = x.user_id AND b.blocked_uuid = ?3))";

class SqlitePush final : public PushReader {
  public:
    explicit SqlitePush(Snapshot& snapshot) : snapshot_(snapshot) {}
    Result<PushBacklog> backlog() override;
    Result<PushPart> part(std::int64_t row, const PushRange& range) override;

  private:
    struct Job;
    std::optional<Job> find_job(std::int64_t row, PushPart& part);

    Snapshot& snapshot_;
    Statement pending_{snapshot_.connection(), "SELECT pending FROM push_queue WHERE id = 1"};
    Statement next_due_{snapshot_.connection(), "SELECT due_at FROM push_jobs ORDER BY due_at LIMIT 1"};
    Statement job_{snapshot_.connection(),
                   "SELECT j.message_id, j.after_user, j.devices, c.id, c.member_count, c.uuid, m.uuid, u.uuid, u.name"
                   " FROM push_jobs j CROSS JOIN messages m ON m.id = j.message_id CROSS JOIN channels c ON c.id = m.channel_id"
                   " CROSS JOIN workspaces w ON w.id = c.workspace_id CROSS JOIN users u ON u.id = m.user_id"
                   " WHERE j.id = ?1 AND m.deleted_at IS NULL AND c.deleted_at IS NULL AND w.deleted_at IS NULL"
                   " AND u.deleted_at IS NULL"};
    Statement everyone_{snapshot_.connection(),
                        {kPushTargets, "members x INDEXED BY members_present CROSS JOIN devices d ON d.user_id = x.user_id",
                         kTakesPush, " ORDER BY x.user_uuid"}};
    Statement mentioned_{snapshot_.connection(),
                         {kPushTargets, "mentions n CROSS JOIN members x ON x.user_id = n.user_id"
                          " CROSS JOIN devices d ON d.user_id = x.user_id",
                          kTakesPush, " AND n.message_id = ?4 ORDER BY x.user_uuid"}};
    Statement again_{snapshot_.connection(),
                     {kPushTargets, "json_each(?4) j CROSS JOIN devices d ON d.id = j.value"
                      " CROSS JOIN members x ON x.user_id = d.user_id",
                      kTakesPush, " ORDER BY x.user_uuid"}};
};

}  // namespace cariosan::sqlite
