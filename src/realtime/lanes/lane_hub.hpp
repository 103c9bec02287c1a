#pragma once

#include <cariosan/session.hpp>
#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "realtime/lanes/unread_marks.hpp"
#include "realtime/lanes/lane_queue.hpp"
#include "realtime/lanes/pointer_index.hpp"
#include "realtime/lanes/slots.hpp"
#include "realtime/lanes/topic.hpp"
#include "realtime/session_handle.hpp"
#include "realtime/subscriber.hpp"

namespace cariosan::realtime {

/// One lane's sessions and the channels they are subscribed to. Confined to the lane's thread; nothing here locks.
class LaneHub {
  public:
    explicit LaneHub(LaneQueueRef queue);
    ~LaneHub();
    LaneHub(const LaneHub&) = delete;
    LaneHub& operator=(const LaneHub&) = delete;

    /// Adds a session waiting to be admitted, until `remove`. Neither may be called within a subscriber's callback.
    void add(Subscriber& subscriber);
    void remove(Subscriber& subscriber);

    /// Performs all queued tasks. Frames for one channel are merged into one shared buffer, and reach every
    /// subscriber before anything queued after them.
    void run();
    /// Called about once a second.
    void tick();

    // Withholding, for `sync` (section 6 of the protocol).

    /// Whether the subscriber gets this channel's live events.
    bool subscribed(const Subscriber& subscriber, ChannelId channel) const;
    /// Withholds the channel's live durable events from now on. False if it is not subscribed.
    bool hold(Subscriber& subscriber, ChannelId channel);
    /// The subscriber has everything up to `rev`. True if later live events flow again, false if more was withheld in the
    /// meantime; read again. Also true if it is no longer subscribed.
    bool release(Subscriber& subscriber, ChannelId channel, std::int64_t rev);

    /// The subscriber's user has other unread counts in this channel: it is told so by `Subscriber::unread_moved`.
    void mark_unread(const Subscriber& subscriber, ChannelId channel) { unread_.mark(subscriber.handle().id, channel); }

    std::size_t sessions() const noexcept { return by_id_.size(); }

  private:
    struct IdOf {
        SessionId operator()(const Subscriber& subscriber) const noexcept { return subscriber.handle().id; }
    };
    struct UserOf {
        UserId operator()(const Subscriber& subscriber) const noexcept { return subscriber.handle().user; }
    };

    void perform(Complete& task);
    void perform(ToChannel& task);
    void perform(MarkUnread& task);
    void perform(ToUsers& task);
    void perform(ToMembers& task);
    void perform(ToChannels& task);
    void perform(BlocksChanged& task);
    void perform(PreferencesMoved& task);
    void perform(AdmitSession& task);
    void perform(SubscribeUser& task);
    void perform(UnsubscribeUser& task);
    void perform(DropChannel& task);
    void perform(ResyncChannel& task);
    void perform(CloseSession& task);
    void perform(DrainSessions& task);
    class PresenceRound;
    void perform(ToPresence& task);

    /// Delivers the frames collected in the topics.
    void flush();
    void flush(Topic& topic);
    void flush_live(Topic& topic);
    /// Calls `visit(subscriber)` for each admitted session of the user. `visit` must not add or remove any. Returns whether
    /// there are any.
    template <class Visit>
    bool for_each_of(UserId user, Visit&& visit) const {
        Subscriber* subscriber = users_.find(user);
        const bool any = subscriber != nullptr;
        for (; subscriber != nullptr; subscriber = subscriber->next_of_user_) visit(*subscriber);
        return any;
    }
    void add_to_user(Subscriber& subscriber);
    void take_from_user(Subscriber& subscriber);
    /// Marks the user's sessions as handled in this pass. False if there are none here.
    bool mark(UserId user);
    void flush_held(Topic& topic, std::int64_t newest);
    void deliver_ahead(Subscriber& subscriber, Topic& topic, const ToMembers& task);
    void subscribe(Subscriber& subscriber, ChannelId channel);
    static void read(Subscriber& subscriber, Topic& topic);
    Topic& link(Subscriber& subscriber, ChannelId channel);
    void unsubscribe(Subscriber& subscriber, Topic& topic);
    /// Remembers how far ahead of the feed a subscriber has read a channel it is not subscribed to, so that it gets nothing twice
    /// if it subscribes again.
    void keep_floor(const Subscriber& subscriber, ChannelId channel, std::int64_t floor);
    std::int64_t take_floor(const Subscriber& subscriber, ChannelId channel);
    void erase_if_empty(Topic& topic);
    void send_unread();
    const Topic* find(ChannelId channel) const;
    Topic* find(ChannelId channel);

    LaneQueueRef queue_;
    std::vector<LaneTask> tasks_;  // kept for its capacity
    std::vector<Topic*> dirty_;
    PointerIndex<Subscriber, IdOf> by_id_;  // all sessions of the lane
    /// The first admitted session of each user; `Subscriber::next_of_user_` leads to the others.
    PointerIndex<Subscriber, UserOf> users_;
    std::unordered_map<ChannelId, Topic> topics_;  // nodes stay where they are
    Slots<Topic> topic_slots_;
    std::vector<ChannelId> unread_channels_;  // topics with `unread_moved`
    UnreadMarks unread_;
    std::unordered_map<SessionId, std::unordered_map<ChannelId, std::int64_t>> floors_;  // none of them is empty
    std::uint64_t pass_ = 0;
};

}  // namespace cariosan::realtime
