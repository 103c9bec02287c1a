// Who is shown typing, and everything that ends it.
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {

void Hub::typing(const SessionHandle& session, ChannelId channel, bool started, std::chrono::milliseconds now) {
    const auto user = users_.find(session.user);
    const auto local = channels_.find(channel);
    if (user == users_.end() || local == channels_.end()) return;
    if (!user->second.channels.contains(local->second.slot)) return;
    if (local->second.feed.member_count > limits_.typing_members) return;
    const TypingTracker::Key key{channel, session.user};
    const bool changed = started ? typing_.start(key, session.id, now) : typing_.stop(key, session.id);
    if (changed) send_typing(key, started);
    // Other nodes time typing out as well, so every repeated start is broadcast.
    if (started && !changed) broadcast_typing(key, local->second.workspace, true);
}

void Hub::stop_typing_in(const SessionHandle& session) {
    const auto user = users_.find(session.user);
    if (typing_.empty() || user == users_.end()) return;
    user->second.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        const TypingTracker::Key key{channel_slots_[slot].first, session.user};
        if (typing_.stop(key, session.id)) send_typing(key, false);
    });
}

/// `blocked`: the users blocked by a typist on another node; those of a local typist are known here. Typing of local users is also
/// sent to the other nodes.
void Hub::send_typing(const TypingTracker::Key& key, bool started, const std::vector<UserId>& blocked) {
    const auto local = channels_.find(key.channel);
    if (local == channels_.end()) return;
    Event event;
    event.workspace = local->second.workspace;
    event.channel = key.channel;
    event.body = Typing{key.user, started, {}};
    ToChannel task{key.channel, 0, encoder_.encode(event).others, nullptr, key.user, true};
    if (!blocks_.empty() || !blocked.empty()) hide_typing(key.user, blocked, task);
    to_lanes_of(local->second.feed, task);
    ++counters_.frames;
    broadcast_typing(key, local->second.workspace, started);
}

void Hub::broadcast_typing(const TypingTracker::Key& key, WorkspaceId workspace, bool started) {
    const auto user = users_.find(key.user);
    if (nodes_ == nullptr || user == users_.end() || user->second.sessions.empty()) return;
    Event event;
    event.workspace = workspace;
    event.channel = key.channel;
    event.body = Typing{key.user, started, blocks_.blocked_by(key.user)};
    nodes_->broadcast(event);
}

/// Treats typing on another node like that of one more session of the user.
void Hub::remote_typing(const Event& event, const Typing& typing) {
    constexpr SessionId kRemoteSession = 0;  // no session has this id
    const auto local = channels_.find(event.channel);
    if (local == channels_.end() || local->second.feed.member_count > limits_.typing_members) return;
    const TypingTracker::Key key{event.channel, typing.user_id};
    const bool changed = typing.started ? typing_.start(key, kRemoteSession, now_) : typing_.stop(key, kRemoteSession);
    if (changed) send_typing(key, typing.started, typing.blocked);
}

void Hub::stop_typing(ChannelId channel, UserId user) {
    if (typing_.stop({channel, user})) send_typing({channel, user}, false);
}

void Hub::stop_all_typing(ChannelId channel) {
    for (const UserId user : typing_.stop_all(channel)) send_typing({channel, user}, false);
}

/// Ends the typing of a user who sends a message or is removed before the event goes out, so that nobody appears to be typing
/// a message that has arrived, or after leaving. In a channel that was deleted or has become large, all typing ends.
void Hub::stop_typing_before(const Event& event) {
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        return stop_typing(event.channel, created->message.user.id);
    }
    if (std::holds_alternative<ChannelDeleted>(event.body)) return stop_all_typing(event.channel);
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed == nullptr) return;
    if (changed->member_count > limits_.typing_members) stop_all_typing(event.channel);
    if (changed->kind != MembersEvent::Kind::left) return;
    for (const Member& member : changed->members) stop_typing(event.channel, member.user.id);
}

void Hub::stop_typing_of(const UserSilenced& silenced) {
    if (silenced.channel) return stop_typing(*silenced.channel, silenced.user_id);
    const auto user = users_.find(silenced.user_id);
    if (typing_.empty() || user == users_.end()) return;
    user->second.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        stop_typing(channel_slots_[slot].first, silenced.user_id);
    });
}

}  // namespace cariosan::realtime
