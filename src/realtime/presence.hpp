#pragma once

#include <cariosan/mutations.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/users/presence_lookup.hpp"
#include "realtime/session_handle.hpp"

namespace cariosan::realtime {

/// Where the hub's presence goes: to readers on other threads, to storage, and to other nodes if there are any. Called on the
/// dispatcher's thread.
class PresenceStore {
  public:
    virtual ~PresenceStore() = default;
    /// Wall-clock time.
    virtual Timestamp now() = 0;
    /// Sets what `core::PresenceLookup` returns from now on.
    virtual void show(UserId user, const core::PresenceState& state) = 0;
    /// Removes what `show` set: this node no longer knows the user's state.
    virtual void forget(UserId user) = 0;
    /// Stores when the users were last seen; calls `Hub::not_recorded` if that fails.
    virtual void record(std::vector<LastSeen> users) = 0;
};

/// Who is online: users with a connection, and for `kGrace` after their last one closed. A user who reconnects within that
/// time never appears offline.
///
/// Changes are queued, each user once, and sent with the state at the time of sending. The queue is emptied at most every
/// `kInterval`. Last-seen times are recorded in batches, at most every `kRecordInterval`.
///
/// Bound: one entry per user who is online or has an unsent change, and at most `kMaxUnrecorded` last-seen times to record;
/// beyond that the oldest are dropped, and those users keep the last-seen time of an earlier visit.
class PresenceTracker {
  public:
    static constexpr std::chrono::milliseconds kGrace{10'000};
    static constexpr std::chrono::milliseconds kInterval{2'000};
    static constexpr std::chrono::milliseconds kRecordInterval{1'000};
    static constexpr std::size_t kMaxPerRecord = 1'000;
    static constexpr std::size_t kMaxUnrecorded = 100'000;

    /// `alone`: there are no other nodes, so a user is offline once the grace period is over. Otherwise the user may be online
    /// on another node: `take_ended` returns those to ask about, and `ended` takes the answer.
    PresenceTracker(PresenceStore& store, bool alone) : store_(store), alone_(alone) {}

    /// Whether the user is online or has an unsent change.
    bool knows(UserId user) const { return entries_.contains(user); }

    void connected(UserId user, const std::string& external_id);
    /// Another connection was opened; does nothing for an unknown user.
    void reconnected(UserId user);
    /// The last connection was closed; does nothing for an unknown user.
    void disconnected(UserId user, std::chrono::milliseconds now);

    /// Ends grace periods that are over, and records last-seen times.
    void tick(std::chrono::milliseconds now);

    /// Users whose grace period has ended since the last call.
    std::vector<UserId> take_ended() { return std::exchange(ended_, {}); }
    /// Whether such a user is online on another node. If so, nothing is announced, and this node forgets the user.
    void ended(UserId user, bool is_on_other_node);
    /// When a user of another node who is gone, though nobody said so, was last seen; they were known to be online `silent_for` ago.
    /// `stored` is what storage says: if it is of an earlier visit, their node died before it recorded this one, and that is done here.
    Timestamp lost(UserId user, std::optional<Timestamp> stored, std::chrono::milliseconds silent_for);

    /// Whether to send a batch now: there are changes, or the hub has `more`, and the last batch was at least `kInterval` ago.
    bool begin_delivery(std::chrono::milliseconds now, bool more = false);
    struct Change {
        UserPresence presence;
        bool is_news = false;  ///< differs from the state sent last
        bool is_gone = false;  ///< the user is no longer known
    };
    /// Takes the oldest change; absent if there are no more.
    std::optional<Change> next();

    /// The user's presence as sent to clients; absent if not online.
    std::optional<UserPresence> online(UserId user) const;
    /// Whether "online" was the last state sent.
    bool announced_online(UserId user) const;
    /// The user's current presence; `stored` was read a moment ago.
    UserPresence present(UserPresence stored) const;

    /// `PresenceStore::record` failed for these: they are recorded again.
    void not_recorded(std::vector<LastSeen> users);
    /// At shutdown: records everyone who is online as last seen now, and clears everything.
    void close();

  private:
    struct Entry {
        std::string external_id;
        Timestamp last_seen;                    ///< when the last connection closed, if none is open
        std::uint32_t departures = 0;           ///< incremented with each grace period, to recognise outdated ones
        enum class State : std::uint8_t { online, leaving, ended, offline } state = State::online;
        bool is_on_other_node = false;          ///< if it is `offline` here
        bool announced_online = false;          ///< the state sent last
        bool queued = false;
    };
    struct Grace {
        std::chrono::milliseconds until;
        UserId user;
        std::uint32_t departures = 0;  ///< `Entry::departures`
    };

    void enqueue(UserId user, Entry& entry);
    void go_online(UserId user, Entry& entry);
    void go_offline(UserId user, Entry& entry);
    void record_some();

    PresenceStore& store_;
    const bool alone_;
    std::vector<UserId> ended_;
    std::unordered_map<UserId, Entry> entries_;
    std::deque<Grace> graces_;  // by `until`; entries of users who came back are skipped
    std::deque<UserId> news_;
    std::deque<LastSeen> unrecorded_;
    std::chrono::milliseconds next_delivery_{0};
    std::chrono::milliseconds next_record_{0};
};

/// Of these channels of a user, those whose members see the user's presence: at most `most`, the latest active.
std::vector<ChannelId> latest_channels(std::vector<std::pair<Timestamp, ChannelId>> channels, std::int64_t most);
/// How many of a user's other channels an announcement names: a member of one may follow the user.
inline constexpr std::size_t kMostOtherChannels = 800;

/// Which connections follow which users (`presence.subscribe`). The hub decides who may.
/// Bound: each session limits how many users it follows.
class PresenceWatchers {
  public:
    void add(const SessionHandleRef& session, UserId user);
    void remove(const SessionHandle& session, UserId user);
    /// The session follows nobody any more.
    void remove(const SessionHandle& session);
    const std::vector<SessionHandleRef>& of(UserId user) const;

  private:
    /// A user a session follows, and the session's position in that user's list in `by_user_`.
    struct Followed {
        UserId user;
        std::uint32_t place = 0;
    };
    void drop_watcher(const Followed& followed);

    std::unordered_map<UserId, std::vector<SessionHandleRef>> by_user_;  // any number per user
    std::unordered_map<SessionId, std::vector<Followed>> by_session_;    // few each
};

}  // namespace cariosan::realtime
