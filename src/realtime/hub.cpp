#include "realtime/hub.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::realtime {

Hub::Hub(EventEncoder& encoder, HubSource& source, PresenceStore& presence, Counters& counters, Options options)
    : encoder_(encoder), source_(source), counters_(counters), options_(options), presence_(presence) {}

void Hub::add_lane(std::size_t index, LaneQueueRef lane) {
    if (lanes_.size() <= index) {
        lanes_.resize(index + 1);
        outgoing_.resize(index + 1);
        for (auto& [id, channel] : channels_) channel.feed.resize_lanes(index + 1);
    }
    lanes_[index] = std::move(lane);
}

bool Hub::LocalUser::loading() const { return !std::ranges::all_of(sessions, &LocalSession::admitted); }

// The audience of a channel.

Hub::LocalChannel& Hub::open_channel(WorkspaceId workspace, ChannelId channel, std::int64_t last) {
    const auto [found, is_new] = channels_.try_emplace(channel, LocalChannel{workspace, ChannelFeed(last, lanes_.size())});
    if (is_new) found->second.slot = channel_slots_.take(*found);
    return found->second;
}

void Hub::link(LocalUser& user, LocalChannel& channel) {
    user.channels.insert(channel.slot, static_cast<std::uint32_t>(channel.users.size()));
    channel.users.push_back(user.slot);
}

void Hub::unlink(LocalUser& user, Channels::value_type& channel) {
    const std::uint32_t slot = channel.second.slot;
    take_out(channel, *user.channels.find(slot));
    user.channels.erase(slot);
}

/// The last one of the list takes the place.
void Hub::take_out(Channels::value_type& channel, std::uint32_t place) {
    std::vector<std::uint32_t>& users = channel.second.users;
    *user_slots_[users.back()].second.channels.find(channel.second.slot) = place;
    users[place] = users.back();
    users.pop_back();
    if (users.empty()) erase_channel(channel);
}

void Hub::erase_channel(Channels::value_type& channel) {
    channel_slots_.give_back(channel.second.slot);
    channels_.erase(channel.first);
}

void Hub::join(UserId id, ChannelId channel, WorkspaceId workspace, std::int64_t last) {
    LocalUser& user = users_.at(id);
    LocalChannel& local = open_channel(workspace, channel, last);
    if (user.channels.contains(local.slot)) return;
    link(user, local);
    for (const LocalSession& session : user.sessions) {
        if (!session.admitted) continue;
        local.feed.add_session(session.handle->lane);
        outgoing_[session.handle->lane].push_back(SubscribeUser{id, channel});
    }
}

void Hub::leave(UserId id, ChannelId channel, std::int64_t rev) {
    const auto found = users_.find(id);
    if (found == users_.end()) return;
    LocalUser& user = found->second;
    if (user.loading()) user.left_while_loading.emplace_back(channel, rev);
    if (!listens(id, channel)) return;
    stop_typing(channel, id);
    Channels::value_type& local = *channels_.find(channel);
    for (const LocalSession& session : user.sessions) {
        if (!session.admitted) continue;
        local.second.feed.remove_session(session.handle->lane);
        outgoing_[session.handle->lane].push_back(UnsubscribeUser{id, channel});
    }
    unlink(user, local);
}

void Hub::forget_channel(ChannelId channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    for (const std::uint32_t user : found->second.users) user_slots_[user].second.channels.erase(found->second.slot);
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(DropChannel{channel});
    erase_channel(*found);
    typing_.stop_all(channel);  // there is nobody left to be told
}

// Events.

void Hub::publish(const Event& event) {
    if (event.rev != 0) {
        publish_durable(event);
    } else if (const auto* updated = std::get_if<UserUpdated>(&event.body)) {
        const FrameRef frame = encoder_.encode(event).others;
        for (std::vector<LaneTask>& tasks : outgoing_) {
            tasks.push_back(ToChannels{updated->channels, {updated->user.id}, frame});
        }
        ++counters_.frames;
    } else if (const auto* mentioned = std::get_if<Mentioned>(&event.body)) {
        std::vector<UserId> users = mentioned->users;
        std::erase_if(users, [&](UserId user) { return blocks_.blocks(user, mentioned->by); });
        to_users(users, encoder_.encode(event).others);
    } else if (const auto* change = std::get_if<BlockUpdated>(&event.body)) {
        block_changed(event, *change);
    } else if (const auto* moved = std::get_if<ReceiptMoved>(&event.body)) {
        publish_receipt(event, *moved);
    } else if (const auto* deleted = std::get_if<UserDeleted>(&event.body)) {
        if (const auto user = users_.find(deleted->user_id); user != users_.end()) close_sessions(user->second);
        const FrameRef frame = encoder_.encode(event).others;
        for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ToChannels{deleted->channels, {}, frame});
        ++counters_.frames;
    } else if (std::holds_alternative<WorkspaceDeleted>(event.body)) {
        for (auto& [id, user] : users_) {
            if (user.workspace == event.workspace) close_sessions(user);
        }
    }
}

/// Those that are still loading too. One that attaches later finds no user.
void Hub::close_sessions(LocalUser& user) {
    for (LocalSession& session : user.sessions) close(session, close_code::kForbidden, "the user was deleted");
}

void Hub::publish_receipt(const Event& event, const ReceiptMoved& moved) {
    const UserId user = moved.receipt.user_id;
    const auto local = channels_.find(event.channel);
    if (local == channels_.end()) return;
    const EncodedEvent encoded = encoder_.encode(event);
    if (encoded.others && local->second.feed.member_count <= options_.shared_receipts) {
        to_lanes_of(local->second.feed, ToChannel{event.channel, 0, encoded.others, encoded.author, user});
        ++counters_.frames;
    } else if (const FrameRef& own = encoded.author ? encoded.author : encoded.others) {
        to_users({user}, own);
    }
    if (moved.read) mark_unread(user, event.channel);
}

void Hub::mark_unread(UserId user, ChannelId channel) {
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    for (const LocalSession& session : found->second.sessions) {
        if (session.admitted) outgoing_[session.handle->lane].push_back(MarkUnread{user, channel});
    }
}

void Hub::publish_durable(const Event& event) {
    const auto before = channels_.find(event.channel);
    if (before != channels_.end()) {
        if (before->second.feed.expects(event.rev)) {
            stop_typing_before(event);
        } else {
            let_go(event.channel, before->second);  // whoever joins behind a hole was no member at what is held
        }
        if (is_taken_back(event, before->second)) let_go(event.channel, before->second);
    }
    admit_newcomers(event);
    const auto found = channels_.find(event.channel);
    if (found == channels_.end()) {
        dismiss_leavers(event);  // a session that is loading must hear of it
        return;
    }
    ChannelFeed& feed = found->second.feed;
    switch (feed.accept(event.rev - 1, event.rev)) {
        case ChannelFeed::Verdict::drop: return;
        case ChannelFeed::Verdict::hole:
            ++counters_.feed_gaps;
            source_.repair(event.workspace, event.channel, feed.last());
            return;
        case ChannelFeed::Verdict::deliver: break;
    }
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        found->second.last_activity = created->message.created_at;
    }
    if (!feed.has_sessions()) {  // those who listened have just gone
        found->second.held.reset();
        return dismiss_leavers(event);
    }
    const EncodedEvent encoded = encoder_.encode(event);
    ++counters_.frames;
    ToChannel task{event.channel, event.rev, encoded.others, encoded.author};
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        task.author = created->message.user.id;
        task.moves_unread = true;
    } else if (const auto* updated = std::get_if<MessageUpdated>(&event.body)) {
        task.author = updated->message.user.id;
        task.moves_unread = updated->mentions_changed;
    } else {
        // Mentions go with a deleted message.
        task.moves_unread = std::holds_alternative<MessageDeleted>(event.body);
    }
    if (!blocks_.empty()) hide_from_blockers(event, task);
    if (is_held(event, found->second)) return hold(event, found->second, std::move(task));
    let_go(event.channel, found->second);
    to_lanes_of(feed, task);
    dismiss_leavers(event);
}

/// A user that joins gets the event that says so. If the event turns out to be old or to lie behind a hole, the user was
/// subscribed a little early, and the repair settles it.
void Hub::admit_newcomers(const Event& event) {
    const std::vector<Member>* members = nullptr;
    std::int64_t member_count = 0;
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) {
        members = &created->members;
        member_count = created->channel.member_count;
    } else if (const auto* changed = std::get_if<MembersEvent>(&event.body)) {
        member_count = changed->member_count;
        if (changed->kind == MembersEvent::Kind::joined) members = &changed->members;
    } else {
        return;
    }
    const auto known = channels_.find(event.channel);
    if (known != channels_.end()) {
        if (known->second.feed.last() >= event.rev) return;
        known->second.feed.member_count = member_count;
    }
    if (members == nullptr) return;
    for (const Member& member : *members) {
        if (!users_.contains(member.user.id)) continue;
        join(member.user.id, event.channel, event.workspace, event.rev - 1);
        LocalChannel& local = channels_.at(event.channel);
        local.feed.member_count = member_count;
        local.last_activity = std::max(local.last_activity, member.joined_at);
    }
}

void Hub::dismiss_leavers(const Event& event) {
    if (std::holds_alternative<ChannelDeleted>(event.body)) {
        forget_channel(event.channel);
        return;
    }
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed == nullptr || changed->kind != MembersEvent::Kind::left) return;
    for (const Member& member : changed->members) leave(member.user.id, event.channel, event.rev);
}

void Hub::lost_events() {
    for (auto& [id, channel] : channels_) {
        if (channel.feed.begin_repair()) source_.repair(channel.workspace, id, channel.feed.last());
    }
    for (const auto& [id, user] : users_) source_.load_blocks(user.workspace, id);
}

void Hub::repaired(ChannelId channel, Result<FeedRepair> repair) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    const WorkspaceId workspace = found->second.workspace;
    const std::int64_t since = found->second.feed.last();
    if (!repair) {
        unrepaired_.push_back(channel);
        return;
    }
    let_go(channel, found->second);  // before what is read comes to be told
    if (repair->deleted) {
        // Sessions learn it by reading: their answer is `left`.
        for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ResyncChannel{channel, since});
        forget_channel(channel);
        return;
    }
    const bool enough = found->second.feed.finish_repair(repair->rev);
    found->second.feed.member_count = repair->member_count;
    if (repair->member_count > options_.typing_max_members) stop_all_typing(channel);
    for (const UserId user : repair->joined) {
        if (users_.contains(user)) join(user, channel, workspace, repair->rev);
    }
    if (repair->rev > since) {
        for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ResyncChannel{channel, since});
    }
    if (!enough) source_.repair(workspace, channel, repair->rev);
    for (const UserId user : repair->left) leave(user, channel, repair->rev);
}

void Hub::to_lanes_of(const ChannelFeed& feed, const ToChannel& task) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (feed.has_sessions(lane)) outgoing_[lane].push_back(task);
    }
}

/// Those with sessions here, by lanes.
std::vector<std::vector<UserId>> Hub::by_lanes(const std::vector<UserId>& users) const {
    std::vector<std::vector<UserId>> per_lane(lanes_.size());
    for (const UserId user : users) {
        const auto found = users_.find(user);
        if (found == users_.end()) continue;
        for (const LocalSession& session : found->second.sessions) {
            std::vector<UserId>& list = per_lane[session.handle->lane];
            if (list.empty() || list.back() != user) list.push_back(user);
        }
    }
    return per_lane;
}

void Hub::to_users(const std::vector<UserId>& users, const FrameRef& frame) {
    std::vector<std::vector<UserId>> per_lane = by_lanes(users);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (!per_lane[lane].empty()) outgoing_[lane].push_back(ToUsers{std::move(per_lane[lane]), frame});
    }
    ++counters_.frames;
}

// Typing.

void Hub::typing(const SessionHandle& session, ChannelId channel, bool started, std::chrono::milliseconds now) {
    const auto user = users_.find(session.user);
    const auto local = channels_.find(channel);
    if (user == users_.end() || local == channels_.end()) return;
    if (!user->second.channels.contains(local->second.slot)) return;
    if (local->second.feed.member_count > options_.typing_max_members) return;
    const TypingTracker::Key key{channel, session.user};
    const bool news = started ? typing_.start(key, now) : typing_.stop(key);
    if (news) send_typing(key, started);
}

void Hub::send_typing(const TypingTracker::Key& key, bool started) {
    const auto local = channels_.find(key.channel);
    if (local == channels_.end()) return;
    Event event;
    event.workspace = local->second.workspace;
    event.channel = key.channel;
    event.body = Typing{key.user, started};
    ToChannel task{key.channel, 0, encoder_.encode(event).others, nullptr, key.user, true};
    if (!blocks_.empty()) hide_typing(key.user, task);
    to_lanes_of(local->second.feed, task);
    ++counters_.frames;
}

void Hub::stop_typing(ChannelId channel, UserId user) {
    if (typing_.stop({channel, user})) send_typing({channel, user}, false);
}

void Hub::stop_all_typing(ChannelId channel) {
    for (const UserId user : typing_.stop_all(channel)) send_typing({channel, user}, false);
}

/// Whoever sends or is removed is seen stopping first, so that nobody is shown typing what is there already, or somebody who
/// is gone. In a channel that has become large nobody is shown typing at all.
void Hub::stop_typing_before(const Event& event) {
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        stop_typing(event.channel, created->message.user.id);
        return;
    }
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed == nullptr) return;
    if (changed->member_count > options_.typing_max_members) stop_all_typing(event.channel);
    if (changed->kind != MembersEvent::Kind::left) return;
    for (const Member& member : changed->members) stop_typing(event.channel, member.user.id);
}

void Hub::tick(std::chrono::milliseconds now) {
    for (const TypingTracker::Key& key : typing_.expire(now)) send_typing(key, false);
    let_go_old(now);
    presence_.tick(now);
    deliver_presence(now);
    for (const ChannelId channel : std::exchange(unrepaired_, {})) {
        const auto found = channels_.find(channel);
        if (found != channels_.end()) source_.repair(found->second.workspace, channel, found->second.feed.last());
    }
    for (const auto& [workspace, user] : std::exchange(unread_blocks_, {})) source_.load_blocks(workspace, user);
}

void Hub::drain(std::chrono::milliseconds reconnect_after) {
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(DrainSessions{reconnect_after.count()});
}

void Hub::flush() {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (lanes_[lane] && !outgoing_[lane].empty()) lanes_[lane]->push(outgoing_[lane]);
    }
}

}  // namespace cariosan::realtime
