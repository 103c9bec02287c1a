#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace cariosan::realtime {

/// Users on other nodes who are shown as online here. They are asked about every `kInterval`, because nobody announces that they
/// went offline if their node died or the bus lost the announcement.
///
/// - A user is gone when two answers in a row say so: if the coordination service lost everything, the nodes report their users
///   again within a third of a lease. An unknown answer counts for nothing. So a user whose node died is found to be gone at most a
///   lease and two intervals later, which is 30 s.
/// - Users who are gone are asked about for another `kRemembered`: a node that was cut off from the service for longer than a
///   lease seemed to be dead, and does not announce those who were online all the time. Those who were announced as offline are
///   asked about once more.
///
/// The caller provides the time. Bound: `kMostUsers`, with those forgotten less than `kInterval` ago; more are not remembered, and
/// are shown as online until their next change is announced. At most `kMostAsked` are being asked about.
class OnlineElsewhere {
  public:
    using Time = std::chrono::milliseconds;
    static constexpr Time kInterval = Coordination::kLease / 2;
    static constexpr Time kRemembered{300'000};
    static constexpr std::size_t kMostUsers = 100'000;
    static constexpr std::size_t kPerCall = 1'000;
    static constexpr std::size_t kMostAsked = 2 * kPerCall;

    /// Sessions here are being told that the user is online.
    void announced(WorkspaceId workspace, UserId user, Time now);
    /// The user was read as online, by one who may not be the only one here to whom the user is shown.
    void found(WorkspaceId workspace, UserId user, Time now);
    /// The user was announced as offline. They are asked about until the next answer: if they had come to yet another node, its
    /// announcement may have been overtaken by this one.
    void left(UserId user, Time now);
    /// The user is here, or no longer exists.
    void forget(UserId user) { users_.erase(user); }

    /// Users to ask about now, at most `kPerCall`; `answered` must follow.
    std::vector<UserId> take_due(Time now);
    /// Returns those who are no longer as they are shown: for each, `settle` must follow when it is known who sees them.
    std::vector<UserId> answered(std::span<const UserId> users, std::span<const Present> answers, Time now);

    /// The workspace of a user for whom `settle` is awaited.
    std::optional<WorkspaceId> awaits(UserId user) const;
    struct Moved {
        bool online = false;
        Time last_alive{0};  ///< when the user was last known to be online
    };
    /// How the user is shown from now on. Absent if that was announced in the meantime.
    std::optional<Moved> settle(UserId user, Time now);

    std::size_t size() const noexcept { return users_.size(); }

  private:
    enum class State : std::uint8_t { shown_online, gone, shown_offline, back };
    struct User {
        WorkspaceId workspace;
        Time due{0};          ///< of the entry in `queue_`
        Time last_alive{0};
        Time until{0};        ///< `shown_offline` until the first answer from then on
        State state = State::shown_online;
        bool is_asked = false;
        std::uint8_t misses = 0;
        bool awaits() const { return state == State::gone || state == State::back; }
    };
    struct Due {
        Time at{0};
        UserId user;
    };

    User* add(WorkspaceId workspace, UserId user, Time now);
    void enqueue(UserId id, User& user, Time now);
    /// Whether the answer makes `user` one who moved.
    static bool is_news(User& user, Present answer, Time now);

    std::unordered_map<UserId, User> users_;
    std::deque<Due> queue_;  // by time; entries whose user has another `due`, or is gone, are skipped
    std::size_t asked_ = 0;
};

}  // namespace cariosan::realtime
