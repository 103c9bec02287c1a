// The worker's side of the outbox: leases, and the results of attempts.
#include <fmt/format.h>

#include <utility>

#include "core/commit/decide.hpp"

namespace cariosan::commit {
namespace {

std::string why_disabled(const DeliveryResult& last, std::int64_t failed_deliveries) {
    if (last.outcome == DeliveryResult::Outcome::disable) return "the endpoint answered 410 Gone";
    const std::string reason = last.error         ? *last.error
                               : last.status_code ? fmt::format("status {}", *last.status_code)
                                                  : std::string("no answer");
    return fmt::format("{} deliveries in a row failed, the last one with: {}", failed_deliveries, reason);
}

/// Returns whether this result finishes the delivery.
bool finish_delivery(BatchRows& rows, WebhookRow& row, const DeliveryResult& result) {
    using Outcome = DeliveryResult::Outcome;
    const auto attempts = rows.deliveries.attempts(result.row, row.id);
    if (!attempts) return false;
    const DeliveryOutcome outcome{.delivery = result.row, .attempts = *attempts + 1, .result = result};
    if (result.outcome == Outcome::retry) {
        ++row.failed_attempts;
        rows.deliveries.delay(outcome, result.next_attempt_at.value_or(result.at));
        return false;
    }
    const bool delivered = result.outcome == Outcome::delivered;
    row.failed_attempts = delivered ? 0 : row.failed_attempts + 1;
    row.failed_deliveries = delivered ? 0 : row.failed_deliveries + 1;
    rows.deliveries.finish(outcome, delivered ? DeliveryStatus::delivered : DeliveryStatus::failed,
                           delivered ? std::optional(result.at) : std::nullopt);
    return true;
}

bool disables(const WebhookRow& row, const DeliveryResult& result) {
    return result.outcome == DeliveryResult::Outcome::disable ||
           (result.outcome == DeliveryResult::Outcome::failed && row.failed_deliveries >= kWebhookDisabledAfter);
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::LeaseWebhooks& lease) {
    rows.flush_pending();
    LeasedWebhooks leased;
    for (ReadyWebhook& ready : rows.webhooks.ready(lease)) {
        rows.webhooks.lease(ready.id, lease.owner, lease.until);
        leased.webhooks.push_back(std::move(ready.webhook));
    }
    Committed done;
    done.changed = !leased.webhooks.empty();
    if (done.changed) rows.wrote();
    done.object = std::move(leased);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::FinishDeliveries& finish) {
    Committed done;
    auto row = rows.webhooks.find(finish.webhook);
    if (!row) {
        done.changed = false;
        return done;
    }
    rows.forget_listening(row->workspace);
    std::int64_t finished = 0;
    const DeliveryResult* last_failure = nullptr;
    for (const DeliveryResult& result : finish.results) {
        if (finish_delivery(rows, *row, result)) ++finished;
        if (last_failure == nullptr && disables(*row, result)) last_failure = &result;
    }
    rows.webhooks.add_pending(row->id, -finished);
    rows.webhooks.write_failures(row->id, row->failed_attempts, row->failed_deliveries);
    if (last_failure != nullptr && row->webhook.enabled) {
        rows.webhooks.disable(row->id, why_disabled(*last_failure, row->failed_deliveries), last_failure->at);
        row->webhook.enabled = false;
    }
    rows.wrote();
    if (row->webhook.enabled && row->lease_owner == finish.owner) {
        done.object = LeasedWebhook{.id = row->webhook.id,
                                    .workspace = row->workspace,
                                    .url = std::move(row->webhook.url),
                                    .secrets = rows.webhooks.secrets(row->webhook.id),
                                    .failed_attempts = row->failed_attempts};
    }
    return done;
}

}  // namespace cariosan::commit
