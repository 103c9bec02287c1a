// Events of other nodes: put in order, then treated like local ones (`publish`). Also what is counted across nodes: connections
// and presence.
#include <algorithm>
#include <utility>

#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {

// Order.

/// Whether the event was kept to wait for earlier ones.
bool Hub::keep_early(const Event& event) {
    const auto channel = channels_.find(event.channel);
    if (channel == channels_.end() || !channel->second.feed.is_ahead(event.rev)) return false;
    if (early_.keep(event, now_)) {
        ++counters_.events_early;
        return true;
    }
    stop_waiting(event.channel);
    return false;
}

/// Publishes the waiting events that are next in the feed.
void Hub::publish_waiting(ChannelId id) {
    for (;;) {
        const auto channel = channels_.find(id);
        if (channel == channels_.end()) return;
        const auto next = early_.take(id, channel->second.feed.last() + 1);
        if (!next) return;
        publish_in_order(*next);
    }
}

/// Gives up waiting for missing events. The waiting ones now form a gap, which starts a repair.
void Hub::stop_waiting(ChannelId id) {
    for (const Event& event : early_.take_all(id)) publish_in_order(event);
}

void Hub::advance(std::chrono::milliseconds now) {
    now_ = now;
    if (early_.empty()) return;
    while (const auto channel = early_.next_overdue(now)) stop_waiting(*channel);
}

// Connections.

void Hub::tick_nodes(std::chrono::milliseconds now) {
    load_overdue(now);
    if (!nodes_->coordinates()) return;
    renew_leases(now);
    ask_elsewhere(now);
}

void Hub::renew_leases(std::chrono::milliseconds now) {
    if (std::vector<UserId> ended = presence_.take_ended(); !ended.empty()) nodes_->absent(std::move(ended));
    if (now < next_renewal_) return;
    next_renewal_ = now + Coordination::kLease / 3;
    std::vector<NodeConnection> connections;
    for (const auto& [id, user] : users_) {
        for (const LocalSession& session : user.sessions) {
            if (session.closing || !session.admitted) continue;
            const std::chrono::milliseconds active(session.handle->last_active_ms.load(std::memory_order_relaxed));
            connections.push_back({id, session.handle->id, std::max(now - active, std::chrono::milliseconds(0))});
        }
    }
    nodes_->renew(std::move(connections));
}

void Hub::replaced(std::span<const SessionId> sessions) {
    if (sessions.empty()) return;
    for (auto& [id, user] : users_) {
        for (LocalSession& session : user.sessions) {
            const bool chosen = std::ranges::find(sessions, session.handle->id) != sessions.end();
            if (chosen && !session.closing) close(session, close_code::kIdle, "replaced by a newer one");
        }
    }
}

// Presence.

void Hub::absent(std::span<const UserId> users, const std::vector<bool>& elsewhere) {
    for (std::size_t i = 0; i < users.size(); ++i) {
        const auto user = users_.find(users[i]);
        presence_.ended(users[i], elsewhere[i]);
        if (user == users_.end()) continue;
        found_elsewhere(user->second.workspace, {&users[i], 1});
        if (!elsewhere[i]) elsewhere_.left(users[i], now_);
    }
}

/// Tells the other nodes which users of this one came online or went offline.
void Hub::broadcast_presence(std::span<const UserPresence> changes) {
    constexpr std::size_t kPerEvent = 50;
    std::unordered_map<WorkspaceId, Event> events;
    for (const UserPresence& presence : changes) {
        const LocalUser& user = users_.at(presence.user_id);
        Event& event = events[user.workspace];
        event.workspace = user.workspace;
        if (!std::holds_alternative<PresenceChanged>(event.body)) event.body = PresenceChanged{};
        auto& body = std::get<PresenceChanged>(event.body);
        PresenceChanged::Change change{presence, presence_channels(user), {}, blocks_.blocked_by(presence.user_id)};
        user.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
            if (change.others.size() < kMostOtherChannels) change.others.push_back(channel_slots_[slot].first);
        });
        body.changes.push_back(std::move(change));
        if (body.changes.size() < kPerEvent) continue;
        nodes_->broadcast(event);
        body.changes.clear();
    }
    for (const auto& [workspace, event] : events) {
        if (!std::get<PresenceChanged>(event.body).changes.empty()) nodes_->broadcast(event);
    }
}

/// Queues another node's presence changes for the next batch. Bound: `kMostWaiting` users; more are dropped, as presence may be.
void Hub::remote_presence(WorkspaceId workspace, const PresenceChanged& changed) {
    constexpr std::size_t kMostWaiting = 100'000;
    for (const PresenceChanged::Change& change : changed.changes) {
        const UserId user = change.presence.user_id;
        const bool has_room = remote_presence_.size() < kMostWaiting;
        if (!has_room && !remote_presence_.contains(user)) continue;
        remote_presence_.insert_or_assign(user, RemotePresence{workspace, change});
        if (!change.presence.online) elsewhere_.left(user, now_);
    }
}

/// Adds one queued change to the batch. False if there is none.
bool Hub::add_remote_presence(PresenceBatch& batch, std::vector<UserPresence>& sent, std::int64_t& visits) {
    if (remote_presence_.empty()) return false;
    const auto next = remote_presence_.begin();
    const auto [workspace, change] = std::move(next->second);
    remote_presence_.erase(next);
    const UserId id = change.presence.user_id;
    if (!change.presence.online && presence_.online(id)) return true;
    PresenceBatch::Change audience{.user = id, .channels = {}, .watchers = {}, .hidden_from = hidden_from(id), .text = {}};
    audience.hidden_from.insert(audience.hidden_from.end(), change.blocked.begin(), change.blocked.end());
    std::ranges::sort(audience.hidden_from);
    for (const ChannelId channel : change.channels) {
        const auto local = channels_.find(channel);
        if (local == channels_.end()) continue;
        audience.channels.push_back(channel);
        visits += static_cast<std::int64_t>(local->second.users.size());
    }
    const auto shares = [&](const LocalUser& viewer, const std::vector<ChannelId>& channels) {
        return std::ranges::any_of(channels, [&](ChannelId channel) {
            const auto local = channels_.find(channel);
            return local != channels_.end() && viewer.channels.contains(local->second.slot);
        });
    };
    for (const SessionHandleRef& session : watchers_.of(id)) {
        const auto viewer = users_.find(session->user);
        if (viewer == users_.end()) continue;
        if (shares(viewer->second, change.channels) || shares(viewer->second, change.others)) {
            audience.watchers.push_back(session->id);
        }
        ++visits;
    }
    if (audience.channels.empty() && audience.watchers.empty()) return true;
    if (change.presence.online && !presence_.online(id) && nodes_->coordinates()) elsewhere_.announced(workspace, id, now_);
    sent.push_back(change.presence);
    batch.changes.push_back(std::move(audience));
    return true;
}

}  // namespace cariosan::realtime
