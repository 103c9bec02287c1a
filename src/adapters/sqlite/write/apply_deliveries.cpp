// The worker's side of the outbox: leases, and what came of attempts.
#include <fmt/format.h>

#include <utility>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

std::string why_disabled(const DeliveryResult& last, std::int64_t failed_deliveries) {
    if (last.outcome == DeliveryResult::Outcome::disable) return "the endpoint answered 410 Gone";
    const std::string reason = last.error         ? *last.error
                               : last.status_code ? fmt::format("status {}", *last.status_code)
                                                  : std::string("no answer");
    return fmt::format("{} deliveries in a row failed, the last one with: {}", failed_deliveries, reason);
}

}  // namespace

Result<Committed> Batch::apply(const mutation::LeaseWebhooks& lease) {
    flush_pending();
    LeasedWebhooks leased;
    std::vector<std::int64_t> ids;
    {
        Rows rows = sql_.outbox.ready.query(lease.owner, lease.now, lease.limit, latest_due(lease.now, kWebhookLongestDelay));
        while (rows.next()) {
            ids.push_back(rows.integer());
            LeasedWebhook webhook;
            webhook.id = rows.id<WebhookId>();
            webhook.workspace = rows.id<WorkspaceId>();
            webhook.url = rows.text();
            webhook.secret = rows.text();
            webhook.failed_attempts = rows.integer();
            leased.webhooks.push_back(std::move(webhook));
        }
    }
    for (const std::int64_t id : ids) sql_.outbox.lease.run(id, lease.owner, lease.until);
    Committed done;
    done.changed = !ids.empty();
    state_.wrote = state_.wrote || done.changed;
    done.object = std::move(leased);
    return done;
}

bool Batch::finish_delivery(WebhookRow& row, const DeliveryResult& result) {
    using Outcome = DeliveryResult::Outcome;
    std::int64_t attempts = 0;
    {
        Rows rows = sql_.outbox.pending_attempts.query(result.row, row.id);
        if (!rows.next()) return false;
        attempts = rows.integer() + 1;
    }
    if (result.outcome == Outcome::retry) {
        ++row.failed_attempts;
        sql_.outbox.delay.run(result.row, attempts, result.status_code, result.error,
                              result.next_attempt_at.value_or(result.at));
        return false;
    }
    const bool delivered = result.outcome == Outcome::delivered;
    row.failed_attempts = delivered ? 0 : row.failed_attempts + 1;
    row.failed_deliveries = delivered ? 0 : row.failed_deliveries + 1;
    sql_.outbox.finish.run(result.row, delivered ? DeliveryStatus::delivered : DeliveryStatus::failed, attempts,
                           result.status_code, result.error, delivered ? std::optional(result.at) : std::nullopt,
                           result.at);
    return true;
}

Result<Committed> Batch::apply(const mutation::FinishDeliveries& finish) {
    Committed done;
    auto row = find_webhook(finish.webhook, std::nullopt);
    if (!row) {
        done.changed = false;
        return done;
    }
    flush_pending();
    std::int64_t finished = 0;
    const DeliveryResult* last_failure = nullptr;
    for (const DeliveryResult& result : finish.results) {
        if (finish_delivery(*row, result)) ++finished;
        const bool disables = result.outcome == DeliveryResult::Outcome::disable ||
                              (result.outcome == DeliveryResult::Outcome::failed &&
                               row->failed_deliveries >= kWebhookDisabledAfter);
        if (disables && last_failure == nullptr) last_failure = &result;
    }
    sql_.outbox.count_results.run(row->id, finished, row->failed_attempts, row->failed_deliveries);
    if (last_failure != nullptr && row->webhook.enabled) {
        sql_.outbox.disable.run(row->id, why_disabled(*last_failure, row->failed_deliveries), last_failure->at);
        row->webhook.enabled = false;
    }
    state_.listening.erase(row->workspace);
    state_.wrote = true;
    if (row->webhook.enabled && row->lease_owner == finish.owner) {
        done.object = LeasedWebhook{.id = row->webhook.id,
                                    .workspace = row->workspace,
                                    .url = std::move(row->webhook.url),
                                    .secret = std::move(row->secret),
                                    .failed_attempts = row->failed_attempts};
    }
    return done;
}

}  // namespace cariosan::sqlite
