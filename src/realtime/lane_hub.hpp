#pragma once

#include <cariosan/session.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "realtime/lane_queue.hpp"
#include "realtime/session_handle.hpp"
#include "realtime/unread_marks.hpp"

namespace cariosan::realtime {

class LaneHub;
class Subscriber;

/// One channel as one lane sees it. Part of `LaneHub`.
struct Topic {
    /// A subscriber whose live events are withheld (`holding`) or begin only after `floor`.
    struct Held {
        Subscriber* subscriber = nullptr;
        std::int64_t floor = 0;
        std::int64_t withheld = 0;  ///< the latest revision that was withheld
        bool holding = false;
    };

    ChannelId channel;
    std::int64_t last = 0;  ///< the latest durable revision handed out on this lane; 0: none yet
    std::vector<Subscriber*> live;
    std::vector<Held> held;
    std::vector<ToChannel> pending;  ///< laid up within the present run
    bool unread_moved = false;       ///< since the last tick

    bool empty() const noexcept { return live.empty() && held.empty(); }
};

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
    /// Events of a channel were lost: read it from `since` on as if the client had asked `sync`.
    virtual void resync(ChannelId channel, std::int64_t since) = 0;
    /// The user's unread counts in this channel have changed: tell the client what they are. At most once a second.
    virtual void unread_moved(ChannelId channel) = 0;
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
    std::vector<Topic*> topics_;
    std::uint64_t mark_ = 0;   // the pass of `LaneHub` that has already dealt with this subscriber
    std::uint32_t index_ = 0;  // in `LaneHub::all_`
    std::uint32_t presence_place_ = 0;  // from 1, in the round of presence that is under way
    bool admitted_ = false;
};

/// What one lane knows: its sessions, and which channels they listen to. Confined to the lane's thread; nothing here locks.
class LaneHub {
  public:
    explicit LaneHub(LaneQueueRef queue);
    ~LaneHub();
    LaneHub(const LaneHub&) = delete;
    LaneHub& operator=(const LaneHub&) = delete;

    /// A session that waits to be admitted, until `remove`. Both outside of a subscriber's callbacks.
    void add(Subscriber& subscriber);
    void remove(Subscriber& subscriber);

    /// Does all queued tasks. Frames for one channel are laid in one shared buffer; they have been handed to every
    /// subscriber before anything that was queued behind them.
    void run();
    /// About once a second.
    void tick();

    // Withholding, for `sync` (section 6 of the protocol).

    /// Whether the subscriber gets this channel's live events.
    bool subscribed(const Subscriber& subscriber, ChannelId channel) const;
    /// Withholds the channel's live durable events from now on. False if it is not subscribed.
    bool hold(Subscriber& subscriber, ChannelId channel);
    /// The subscriber has been told everything up to `rev`. True: live events later than that flow again. False: more has
    /// been withheld meanwhile, read again. True also if it is not subscribed any more.
    bool release(Subscriber& subscriber, ChannelId channel, std::int64_t rev);

    std::size_t sessions() const noexcept { return all_.size(); }

  private:
    struct Sessions {
        std::vector<Subscriber*> list;
    };

    void perform(Complete& task);
    void perform(ToChannel& task);
    void perform(MarkUnread& task);
    void perform(ToUsers& task);
    void perform(ToChannels& task);
    void perform(BlocksChanged& task);
    void perform(AdmitSession& task);
    void perform(SubscribeUser& task);
    void perform(UnsubscribeUser& task);
    void perform(DropChannel& task);
    void perform(ResyncChannel& task);
    void perform(CloseSession& task);
    void perform(DrainSessions& task);
    class PresenceRound;
    void perform(ToPresence& task);

    /// Hands out what was laid up in the topics.
    void flush();
    void flush(Topic& topic);
    void flush_live(Topic& topic);
    /// Marks the user's sessions as dealt with in this pass. False if it has none here.
    bool mark(UserId user);
    void flush_held(Topic& topic, std::int64_t newest);
    void subscribe(Subscriber& subscriber, ChannelId channel, std::int64_t floor);
    void link(Subscriber& subscriber, ChannelId channel);
    void unsubscribe(Subscriber& subscriber, Topic& topic);
    /// What it was told of a channel it is not subscribed to now, ahead of the feed: subscribed again, it is not told twice.
    void keep_floor(const Subscriber& subscriber, ChannelId channel, std::int64_t floor);
    std::int64_t take_floor(const Subscriber& subscriber, ChannelId channel);
    void erase_if_empty(Topic& topic);
    void tell_unread();
    const Topic* find(ChannelId channel) const;
    Topic* find(ChannelId channel);

    LaneQueueRef queue_;
    std::vector<LaneTask> tasks_;  // kept for its capacity
    std::vector<Topic*> dirty_;
    std::vector<Subscriber*> all_;
    std::unordered_map<SessionId, Subscriber*> by_id_;
    std::unordered_map<UserId, Sessions> users_;
    std::unordered_map<ChannelId, Topic> topics_;  // nodes stay where they are
    std::vector<ChannelId> unread_channels_;  // topics with `unread_moved`
    UnreadMarks unread_;
    struct Floor {
        ChannelId channel;
        std::int64_t rev = 0;
    };
    std::unordered_map<SessionId, std::vector<Floor>> floors_;
    std::uint64_t pass_ = 0;
};

}  // namespace cariosan::realtime
