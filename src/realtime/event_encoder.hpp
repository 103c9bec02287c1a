#pragma once

#include <cariosan/events.hpp>
#include <cariosan/session.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace cariosan::realtime {

/// An encoded event. Both frames are null for an event that is not sent to clients.
struct EncodedEvent {
    FrameRef others;  ///< also null for a receipt sent to its own user only
    FrameRef author;  ///< for the author's own connections; null: the same as `others`
};

/// What an event hides from a user who has blocked someone; section 5 of the protocol, "Blocks".
enum class Hiding : std::uint8_t {
    everything,  ///< `channel.rev` instead
    quote,       ///< the message it quotes
    reactor,     ///< who reacted
};

/// The parts of a presence frame's text: `head`, then any of the users separated by commas, then `tail`.
struct EncodedPresence {
    std::string head;
    std::string tail;
    std::vector<std::string> users;
};

/// Encodes events as frames, once each, whatever the number of receivers. Implemented by the protocol layer and
/// injected. Called on the dispatcher's thread only.
class EventEncoder {
  public:
    virtual ~EventEncoder() = default;
    virtual EncodedEvent encode(const Event& event) = 0;
    /// A durable event as seen by users who have blocked someone in it. `own`: for its author, who has blocked the
    /// quoted user.
    virtual FrameRef encode_hiding(const Event& event, Hiding what, bool own) = 0;
    /// Combines the events of these frames, which cover the revisions (`since`, `rev`] of a channel, as one frame.
    virtual FrameRef encode(ChannelId channel, std::int64_t since, std::int64_t rev,
                            const std::vector<FrameRef>& frames) = 0;
    virtual EncodedPresence encode(const std::vector<UserPresence>& users) = 0;
};

}  // namespace cariosan::realtime
