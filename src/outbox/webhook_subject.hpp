/// The objects of a delivery, as they are in storage at the time.
#pragma once

#include <cariosan/moderation.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/storage.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cariosan::outbox {

/// An event and the present state of what it is about. What is gone is missing here: then the row's own words are all
/// there is.
struct WebhookSubject {
    OutboxEvent event{};
    Timestamp read_at{};
    std::optional<Message> message{};  ///< a deleted one too, as long as its row is there
    std::optional<Channel> channel{};
    std::optional<User> user{};
    std::optional<ModerationRecord> record{};  ///< nothing also once it was dropped
    std::vector<Mention> mentions{};  ///< in the order of the row; a deleted user has only its id
};

/// In the reader's snapshot.
Result<WebhookSubject> read_subject(Reader& reader, const OutboxEvent& event, Timestamp now);

/// Writes the body of a delivery. Pure; from any thread. The protocol layer, which knows JSON, implements it.
class WebhookBodyEncoder {
  public:
    virtual ~WebhookBodyEncoder() = default;
    virtual std::string encode(const WebhookSubject& subject) const = 0;
};

/// `evt_…`, as an event is named on the wire.
inline std::string wire_id(EventId id) { return "evt_" + id.to_string(); }

}  // namespace cariosan::outbox
