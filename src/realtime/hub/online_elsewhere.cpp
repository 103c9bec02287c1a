#include "realtime/hub/online_elsewhere.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::realtime {
namespace {

constexpr int kMissesOfOneGone = 2;

}  // namespace

void OnlineElsewhere::enqueue(UserId id, User& user, Time now) {
    user.due = now + kInterval;
    queue_.push_back({user.due, id});
}

/// Null if the user was known already, or there is no room.
OnlineElsewhere::User* OnlineElsewhere::add(WorkspaceId workspace, UserId user, Time now) {
    if (users_.contains(user) || std::max(users_.size(), queue_.size()) >= kMostUsers) return nullptr;
    User& added = users_[user];
    added.workspace = workspace;
    added.last_alive = now;
    enqueue(user, added, now);
    return &added;
}

void OnlineElsewhere::announced(WorkspaceId workspace, UserId user, Time now) {
    if (add(workspace, user, now) != nullptr) return;
    const auto known = users_.find(user);
    if (known == users_.end()) return;
    User& entry = known->second;
    if (entry.awaits()) enqueue(user, entry, now);
    entry.state = State::shown_online;
    entry.last_alive = now;
    entry.misses = 0;
}

void OnlineElsewhere::found(WorkspaceId workspace, UserId user, Time now) { add(workspace, user, now); }

void OnlineElsewhere::left(UserId user, Time now) {
    const auto known = users_.find(user);
    if (known == users_.end()) return;
    if (queue_.size() >= kMostUsers) return forget(user);
    User& entry = known->second;
    entry.state = State::shown_offline;
    entry.until = now;
    entry.misses = 0;
    entry.is_asked = false;  // the answer to come may be older
    enqueue(user, entry, now);
}

std::vector<UserId> OnlineElsewhere::take_due(Time now) {
    std::vector<UserId> due;
    for (; !queue_.empty() && queue_.front().at <= now; queue_.pop_front()) {
        if (due.size() == kPerCall || asked_ + due.size() == kMostAsked) break;
        const auto user = users_.find(queue_.front().user);
        if (user == users_.end() || user->second.due != queue_.front().at) continue;
        if (std::exchange(user->second.is_asked, true)) continue;
        due.push_back(user->first);
    }
    asked_ += due.size();
    return due;
}

bool OnlineElsewhere::is_news(User& user, Present answer, Time now) {
    if (answer == Present::no) {
        if (user.state != State::shown_online || ++user.misses < kMissesOfOneGone) return false;
        user.state = State::gone;
        return true;
    }
    user.misses = 0;
    if (answer == Present::unknown) return false;
    user.last_alive = now;
    if (user.state != State::shown_offline) return false;
    user.state = State::back;
    return true;
}

std::vector<UserId> OnlineElsewhere::answered(std::span<const UserId> users, std::span<const Present> answers, Time now) {
    asked_ -= std::min(asked_, users.size());
    std::vector<UserId> moved;
    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto known = users_.find(users[i]);
        if (known == users_.end() || !std::exchange(known->second.is_asked, false)) continue;  // forgotten meanwhile
        User& user = known->second;
        if (is_news(user, answers[i], now)) {
            moved.push_back(users[i]);
        } else if (user.state == State::shown_offline && answers[i] == Present::no && now >= user.until) {
            users_.erase(known);
        } else {
            enqueue(users[i], user, now);
        }
    }
    return moved;
}

std::optional<WorkspaceId> OnlineElsewhere::awaits(UserId user) const {
    const auto known = users_.find(user);
    if (known == users_.end() || !known->second.awaits()) return std::nullopt;
    return known->second.workspace;
}

std::optional<OnlineElsewhere::Moved> OnlineElsewhere::settle(UserId user, Time now) {
    const auto known = users_.find(user);
    if (known == users_.end() || !known->second.awaits()) return std::nullopt;
    User& entry = known->second;
    const bool online = entry.state == State::back;
    entry.state = online ? State::shown_online : State::shown_offline;
    entry.until = now + kRemembered;
    entry.misses = 0;
    enqueue(user, entry, now);
    return Moved{.online = online, .last_alive = entry.last_alive};
}

}  // namespace cariosan::realtime
