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

/// A session as its lane sees it. All calls on the lane's thread. A subscriber may be removed (`LaneHub::remove`)
/// only outside of these calls; to close, it asks its sink, which reports back later.
class Subscriber {
  public:
    explicit Subscriber(SessionHandleRef handle) : handle_(std::move(handle)) {}
    virtual ~Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    const SessionHandle& handle() const noexcept { return *handle_; }

    /// The session is subscribed: send `connection.ready`.
    virtual void ready(const SessionStart& start) = 0;
    /// Send one frame, which may contain several messages.
    virtual void deliver(const FrameRef& frame) = 0;
    /// Send the frame, or drop it if the connection has fallen behind.
    virtual void offer(const FrameRef& frame) = 0;
    /// Events of a channel were lost: read it from `since` on as if the client had asked `sync`. A read in progress
    /// continues, but may be too old: read its page again.
    virtual void resync(ChannelId channel, std::int64_t since) = 0;
    /// The user's unread counts in this channel have changed: send them to the client. Called at most once a second.
    /// False if still busy with another channel; ask again later.
    virtual bool unread_moved(ChannelId channel) = 0;
    /// Send the frame. Anything read for this session but not sent yet may contain messages of a user who is now
    /// blocked, and must not be sent.
    virtual void blocks_changed(const BlockUpdated& change, const FrameRef& frame) = 0;
    /// The user's preferences of this channel are now these: tell the client.
    virtual void preferences_changed(ChannelId channel, const Preferences& preferences) = 0;
    /// From now on the session gets the channel's live events (`joined`), or no longer does: its user was added or
    /// removed. The subscriber may `hold` the channel at once, before the event itself arrives.
    virtual void audience_changed(ChannelId channel, bool joined) = 0;
    virtual void draining(std::int64_t reconnect_after_ms) = 0;
    /// Close the session. `retry_after_ms` goes into an `error` frame before the close, if not 0.
    virtual void end(std::uint16_t code, std::string_view reason, std::int64_t retry_after_ms) = 0;
    /// Called about once a second.
    virtual void tick() = 0;

  protected:
    SessionHandleRef handle_;

  private:
    friend class LaneHub;
    friend struct Topic;
    PlaceMap places_;          // its channels on this lane, and its position in the lists of each (`Topic`)
    Subscriber* next_of_user_ = nullptr;  // on this lane
    std::uint64_t mark_ = 0;   // the last pass of `LaneHub` that handled this subscriber
    std::uint32_t presence_place_ = 0;  // from 1, in the current round of presence
    bool admitted_ = false;
};

}  // namespace cariosan::realtime
