#pragma once

#include <cariosan/error.hpp>
#include <cariosan/events.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/events/loss.hpp"
#include "realtime/channel_feed.hpp"
#include "realtime/event_encoder.hpp"
#include "realtime/hub/block_lists.hpp"
#include "realtime/hub/reread_queue.hpp"
#include "realtime/lanes/lane_queue.hpp"
#include "realtime/lanes/place_map.hpp"
#include "realtime/lanes/slots.hpp"
#include "realtime/nodes.hpp"
#include "realtime/presence.hpp"
#include "realtime/realtime_counters.hpp"
#include "realtime/session_handle.hpp"
#include "realtime/typing.hpp"

namespace cariosan::realtime {

/// A session's user and channels, from one snapshot.
struct SessionSnapshot {
    SessionStart start;
    std::vector<ChannelPosition> positions;
    BlockedUsers blocks;
    bool has_place = true;  ///< among its user's connections on all nodes
};

/// What was lost between two revisions of a channel, as far as the audience is concerned.
struct FeedRepair {
    bool deleted = false;
    std::int64_t rev = 0;
    std::int64_t member_count = 0;
    std::vector<UserId> joined{};
    std::vector<UserId> left{};
};

/// Where a user is and whom it has blocked, from one snapshot.
struct UserState {
    std::vector<ChannelPosition> positions;
    BlockedUsers blocks;
};

/// What the hub asks of storage. Answers arrive later, on the hub's thread.
class HubSource {
  public:
    virtual ~HubSource() = default;
    /// Answered by `Hub::loaded`.
    virtual void load(const SessionHandleRef& session) = 0;
    /// Answered by `Hub::repaired`.
    virtual void repair(WorkspaceId workspace, ChannelId channel, std::int64_t since) = 0;
    /// Answered by `Hub::reread`; `not_found` if there is no such user any more.
    virtual void reread(WorkspaceId workspace, UserId user) = 0;
    /// The channels in which `author` (nothing: anyone) wrote something that the user has not read, at most `limit`.
    /// Answered by `Hub::unread_moved`, or not at all.
    virtual void find_unread(WorkspaceId workspace, UserId user, std::optional<UserId> author, std::int64_t limit) = 0;
};

/// Decides who gets which event. Knows the feeds of all channels with local sessions and which users they belong to;
/// the lanes know the sessions themselves. Confined to the dispatcher's thread.
///
/// The audience changes only here, when the feed reaches the event that changes it, so that event `rev` goes to those who
/// are members after it and to those it removes.
class Hub {
  public:
    struct Options {
        std::size_t max_connections_per_user = 5;
        std::int64_t typing_max_members = 100;
        std::int64_t shared_receipts = 100;  ///< members up to which everyone is told everyone's receipts
        std::int64_t large_members = 1'000;  ///< members above which reactions and changes of members are held together
        std::int64_t presence_max_members = 100;    ///< of a channel whose members are told of each other's presence
        std::size_t presence_max_channels = 200;    ///< of one user: those with the latest activity
    };
    /// `nodes`: the others that share the storage; null: there are none.
    Hub(EventEncoder& encoder, HubSource& source, PresenceStore& presence, Counters& counters, Options options,
        Nodes* nodes = nullptr);

    /// A further lane under the index that its sessions have as `SessionHandle::lane`.
    void add_lane(std::size_t index, LaneQueueRef lane);

    void attach(SessionHandleRef session, std::chrono::milliseconds now);
    /// What `HubSource::load` found, or why it failed.
    void loaded(const SessionHandleRef& session, Result<SessionSnapshot> loaded);
    /// The session is told to close, which takes the connection up to ten seconds: it takes no place among its user's any
    /// more, and what was typed in it has come to its end.
    void closing(const SessionHandleRef& session);
    void detach(const SessionHandleRef& session, std::chrono::milliseconds now);

    /// Something was committed here or on another node.
    void publish(const Event& event);
    /// What other nodes publish to these topics is heard from now on (hub_nodes.cpp).
    void standing(std::span<const BusTopic> topics);
    /// These sessions gave way to newer ones on other nodes.
    void gave_way(std::span<const SessionId> sessions);
    /// What `Nodes::absent` has found: whether each is still online elsewhere.
    void absent(std::span<const UserId> users, const std::vector<bool>& elsewhere);

    // What was lost (hub_repair.cpp).

    /// Events will never come: feeds and users with local sessions are compared with storage, each once.
    void lost(const core::Loss& loss);
    void repaired(ChannelId channel, Result<FeedRepair> repair);
    void reread(UserId user, Result<UserState> read);
    /// The user's counts in these channels are others now: its sessions are told, the first channel first.
    void unread_moved(UserId user, const std::vector<ChannelId>& channels);

    /// Whether one of two users has blocked the other, so that neither is shown the other's presence and typing. Knows the
    /// lists of users with local sessions.
    bool blocked_between(UserId a, UserId b) const { return blocks_.between(a, b); }

    // Typing (hub_typing.cpp).

    void typing(const SessionHandle& session, ChannelId channel, bool started, std::chrono::milliseconds now);

    // Presence (hub_presence.cpp).

    /// The connection follows these users. `users` was read a moment ago and is brought up to date: whatever changes from
    /// now on, the connection is told.
    void watch(const SessionHandleRef& session, std::vector<UserPresence>& users);
    void unwatch(const SessionHandle& session, const std::vector<UserId>& users);
    /// `PresenceStore::record` has failed.
    void not_recorded(std::vector<LastSeen> users);
    /// This process ends: whoever is online was last seen now.
    void close_presence();

    /// A few times a second.
    void tick(std::chrono::milliseconds now);
    void drain(std::chrono::milliseconds reconnect_after);

    /// Hands the lanes what they were given since the last call: one wake-up per lane.
    void flush();

  private:
    /// A user who was online when a block between it and `viewer` came or went.
    struct PresenceOfOne {
        UserId viewer;
        UserPresence about;
    };
    struct LocalSession {
        SessionHandleRef handle;
        bool admitted = false;
        bool closing = false;  ///< told to close: it takes no place among the user's connections any more
    };
    struct Membership {
        ChannelId channel;
        std::int64_t rev = 0;
        bool joined = false;
        bool of_snapshot = false;  ///< as another read has found it, which may be older or newer
    };
    /// A user with connections here, or without, until everyone has been told that it is offline.
    struct LocalUser {
        WorkspaceId workspace;
        std::uint32_t slot = 0;
        std::vector<LocalSession> sessions;
        PlaceMap channels;  ///< by their slots, and where the user stands in `LocalChannel::users` of each
        /// Where the user was added and removed while storage was read for it; the latest last.
        std::vector<Membership> meanwhile;
        std::size_t reread_from = 0;  ///< those that came since the present `reread` began
        bool rereading = false;
        bool lost_while_loading = false;  ///< what is read for a session's start may be older than a loss
        bool is_loading() const;
        bool is_being_read() const { return rereading || is_loading(); }
    };
    /// Events of a large channel that were accepted and are told together: the revisions (`since`, `rev`].
    struct HeldEvents {
        std::int64_t since = 0;
        std::int64_t rev = 0;
        std::chrono::milliseconds until{0};
        std::vector<ToChannel> events;
        std::vector<UserId> removed{};  ///< by these events
        std::size_t bytes = 0;
    };
    struct LocalChannel {
        WorkspaceId workspace;
        ChannelFeed feed;
        std::uint32_t slot = 0;
        std::vector<std::uint32_t> users{};  ///< the slots of the local users who listen
        Timestamp last_activity{};
        std::unique_ptr<HeldEvents> held{};
    };

    using Users = std::unordered_map<UserId, LocalUser>;
    using Channels = std::unordered_map<ChannelId, LocalChannel>;

    bool make_room(LocalUser& user, std::chrono::milliseconds now);
    /// `retry_after_ms`: see `CloseSession`.
    void close(LocalSession& session, std::uint16_t code, std::string reason, std::int64_t retry_after_ms = 0);
    void admit(LocalUser& user, LocalSession& session, SessionStart start);
    Channels::value_type& open_channel(WorkspaceId workspace, ChannelId channel, std::int64_t last, ChannelFeed::Start start);
    /// How a user's sessions learn that it was added or removed.
    enum class By : std::uint8_t { event, reading };
    void join(UserId id, Channels::value_type& channel, By by);
    void leave(UserId id, ChannelId channel, std::int64_t rev, By by);
    void note_membership(LocalUser& user, const Membership& change);
    void forget_memberships(LocalUser& user);
    /// `since`: the first of `LocalUser::meanwhile` that they may not hold yet.
    void take_positions(Users::value_type& user, const std::vector<ChannelPosition>& positions, std::size_t since);
    void take_blocks(UserId user, BlockedUsers blocks);
    void close_sessions(LocalUser& user);
    void link(LocalUser& user, LocalChannel& channel);
    /// Undoes `link`; the last one takes the channel with it.
    void unlink(LocalUser& user, Channels::value_type& channel);
    /// The user's half of `link` stays.
    void take_out(Channels::value_type& channel, std::uint32_t place);
    void erase_channel(Channels::value_type& channel);
    void release_if_gone(UserId id);
    void forget_channel(ChannelId channel);

    void publish_durable(const Event& event);
    void publish_receipt(const Event& event, const ReceiptMoved& moved);
    void mark_unread(UserId user, ChannelId channel);
    void deliver(const Event& event, Channels::value_type& channel);
    void admit_newcomers(const Event& event, By by);
    void dismiss_leavers(const Event& event, By by);
    // hub_repair.cpp
    void note_missed(const Event& event, ChannelFeed& feed);
    void settle(Channels::value_type& channel, const FeedRepair& repair, std::int64_t since,
                const ChannelFeed::Rest& rest);
    /// Answers whether it is known of all channels whether they are absent.
    bool drop_absent(Users::value_type& user, const std::vector<ChannelPosition>& positions);
    void read_lost();
    void to_lanes_of(const ChannelFeed& feed, const ToChannel& task);
    std::vector<std::vector<UserId>> by_lanes(const std::vector<UserId>& users) const;
    void to_users(const std::vector<UserId>& users, const FrameRef& frame);
    // hub_typing.cpp
    void send_typing(const TypingTracker::Key& key, bool started, const std::vector<UserId>& blocked = {});
    void tell_typing(const TypingTracker::Key& key, WorkspaceId workspace, bool started);
    /// The others are told, if the user is typing there.
    void stop_typing(ChannelId channel, UserId user);
    void stop_all_typing(ChannelId channel);
    void stop_typing_in(const SessionHandle& session);
    void stop_typing_before(const Event& event);
    void stop_typing_of(const UserSilenced& silenced);

    bool listens(UserId user, ChannelId channel) const;
    template <class Visit>
    void for_each_blocker(UserId person, ChannelId channel, Visit&& visit);
    void hide_from_blockers(const Event& event, ToChannel& task);
    void except(UserId person, Hiding what, const Event& event, ToChannel& task, std::vector<FrameException>& exceptions);
    void hide_typing(UserId typist, const std::vector<UserId>& blocked, ToChannel& task);
    static void set_exceptions(ToChannel& task, std::vector<FrameException> exceptions);
    void block_changed(const Event& event, const BlockUpdated& change);
    void tell_block(const Event& event);
    void stop_typing_between(UserId one, UserId other);
    // hub_large.cpp
    bool is_held(const Event& event, const LocalChannel& channel) const;
    static bool is_taken_back(const Event& event, const LocalChannel& channel);
    void tell_ahead(const Event& event, const MembersEvent& changed, const FrameRef& frame);
    void hold(const Event& event, LocalChannel& channel, ToChannel task);
    void except_held(const HeldEvents& held, ToChannel& task);
    void let_go(ChannelId id, LocalChannel& channel);
    void let_go_old(std::chrono::milliseconds now);
    void let_go_all();

    // hub_nodes.cpp
    void hear(const BusTopic& topic);
    void stop_hearing(const BusTopic& topic);
    void typing_elsewhere(const Event& event, const Typing& typing);
    void presence_elsewhere(const PresenceChanged& changed);
    void tell_presence(std::span<const UserPresence> changes);
    bool add_presence_elsewhere(PresenceBatch& batch, std::vector<UserPresence>& told, std::int64_t& visits);
    void tick_nodes(std::chrono::milliseconds now);

    // hub_presence.cpp
    std::vector<UserId> hidden_from(UserId user) const;
    std::vector<ChannelId> presence_channels(const LocalUser& user) const;
    static bool share_channel(const LocalUser& a, const LocalUser& b);
    std::vector<SessionId> presence_watchers(UserId id, const LocalUser& user) const;
    void presence_between(UserId one, UserId other);
    std::optional<UserPresence> presence_after_block(const PresenceOfOne& news) const;
    void deliver_presence(std::chrono::milliseconds now);

    EventEncoder& encoder_;
    HubSource& source_;
    Counters& counters_;
    Options options_;
    Nodes* const nodes_;
    std::unordered_map<BusTopic, std::size_t> heard_;  // how often each is needed; empty without other nodes
    std::chrono::milliseconds next_renewal_{0};
    std::unordered_map<UserId, PresenceChanged::Change> presence_elsewhere_;  // to be told with the next batch
    std::vector<LaneQueueRef> lanes_;
    std::vector<std::vector<LaneTask>> outgoing_;  // per lane, until flush
    Users users_;
    Channels channels_;
    Slots<Users::value_type> user_slots_;
    Slots<Channels::value_type> channel_slots_;
    RereadQueue<ChannelId> repairs_;
    RereadQueue<UserId> rereads_;
    std::vector<ChannelId> holding_;     // channels that hold events, or did
    std::chrono::milliseconds last_tick_{0};
    TypingTracker typing_;
    BlockLists blocks_;
    PresenceTracker presence_;
    PresenceWatchers watchers_;
    std::vector<PresenceOfOne> presence_of_one_;  ///< to be told behind blocks that have come or gone
};

}  // namespace cariosan::realtime
