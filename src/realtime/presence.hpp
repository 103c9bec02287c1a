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

/// Where presence goes beyond the hub: to readers on other threads, to storage, and, where there are several nodes, to the
/// others. Called on the dispatcher's thread.
class PresenceStore {
  public:
    virtual ~PresenceStore() = default;
    /// The time of the wall clock.
    virtual Timestamp now() = 0;
    /// What `core::PresenceLookup` answers from now on.
    virtual void show(UserId user, const core::PresenceState& state) = 0;
    /// Nothing is known of the user here any more.
    virtual void forget(UserId user) = 0;
    /// Makes it durable. If that fails, the hub is told (`Hub::not_recorded`).
    virtual void record(std::vector<LastSeen> users) = 0;
};

/// Who is online: whoever has a connection, and for `kGrace` after the last one closed; coming back within it is no news.
///
/// What has changed waits in a queue, each user once: what is told of it is its state at that time. The queue is emptied at
/// most every `kInterval`. When users were last seen is recorded at most every `kRecordInterval`, many at once.
///
/// Bound: one entry per user that is online or has news, and what waits to be recorded: at most `kMaxUnrecorded`; beyond, the
/// oldest are forgotten, and those users seem to have been seen last a visit earlier.
class PresenceTracker {
  public:
    static constexpr std::chrono::milliseconds kGrace{10'000};
    static constexpr std::chrono::milliseconds kInterval{2'000};
    static constexpr std::chrono::milliseconds kRecordInterval{1'000};
    static constexpr std::size_t kMaxPerRecord = 1'000;
    static constexpr std::size_t kMaxUnrecorded = 100'000;

    /// `alone`: a user whose grace is over is offline. Otherwise it may be on another node: `take_ended` names it, and
    /// `ended` says.
    PresenceTracker(PresenceStore& store, bool alone) : store_(store), alone_(alone) {}

    /// Whether it is online or has news that nobody was told.
    bool knows(UserId user) const { return entries_.contains(user); }

    void connected(UserId user, const std::string& external_id);
    /// A further connection has begun; nothing happens unless the user is known.
    void reconnected(UserId user);
    /// The last connection is gone; likewise.
    void disconnected(UserId user, std::chrono::milliseconds now);

    /// Ends graces, and records.
    void tick(std::chrono::milliseconds now);

    /// Those whose graces have ended since the last call.
    std::vector<UserId> take_ended() { return std::exchange(ended_, {}); }
    /// Whether such a user is online elsewhere: then nobody is told anything, and it is not known here any more.
    void ended(UserId user, bool is_elsewhere);

    /// Whether news may be told now: there is some, or the hub has `more`, and it is `kInterval` after the last time this was
    /// so.
    bool begin_delivery(std::chrono::milliseconds now, bool more = false);
    struct Change {
        UserPresence presence;
        bool is_news = false;  ///< it is not what was told last
        bool is_gone = false;  ///< the user is not known any more
    };
    /// The oldest news; nothing: that was all.
    std::optional<Change> next();

    /// A user who is online, as it is told; nothing: it is not.
    std::optional<UserPresence> online(UserId user) const;
    /// Whether that was told, last of all.
    bool told_online(UserId user) const;
    /// A user as it is now; `stored` is what was read a moment ago.
    UserPresence present(UserPresence stored) const;

    /// These could not be recorded.
    void not_recorded(std::vector<LastSeen> users);
    /// The end: whoever is online was last seen now. Forgets everybody.
    void close();

  private:
    struct Entry {
        std::string external_id;
        Timestamp last_seen;                    ///< when the last connection closed, if none is open
        std::chrono::milliseconds until{0};     ///< the end of its grace
        enum class State : std::uint8_t { online, leaving, ended, offline } state = State::online;
        bool is_elsewhere = false;              ///< if it is `offline` here
        bool told_online = false;               ///< what was told last
        bool queued = false;
    };
    struct Grace {
        std::chrono::milliseconds until;
        UserId user;
    };

    void enqueue(UserId user, Entry& entry);
    void go_online(UserId user, Entry& entry);
    void go_offline(UserId user, Entry& entry);
    void record_some();

    PresenceStore& store_;
    const bool alone_;
    std::vector<UserId> ended_;
    std::unordered_map<UserId, Entry> entries_;
    std::deque<Grace> graces_;  // by `until`; those that were ended early are passed over
    std::deque<UserId> news_;
    std::deque<LastSeen> unrecorded_;
    std::chrono::milliseconds next_delivery_{0};
    std::chrono::milliseconds next_record_{0};
};

/// Which connections follow which users (`presence.subscribe`). Who may is the hub's business.
/// Bound: a session limits how many it follows.
class PresenceWatchers {
  public:
    void add(const SessionHandleRef& session, UserId user);
    void remove(const SessionHandle& session, UserId user);
    /// All that the session follows.
    void remove(const SessionHandle& session);
    const std::vector<SessionHandleRef>& of(UserId user) const;

  private:
    /// Whom a session follows, and where it stands in that user's list in `by_user_`.
    struct Followed {
        UserId user;
        std::uint32_t place = 0;
    };
    void drop_watcher(const Followed& followed);

    std::unordered_map<UserId, std::vector<SessionHandleRef>> by_user_;  // however many follow one user
    std::unordered_map<SessionId, std::vector<Followed>> by_session_;    // few each
};

}  // namespace cariosan::realtime
