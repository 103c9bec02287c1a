// Presence: who gets to see that a user came online or went offline.
//
// Bounds. Changes are not sent one by one: at most every two seconds the lanes get one batch, and each lane makes one frame of
// it per connection. However many users come and go, a connection gets at most one frame in two seconds: a thousand users who
// share channels and come online together cost at most a thousand frames, not a million. A batch holds at most `kMaxChanges`
// users, each encoded once, and visits at most `kMaxVisits` pairs of a user and a local member, but always contains at least
// one user; the rest waits for the next batch. The queue holds one entry per user, whatever the user did in the meantime, and
// two per block that was set or lifted. A connection that has fallen behind is skipped.
#include <algorithm>
#include <utility>

#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::size_t kMaxChanges = 1'000;
constexpr std::int64_t kMaxVisits = 200'000;
/// Between two batches, only abuse sets and lifts more blocks than this.
constexpr std::size_t kMaxPairs = 1'000;

}  // namespace

/// The users who may not see this user's presence because either has blocked the other; ascending.
std::vector<UserId> Hub::hidden_from(UserId user) const {
    const std::unordered_set<UserId>& blockers = blocks_.blockers_of(user);
    std::vector<UserId> hidden(blockers.begin(), blockers.end());
    const std::vector<UserId>& blocked = blocks_.blocked_by(user);
    hidden.insert(hidden.end(), blocked.begin(), blocked.end());
    std::ranges::sort(hidden);
    return hidden;
}

/// The channels whose members see the user's presence: small ones, the most recently active.
std::vector<ChannelId> Hub::presence_channels(const LocalUser& user) const {
    std::vector<std::pair<Timestamp, ChannelId>> small;
    user.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        const auto& [id, channel] = channel_slots_[slot];
        const bool is_small = channel.feed.member_count <= limits_.presence_members;
        if (is_small) small.emplace_back(channel.last_activity, id);
    });
    return latest_channels(std::move(small), limits_.presence_channels);
}

bool Hub::share_channel(const LocalUser& a, const LocalUser& b) {
    if (a.channels.size() > b.channels.size()) return share_channel(b, a);
    return a.channels.any_of([&](std::uint32_t slot) { return b.channels.contains(slot); });
}

/// The connections that follow the user and share a channel with them now.
std::vector<SessionId> Hub::presence_watchers(UserId id, const LocalUser& user) const {
    const std::vector<SessionHandleRef>& watchers = watchers_.of(id);
    std::vector<SessionId> sessions;
    if (watchers.empty()) return sessions;
    for (const SessionHandleRef& session : watchers) {
        const auto viewer = users_.find(session->user);
        if (viewer == users_.end()) continue;
        if (share_channel(user, viewer->second)) sessions.push_back(session->id);
    }
    return sessions;
}

/// A block between two users was set or lifted: the next batch shows each the other's presence as it now appears.
void Hub::presence_between(UserId one, UserId other) {
    const auto first = users_.find(one);
    const auto second = users_.find(other);
    if (first == users_.end() || second == users_.end() || !share_channel(first->second, second->second)) return;
    const bool hidden = blocks_.between(one, other);
    for (const auto& [viewer, about] : {std::pair(one, other), std::pair(other, one)}) {
        if (pair_presence_.size() >= kMaxPairs) return;
        // If "online" was never sent, there is nothing to take back.
        if (hidden && !presence_.announced_online(about)) continue;
        if (auto online = presence_.online(about)) pair_presence_.push_back({viewer, *std::move(online)});
    }
}

/// A user hidden by a block appears offline. Absent for a user who has gone offline in the meantime: that change is sent to
/// everyone who may see it anyway.
std::optional<UserPresence> Hub::presence_after_block(const PairPresence& pair) const {
    if (!blocks_.between(pair.viewer, pair.about.user_id)) return presence_.online(pair.about.user_id);
    UserPresence hidden = pair.about;
    hidden.online = false;
    return hidden;
}

void Hub::deliver_presence(std::chrono::milliseconds now) {
    if (!presence_.begin_delivery(now, !pair_presence_.empty() || !remote_presence_.empty())) return;
    auto batch = std::make_shared<PresenceBatch>();
    std::vector<UserPresence> sent;
    std::vector<UserId> gone;
    std::int64_t visits = 0;
    while (sent.size() < kMaxChanges && visits < kMaxVisits) {
        const auto change = presence_.next();
        if (!change) break;
        const UserId id = change->presence.user_id;
        const auto user = users_.find(id);
        if (change->is_gone) gone.push_back(id);
        if (!change->is_news || user == users_.end()) continue;
        PresenceBatch::Change audience{.user = id,
                                       .channels = presence_channels(user->second),
                                       .watchers = presence_watchers(id, user->second),
                                       .hidden_from = hidden_from(id),
                                       .text = {}};
        for (const ChannelId channel : audience.channels) visits += static_cast<std::int64_t>(channels_.at(channel).users.size());
        visits += static_cast<std::int64_t>(audience.watchers.size());
        sent.push_back(change->presence);
        batch->changes.push_back(std::move(audience));
    }
    const std::vector<UserPresence> local = sent;
    while (sent.size() < kMaxChanges && visits < kMaxVisits && add_remote_presence(*batch, sent, visits)) {}
    for (const PairPresence& pair : std::exchange(pair_presence_, {})) {
        const auto viewer = users_.find(pair.viewer);
        auto shown = viewer == users_.end() ? std::nullopt : presence_after_block(pair);
        if (!shown) continue;
        PresenceBatch::Change audience{.user = pair.about.user_id, .channels = {}, .watchers = {}, .hidden_from = {}, .text = {}};
        for (const LocalSession& session : viewer->second.sessions) audience.watchers.push_back(session.handle->id);
        sent.push_back(*std::move(shown));
        batch->changes.push_back(std::move(audience));
    }
    if (nodes_ != nullptr && !local.empty()) broadcast_presence(local);
    for (const UserId user : gone) release_if_gone(user);
    if (sent.empty()) return;
    EncodedPresence encoded = encoder_.encode(sent);
    batch->head = std::move(encoded.head);
    batch->tail = std::move(encoded.tail);
    for (std::size_t i = 0; i < sent.size(); ++i) batch->changes[i].text = std::move(encoded.users[i]);
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ToPresence{batch});
}

void Hub::watch(const SessionHandleRef& session, std::vector<UserPresence>& users) {
    const auto viewer = users_.find(session->user);
    const bool attached = viewer != users_.end() &&
                          std::ranges::find(viewer->second.sessions, session, &LocalSession::handle) !=
                              viewer->second.sessions.end();
    if (!attached) return;
    for (UserPresence& each : users) {
        if (each.user_id != session->user) watchers_.add(session, each.user_id);
        // For a user of another node, the presence that was read is the latest.
        if (nodes_ == nullptr || presence_.knows(each.user_id)) each = presence_.present(std::move(each));
        if (each.online) found_elsewhere(session->workspace, {&each.user_id, 1});
    }
}

void Hub::unwatch(const SessionHandle& session, const std::vector<UserId>& users) {
    for (const UserId user : users) watchers_.remove(session, user);
}

void Hub::not_recorded(std::vector<LastSeen> users) { presence_.not_recorded(std::move(users)); }

void Hub::close_presence() { presence_.close(); }

}  // namespace cariosan::realtime
