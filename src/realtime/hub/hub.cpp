#include "realtime/hub/hub.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/events/event_topics.hpp"

namespace cariosan::realtime {
namespace {

/// The members the event adds to its channel. Null if there are none.
const std::vector<Member>* joiners_of(const Event& event) {
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) return &created->members;
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    return changed != nullptr && changed->kind == MembersEvent::Kind::joined ? &changed->members : nullptr;
}

}  // namespace

Hub::Hub(EventEncoder& encoder, HubSource& source, PresenceStore& presence, Counters& counters, const Limits& limits,
         Nodes* nodes)
    : encoder_(encoder),
      source_(source),
      counters_(counters),
      limits_(limits),
      nodes_(nodes),
      presence_(presence, nodes == nullptr || !nodes->coordinates()) {}

void Hub::add_lane(std::size_t index, LaneQueueRef lane) {
    if (lanes_.size() <= index) {
        lanes_.resize(index + 1);
        outgoing_.resize(index + 1);
        for (auto& [id, channel] : channels_) channel.feed.resize_lanes(index + 1);
    }
    lanes_[index] = std::move(lane);
}

bool Hub::LocalUser::is_loading() const { return !std::ranges::all_of(sessions, &LocalSession::admitted); }

// The audience of a channel.

Hub::Channels::value_type& Hub::open_channel(WorkspaceId workspace, ChannelId channel, std::int64_t last,
                                             ChannelFeed::Start start) {
    const auto [found, is_new] =
        channels_.try_emplace(channel, LocalChannel{workspace, ChannelFeed(last, start, lanes_.size())});
    if (is_new) {
        found->second.slot = channel_slots_.take(*found);
        if (nodes_ != nullptr) subscribe_to(core::topic_of(channel));
    }
    return *found;
}

void Hub::link(LocalUser& user, LocalChannel& channel) {
    user.channels.insert(channel.slot, static_cast<std::uint32_t>(channel.users.size()));
    channel.users.push_back(user.slot);
}

void Hub::unlink(LocalUser& user, Channels::value_type& channel) {
    const std::uint32_t slot = channel.second.slot;
    remove_at(channel, *user.channels.find(slot));
    user.channels.erase(slot);
}

/// Fills the place with the last one of the list.
void Hub::remove_at(Channels::value_type& channel, std::uint32_t place) {
    std::vector<std::uint32_t>& users = channel.second.users;
    *user_slots_[users.back()].second.channels.find(channel.second.slot) = place;
    users[place] = users.back();
    users.pop_back();
    if (users.empty()) erase_channel(channel);
}

void Hub::erase_channel(Channels::value_type& channel) {
    // The channel's pending repair is dropped. A local user may have joined in the events it would have read.
    for (const ChannelFeed::Change& change : channel.second.feed.missed()) {
        if (change.joined) rereads_.add_later(change.user);
    }
    for (const Event& event : early_.take_all(channel.first)) {
        const std::vector<Member>* members = joiners_of(event);
        if (members == nullptr) continue;
        for (const Member& member : *members) {
            if (users_.contains(member.user.id)) rereads_.add_later(member.user.id);
        }
    }
    channel_slots_.give_back(channel.second.slot);
    unsubscribe_from(core::topic_of(channel.first));
    channels_.erase(channel.first);
}

void Hub::join(UserId id, Channels::value_type& channel, By by) {
    LocalUser& user = users_.at(id);
    LocalChannel& local = channel.second;
    if (user.channels.contains(local.slot)) return;
    link(user, local);
    for (const LocalSession& session : user.sessions) {
        if (!session.admitted) continue;
        local.feed.add_session(session.handle->lane);
        outgoing_[session.handle->lane].push_back(SubscribeUser{id, channel.first, by == By::reading});
    }
}

void Hub::leave(UserId id, ChannelId channel, std::int64_t rev, By by) {
    const auto found = users_.find(id);
    if (found == users_.end()) return;
    LocalUser& user = found->second;
    note_membership(user, {channel, rev, false});
    const bool listened = listens(id, channel);
    // A user whose join event was missed may still have read the channel, so their sessions must learn of the removal.
    if (!listened && by == By::event) return;
    if (listened) stop_typing(channel, id);
    const auto local = channels_.find(channel);
    for (const LocalSession& session : user.sessions) {
        if (!session.admitted) continue;
        if (listened) local->second.feed.remove_session(session.handle->lane);
        outgoing_[session.handle->lane].push_back(UnsubscribeUser{id, channel, by == By::reading});
    }
    if (listened) unlink(user, *local);
}

void Hub::note_membership(LocalUser& user, const Membership& change) {
    if (!user.is_being_read()) return;
    if (!user.being_read) user.being_read = std::make_unique<BeingRead>();
    user.being_read->meanwhile.push_back(change);
}

void Hub::forget_memberships(LocalUser& user) {
    if (!user.is_being_read()) user.being_read.reset();
}

void Hub::forget_channel(ChannelId channel) {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    stop_all_typing(channel);  // while there is still an audience
    for (const std::uint32_t user : found->second.users) user_slots_[user].second.channels.erase(found->second.slot);
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(DropChannel{channel});
    erase_channel(*found);
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
    } else if (const auto* settings = std::get_if<SettingsUpdated>(&event.body)) {
        publish_settings(event, *settings);
    } else if (const auto* preferences = std::get_if<PreferencesChanged>(&event.body)) {
        publish_preferences(event, *preferences);
    } else if (const auto* silenced = std::get_if<UserSilenced>(&event.body)) {
        stop_typing_of(*silenced);
    } else if (const auto* typing = std::get_if<Typing>(&event.body)) {
        remote_typing(event, *typing);
    } else if (const auto* presence = std::get_if<PresenceChanged>(&event.body)) {
        remote_presence(event.workspace, *presence);
    } else if (const auto* deleted = std::get_if<UserDeleted>(&event.body)) {
        close_sessions(deleted->user_id, "the user was deleted");
        const FrameRef frame = encoder_.encode(event).others;
        for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ToChannels{deleted->channels, {}, frame});
        ++counters_.frames;
    } else if (const auto* suspended = std::get_if<UserSuspended>(&event.body)) {
        if (suspended->suspended) close_sessions(suspended->user_id, "the user is suspended");
    } else if (std::holds_alternative<WorkspaceDeleted>(event.body)) {
        for (auto& [id, user] : users_) {
            if (user.workspace == event.workspace) close_sessions(user, "the workspace was deleted");
        }
    }
}

/// Includes sessions that are still loading. Sessions that attach later find no user.
void Hub::close_sessions(LocalUser& user, const char* reason) {
    for (LocalSession& session : user.sessions) close(session, close_code::kForbidden, reason);
}

void Hub::close_sessions(UserId id, const char* reason) {
    if (const auto user = users_.find(id); user != users_.end()) close_sessions(user->second, reason);
}

/// A session that is starting has perhaps read the old ones, and so has a `reread`.
void Hub::publish_settings(const Event& event, const SettingsUpdated& updated) {
    std::vector<UserId> users;
    for (auto& [id, user] : users_) {
        if (user.workspace != event.workspace || user.sessions.empty()) continue;
        users.push_back(id);
        if (!user.is_being_read()) continue;
        if (!user.being_read) user.being_read = std::make_unique<BeingRead>();
        user.being_read->settings = updated.settings;
        user.being_read->settings_since_reread = true;
    }
    to_users(users, encoder_.encode(event).others);
}

/// A session that is starting gets no frames yet: its start carries the newer `preferences_rev`, so that its client asks for the
/// changes.
void Hub::publish_preferences(const Event& event, const PreferencesChanged& changed) {
    const auto found = users_.find(changed.user_id);
    if (found == users_.end()) return;
    LocalUser& user = found->second;
    if (user.is_loading()) {
        if (!user.being_read) user.being_read = std::make_unique<BeingRead>();
        std::int64_t& newest = user.being_read->preferences_rev;
        newest = std::max(newest, changed.preferences.preferences_rev);
    }
    const std::vector<std::vector<UserId>> per_lane = by_lanes({changed.user_id});
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (!per_lane[lane].empty()) outgoing_[lane].push_back(PreferencesMoved{event.channel, changed});
    }
    ++counters_.frames;
}

void Hub::publish_receipt(const Event& event, const ReceiptMoved& moved) {
    const UserId user = moved.receipt.user_id;
    const auto local = channels_.find(event.channel);
    if (local == channels_.end()) return;
    local->second.feed.note_receipt(moved.receipt.receipt_rev);
    const EncodedEvent encoded = encoder_.encode(event);
    if (encoded.others && local->second.feed.member_count <= limits_.shared_receipts) {
        to_lanes_of(local->second.feed, ToChannel{event.channel, 0, encoded.others, encoded.author, user});
        ++counters_.frames;
    } else if (const FrameRef& own = encoded.author ? encoded.author : encoded.others) {
        to_users({user}, own);
    }
    if (moved.read) mark_unread(user, event.channel);
}

/// Those that were read because some may have been lost. Clients have most of them, and keep of each the one that is further ahead.
void Hub::publish_receipts(Channels::value_type& channel, const FeedRepair& repair) {
    Event event;
    event.workspace = channel.second.workspace;
    event.channel = channel.first;
    const auto publish_one = [&](const ReceiptMoved& moved) {
        event.body = moved;
        publish_receipt(event, moved);
    };
    for (const Receipt& receipt : repair.receipts) {
        if (receipt.last_read_seq > 0) publish_one({.receipt = receipt, .read = true, .delivered = true});
        // The frame of the read position says nothing of what was only delivered.
        if (receipt.last_delivered_seq > receipt.last_read_seq) publish_one({.receipt = receipt, .read = false, .delivered = true});
    }
    channel.second.feed.note_receipts(repair.receipt_rev);
}

void Hub::mark_unread(UserId user, ChannelId channel) {
    const auto found = users_.find(user);
    if (found == users_.end()) return;
    for (const LocalSession& session : found->second.sessions) {
        if (session.admitted) outgoing_[session.handle->lane].push_back(MarkUnread{user, channel});
    }
}

void Hub::publish_durable(const Event& event) {
    if (nodes_ != nullptr && keep_early(event)) return;
    publish_in_order(event);
    if (!early_.empty()) publish_waiting(event.channel);
}

void Hub::publish_in_order(const Event& event) {
    const auto known = channels_.find(event.channel);
    if (known == channels_.end()) {
        add_joiners(event, By::event);
        const auto opened = channels_.find(event.channel);
        if (opened == channels_.end()) return remove_leavers(event, By::event);  // one of them may be loading from storage
        opened->second.feed.accept(event.rev);
        return deliver(event, *opened);
    }
    ChannelFeed& feed = known->second.feed;
    const ChannelFeed::Verdict verdict = feed.accept(event.rev);
    if (verdict == ChannelFeed::Verdict::drop) return;
    stop_typing_before(event);
    switch (verdict) {
        case ChannelFeed::Verdict::drop: return;
        case ChannelFeed::Verdict::past:
            add_joiners(event, By::reading);
            return remove_leavers(event, By::reading);
        case ChannelFeed::Verdict::gap:
            ++counters_.feed_gaps;
            note_missed(event, feed);
            repairs_.add(event.channel);
            return start_reads();
        case ChannelFeed::Verdict::missed: return note_missed(event, feed);
        case ChannelFeed::Verdict::deliver: break;
    }
    if (readds_removed_member(event, known->second)) send_held(event.channel, known->second);
    add_joiners(event, By::event);
    deliver(event, *known);
}

void Hub::deliver(const Event& event, Channels::value_type& channel) {
    const ChannelFeed& feed = channel.second.feed;
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        channel.second.last_activity = created->message.created_at;
    }
    if (!feed.has_sessions()) {  // the last subscribers have just left
        channel.second.held.reset();
        return remove_leavers(event, By::event);
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
        // Deleting a message removes its mentions.
        task.moves_unread = std::holds_alternative<MessageDeleted>(event.body);
    }
    if (!blocks_.empty()) hide_from_blockers(event, task);
    if (is_held(event, channel.second)) return hold(event, channel.second, std::move(task));
    send_held(event.channel, channel.second);
    to_lanes_of(feed, task);
    remove_leavers(event, By::event);
}

/// Comes before the event is delivered, so that a joining user gets their own join event.
void Hub::add_joiners(const Event& event, By by) {
    std::int64_t member_count = 0;
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) {
        member_count = created->channel.member_count;
    } else if (const auto* changed = std::get_if<MembersEvent>(&event.body)) {
        member_count = changed->member_count;
    } else {
        return;
    }
    const auto known = channels_.find(event.channel);
    if (known != channels_.end() && by == By::event) known->second.feed.member_count = member_count;
    const std::vector<Member>* members = joiners_of(event);
    if (members == nullptr) return;
    for (const Member& member : *members) {
        const auto user = users_.find(member.user.id);
        if (user == users_.end()) continue;
        note_membership(user->second, {event.channel, event.rev, true});
        Channels::value_type& channel =
            open_channel(event.workspace, event.channel, event.rev - 1, ChannelFeed::Start::at_event);
        join(user->first, channel, by);
        if (by == By::event) channel.second.feed.member_count = member_count;
        channel.second.last_activity = std::max(channel.second.last_activity, member.joined_at);
    }
}

void Hub::remove_leavers(const Event& event, By by) {
    if (std::holds_alternative<ChannelDeleted>(event.body)) {
        forget_channel(event.channel);
        return;
    }
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed == nullptr || changed->kind != MembersEvent::Kind::left) return;
    for (const Member& member : changed->members) leave(member.user.id, event.channel, event.rev, by);
}

void Hub::to_lanes_of(const ChannelFeed& feed, const ToChannel& task) {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (feed.has_sessions(lane)) outgoing_[lane].push_back(task);
    }
}

/// The users with local sessions, for each lane.
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

void Hub::tick(std::chrono::milliseconds now) {
    last_tick_ = now;
    for (const TypingTracker::Key& key : typing_.expire(now)) send_typing(key, false);
    send_overdue(now);
    presence_.tick(now);
    if (nodes_ != nullptr) tick_nodes(now);
    deliver_presence(now);
    start_reads();
}

void Hub::drain(std::chrono::milliseconds reconnect_after) {
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(DrainSessions{reconnect_after.count()});
}

bool Hub::add_answers(const LaneQueueRef& lane, std::vector<LaneTask>& tasks) {
    const auto found = std::ranges::find(lanes_, lane);
    if (found == lanes_.end()) return false;
    std::vector<LaneTask>& outgoing = outgoing_[static_cast<std::size_t>(found - lanes_.begin())];
    std::ranges::move(tasks, std::back_inserter(outgoing));
    tasks.clear();
    return true;
}

void Hub::flush() {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (lanes_[lane] && !outgoing_[lane].empty()) lanes_[lane]->push(outgoing_[lane]);
    }
}

}  // namespace cariosan::realtime
