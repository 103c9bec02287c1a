// Large channels: consecutive reactions and member changes are sent in batches.
//
// In a channel above `Limits::large_channel` such an event goes to thousands of connections, and there may be hundreds of
// them a second. They are held for at most a second and sent as one frame. Any other durable event of the channel flushes the
// batch first, and so does a gap, so nobody gets a revision before an earlier one. Users who are added or removed get that
// event at once. Bound: `kMaxEvents` events or `kMaxBytes` per channel; a full batch is sent.
#include <algorithm>
#include <utility>

#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::chrono::milliseconds kLongestHold{1'000};
constexpr std::size_t kMaxEvents = 100;
constexpr std::size_t kMaxBytes = 64 * 1024;

/// The event's frame for this user: the user's exception, or the frame for everyone.
const FrameRef& frame_for(const ToChannel& event, UserId user) {
    if (!event.exceptions) return event.others;
    const auto found = std::ranges::lower_bound(*event.exceptions, user, {}, &FrameException::user);
    return found != event.exceptions->end() && found->user == user ? found->frame : event.others;
}

}  // namespace

bool Hub::is_held(const Event& event, const LocalChannel& channel) const {
    const bool many = std::holds_alternative<ReactionChanged>(event.body) || std::holds_alternative<MembersEvent>(event.body);
    return many && channel.feed.member_count > limits_.large_channel;
}

/// Whether the event adds a user whose removal is still held. A removed user gets nothing after the removal, so the batch must
/// be sent before the user is back.
bool Hub::readds_removed_member(const Event& event, const LocalChannel& channel) {
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (!channel.held || changed == nullptr || changed->kind != MembersEvent::Kind::joined) return false;
    return std::ranges::any_of(changed->members, [&](const Member& member) {
        return std::ranges::find(channel.held->removed, member.user.id) != channel.held->removed.end();
    });
}

/// Sends the event to the users it adds or removes, ahead of everyone else.
void Hub::deliver_ahead(const Event& event, const MembersEvent& changed, const FrameRef& frame) {
    std::vector<UserId> users;
    for (const Member& member : changed.members) users.push_back(member.user.id);
    std::vector<std::vector<UserId>> per_lane = by_lanes(users);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (per_lane[lane].empty()) continue;
        outgoing_[lane].push_back(ToMembers{event.channel, event.rev, std::move(per_lane[lane]), frame});
    }
    ++counters_.frames;
}

/// Adds the event to the batch; `task` is how it would be sent on its own. Users it adds or removes get it now.
void Hub::hold(const Event& event, LocalChannel& channel, ToChannel task) {
    if (!channel.held) {
        channel.held = std::make_unique<HeldEvents>(HeldEvents{event.rev - 1, event.rev, last_tick_ + kLongestHold, {}});
        holding_.push_back(event.channel);
    }
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed != nullptr && changed->kind != MembersEvent::Kind::updated) {
        deliver_ahead(event, *changed, task.others);
        if (changed->kind == MembersEvent::Kind::left) {
            for (const Member& member : changed->members) channel.held->removed.push_back(member.user.id);
        }
    }
    channel.held->rev = event.rev;
    channel.held->bytes += task.others->bytes.size();
    channel.held->events.push_back(std::move(task));
    remove_leavers(event, By::event);
    const auto found = channels_.find(event.channel);  // gone if its last local users have left
    if (found == channels_.end()) return;
    const HeldEvents& held = *found->second.held;
    if (held.events.size() >= kMaxEvents || held.bytes >= kMaxBytes) send_held(event.channel, found->second);
}

/// A user with an exception for any of the events gets a separate batch, made of that user's frames.
void Hub::add_held_exceptions(const HeldEvents& held, ToChannel& task) {
    std::vector<UserId> users;
    for (const ToChannel& event : held.events) {
        if (!event.exceptions) continue;
        for (const FrameException& each : *event.exceptions) users.push_back(each.user);
    }
    std::ranges::sort(users);
    users.erase(std::unique(users.begin(), users.end()), users.end());
    std::vector<FrameException> exceptions;
    for (const UserId user : users) {
        std::vector<FrameRef> frames;
        for (const ToChannel& event : held.events) frames.push_back(frame_for(event, user));
        exceptions.push_back({user, encoder_.encode(task.channel, held.since, held.rev, frames)});
    }
    set_exceptions(task, std::move(exceptions));
}

void Hub::send_held(ChannelId id, LocalChannel& channel) {
    const std::unique_ptr<HeldEvents> held = std::move(channel.held);
    if (!held || !channel.feed.has_sessions()) return;
    std::vector<FrameRef> frames;
    for (const ToChannel& event : held->events) frames.push_back(event.others);
    ToChannel task{id, held->rev, encoder_.encode(id, held->since, held->rev, frames), nullptr};
    add_held_exceptions(*held, task);
    to_lanes_of(channel.feed, task);
    ++counters_.frames;
}

void Hub::send_overdue(std::chrono::milliseconds now) {
    std::erase_if(holding_, [&](ChannelId id) {
        const auto found = channels_.find(id);
        if (found == channels_.end() || !found->second.held) return true;
        if (found->second.held->until > now) return false;
        send_held(id, found->second);
        return true;
    });
}

void Hub::send_all_held() {
    for (const ChannelId id : std::exchange(holding_, {})) {
        const auto found = channels_.find(id);
        if (found != channels_.end()) send_held(id, found->second);
    }
}

}  // namespace cariosan::realtime
