/// Webhooks: which events are sent to a workspace's backend, to which URL, and with what result. Plain values.
/// Section 8 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan {

using WebhookId = Id<struct WebhookTag>;
using EventId = Id<struct EventTag>;

/// The events a webhook can get. The numbers are stored: never change one.
enum class WebhookEvent : std::uint8_t {
    message_created = 0,
    message_updated = 1,
    message_deleted = 2,
    reaction_added = 3,
    reaction_removed = 4,
    message_mentioned = 5,
    message_moderated = 6,
    channel_created = 7,
    channel_updated = 8,
    channel_deleted = 9,
    member_joined = 10,
    member_left = 11,
    member_updated = 12,
    user_created = 13,
    user_updated = 14,
    user_deleted = 15,
    ping = 16,  ///< only on request; no subscription needed
    user_suspended = 17,
    user_restored = 18,
    report_created = 19,
};

/// How many there are.
inline constexpr unsigned kWebhookEvents = 20;

/// The wire name, such as "message.reaction.added". Static storage.
std::string_view to_string(WebhookEvent event) noexcept;
/// Also "ping".
std::optional<WebhookEvent> parse_webhook_event(std::string_view text) noexcept;

/// A set of events.
class WebhookEvents {
  public:
    constexpr WebhookEvents() = default;
    constexpr WebhookEvents(std::initializer_list<WebhookEvent> events) {
        for (const WebhookEvent event : events) add(event);
    }
    /// Of `bits()`.
    static constexpr WebhookEvents of_bits(std::uint32_t bits) {
        WebhookEvents events;
        events.bits_ = bits;
        return events;
    }

    constexpr void add(WebhookEvent event) { bits_ |= bit(event); }
    constexpr bool contains(WebhookEvent event) const { return (bits_ & bit(event)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    /// One bit for each, at the place of its number.
    constexpr std::uint32_t bits() const { return bits_; }
    bool operator==(const WebhookEvents&) const = default;

  private:
    static constexpr std::uint32_t bit(WebhookEvent event) { return 1U << static_cast<unsigned>(event); }
    std::uint32_t bits_ = 0;
};

/// An endpoint of a workspace's backend.
struct Webhook {
    WebhookId id{};
    std::string url{};
    WebhookEvents events{};
    bool enabled = true;
    std::optional<std::string> disabled_reason{};  ///< why it was disabled; absent if its owner disabled it
    std::optional<Timestamp> disabled_at{};
    Timestamp created_at{};
    Timestamp updated_at{};
};

/// A webhook with a secret, which only the answer that made the secret has. Never logged.
struct WebhookCredentials : Webhook {
    std::string signing_secret{};  ///< `whsec_…`; kept in clear, since every delivery is signed with it
};

/// How long a replaced secret still signs, beside the new one.
inline constexpr std::chrono::milliseconds kWebhookSecretOverlap = std::chrono::hours(24);
/// How long a request for a webhook or a secret can be repeated under its idempotency key.
inline constexpr std::chrono::milliseconds kWebhookKeyLife = std::chrono::hours(24);
/// How many secrets may sign at a time, the one in force included.
inline constexpr std::int64_t kWebhookMaxSecrets = 10;

enum class DeliveryStatus : std::uint8_t { pending, delivered, failed };

std::string_view to_string(DeliveryStatus status) noexcept;

/// One event for one webhook, and the state of its delivery.
struct Delivery {
    EventId event_id{};  ///< `evt_…` on the wire; the same for all webhooks that get the event
    WebhookEvent event = WebhookEvent::ping;
    DeliveryStatus status = DeliveryStatus::pending;
    std::int64_t attempts = 0;
    std::optional<std::int64_t> last_status_code{};  ///< absent: there was no answer, or no attempt
    std::optional<std::string> last_error{};         ///< one line; absent after a success
    std::optional<Timestamp> next_attempt_at{};      ///< of a pending one; now or earlier: as soon as possible
    Timestamp created_at{};
    std::optional<Timestamp> delivered_at{};
};

}  // namespace cariosan
