/// Reads webhooks and their deliveries. A template over the adapter's queries.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sql/outbox_objects.hpp"
#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

template <class Rows>
DueDelivery read_due(Rows& rows, WorkspaceId workspace) {
    DueDelivery due;
    due.row = rows.integer();
    due.attempts = rows.integer();
    due.event = read_outbox_event(rows);
    due.event.workspace = workspace;
    return due;
}

}  // namespace detail

template <class Queries>
class SqlOutbox final : public OutboxReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlOutbox(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
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
    Queries sql_;
};

template <class Queries>
std::optional<typename SqlOutbox<Queries>::Place> SqlOutbox<Queries>::place_of(WebhookId webhook) {
    auto rows = sql_.place.query(webhook);
    if (!rows.next()) return std::nullopt;
    const std::int64_t row = rows.integer();
    return Place{row, read_id<WorkspaceId>(rows)};
}

template <class Queries>
Result<std::optional<Webhook>> SqlOutbox<Queries>::find(WorkspaceId workspace, WebhookId id) {
    std::optional<Webhook> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find.query(id, *row);
        if (rows.next()) found = read_webhook(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<Webhook>> SqlOutbox<Queries>::list(WorkspaceId workspace, std::optional<WebhookId> after,
                                                      std::int64_t limit) {
    std::vector<Webhook> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.list.query(*row, after.value_or(WebhookId{}), limit);
        while (rows.next()) list.push_back(read_webhook(rows));
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
Result<OutboxReader::DeliveryPage> SqlOutbox<Queries>::deliveries(WebhookId webhook, std::optional<std::int64_t> before,
                                                                  std::int64_t limit) {
    DeliveryPage page;
    if (const auto place = place_of(webhook)) {
        std::int64_t last = 0;
        auto rows = sql_.deliveries.query(place->row, before.value_or(std::numeric_limits<std::int64_t>::max()),
                                      limit < std::numeric_limits<std::int64_t>::max() ? limit + 1 : limit);
        while (rows.next()) {
            if (static_cast<std::int64_t>(page.items.size()) == limit) {
                page.next = last;
                break;
            }
            last = rows.integer();
            page.items.push_back(read_delivery(rows));
        }
    }
    return snapshot_.checked(std::move(page));
}

template <class Queries>
Result<std::optional<Delivery>> SqlOutbox<Queries>::find_delivery(WebhookId webhook, EventId event) {
    std::optional<Delivery> found;
    if (const auto place = place_of(webhook)) {
        auto rows = sql_.delivery.query(place->row, event);
        if (rows.next()) found = read_delivery(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::optional<Timestamp>> SqlOutbox<Queries>::next_due() {
    std::optional<Timestamp> due;
    auto rows = sql_.next_due.query();
    if (rows.next()) due = rows.optional_timestamp();
    return snapshot_.checked(due);
}

template <class Queries>
Result<std::vector<DueDelivery>> SqlOutbox<Queries>::due(WebhookId webhook, Timestamp now,
                                                         std::span<const std::int64_t> except, bool oldest_only,
                                                         std::int64_t limit) {
    std::vector<DueDelivery> due;
    const auto place = place_of(webhook);
    if (!place || limit < 1) return snapshot_.checked(std::move(due));
    const Timestamp latest = latest_due(now, kWebhookLongestDelay);
    if (oldest_only) {
        auto rows = sql_.oldest.query(place->row);
        const auto is_due = [&](Timestamp time) { return time <= now || time > latest; };
        if (rows.next() && is_due(rows.timestamp())) due.push_back(detail::read_due(rows, place->workspace));
        if (!due.empty() && std::ranges::find(except, due.front().row) != except.end()) due.clear();
        return snapshot_.checked(std::move(due));
    }
    const auto skipped = sql_.retries.list(except);
    // Failed deliveries must not hold up new ones: they get half of the places if both need them.
    auto retries = sql_.retries.query(place->row, now, skipped, limit);
    while (retries.next()) due.push_back(detail::read_due(retries, place->workspace));
    if (std::ssize(due) < limit) {
        auto far_ahead = sql_.far_ahead.query(place->row, latest, skipped, limit - std::ssize(due));
        while (far_ahead.next()) due.push_back(detail::read_due(far_ahead, place->workspace));
    }
    std::vector<DueDelivery> fresh;
    auto rows = sql_.fresh.query(place->row, skipped, limit);
    while (rows.next()) fresh.push_back(detail::read_due(rows, place->workspace));
    const auto places = static_cast<std::size_t>(limit);
    const std::size_t for_retries = std::max(places - std::min(places, fresh.size()), (places + 1) / 2);
    if (due.size() > for_retries) due.resize(for_retries);
    for (DueDelivery& each : fresh) {
        if (due.size() < places) due.push_back(std::move(each));
    }
    return snapshot_.checked(std::move(due));
}

}  // namespace cariosan::sql
