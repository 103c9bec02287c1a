#pragma once

#include <cariosan/error.hpp>
#include <cariosan/events.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/events/loss.hpp"
#include "realtime/channel_feed.hpp"
#include "realtime/event_encoder.hpp"
#include "realtime/hub/block_lists.hpp"
#include "realtime/hub/early_events.hpp"
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

/// What was lost between two revisions of a channel, as far as it affects the audience.
struct FeedRepair {
    bool deleted = false;
    std::int64_t rev = 0;
    std::int64_t member_count = 0;
    std::vector<UserId> joined{};
    std::vector<UserId> left{};
};

/// A user's channels and block list, from one snapshot.
struct UserState {
    std::vector<ChannelPosition> positions;
    BlockedUsers blocks;
};

/// What the hub reads from storage. Results arrive later, on the hub's thread.
class HubSource {
  public:
    virtual ~HubSource() = default;
    /// The channels of a session's user, to be heard on the bus before anything about them is read. Only with other
    /// nodes. Answered by `Hub::listed`.
    virtual void list_channels(const SessionHandleRef& session) = 0;
    /// Answered by `Hub::loaded`.
    virtual void load(const SessionHandleRef& session) = 0;
    /// Answered by `Hub::repaired`.
    virtual void repair(WorkspaceId workspace, ChannelId channel, std::int64_t since) = 0;
    /// Answered by `Hub::reread`; `not_found` if the user no longer exists.
    virtual void reread(WorkspaceId workspace, UserId user) = 0;
    /// The channels in which `author` (nothing: anyone) has messages unread by the user, at most `limit`.
    /// Answered by `Hub::unread_moved`, or not at all.
    virtual void find_unread(WorkspaceId workspace, UserId user, std::optional<UserId> author, std::int64_t limit) = 0;
};

/// Decides who gets which event. Knows the feeds of all channels with local sessions, and the users of those sessions; the
/// lanes know the sessions themselves. Confined to the dispatcher's thread.
///
/// The audience changes only here, when the feed reaches the event that changes it, so that event `rev` goes to everyone who
/// is a member after it and to those it removes.
class Hub {
  public:
    struct Options {
        std::size_t max_connections_per_user = 5;
        std::int64_t typing_max_members = 100;
        std::int64_t shared_receipts = 100;  ///< channels up to this size share receipts with all members
        std::int64_t large_members = 1'000;  ///< members above which reactions and member changes are batched
        std::int64_t presence_max_members = 100;    ///< of a channel whose members see each other's presence
        std::size_t presence_max_channels = 200;    ///< of one user: those with the latest activity
    };
    /// `nodes`: the other nodes that share the storage; null: none.
    Hub(EventEncoder& encoder, HubSource& source, PresenceStore& presence, Counters& counters, Options options,
        Nodes* nodes = nullptr);

    /// Adds a lane under the index its sessions have as `SessionHandle::lane`.
    void add_lane(std::size_t index, LaneQueueRef lane);

    void attach(SessionHandleRef session, std::chrono::milliseconds now);
    /// The result of `HubSource::list_channels`.
    void listed(const SessionHandleRef& session, Result<std::vector<ChannelId>> channels);
    /// The result of `HubSource::load`.
    void loaded(const SessionHandleRef& session, Result<SessionSnapshot> loaded);
    /// The session was asked to close, which may take its connection up to ten seconds: it no longer counts among its user's
    /// connections, and its typing ends.
    void closing(const SessionHandleRef& session);
    void detach(const SessionHandleRef& session, std::chrono::milliseconds now);

    /// The time of what follows. Before the first event, and whenever some time has passed: events that came before those
    /// they follow wait no longer than `EarlyEvents::kPatience`.
    void advance(std::chrono::milliseconds now);
    /// Whether such events wait: then `advance` is to be called a few times within that time.
    bool waits_for_earlier() const noexcept { return !early_.empty(); }
    /// Something was committed here or on another node.
    void publish(const Event& event);
    /// From now on, what other nodes publish to these topics arrives (hub_nodes.cpp).
    void standing(std::span<const BusTopic> topics);
    /// These sessions gave way to newer ones on other nodes.
    void gave_way(std::span<const SessionId> sessions);
    /// What `Nodes::absent` has found: whether each is still online elsewhere.
    void absent(std::span<const UserId> users, const std::vector<bool>& elsewhere);

    // Losses (hub_repair.cpp).

    /// Events were lost for good: the affected feeds and users with local sessions are compared with storage, once each.
    void lost(const core::Loss& loss);
    void repaired(ChannelId channel, Result<FeedRepair> repair);
    void reread(UserId user, Result<UserState> read);
    /// The user's unread counts in these channels changed: sends them to the user's sessions, first channel first.
    void unread_moved(UserId user, const std::vector<ChannelId>& channels);

    /// Whether one of two users has blocked the other, so that neither sees the other's presence and typing. Only knows
    /// the lists of users with local sessions.
    bool blocked_between(UserId a, UserId b) const { return blocks_.between(a, b); }

    // Typing (hub_typing.cpp).

    void typing(const SessionHandle& session, ChannelId channel, bool started, std::chrono::milliseconds now);

    // Presence (hub_presence.cpp).

    /// The connection follows these users. `users` was read a moment ago and is brought up to date; later changes are sent to
    /// the connection.
    void watch(const SessionHandleRef& session, std::vector<UserPresence>& users);
    void unwatch(const SessionHandle& session, const std::vector<UserId>& users);
    /// `PresenceStore::record` failed.
    void not_recorded(std::vector<LastSeen> users);
    /// At shutdown: everyone who is online was last seen now.
    void close_presence();

    /// Called a few times a second.
    void tick(std::chrono::milliseconds now);
    void drain(std::chrono::milliseconds reconnect_after);

    /// Has the lane get these tasks with its next ones, behind what was published so far. False: it is not one of the hub's.
    bool add_answers(const LaneQueueRef& lane, std::vector<LaneTask>& tasks);
    /// Hands the lanes the tasks collected since the last call, with one wake-up per lane.
    void flush();

  private:
    /// A user who was online when a block between that user and `viewer` was set or lifted.
    struct PresenceOfOne {
        UserId viewer;
        UserPresence about;
    };
    struct LocalSession {
        SessionHandleRef handle;
        bool admitted = false;
        bool closing = false;  ///< asked to close: no longer counts among the user's connections
    };
    struct Membership {
        ChannelId channel;
        std::int64_t rev = 0;
        bool joined = false;
        bool of_snapshot = false;  ///< from another read, which may be older or newer
    };
    /// What happens while a user is being read.
    struct BeingRead {
        /// The channels the user was added to or removed from; the latest last.
        std::vector<Membership> meanwhile;
        std::size_t reread_from = 0;  ///< those since the current `reread` began
    };
    /// A user with connections here; kept without any until everyone was sent that the user is offline. There are many:
    /// what only some of them need for a while is elsewhere.
    struct LocalUser {
        WorkspaceId workspace;
        std::uint32_t slot = 0;
        bool rereading = false;
        bool lost_while_loading = false;  ///< the read for a session's start may be older than a loss
        std::vector<LocalSession> sessions;
        PlaceMap channels;  ///< by slot, with the user's position in `LocalChannel::users` of each
        std::unique_ptr<BeingRead> being_read;  ///< null if nothing has happened
        bool is_loading() const;
        bool is_being_read() const { return rereading || is_loading(); }
        std::span<const Membership> meanwhile(std::size_t since) const {
            return being_read ? std::span<const Membership>(being_read->meanwhile).subspan(since) : std::span<const Membership>();
        }
        std::size_t reread_from() const { return being_read ? being_read->reread_from : 0; }
    };
    /// Events of a large channel that were accepted and are sent together: the revisions (`since`, `rev`].
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
        std::vector<std::uint32_t> users{};  ///< the slots of the subscribed local users
        Timestamp last_activity{};
        std::unique_ptr<HeldEvents> held{};
    };

    /// A topic that is heard on the bus.
    struct Heard {
        std::size_t uses = 0;
        std::uint64_t stood_at = 0;  ///< as `standings_` counts; 0: not yet
        std::vector<SessionId> awaited_by{};
    };
    /// A session that starts: first its topics are heard, then storage is read, so that nothing falls between.
    struct Subscribing {
        SessionHandleRef session;
        std::chrono::milliseconds until{0};  ///< then storage is read, even if the bus has not answered
        std::vector<ChannelId> channels{};   ///< heard for it
        std::size_t awaited = 0;             ///< topics that do not stand yet
        bool listed = false;
        std::optional<std::uint64_t> loading_since{};  ///< as `standings_` counted then
    };

    using Users = std::unordered_map<UserId, LocalUser>;
    using Channels = std::unordered_map<ChannelId, LocalChannel>;

    bool make_room(LocalUser& user, std::chrono::milliseconds now);
    /// `retry_after_ms`: see `CloseSession`.
    void close(LocalSession& session, std::uint16_t code, std::string reason, std::int64_t retry_after_ms = 0);
    void admit(LocalUser& user, LocalSession& session, SessionStart start);
    Channels::value_type& open_channel(WorkspaceId workspace, ChannelId channel, std::int64_t last, ChannelFeed::Start start);
    /// How a user's sessions learn that the user was added or removed.
    enum class By : std::uint8_t { event, reading };
    void join(UserId id, Channels::value_type& channel, By by);
    void leave(UserId id, ChannelId channel, std::int64_t rev, By by);
    void note_membership(LocalUser& user, const Membership& change);
    void forget_memberships(LocalUser& user);
    /// `since`: the first of `BeingRead::meanwhile` they may not contain yet.
    void take_positions(Users::value_type& user, const std::vector<ChannelPosition>& positions, std::size_t since);
    void take_blocks(UserId user, BlockedUsers blocks);
    void close_sessions(LocalUser& user);
    void link(LocalUser& user, LocalChannel& channel);
    /// Undoes `link`; the last one removes the channel.
    void unlink(LocalUser& user, Channels::value_type& channel);
    /// Keeps the user's half of `link`.
    void take_out(Channels::value_type& channel, std::uint32_t place);
    void erase_channel(Channels::value_type& channel);
    void release_if_gone(UserId id);
    void forget_channel(ChannelId channel);

    void publish_durable(const Event& event);
    void publish_in_order(const Event& event);
    void publish_receipt(const Event& event, const ReceiptMoved& moved);
    void mark_unread(UserId user, ChannelId channel);
    void deliver(const Event& event, Channels::value_type& channel);
    void admit_newcomers(const Event& event, By by);
    void dismiss_leavers(const Event& event, By by);
    // hub_repair.cpp
    void note_missed(const Event& event, ChannelFeed& feed);
    void settle(Channels::value_type& channel, const FeedRepair& repair, std::int64_t since,
                const ChannelFeed::Rest& rest);
    /// Returns whether it is known for every channel if it is absent.
    bool drop_absent(Users::value_type& user, const std::vector<ChannelPosition>& positions);
    void read_lost();
    void to_lanes_of(const ChannelFeed& feed, const ToChannel& task);
    std::vector<std::vector<UserId>> by_lanes(const std::vector<UserId>& users) const;
    void to_users(const std::vector<UserId>& users, const FrameRef& frame);
    // hub_typing.cpp
    void send_typing(const TypingTracker::Key& key, bool started, const std::vector<UserId>& blocked = {});
    void tell_typing(const TypingTracker::Key& key, WorkspaceId workspace, bool started);
    /// Sends the end to the others if the user was typing there.
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
    bool keep_early(const Event& event);
    void follow_up(ChannelId channel);
    void stop_waiting(ChannelId channel);
    Heard& hear(const BusTopic& topic);
    void stop_hearing(const BusTopic& topic);
    void typing_elsewhere(const Event& event, const Typing& typing);
    void presence_elsewhere(const PresenceChanged& changed);
    void tell_presence(std::span<const UserPresence> changes);
    bool add_presence_elsewhere(PresenceBatch& batch, std::vector<UserPresence>& told, std::int64_t& visits);
    void tick_nodes(std::chrono::milliseconds now);
    void renew_places(std::chrono::milliseconds now);
    // hub_subscribing.cpp
    void subscribe(const SessionHandleRef& session, std::chrono::milliseconds now);
    void await(Subscribing& subscribing, Heard& heard);
    void load_if_standing(Subscribing& subscribing);
    void load(Subscribing& subscribing);
    void end_subscribing(SessionId session);
    void load_overdue(std::chrono::milliseconds now);
    bool is_read_before(const LocalUser& user) const;
    void compare_unheard(SessionId session, const std::vector<ChannelPosition>& positions);

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
    std::unordered_map<BusTopic, Heard> heard_;  // empty without other nodes, as the next one
    std::unordered_map<SessionId, Subscribing> subscribing_;
    std::uint64_t standings_ = 0;  // how often `standing` was called
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
    EarlyEvents early_;                  // only with other nodes
    std::chrono::milliseconds now_{0};
    std::chrono::milliseconds last_tick_{0};
    TypingTracker typing_;
    BlockLists blocks_;
    PresenceTracker presence_;
    PresenceWatchers watchers_;
    std::vector<PresenceOfOne> presence_of_one_;  ///< to be sent after blocks were set or lifted
};

}  // namespace cariosan::realtime
