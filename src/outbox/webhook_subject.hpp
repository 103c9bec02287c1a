/// The objects of a delivery, as they are in storage at delivery.
#pragma once

#include <cariosan/moderation.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/storage.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::outbox {

/// An event and the current state of the objects it is about. Objects that no longer exist are missing; then only the row's own
/// data is sent.
struct WebhookSubject {
    OutboxEvent event{};
    Timestamp read_at{};
    std::optional<Message> message{};  ///< even if deleted, as long as its row exists
    std::optional<Channel> channel{};
    std::optional<User> user{};
    std::optional<ModerationRecord> record{};  ///< nothing too if it has been dropped
    std::optional<Report> report{};
    std::vector<Mention> mentions{};  ///< in the order of the row; a deleted user has only an id
};

/// Reads everything in the reader's snapshot.
Result<WebhookSubject> read_subject(Reader& reader, const OutboxEvent& event, Timestamp now);

/// Encodes the body of a delivery. Pure; may be called from any thread. Implemented by the protocol layer, which knows JSON.
class WebhookBodyEncoder {
  public:
    virtual ~WebhookBodyEncoder() = default;
    virtual std::string encode(const WebhookSubject& subject) const = 0;
};

/// The event's id on the wire: `evt_…`.
inline std::string wire_id(EventId id) { return "evt_" + id.to_string(); }

}  // namespace cariosan::outbox
