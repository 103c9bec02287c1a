#include "realtime/presence.hpp"

#include <algorithm>
#include <cariosan/coordination.hpp>
#include <functional>
#include <utility>

namespace cariosan::realtime {

// Who is online.

void PresenceTracker::enqueue(UserId user, Entry& entry) {
    if (!std::exchange(entry.queued, true)) news_.push_back(user);
}

void PresenceTracker::go_online(UserId user, Entry& entry) {
    entry.is_on_other_node = false;
    if (std::exchange(entry.state, Entry::State::online) == Entry::State::offline) {
        store_.show(user, {.online = true});
        enqueue(user, entry);
    }
}

void PresenceTracker::connected(UserId user, const std::string& external_id) {
    const auto [found, is_new] = entries_.try_emplace(user);
    Entry& entry = found->second;
    if (!is_new) return reconnected(user);
    entry.external_id = external_id;
    store_.show(user, {.online = true});
    enqueue(user, entry);
}

void PresenceTracker::reconnected(UserId user) {
    const auto found = entries_.find(user);
    if (found != entries_.end() && found->second.state != Entry::State::online) go_online(user, found->second);
}

void PresenceTracker::disconnected(UserId user, std::chrono::milliseconds now) {
    const auto found = entries_.find(user);
    if (found == entries_.end() || found->second.state != Entry::State::online) return;
    Entry& entry = found->second;
    entry.state = Entry::State::leaving;
    entry.last_seen = store_.now();
    graces_.push_back({now + kGrace, user, ++entry.departures});
}

void PresenceTracker::tick(std::chrono::milliseconds now) {
    for (; !graces_.empty() && graces_.front().until <= now; graces_.pop_front()) {
        const auto found = entries_.find(graces_.front().user);
        if (found == entries_.end()) continue;
        Entry& entry = found->second;
        if (entry.state != Entry::State::leaving || entry.departures != graces_.front().departures) continue;
        if (alone_) {
            go_offline(found->first, entry);
        } else {
            entry.state = Entry::State::ended;
            ended_.push_back(found->first);
        }
    }
    while (unrecorded_.size() > kMaxUnrecorded) unrecorded_.pop_front();
    if (unrecorded_.empty() || now < next_record_) return;
    next_record_ = now + kRecordInterval;
    record_some();
}

void PresenceTracker::go_offline(UserId user, Entry& entry) {
    entry.state = Entry::State::offline;
    store_.show(user, {.online = false, .last_seen = entry.last_seen});
    unrecorded_.push_back({user, entry.last_seen});
    enqueue(user, entry);
}

void PresenceTracker::ended(UserId user, bool is_on_other_node) {
    const auto found = entries_.find(user);
    if (found == entries_.end() || found->second.state != Entry::State::ended) return;
    if (!is_on_other_node) return go_offline(user, found->second);
    found->second.state = Entry::State::offline;
    found->second.is_on_other_node = true;
    store_.forget(user);
    enqueue(user, found->second);
}

Timestamp PresenceTracker::lost(UserId user, std::optional<Timestamp> stored, std::chrono::milliseconds silent_for) {
    constexpr std::int64_t kInaccuracy = 2 * Coordination::kLease.count();
    const Timestamp heard_of{store_.now().milliseconds - silent_for.count()};
    if (stored && stored->milliseconds >= heard_of.milliseconds - kInaccuracy) return *stored;
    unrecorded_.push_back({user, heard_of});
    return heard_of;
}

void PresenceTracker::record_some() {
    const auto end = unrecorded_.begin() + static_cast<std::ptrdiff_t>(std::min(unrecorded_.size(), kMaxPerRecord));
    store_.record({unrecorded_.begin(), end});
    unrecorded_.erase(unrecorded_.begin(), end);
}

void PresenceTracker::not_recorded(std::vector<LastSeen> users) {
    unrecorded_.insert(unrecorded_.begin(), users.begin(), users.end());
}

bool PresenceTracker::begin_delivery(std::chrono::milliseconds now, bool more) {
    if ((news_.empty() && !more) || now < next_delivery_) return false;
    next_delivery_ = now + kInterval;
    return true;
}

std::optional<PresenceTracker::Change> PresenceTracker::next() {
    if (news_.empty()) return std::nullopt;
    const UserId user = news_.front();
    news_.pop_front();
    const auto found = entries_.find(user);
    Entry& entry = found->second;
    entry.queued = false;
    Change change;
    change.presence.online = entry.state != Entry::State::offline;
    change.presence.user_id = user;
    change.presence.external_id = entry.external_id;
    if (!change.presence.online) change.presence.last_seen_at = entry.last_seen;
    change.is_news = std::exchange(entry.announced_online, change.presence.online) != change.presence.online && !entry.is_on_other_node;
    change.is_gone = !change.presence.online;
    if (change.is_gone) entries_.erase(found);
    return change;
}

std::optional<UserPresence> PresenceTracker::online(UserId user) const {
    const auto found = entries_.find(user);
    if (found == entries_.end() || found->second.state == Entry::State::offline) return std::nullopt;
    return UserPresence{.user_id = user, .external_id = found->second.external_id, .online = true, .last_seen_at = {}};
}

bool PresenceTracker::announced_online(UserId user) const {
    const auto found = entries_.find(user);
    return found != entries_.end() && found->second.announced_online;
}

UserPresence PresenceTracker::present(UserPresence stored) const {
    const auto found = entries_.find(stored.user_id);
    if (found != entries_.end() && found->second.is_on_other_node) return stored;
    const bool online = found != entries_.end() && found->second.state != Entry::State::offline;
    if (online) {
        stored.last_seen_at = std::nullopt;
    } else if (found != entries_.end()) {
        stored.last_seen_at = found->second.last_seen;
    } else if (stored.online) {
        stored.last_seen_at = store_.now();  // online when it was read a moment ago
    }
    stored.online = online;
    return stored;
}

void PresenceTracker::close() {
    for (auto& [user, entry] : entries_) {
        if (entry.state == Entry::State::offline) continue;
        if (entry.state == Entry::State::online) entry.last_seen = store_.now();
        unrecorded_.push_back({user, entry.last_seen});
        store_.show(user, {.online = false, .last_seen = entry.last_seen});
    }
    entries_.clear();
    graces_.clear();
    news_.clear();
    while (!unrecorded_.empty()) record_some();
}

// Who sees it.

std::vector<ChannelId> latest_channels(std::vector<std::pair<Timestamp, ChannelId>> channels, std::int64_t most) {
    if (std::cmp_greater(channels.size(), most)) {
        const auto end = channels.begin() + static_cast<std::ptrdiff_t>(most);
        std::ranges::nth_element(channels, end, std::greater<>());
        channels.erase(end, channels.end());
    }
    std::vector<ChannelId> ids;
    ids.reserve(channels.size());
    for (const auto& each : channels) ids.push_back(each.second);
    return ids;
}

// Who follows whom.

void PresenceWatchers::add(const SessionHandleRef& session, UserId user) {
    std::vector<Followed>& followed = by_session_[session->id];
    if (std::ranges::find(followed, user, &Followed::user) != followed.end()) return;
    std::vector<SessionHandleRef>& watchers = by_user_[user];
    followed.push_back({user, static_cast<std::uint32_t>(watchers.size())});
    watchers.push_back(session);
}

/// Fills the place with the last one of the list.
void PresenceWatchers::drop_watcher(const Followed& followed) {
    const auto found = by_user_.find(followed.user);
    std::vector<SessionHandleRef>& watchers = found->second;
    if (followed.place + 1 != watchers.size()) {
        std::vector<Followed>& of_last = by_session_.at(watchers.back()->id);
        std::ranges::find(of_last, followed.user, &Followed::user)->place = followed.place;
        watchers[followed.place] = std::move(watchers.back());
    }
    watchers.pop_back();
    if (watchers.empty()) by_user_.erase(found);
}

void PresenceWatchers::remove(const SessionHandle& session, UserId user) {
    const auto found = by_session_.find(session.id);
    if (found == by_session_.end()) return;
    const auto followed = std::ranges::find(found->second, user, &Followed::user);
    if (followed == found->second.end()) return;
    drop_watcher(*followed);
    found->second.erase(followed);
    if (found->second.empty()) by_session_.erase(found);
}

void PresenceWatchers::remove(const SessionHandle& session) {
    const auto found = by_session_.find(session.id);
    if (found == by_session_.end()) return;
    for (const Followed& followed : found->second) drop_watcher(followed);
    by_session_.erase(found);
}

const std::vector<SessionHandleRef>& PresenceWatchers::of(UserId user) const {
    static const std::vector<SessionHandleRef> kNobody;
    const auto found = by_user_.find(user);
    return found == by_user_.end() ? kNobody : found->second;
}

}  // namespace cariosan::realtime
