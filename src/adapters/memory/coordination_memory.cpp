#include "adapters/memory/coordination_memory.hpp"

#include <algorithm>
#include <iterator>

namespace cariosan::memory {

Counts::Time Counts::now() const {
    if (clock_) return clock_->elapsed();
    return std::chrono::duration_cast<Time>(std::chrono::steady_clock::now().time_since_epoch());
}

Counts::Node Counts::add_node() {
    const std::lock_guard lock(mutex_);
    return ++last_node_;
}

void Counts::drop_expired(UserEntry& user, Time now) {
    std::erase_if(user.places, [&](const Place& each) { return each.until <= now; });
    std::erase_if(user.presence, [&](const Presence& each) { return each.until <= now; });
}

void Counts::drop_if_empty(Users::iterator user) {
    if (user->second.places.empty() && user->second.presence.empty()) users_.erase(user);
}

bool Counts::connect(Node node, const NodeConnection& connection, const ConnectionLimit& limit) {
    const std::lock_guard lock(mutex_);
    const Time time = now();
    UserEntry& user = users_[connection.user];
    drop_expired(user, time);
    if (user.places.size() >= limit.most) {
        const auto quietest = std::ranges::min_element(user.places, {}, &Place::active);
        if (quietest == user.places.end() || time - quietest->active <= limit.silent_enough) return false;
        replaced_.emplace_back(quietest->node, quietest->id);
        user.places.erase(quietest);
    }
    user.places.push_back({node, connection.id, time - connection.silent_for, time + Coordination::kLease});
    return true;
}

void Counts::disconnect(Node node, std::span<const NodeConnection> connections) {
    const std::lock_guard lock(mutex_);
    const Time until = now() + Coordination::kLease;
    for (const NodeConnection& connection : connections) {
        std::erase(replaced_, std::pair(node, connection.id));
        const auto user = users_.find(connection.user);
        if (user == users_.end()) continue;
        const auto is_it = [&](const Place& each) { return each.node == node && each.id == connection.id; };
        if (std::erase_if(user->second.places, is_it) == 0) continue;
        std::erase_if(user->second.presence, [&](const Presence& each) { return each.node == node; });
        user->second.presence.push_back({node, until});
    }
}

std::vector<std::uint64_t> Counts::renew(Node node, std::span<const NodeConnection> connections) {
    const std::lock_guard lock(mutex_);
    const Time time = now();
    std::vector<std::uint64_t> gave_way;
    std::erase_if(replaced_, [&](const auto& each) {
        if (each.first != node) return false;
        gave_way.push_back(each.second);
        return true;
    });
    for (const NodeConnection& connection : connections) {
        if (std::ranges::find(gave_way, connection.id) != gave_way.end()) continue;
        std::vector<Place>& places = users_[connection.user].places;
        auto place = std::ranges::find_if(
            places, [&](const Place& each) { return each.node == node && each.id == connection.id; });
        if (place == places.end()) place = places.insert(place, Place{.node = node, .id = connection.id});
        place->active = time - connection.silent_for;
        place->until = time + Coordination::kLease;
    }
    // Forgets the leases of nodes that died silently.
    for (auto user = users_.begin(); user != users_.end();) {
        const auto next = std::next(user);
        drop_expired(user->second, time);
        drop_if_empty(user);
        user = next;
    }
    return gave_way;
}

std::vector<bool> Counts::absent(Node node, std::span<const UserId> users) {
    const std::lock_guard lock(mutex_);
    std::vector<bool> remaining;
    for (const UserId id : users) {
        const auto user = users_.find(id);
        if (user == users_.end()) {
            remaining.push_back(false);
            continue;
        }
        drop_expired(user->second, now());
        std::erase_if(user->second.presence, [&](const Presence& each) { return each.node == node; });
        remaining.push_back(!user->second.places.empty() || !user->second.presence.empty());
        drop_if_empty(user);
    }
    return remaining;
}

std::vector<Present> Counts::present(std::span<const UserId> users) {
    const std::lock_guard lock(mutex_);
    std::vector<Present> found;
    for (const UserId id : users) {
        const auto user = users_.find(id);
        if (user != users_.end()) drop_expired(user->second, now());
        const bool is_present = user != users_.end() && (!user->second.places.empty() || !user->second.presence.empty());
        found.push_back(is_present ? Present::yes : Present::no);
    }
    return found;
}

std::vector<std::chrono::nanoseconds> Counts::take(std::span<const TokensTaken> taken) {
    const std::lock_guard lock(mutex_);
    const std::chrono::nanoseconds time = now();
    std::vector<std::chrono::nanoseconds> full_in;
    for (const TokensTaken& each : taken) {
        std::chrono::nanoseconds& full_at = full_at_[{each.owner, each.kind}];
        full_at = std::max(full_at, time) + each.tokens * each.interval;
        full_in.push_back(full_at - time);
    }
    forget_full(time);
    return full_in;
}

/// Only when there are twice as many buckets as the last sweep left.
void Counts::forget_full(std::chrono::nanoseconds now) {
    if (full_at_.size() < forget_at_) return;
    std::erase_if(full_at_, [&](const auto& each) { return each.second <= now; });
    forget_at_ = std::max<std::size_t>(1024, 2 * full_at_.size());
}

std::vector<std::vector<Marked>> Counts::mark(Node node, std::span<const Mark> marks) {
    const std::lock_guard lock(mutex_);
    const Time time = now();
    std::vector<std::vector<Marked>> others;
    for (const Mark& each : marks) {
        std::vector<MarkSet>& set = marks_[each.what];
        std::erase_if(set, [&](const MarkSet& mark) { return mark.until <= time; });
        const bool is_set = std::ranges::any_of(
            set, [&](const MarkSet& mark) { return mark.node == node && mark.which == each.which; });
        if (!is_set) set.push_back({node, each.which, time - each.age, time - each.age + each.window});
        // Twice, so that a node's own marks do not crowd out those of the others.
        if (set.size() > 2 * Coordination::kMostMarks) set.erase(set.begin());
        std::vector<Marked>& found = others.emplace_back();
        for (auto mark = set.rbegin(); mark != set.rend() && found.size() < Coordination::kMostMarks; ++mark) {
            if (mark->node != node) found.push_back({mark->which, time - mark->at});
        }
    }
    forget_marks(time);
    return others;
}

/// Runs when there are twice as many as the last run left.
void Counts::forget_marks(Time now) {
    if (marks_.size() < forget_marks_at_) return;
    std::erase_if(marks_, [&](const auto& each) {
        return std::ranges::all_of(each.second, [&](const MarkSet& mark) { return mark.until <= now; });
    });
    forget_marks_at_ = std::max<std::size_t>(1024, 2 * marks_.size());
}

void Counts::leave(Node node) {
    const std::lock_guard lock(mutex_);
    std::erase_if(replaced_, [&](const auto& each) { return each.first == node; });
    for (auto user = users_.begin(); user != users_.end();) {
        const auto next = std::next(user);
        std::erase_if(user->second.places, [&](const Place& each) { return each.node == node; });
        std::erase_if(user->second.presence, [&](const Presence& each) { return each.node == node; });
        drop_if_empty(user);
        user = next;
    }
}

}  // namespace cariosan::memory
