// Users of other nodes who went offline though nobody said so: their node died, or the bus lost what it said. Each node finds
// that out by itself and tells its own sessions; nothing is broadcast.
#include <utility>

#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

/// While so many announcements wait to be sent, no more are read: reading is faster.
constexpr std::size_t kMostUnsent = 1'000;

}  // namespace

/// Only of workspaces with sessions here, who are told.
void Hub::found_elsewhere(WorkspaceId workspace, std::span<const UserId> users) {
    if (nodes_ == nullptr || !nodes_->coordinates() || !subscriptions_.contains(core::topic_of(workspace))) return;
    for (const UserId user : users) {
        if (!presence_.online(user)) elsewhere_.found(workspace, user, now_);
    }
}

void Hub::ask_elsewhere(std::chrono::milliseconds now) {
    for (auto due = elsewhere_.take_due(now); !due.empty(); due = elsewhere_.take_due(now)) nodes_->present(std::move(due));
    read_moved();
}

void Hub::present(std::span<const UserId> users, std::span<const Present> answers) {
    for (const UserId user : users) {
        if (presence_.online(user)) elsewhere_.forget(user);
    }
    for (const UserId user : elsewhere_.answered(users, answers, now_)) moved_.add(user);
    read_moved();
}

void Hub::read_moved() {
    while (remote_presence_.size() < kMostUnsent) {
        const auto user = moved_.next(now_);
        if (!user) return;
        if (const auto workspace = elsewhere_.awaits(*user)) {
            source_.read_presence(*workspace, *user);
        } else {
            moved_.finish(*user, true, now_);
        }
    }
}

void Hub::presence_read(UserId user, Result<PresenceChanged::Change> read) {
    bool enough = true;
    if (read) {
        announce_moved(*std::move(read));
    } else if (read.error().code == ErrorCode::not_found) {
        elsewhere_.forget(user);
    } else {
        enough = false;
    }
    moved_.finish(user, enough, now_);
    read_moved();
}

/// Like an announcement of the user's node, unless there was one in the meantime.
void Hub::announce_moved(PresenceChanged::Change change) {
    const UserId user = change.presence.user_id;
    const auto workspace = elsewhere_.awaits(user);
    const auto moved = elsewhere_.settle(user, now_);
    if (!moved) return;
    if (presence_.online(user)) return elsewhere_.forget(user);
    change.presence.online = moved->online;
    if (moved->online) {
        change.presence.last_seen_at.reset();
    } else {
        change.presence.last_seen_at = presence_.lost(user, change.presence.last_seen_at, now_ - moved->last_alive);
    }
    remote_presence_.try_emplace(user, RemotePresence{*workspace, std::move(change)});
}

}  // namespace cariosan::realtime
