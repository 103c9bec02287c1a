#pragma once

#include <cariosan/events.hpp>
#include <cariosan/session.hpp>

namespace cariosan::realtime {

/// An event as frames. Both are null for an event that clients are not told.
struct EncodedEvent {
    FrameRef others;  ///< null also for a receipt that only its own user is told
    FrameRef author;  ///< for the author's own connections; null if it is the same as `others`
};

/// Turns events into frames, each once, whatever the number of receivers. Implemented by the protocol layer and injected.
/// Called on the dispatcher's thread only.
class EventEncoder {
  public:
    virtual ~EventEncoder() = default;
    virtual EncodedEvent encode(const Event& event) = 0;
};

}  // namespace cariosan::realtime
