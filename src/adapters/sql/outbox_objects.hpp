/// From rows to webhooks, their deliveries and the events that these carry.
#pragma once

#include <algorithm>
#include <cariosan/outbox.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "adapters/sql/columns.hpp"

namespace cariosan::sql {

/// Alias `h`.
inline constexpr std::string_view kWebhookColumns =
    "h.uuid, h.url, h.events, h.enabled, h.disabled_reason, h.disabled_at, h.created_at, h.updated_at";
template <class Rows>
Webhook read_webhook(Rows& rows) {
    Webhook webhook;
    webhook.id = read_id<WebhookId>(rows);
    webhook.url = rows.text();
    webhook.events = WebhookEvents::of_bits(static_cast<std::uint32_t>(rows.integer()));
    webhook.enabled = rows.flag();
    webhook.disabled_reason = rows.optional_text();
    webhook.disabled_at = rows.optional_timestamp();
    webhook.created_at = rows.timestamp();
    webhook.updated_at = rows.timestamp();
    return webhook;
}

/// Alias `d`.
inline constexpr std::string_view kDeliveryColumns =
    "d.event_uuid, d.event, d.status, d.attempts, d.last_status_code, d.last_error, d.due, d.created_at, "
    "d.delivered_at";
template <class Rows>
Delivery read_delivery(Rows& rows) {
    Delivery delivery;
    delivery.event_id = read_id<EventId>(rows);
    delivery.event = read_code<WebhookEvent>(rows);
    delivery.status = read_code<DeliveryStatus>(rows);
    delivery.attempts = rows.integer();
    delivery.last_status_code = rows.optional_integer();
    delivery.last_error = rows.optional_text();
    const Timestamp due = rows.timestamp();
    delivery.created_at = rows.timestamp();
    delivery.delivered_at = rows.optional_timestamp();
    if (delivery.status == DeliveryStatus::pending) delivery.next_attempt_at = std::max(due, delivery.created_at);
    return delivery;
}

/// Alias `d`.
inline constexpr std::string_view kOutboxColumns =
    "d.event_uuid, d.event, d.created_at, d.channel_uuid, d.channel_external_id, d.message_uuid, d.user_uuid, d.rev, "
    "d.external_id, d.name, d.detail, d.mentions, d.record, d.traceparent";
/// Leaves the workspace unset.
template <class Rows>
OutboxEvent read_outbox_event(Rows& rows) {
    OutboxEvent event;
    event.id = read_id<EventId>(rows);
    event.event = read_code<WebhookEvent>(rows);
    event.at = rows.timestamp();
    if (!rows.skip_null()) event.channel = read_id<ChannelId>(rows);
    event.channel_external_id = rows.optional_text();
    if (!rows.skip_null()) event.message = read_id<MessageId>(rows);
    if (!rows.skip_null()) event.user = read_id<UserId>(rows);
    event.rev = rows.integer();
    event.external_id = rows.text();
    event.name = rows.text();
    event.detail = rows.text();
    const std::string mentions = rows.blob();
    for (std::size_t at = 0; at + sizeof(Uuid::bytes) <= mentions.size(); at += sizeof(Uuid::bytes)) {
        UserId& user = event.mentions.emplace_back();
        std::copy_n(mentions.begin() + static_cast<std::ptrdiff_t>(at), sizeof(Uuid::bytes), user.uuid.bytes.begin());
    }
    if (!rows.skip_null()) event.record = rows.uuid();
    event.traceparent = rows.optional_text().value_or("");
    return event;
}

/// The latest time that can have been scheduled at `now`. A later stored time was written while the clock was wrong.
inline Timestamp latest_due(Timestamp now, std::chrono::milliseconds longest_delay) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
    return {now.milliseconds > kEnd - longest_delay.count() ? kEnd : now.milliseconds + longest_delay.count()};
}

}  // namespace cariosan::sql
