#pragma once

#include <cariosan/error.hpp>
#include <cariosan/events.hpp>
#include <cariosan/limits.hpp>
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
#include "realtime/hub/online_elsewhere.hpp"
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
    bool has_place = true;  ///< within the limit of its user's connections on all nodes
};

/// How the audience changed between two revisions of a channel.
struct FeedRepair {
    bool deleted = false;
    std::int64_t rev = 0;
    std::int64_t member_count = 0;
    std::vector<UserId> joined{};
    std::vector<UserId> left{};
    std::vector<Receipt> receipts{};  ///< as they are for others; empty unless they were asked for
    std::int64_t receipt_rev = 0;     ///< of the channel; 0: no receipts were asked for
};

/// What a feed has delivered.
struct FeedPosition {
    std::int64_t rev = 0;
    std::optional<std::int64_t> receipt_rev{};  ///< all receipts up to it; absent: none were lost
};

/// A user's channels and block list, and the settings of their workspace, from one snapshot.
struct UserState {
    std::vector<ChannelPosition> positions;
    BlockedUsers blocks;
    std::optional<ClientSettings> settings{};  ///< absent: they cannot have changed
};

/// Whether an error of reading a user says that this user may not be connected.
bool keeps_out(const Error& error) noexcept;

/// What the hub reads from storage. Results arrive later, on the hub's thread.
class HubSource {
  public:
    virtual ~HubSource() = default;
    /// Lists the channels of a session's user, so that the hub can subscribe to them on the bus before it reads them. Only with
    /// other nodes. Answered by `Hub::listed`.
    virtual void list_channels(const SessionHandleRef& session) = 0;
    /// Answered by `Hub::loaded`.
    virtual void load(const SessionHandleRef& session) = 0;
    /// Answered by `Hub::repaired`.
    virtual void repair(WorkspaceId workspace, ChannelId channel, const FeedPosition& since) = 0;
    /// Answered by `Hub::reread`; `not_found` if the user no longer exists.
    virtual void reread(WorkspaceId workspace, UserId user) = 0;
    /// Finds at most `limit` channels with messages of `author` (absent: of anyone) that the user has not read. Answered by
    /// `Hub::unread_moved`, or not at all.
    virtual void find_unread(WorkspaceId workspace, UserId user, std::optional<UserId> author, std::int64_t limit) = 0;
    /// Reads what an announcement of the user's presence takes, as if offline. Answered by `Hub::presence_read`; `not_found` if the
    /// user no longer exists.
    virtual void read_presence(WorkspaceId workspace, UserId user) = 0;
};

/// Decides who gets which event. Knows the feeds of all channels with local sessions, and the users of those sessions; the
/// lanes know the sessions themselves. Confined to the dispatcher's thread.
///
/// The audience changes only here, when the feed reaches the event that changes it, so that event `rev` goes to everyone who
/// is a member after it and to those it removes.
class Hub {
  public:
    /// `nodes`: the other nodes that share the storage; null: none.
    Hub(EventEncoder& encoder, HubSource& source, PresenceStore& presence, Counters& counters,
        const Limits& limits, Nodes* nodes = nullptr);

    /// Adds a lane. `index` is the `SessionHandle::lane` of its sessions.
    void add_lane(std::size_t index, LaneQueueRef lane);

    void attach(SessionHandleRef session, std::chrono::milliseconds now);
    /// The result of `HubSource::list_channels`.
    void listed(const SessionHandleRef& session, Result<std::vector<ChannelId>> channels);
    /// The result of `HubSource::load`.
    void loaded(const SessionHandleRef& session, Result<SessionSnapshot> loaded);
    /// The session was asked to close, which may take its connection up to ten seconds. It no longer counts towards its user's
    /// connection limit, and its typing ends.
    void closing(const SessionHandleRef& session);
    void detach(const SessionHandleRef& session, std::chrono::milliseconds now);

    /// Sets the time for the calls that follow. Call it before the first event and whenever time has passed: events that
    /// arrived too early wait for at most `EarlyEvents::kPatience`.
    void advance(std::chrono::milliseconds now);
    /// Whether such events are waiting. If so, call `advance` a few times within that time.
    bool waits_for_earlier() const noexcept { return !early_.empty(); }
    /// Delivers an event that was committed here or published by any node.
    void publish(const Event& event);
    /// The bus has confirmed these subscriptions: what other nodes publish from now on arrives (hub_subscribing.cpp).
    void subscribed(std::span<const BusTopic> topics);
    /// These sessions are replaced by newer ones on other nodes.
    void replaced(std::span<const SessionId> sessions);
    /// The answer to `Nodes::absent`: whether each user is still online on another node.
    void absent(std::span<const UserId> users, const std::vector<bool>& elsewhere);
    /// The answer to `Nodes::present`.
    void present(std::span<const UserId> users, std::span<const Present> answers);
    /// A read found these users online. Those on other nodes are watched over from now on (hub_elsewhere.cpp).
    void found_elsewhere(WorkspaceId workspace, std::span<const UserId> users);
    void presence_read(UserId user, Result<PresenceChanged::Change> read);

    // Losses (hub_repair.cpp).

    /// Events were lost for good: the affected feeds and users with local sessions are compared with storage, once each.
    void lost(const core::Loss& loss);
    /// Compares those that have sessions with storage if events up to this revision have not been delivered. Returns how many.
    std::size_t compare(std::span<const MovedChannels::Each> moved);
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

    /// Queues these tasks for the lane behind everything published so far. False if the lane is not one of the hub's.
    bool add_answers(const LaneQueueRef& lane, std::vector<LaneTask>& tasks);
    /// Hands the lanes the tasks collected since the last call, with one wake-up per lane.
    void flush();

  private:
    /// `about` was online when a block between `about` and `viewer` was set or lifted.
    struct PairPresence {
        UserId viewer;
        UserPresence about;
    };
    struct RemotePresence {
        WorkspaceId workspace;
        PresenceChanged::Change change;
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
    /// What has changed while a user is being read from storage.
    struct BeingRead {
        /// The channels the user was added to or removed from; the latest last.
        std::vector<Membership> meanwhile;
        std::size_t reread_from = 0;  ///< the first of `meanwhile` since the current `reread` began
        std::optional<ClientSettings> settings{};  ///< newer than those a session that starts may have read
        bool settings_since_reread = false;        ///< whether they came after the current `reread` began
        std::int64_t preferences_rev = 0;          ///< the same
    };
    /// A user with connections here. Stays after the last one closed until "offline" has been sent to everyone. There are many,
    /// so state that few of them need is allocated separately.
    struct LocalUser {
        WorkspaceId workspace;
        std::uint32_t slot = 0;
        bool rereading = false;
        bool lost_while_loading = false;  ///< the read for a session's start may be older than a loss
        std::vector<LocalSession> sessions;
        PlaceMap channels;  ///< by slot, with the user's position in `LocalChannel::users` of each
        std::unique_ptr<BeingRead> being_read;  ///< null if nothing has changed
        bool is_loading() const;
        bool is_being_read() const { return rereading || is_loading(); }
        std::span<const Membership> meanwhile(std::size_t since) const {
            return being_read ? std::span<const Membership>(being_read->meanwhile).subspan(since) : std::span<const Membership>();
        }
        std::size_t reread_from() const { return being_read ? being_read->reread_from : 0; }
    };
    /// Events of a large channel that were accepted and will be sent together: the revisions (`since`, `rev`].
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

    /// A subscription to a topic of the bus, shared by its users.
    struct TopicSubscription {
        std::size_t uses = 0;
        std::uint64_t active_since = 0;  ///< the value of `activations_` when the bus confirmed it; 0: not yet
        std::vector<SessionId> awaited_by{};
    };
    /// A session that is starting: storage is read only after its topics are subscribed, so that nothing is missed in between.
    struct Subscribing {
        SessionHandleRef session;
        std::chrono::milliseconds until{0};  ///< storage is read then, even if the bus has not answered
        std::vector<ChannelId> channels{};   ///< subscribed to for this session
        std::size_t awaited = 0;             ///< topics the bus has not confirmed yet
        bool listed = false;
        std::optional<std::uint64_t> loading_since{};  ///< the value of `activations_` when loading began
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
    /// `since`: the first change in `BeingRead::meanwhile` that the positions may not contain.
    void apply_positions(Users::value_type& user, const std::vector<ChannelPosition>& positions, std::size_t since);
    void apply_blocks(UserId user, BlockedUsers blocks);
    void close_sessions(LocalUser& user, const char* reason);
    void close_sessions(UserId id, const char* reason);
    void link(LocalUser& user, LocalChannel& channel);
    /// Undoes `link`, and removes the channel with its last user.
    void unlink(LocalUser& user, Channels::value_type& channel);
    /// The channel's half of `unlink`.
    void remove_at(Channels::value_type& channel, std::uint32_t place);
    void erase_channel(Channels::value_type& channel);
    void release_if_gone(UserId id);
    void forget_channel(ChannelId channel);

    void publish_durable(const Event& event);
    void publish_in_order(const Event& event);
    void publish_settings(const Event& event, const SettingsUpdated& updated);
    void apply_settings(const Users::value_type& user, const std::optional<ClientSettings>& read);
    void publish_preferences(const Event& event, const PreferencesChanged& changed);
    void publish_receipt(const Event& event, const ReceiptMoved& moved);
    void publish_receipts(Channels::value_type& channel, const FeedRepair& repair);
    void mark_unread(UserId user, ChannelId channel);
    void deliver(const Event& event, Channels::value_type& channel);
    void add_joiners(const Event& event, By by);
    void remove_leavers(const Event& event, By by);
    // hub_repair.cpp
    void note_missed(const Event& event, ChannelFeed& feed);
    void settle(Channels::value_type& channel, const FeedRepair& repair, std::int64_t since,
                const ChannelFeed::Rest& rest);
    /// Returns whether the read settles for every channel whether the user is a member.
    bool drop_absent(Users::value_type& user, const std::vector<ChannelPosition>& positions);
    void start_reads();
    void to_lanes_of(const ChannelFeed& feed, const ToChannel& task);
    std::vector<std::vector<UserId>> by_lanes(const std::vector<UserId>& users) const;
    void to_users(const std::vector<UserId>& users, const FrameRef& frame);
    // hub_typing.cpp
    void send_typing(const TypingTracker::Key& key, bool started, const std::vector<UserId>& blocked = {});
    void broadcast_typing(const TypingTracker::Key& key, WorkspaceId workspace, bool started);
    /// Notifies the others if the user was typing there.
    void stop_typing(ChannelId channel, UserId user);
    void stop_all_typing(ChannelId channel);
    void stop_typing_in(const SessionHandle& session);
    void stop_typing_before(const Event& event);
    void stop_typing_of(const UserSilenced& silenced);
    void remote_typing(const Event& event, const Typing& typing);

    bool listens(UserId user, ChannelId channel) const;
    template <class Visit>
    void for_each_blocker(UserId person, ChannelId channel, Visit&& visit);
    void hide_from_blockers(const Event& event, ToChannel& task);
    void add_exceptions(UserId person, Hiding what, const Event& event, ToChannel& task, std::vector<FrameException>& exceptions);
    void hide_typing(UserId typist, const std::vector<UserId>& blocked, ToChannel& task);
    static void set_exceptions(ToChannel& task, std::vector<FrameException> exceptions);
    void block_changed(const Event& event, const BlockUpdated& change);
    void announce_block(const Event& event);
    void stop_typing_between(UserId one, UserId other);
    // hub_large.cpp
    bool is_held(const Event& event, const LocalChannel& channel) const;
    static bool readds_removed_member(const Event& event, const LocalChannel& channel);
    void deliver_ahead(const Event& event, const MembersEvent& changed, const FrameRef& frame);
    void hold(const Event& event, LocalChannel& channel, ToChannel task);
    void add_held_exceptions(const HeldEvents& held, ToChannel& task);
    void send_held(ChannelId id, LocalChannel& channel);
    void send_overdue(std::chrono::milliseconds now);
    void send_all_held();

    // hub_nodes.cpp
    bool keep_early(const Event& event);
    void publish_waiting(ChannelId channel);
    void stop_waiting(ChannelId channel);
    void remote_presence(WorkspaceId workspace, const PresenceChanged& changed);
    void broadcast_presence(std::span<const UserPresence> changes);
    bool add_remote_presence(PresenceBatch& batch, std::vector<UserPresence>& sent, std::int64_t& visits);
    void tick_nodes(std::chrono::milliseconds now);
    void renew_leases(std::chrono::milliseconds now);
    // hub_elsewhere.cpp
    void ask_elsewhere(std::chrono::milliseconds now);
    void read_moved();
    void announce_moved(PresenceChanged::Change change);
    // hub_subscribing.cpp
    TopicSubscription& subscribe_to(const BusTopic& topic);
    void unsubscribe_from(const BusTopic& topic);
    void subscribe(const SessionHandleRef& session, std::chrono::milliseconds now);
    void await(Subscribing& subscribing, TopicSubscription& subscription);
    void load_if_subscribed(Subscribing& subscribing);
    void load(Subscribing& subscribing);
    void end_subscribing(SessionId session);
    void load_overdue(std::chrono::milliseconds now);
    bool is_loaded_or_loading(const LocalUser& user) const;
    void repair_late_subscriptions(SessionId session, const std::vector<ChannelPosition>& positions);

    // hub_presence.cpp
    std::vector<UserId> hidden_from(UserId user) const;
    std::vector<ChannelId> presence_channels(const LocalUser& user) const;
    static bool share_channel(const LocalUser& a, const LocalUser& b);
    std::vector<SessionId> presence_watchers(UserId id, const LocalUser& user) const;
    void presence_between(UserId one, UserId other);
    std::optional<UserPresence> presence_after_block(const PairPresence& pair) const;
    void deliver_presence(std::chrono::milliseconds now);

    EventEncoder& encoder_;
    HubSource& source_;
    Counters& counters_;
    const Limits limits_;
    Nodes* const nodes_;
    std::unordered_map<BusTopic, TopicSubscription> subscriptions_;  // this and the next one: empty without other nodes
    std::unordered_map<SessionId, Subscribing> subscribing_;
    std::uint64_t activations_ = 0;  // number of calls of `subscribed`
    std::chrono::milliseconds next_renewal_{0};
    std::unordered_map<UserId, RemotePresence> remote_presence_;  // to be sent with the next batch
    OnlineElsewhere elsewhere_;
    RereadQueue<UserId> moved_;  // users of `elsewhere_` who are no longer as they are shown
    std::vector<LaneQueueRef> lanes_;
    std::vector<std::vector<LaneTask>> outgoing_;  // per lane, until flush
    Users users_;
    Channels channels_;
    Slots<Users::value_type> user_slots_;
    Slots<Channels::value_type> channel_slots_;
    RereadQueue<ChannelId> repairs_;
    RereadQueue<UserId> rereads_;
    std::vector<ChannelId> holding_;     // channels with held events, and some that had them
    EarlyEvents early_;                  // only with other nodes
    std::chrono::milliseconds now_{0};  // as last passed to `advance`
    /// Held events are let go by a tick: counted from the one before them, they are not held longer than promised.
    std::chrono::milliseconds last_tick_{0};
    TypingTracker typing_;
    BlockLists blocks_;
    PresenceTracker presence_;
    PresenceWatchers watchers_;
    std::vector<PairPresence> pair_presence_;  ///< to be sent after blocks were set or lifted
};

}  // namespace cariosan::realtime
