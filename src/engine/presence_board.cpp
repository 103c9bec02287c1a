#include "engine/presence_board.hpp"

#include <mutex>
#include <utility>

namespace cariosan::engine {
namespace {

/// No snapshot lives longer.
constexpr std::chrono::seconds kLongestSnapshot{30};

}  // namespace

std::optional<core::PresenceState> PresenceBoard::find(UserId user) const {
    const std::shared_lock lock(mutex_);
    const auto found = states_.find(user);
    return found == states_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::optional<core::PresenceState>> PresenceBoard::find_all(WorkspaceId workspace, std::span<const UserId> users) const {
    auto states = PresenceLookup::find_all(workspace, users);
    if (coordination_ == nullptr) return states;
    std::vector<UserId> asked;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (states[i] && states[i]->online) continue;
        asked.push_back(users[i]);
        places.push_back(i);
    }
    if (asked.empty()) return states;
    const std::vector<Present> present = coordination_->present(asked);
    std::vector<UserId> elsewhere;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (present[i] != Present::yes) continue;
        states[places[i]] = core::PresenceState{.online = true};
        elsewhere.push_back(asked[i]);
    }
    if (!elsewhere.empty()) {
        dispatcher_.with_hub([workspace, elsewhere](realtime::Hub& hub) { hub.found_elsewhere(workspace, elsewhere); });
    }
    return states;
}

void PresenceBoard::forget(UserId user) {
    const std::unique_lock lock(mutex_);
    states_.erase(user);
}

void PresenceBoard::show(UserId user, const core::PresenceState& state) {
    const std::unique_lock lock(mutex_);
    states_[user] = state;
}

void PresenceBoard::record(std::vector<LastSeen> users) {
    forget_old();
    auto done = [this, users](const Result<Outcome>& outcome) { recorded(users, outcome.ok()); };
    ++counters_.queued_commands;
    writer_.push({.planned = {.mutation = mutation::RecordLastSeen{std::move(users)}, .prepared = {}},
                  .completion = {Completion::Where::here, std::move(done), {}}});
}

void PresenceBoard::recorded(std::vector<LastSeen> users, bool stored) {
    if (!stored) {
        return dispatcher_.with_hub([users = std::move(users)](realtime::Hub& hub) { hub.not_recorded(users); });
    }
    const std::unique_lock lock(mutex_);
    recorded_.push_back({clock_.elapsed(), std::move(users)});
}

void PresenceBoard::forget_old() {
    const std::unique_lock lock(mutex_);
    const std::chrono::milliseconds old = clock_.elapsed() - kLongestSnapshot;
    for (; !recorded_.empty() && recorded_.front().at < old; recorded_.pop_front()) {
        for (const LastSeen& each : recorded_.front().users) {
            const auto found = states_.find(each.user);
            if (found != states_.end() && !found->second.online && found->second.last_seen <= each.at) states_.erase(found);
        }
    }
}

}  // namespace cariosan::engine
