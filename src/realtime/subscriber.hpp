#pragma once

#include <cariosan/events.hpp>
#include <cariosan/session.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <string_view>
#include <utility>

#include "realtime/lanes/place_map.hpp"
#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// What a session is to its lane. All calls on the lane's thread. A subscriber may leave (`LaneHub::remove`) only outside
/// of these calls; it closes by asking its sink, which tells it later.
class Subscriber {
  public:
    explicit Subscriber(SessionHandleRef handle) : handle_(std::move(handle)) {}
    virtual ~Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    const SessionHandle& handle() const noexcept { return *handle_; }

    /// The session is subscribed: it says `connection.ready`.
    virtual void ready(const SessionStart& start) = 0;
    /// One frame, which may hold several messages.
    virtual void deliver(const FrameRef& frame) = 0;
    /// As `deliver`, for a frame that nobody misses: a connection that is behind may be spared it.
    virtual void offer(const FrameRef& frame) = 0;
    /// Events of a channel were lost: read it from `since` on as if the client had asked `sync`. A reading that is under way
    /// goes on, but what it holds may be too old: its page is to be read again.
    virtual void resync(ChannelId channel, std::int64_t since) = 0;
    /// The user's unread counts in this channel have changed: tell the client what they are. At most once a second. False:
    /// it is still busy with those of another one, and is to be asked again.
    virtual bool unread_moved(ChannelId channel) = 0;
    /// Hands on the frame. What was read for this session and is not said yet may hold what a blocked user wrote: it is
    /// not to be said any more.
    virtual void blocks_changed(const BlockUpdated& change, const FrameRef& frame) = 0;
    /// From now on the session gets the channel's live events (`joined`), or no longer: its user was added or removed.
    /// The subscriber may `hold` the channel at once, before the event that says so.
    virtual void audience_changed(ChannelId channel, bool joined) = 0;
    virtual void draining(std::int64_t reconnect_after_ms) = 0;
    /// End this conversation. `retry_after_ms` goes into an `error` frame before the close, if not 0.
    virtual void end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) = 0;
    /// About once a second.
    virtual void tick() = 0;

  protected:
    SessionHandleRef handle_;

  private:
    friend class LaneHub;
    friend struct Topic;
    PlaceMap places_;          // its channels on this lane, and where it stands in the lists of each (`Topic`)
    std::uint64_t mark_ = 0;   // the pass of `LaneHub` that has already dealt with this subscriber
    std::uint32_t index_ = 0;  // in `LaneHub::all_`
    std::uint32_t presence_place_ = 0;  // from 1, in the round of presence that is under way
    bool admitted_ = false;
};

}  // namespace cariosan::realtime
