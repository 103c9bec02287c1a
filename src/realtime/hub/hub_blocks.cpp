// What users who have blocked someone get instead of an event, and how their block lists are kept.
#include <algorithm>
#include <span>
#include <utility>

#include "realtime/hub/hub.hpp"
#include "realtime/lanes/unread_marks.hpp"

namespace cariosan::realtime {
namespace {

/// The channels whose unread counts are sent after a block changes: as many as can be queued.
constexpr auto kMaxUnreadSent = static_cast<std::int64_t>(UnreadMarks::kMaxChannels);

}  // namespace

bool Hub::listens(UserId user, ChannelId channel) const {
    const auto found = users_.find(user);
    const auto local = channels_.find(channel);
    return found != users_.end() && local != channels_.end() && found->second.channels.contains(local->second.slot);
}

/// Visits the channel's local members who have blocked the person. Iterates over the blockers or the members, whichever are
/// fewer.
template <class Visit>
void Hub::for_each_blocker(UserId person, ChannelId channel, Visit&& visit) {
    const std::unordered_set<UserId>& blockers = blocks_.blockers_of(person);
    const auto local = channels_.find(channel);
    if (blockers.empty() || local == channels_.end()) return;
    if (blockers.size() < local->second.users.size()) {
        for (const UserId blocker : blockers) {
            if (listens(blocker, channel)) visit(blocker);
        }
    } else {
        for (const std::uint32_t slot : local->second.users) {
            const UserId user = user_slots_[slot].first;
            if (blockers.contains(user)) visit(user);
        }
    }
}

/// Members who have blocked `person` get another frame, unless they already have one.
void Hub::add_exceptions(UserId person, Hiding what, const Event& event, ToChannel& task, std::vector<FrameException>& exceptions) {
    FrameRef frame;
    std::ranges::sort(exceptions, {}, &FrameException::user);
    const std::size_t before = exceptions.size();
    for_each_blocker(person, event.channel, [&](UserId blocker) {
        if (blocker == task.author) {
            task.author_frame = encoder_.encode_hiding(event, what, true);
            return;
        }
        const std::span known(exceptions.data(), before);
        if (std::ranges::binary_search(known, blocker, {}, &FrameException::user)) return;
        if (!frame) frame = encoder_.encode_hiding(event, what, false);
        exceptions.push_back({blocker, frame});
    });
}

void Hub::hide_from_blockers(const Event& event, ToChannel& task) {
    std::vector<FrameException> exceptions;
    const auto except_message = [&](const Message& message) {
        add_exceptions(message.user.id, Hiding::everything, event, task, exceptions);
        if (message.quoted_message) add_exceptions(message.quoted_message->user_id, Hiding::quote, event, task, exceptions);
    };
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        except_message(created->message);
    } else if (const auto* updated = std::get_if<MessageUpdated>(&event.body)) {
        except_message(updated->message);
    } else if (const auto* deleted = std::get_if<MessageDeleted>(&event.body)) {
        add_exceptions(deleted->author, Hiding::everything, event, task, exceptions);
    } else if (const auto* reaction = std::get_if<ReactionChanged>(&event.body)) {
        add_exceptions(reaction->author, Hiding::everything, event, task, exceptions);
        add_exceptions(reaction->user_id, Hiding::reactor, event, task, exceptions);
    }
    set_exceptions(task, std::move(exceptions));
}

void Hub::hide_typing(UserId typist, const std::vector<UserId>& blocked, ToChannel& task) {
    std::vector<FrameException> exceptions;
    for_each_blocker(typist, task.channel, [&](UserId blocker) { exceptions.push_back({blocker, nullptr}); });
    for (const UserId other : blocks_.blocked_by(typist)) {
        if (listens(other, task.channel)) exceptions.push_back({other, nullptr});
    }
    for (const UserId other : blocked) {
        if (listens(other, task.channel)) exceptions.push_back({other, nullptr});
    }
    set_exceptions(task, std::move(exceptions));
}

void Hub::set_exceptions(ToChannel& task, std::vector<FrameException> exceptions) {
    if (exceptions.empty()) return;
    std::ranges::sort(exceptions, {}, &FrameException::user);
    task.exceptions = std::make_shared<const std::vector<FrameException>>(std::move(exceptions));
}

void Hub::block_changed(const Event& event, const BlockUpdated& change) {
    if (!users_.contains(change.user_id)) return;
    // End their typing first: once blocked, neither would see the other stop.
    if (change.blocked) stop_typing_between(change.user_id, change.blocked_user);
    switch (blocks_.change(change)) {
        case BlockLists::Verdict::ignore: return;
        case BlockLists::Verdict::gap: rereads_.add_later(change.user_id); return start_reads();
        case BlockLists::Verdict::apply: break;
    }
    announce_block(event);
    presence_between(change.user_id, change.blocked_user);
    // That user's messages no longer count as unread, or count again.
    source_.find_unread(event.workspace, change.user_id, change.blocked_user, kMaxUnreadSent);
}

void Hub::unread_moved(UserId user, const std::vector<ChannelId>& channels) {
    for (const ChannelId channel : channels) mark_unread(user, channel);
}

/// Queued behind every earlier frame: once a client gets the event, nothing more of that user arrives.
void Hub::announce_block(const Event& event) {
    const auto& change = std::get<BlockUpdated>(event.body);
    send_all_held();
    const FrameRef frame = encoder_.encode(event).others;
    std::vector<bool> queued(lanes_.size());
    for (const LocalSession& session : users_.at(change.user_id).sessions) {
        const std::size_t lane = session.handle->lane;
        if (queued[lane]) continue;
        queued[lane] = true;
        outgoing_[lane].push_back(BlocksChanged{change, frame});
    }
    ++counters_.frames;
}

/// Applies the list that was read, and sends the user's sessions the changes that were lost.
void Hub::apply_blocks(UserId user, BlockedUsers blocks) {
    Event event;
    event.workspace = users_.at(user).workspace;
    const std::vector<BlockUpdated> changes = blocks_.load(user, std::move(blocks));
    for (const BlockUpdated& change : changes) {
        event.body = change;
        announce_block(event);
        presence_between(user, change.blocked_user);
    }
    if (changes.empty()) return;
    // One read for all changes.
    const auto author = changes.size() == 1 ? std::optional(changes[0].blocked_user) : std::nullopt;
    source_.find_unread(event.workspace, user, author, kMaxUnreadSent);
}

void Hub::stop_typing_between(UserId one, UserId other) {
    const auto found = users_.find(other);
    if (found == users_.end()) return;
    users_.at(one).channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        if (!found->second.channels.contains(slot)) return;
        for (const UserId typist : {one, other}) stop_typing(channel_slots_[slot].first, typist);
    });
}

}  // namespace cariosan::realtime
