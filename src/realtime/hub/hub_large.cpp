// Large channels: reactions and changes of members, one after the other, leave together.
//
// In a channel above `Options::large_members` such an event goes to thousands of connections, and there may be hundreds of
// them in a second. They are held, for a second at most, and leave as one frame. Any other durable event of the channel lets
// them leave first, and so does a hole: nobody is told a revision before those that came earlier. Who was added or removed
// is told at once. Bound: `kMaxEvents` events or `kMaxBytes` of them per channel; what is full leaves.
#include <algorithm>
#include <utility>

#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::chrono::milliseconds kLongestHold{1'000};
constexpr std::size_t kMaxEvents = 100;
constexpr std::size_t kMaxBytes = 64 * 1024;

/// The frame of the user for the event: its exception, or what the others get.
const FrameRef& frame_for(const ToChannel& event, UserId user) {
    if (!event.exceptions) return event.others;
    const auto found = std::ranges::lower_bound(*event.exceptions, user, {}, &FrameException::user);
    return found != event.exceptions->end() && found->user == user ? found->frame : event.others;
}

}  // namespace

bool Hub::is_held(const Event& event, const LocalChannel& channel) const {
    const bool many = std::holds_alternative<ReactionChanged>(event.body) || std::holds_alternative<MembersEvent>(event.body);
    return many && channel.feed.member_count > options_.large_members;
}

/// Whether the event adds somebody whose removal is held: who was removed hears nothing of the channel behind that, what is
/// held leaves before it comes back.
bool Hub::is_taken_back(const Event& event, const LocalChannel& channel) {
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (!channel.held || changed == nullptr || changed->kind != MembersEvent::Kind::joined) return false;
    return std::ranges::any_of(changed->members, [&](const Member& member) {
        return std::ranges::find(channel.held->removed, member.user.id) != channel.held->removed.end();
    });
}

/// Those who are added or removed, before the others.
void Hub::tell_ahead(const Event& event, const MembersEvent& changed, const FrameRef& frame) {
    std::vector<UserId> users;
    for (const Member& member : changed.members) users.push_back(member.user.id);
    std::vector<std::vector<UserId>> per_lane = by_lanes(users);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (per_lane[lane].empty()) continue;
        outgoing_[lane].push_back(ToMembers{event.channel, event.rev, std::move(per_lane[lane]), frame});
    }
    ++counters_.frames;
}

/// `task` would tell it alone. Those whom it adds or removes are told so now.
void Hub::hold(const Event& event, LocalChannel& channel, ToChannel task) {
    if (!channel.held) {
        channel.held = std::make_unique<HeldEvents>(HeldEvents{event.rev - 1, event.rev, last_tick_ + kLongestHold, {}});
        holding_.push_back(event.channel);
    }
    const auto* changed = std::get_if<MembersEvent>(&event.body);
    if (changed != nullptr && changed->kind != MembersEvent::Kind::updated) {
        tell_ahead(event, *changed, task.others);
        if (changed->kind == MembersEvent::Kind::left) {
            for (const Member& member : changed->members) channel.held->removed.push_back(member.user.id);
        }
    }
    channel.held->rev = event.rev;
    channel.held->bytes += task.others->bytes.size();
    channel.held->events.push_back(std::move(task));
    dismiss_leavers(event, By::event);
    const auto found = channels_.find(event.channel);  // they may have been the last ones here
    if (found == channels_.end()) return;
    const HeldEvents& held = *found->second.held;
    if (held.events.size() >= kMaxEvents || held.bytes >= kMaxBytes) let_go(event.channel, found->second);
}

/// Who has blocked somebody gets a frame of its own, in which its events are those it may see.
void Hub::except_held(const HeldEvents& held, ToChannel& task) {
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

void Hub::let_go(ChannelId id, LocalChannel& channel) {
    const std::unique_ptr<HeldEvents> held = std::move(channel.held);
    if (!held || !channel.feed.has_sessions()) return;
    std::vector<FrameRef> frames;
    for (const ToChannel& event : held->events) frames.push_back(event.others);
    ToChannel task{id, held->rev, encoder_.encode(id, held->since, held->rev, frames), nullptr};
    except_held(*held, task);
    to_lanes_of(channel.feed, task);
    ++counters_.frames;
}

void Hub::let_go_old(std::chrono::milliseconds now) {
    last_tick_ = now;
    std::erase_if(holding_, [&](ChannelId id) {
        const auto found = channels_.find(id);
        if (found == channels_.end() || !found->second.held) return true;
        if (found->second.held->until > now) return false;
        let_go(id, found->second);
        return true;
    });
}

void Hub::let_go_all() {
    for (const ChannelId id : std::exchange(holding_, {})) {
        const auto found = channels_.find(id);
        if (found != channels_.end()) let_go(id, found->second);
    }
}

}  // namespace cariosan::realtime
