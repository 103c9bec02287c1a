// Recovery from lost events: channels and users are compared with storage, and the sessions of those that changed read again.
#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {

void Hub::lost(const core::Loss& loss) {
    const auto mark_for_reread = [this](Users::value_type& user) {
        if (!is_loaded_or_loading(user.second)) return;
        rereads_.add_later(user.first);
        user.second.lost_while_loading = user.second.is_loading();
    };
    const auto mark_for_repair = [this](Channels::value_type& channel) {
        repairs_.add_later(channel.first);
        channel.second.feed.receipts_lost = true;
    };
    if (loss.all) {
        for (Channels::value_type& channel : channels_) mark_for_repair(channel);
        for (Users::value_type& user : users_) mark_for_reread(user);
    } else {
        for (const auto& [workspace, id] : loss.channels) {
            if (const auto channel = channels_.find(id); channel != channels_.end()) mark_for_repair(*channel);
        }
        for (const UserId id : loss.users) {
            if (const auto user = users_.find(id); user != users_.end()) mark_for_reread(*user);
        }
        if (!loss.workspaces.empty()) {
            for (Users::value_type& user : users_) {
                if (std::ranges::find(loss.workspaces, user.second.workspace) != loss.workspaces.end()) mark_for_reread(user);
            }
        }
    }
    start_reads();
}

std::size_t Hub::compare(std::span<const MovedChannels::Each> moved) {
    std::size_t behind = 0;
    for (const MovedChannels::Each& each : moved) {
        const auto channel = channels_.find(each.channel);
        if (channel == channels_.end() || channel->second.feed.last() >= each.rev) continue;
        repairs_.add_later(each.channel);
        ++behind;
    }
    start_reads();
    return behind;
}

void Hub::start_reads() {
    while (const auto id = repairs_.next(now_)) {
        const auto channel = channels_.find(*id);
        if (channel == channels_.end()) {
            repairs_.finish(*id, true, now_);
        } else {
            ChannelFeed& feed = channel->second.feed;
            FeedPosition since{.rev = feed.last()};
            if (std::exchange(feed.receipts_lost, false)) since.receipt_rev = feed.receipts();
            source_.repair(channel->second.workspace, *id, since);
        }
    }
    while (const auto id = rereads_.next(now_)) {
        const auto user = users_.find(*id);
        if (user == users_.end()) {
            rereads_.finish(*id, true, now_);
        } else {
            user->second.rereading = true;
            if (BeingRead* reading = user->second.being_read.get()) {
                reading->reread_from = reading->meanwhile.size();
                reading->settings_since_reread = false;
            }
            source_.reread(user->second.workspace, *id);
        }
    }
}

// Channels.

/// Records how a dropped event changes the audience, while its channel is being repaired.
void Hub::note_missed(const Event& event, ChannelFeed& feed) {
    const auto note = [&](const std::vector<Member>& members, bool joined) {
        for (const Member& member : members) {
            if (users_.contains(member.user.id)) feed.note_missed(member.user.id, joined);
        }
    };
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) {
        note(created->members, true);
        feed.note_missed_count(created->channel.member_count);
    } else if (std::holds_alternative<ChannelDeleted>(event.body)) {
        feed.note_unknown();
    } else if (const auto* changed = std::get_if<MembersEvent>(&event.body)) {
        feed.note_missed_count(changed->member_count);
        if (changed->kind == MembersEvent::Kind::updated) return;
        note(changed->members, changed->kind == MembersEvent::Kind::joined);
    }
}

void Hub::repaired(ChannelId id, Result<FeedRepair> repair) {
    const auto channel = channels_.find(id);
    bool enough = true;
    if (channel == channels_.end()) {
        // All subscribers are gone.
    } else if (!repair) {
        enough = false;
        channel->second.feed.receipts_lost = true;
    } else if (repair->deleted) {
        send_held(id, channel->second);
        // Sessions learn of it by reading: the read answers `left`.
        const std::int64_t since = channel->second.feed.last();
        for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ResyncChannel{id, since, since + 1});
        forget_channel(id);
    } else {
        const std::int64_t since = channel->second.feed.last();
        ChannelFeed::Rest rest;
        enough = channel->second.feed.finish_repair(repair->rev, rest);
        if (repair->receipt_rev != 0) publish_receipts(*channel, *repair);
        if (channel->second.feed.last() > since) settle(*channel, *repair, since, rest);
    }
    if (!early_.empty()) publish_waiting(id);
    repairs_.finish(id, enough, now_);
    start_reads();
}

/// Updates the audience to what the repair found, and makes everyone affected read what they missed.
void Hub::settle(Channels::value_type& channel, const FeedRepair& repair, std::int64_t since,
                 const ChannelFeed::Rest& rest) {
    const ChannelId id = channel.first;
    ChannelFeed& feed = channel.second.feed;
    send_held(id, channel.second);  // it is older than what was read
    feed.member_count = rest.member_count < 0 ? repair.member_count : rest.member_count;
    if (feed.member_count > limits_.typing_members) stop_all_typing(id);
    const auto add_member = [&](UserId user, std::int64_t at) {
        const auto found = users_.find(user);
        if (found == users_.end()) return;
        note_membership(found->second, {id, at, true});
        join(user, channel, By::reading);
    };
    for (const UserId user : repair.joined) add_member(user, repair.rev);
    for (std::vector<LaneTask>& tasks : outgoing_) tasks.push_back(ResyncChannel{id, since, feed.last()});
    // Removals come last: the last one may delete the channel.
    std::vector<ChannelFeed::Change> leavers;
    for (const UserId user : repair.left) leavers.push_back({repair.rev, user, false});
    for (const ChannelFeed::Change& change : rest.changes) {
        std::erase_if(leavers, [&](const ChannelFeed::Change& each) { return each.user == change.user; });
        if (change.joined) {
            add_member(change.user, change.rev);
        } else {
            leavers.push_back(change);
        }
    }
    for (const ChannelFeed::Change& change : leavers) {
        leave(change.user, id, change.rev, listens(change.user, id) ? By::event : By::reading);
    }
}

// Users.

void Hub::reread(UserId id, Result<UserState> read) {
    const auto found = users_.find(id);
    bool enough = true;
    // If the user has disconnected and come back since, a later read is in progress or done.
    if (found != users_.end() && found->second.rereading) {
        if (read) {
            apply_positions(*found, read->positions, found->second.reread_from());
            enough = drop_absent(*found, read->positions);
            apply_blocks(id, std::move(read->blocks));
            apply_settings(*found, read->settings);
        } else if (keeps_out(read.error())) {
            close_sessions(found->second, "the user was deleted or is suspended");
        } else {
            enough = false;
        }
        found->second.rereading = false;
        forget_memberships(found->second);
    }
    rereads_.finish(id, enough, now_);
    start_reads();
}

/// Tells the user's sessions, unless newer ones were published during the read. The hub does not know which they have: they get
/// the same ones again if no change was lost.
void Hub::apply_settings(const Users::value_type& user, const std::optional<ClientSettings>& read) {
    const BeingRead* reading = user.second.being_read.get();
    if (!read || (reading != nullptr && reading->settings_since_reread)) return;
    Event event;
    event.workspace = user.second.workspace;
    event.body = SettingsUpdated{*read};
    to_users({user.first}, encoder_.encode(event).others);
}

/// Removes the user from channels that the snapshot does not contain, unless the user joined them after the read began. False
/// if another read has meanwhile found the user in such a channel: which of the two reads is newer is not known.
bool Hub::drop_absent(Users::value_type& user, const std::vector<ChannelPosition>& positions) {
    std::unordered_set<ChannelId> present;
    for (const ChannelPosition& position : positions) present.insert(position.channel);
    bool is_known = true;
    for (const Membership& each : user.second.meanwhile(user.second.reread_from())) {
        if (!each.joined) continue;
        const bool is_news = present.insert(each.channel).second;
        if (is_news && each.of_snapshot) is_known = false;
    }
    std::vector<ChannelId> absent;
    user.second.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        const ChannelId id = channel_slots_[slot].first;
        if (!present.contains(id)) absent.push_back(id);
    });
    // The revision of the removal is unknown; the maximum makes it newer than any read that began earlier.
    for (const ChannelId id : absent) leave(user.first, id, std::numeric_limits<std::int64_t>::max(), By::reading);
    return is_known;
}

}  // namespace cariosan::realtime
