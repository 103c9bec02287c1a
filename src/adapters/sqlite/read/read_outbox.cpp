// Webhooks and their deliveries.
#include <algorithm>
#include <limits>
#include <string>

#include "adapters/sqlite/read/outbox_readers.hpp"

namespace cariosan::sqlite {
namespace {

DueDelivery read_due(Rows& rows, WorkspaceId workspace) {
    DueDelivery due;
    due.row = rows.integer();
    due.attempts = rows.integer();
    due.event = read_outbox_event(rows);
    due.event.workspace = workspace;
    return due;
}

}  // namespace

std::optional<SqliteOutbox::Place> SqliteOutbox::place_of(WebhookId webhook) {
    Rows rows = place_.query(webhook);
    if (!rows.next()) return std::nullopt;
    const std::int64_t row = rows.integer();
    return Place{row, rows.id<WorkspaceId>()};
}

Result<std::optional<Webhook>> SqliteOutbox::find(WorkspaceId workspace, WebhookId id) {
    std::optional<Webhook> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_.query(id, *row);
        if (rows.next()) found = read_webhook(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::vector<Webhook>> SqliteOutbox::list(WorkspaceId workspace, std::optional<WebhookId> after,
                                                std::int64_t limit) {
    std::vector<Webhook> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = list_.query(*row, after.value_or(WebhookId{}), limit);
        while (rows.next()) list.push_back(read_webhook(rows));
    }
    return snapshot_.checked(std::move(list));
}

Result<OutboxReader::DeliveryPage> SqliteOutbox::deliveries(WebhookId webhook, std::optional<std::int64_t> before,
                                                            std::int64_t limit) {
    DeliveryPage page;
    if (const auto place = place_of(webhook)) {
        std::int64_t last = 0;
        Rows rows = deliveries_.query(place->row, before.value_or(std::numeric_limits<std::int64_t>::max()),
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

Result<std::optional<Delivery>> SqliteOutbox::find_delivery(WebhookId webhook, EventId event) {
    std::optional<Delivery> found;
    if (const auto place = place_of(webhook)) {
        Rows rows = delivery_.query(place->row, event);
        if (rows.next()) found = read_delivery(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::optional<Timestamp>> SqliteOutbox::next_due() {
    std::optional<Timestamp> due;
    Rows rows = next_due_.query();
    if (rows.next()) due = rows.optional_timestamp();
    return snapshot_.checked(due);
}

Result<std::vector<DueDelivery>> SqliteOutbox::due(WebhookId webhook, Timestamp now,
                                                   std::span<const std::int64_t> except, bool oldest_only,
                                                   std::int64_t limit) {
    std::vector<DueDelivery> due;
    const auto place = place_of(webhook);
    if (!place || limit < 1) return snapshot_.checked(std::move(due));
    const Timestamp latest = latest_due(now, kWebhookLongestDelay);
    if (oldest_only) {
        Rows rows = oldest_.query(place->row);
        const auto is_due = [&](Timestamp time) { return time <= now || time > latest; };
        if (rows.next() && is_due(rows.timestamp())) due.push_back(read_due(rows, place->workspace));
        if (!due.empty() && std::ranges::find(except, due.front().row) != except.end()) due.clear();
        return snapshot_.checked(std::move(due));
    }
    const std::string skipped = Statement::list(except);
    // Failed deliveries must not hold up new ones: they get half of the places if both need them.
    Rows retries = retries_.query(place->row, now, skipped, limit);
    while (retries.next()) due.push_back(read_due(retries, place->workspace));
    if (std::ssize(due) < limit) {
        Rows far_ahead = far_ahead_.query(place->row, latest, skipped, limit - std::ssize(due));
        while (far_ahead.next()) due.push_back(read_due(far_ahead, place->workspace));
    }
    std::vector<DueDelivery> fresh;
    Rows rows = fresh_.query(place->row, skipped, limit);
    while (rows.next()) fresh.push_back(read_due(rows, place->workspace));
    const auto places = static_cast<std::size_t>(limit);
    const std::size_t for_retries = std::max(places - std::min(places, fresh.size()), (places + 1) / 2);
    if (due.size() > for_retries) due.resize(for_retries);
    for (DueDelivery& each : fresh) {
        if (due.size() < places) due.push_back(std::move(each));
    }
    return snapshot_.checked(std::move(due));
}

}  // namespace cariosan::sqlite
