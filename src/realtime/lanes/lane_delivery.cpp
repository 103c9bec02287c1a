// How the collected frames of one channel reach its subscribers.
#include <algorithm>
#include <utility>

#include "realtime/lanes/lane_hub.hpp"

namespace cariosan::realtime {
namespace {

FrameRef merge(const std::vector<ToChannel>& tasks) {
    if (tasks.size() == 1) return tasks.front().others;
    std::size_t size = 0;
    for (const ToChannel& task : tasks) size += task.others->bytes.size();
    auto merged = std::make_shared<Frame>();
    merged->bytes.reserve(size);
    for (const ToChannel& task : tasks) merged->bytes += task.others->bytes;
    return merged;
}

const FrameException* exception_for(const ToChannel& task, UserId user) {
    if (!task.exceptions) return nullptr;
    const auto found = std::ranges::lower_bound(*task.exceptions, user, {}, &FrameException::user);
    return found != task.exceptions->end() && found->user == user ? &*found : nullptr;
}

void deliver_one(const ToChannel& task, Subscriber& subscriber) {
    if (const FrameException* exception = exception_for(task, subscriber.handle().user)) {
        if (exception->frame) subscriber.deliver(exception->frame);
    } else if (task.author != subscriber.handle().user) {
        subscriber.deliver(task.others);
    } else if (!task.skip_author) {
        subscriber.deliver(task.author_frame ? task.author_frame : task.others);
    }
}

bool needs_own_frame(const ToChannel& task) { return task.skip_author || task.author_frame != nullptr; }

}  // namespace

void LaneHub::flush() {
    for (Topic* topic : dirty_) flush(*topic);
    dirty_.clear();
}

void LaneHub::flush(Topic& topic) {
    if (topic.pending.empty()) return;
    flush_live(topic);
    std::int64_t newest = 0;
    bool unread_moved = false;
    for (const ToChannel& task : topic.pending) {
        newest = std::max(newest, task.rev);
        unread_moved = unread_moved || task.moves_unread;
    }
    if (unread_moved && !std::exchange(topic.unread_moved, true)) unread_channels_.push_back(topic.channel);
    topic.last = std::max(topic.last, newest);
    if (!topic.held.empty()) flush_held(topic, newest);
    topic.pending.clear();
    constexpr std::size_t kKeptCapacity = 4;  // bounds the memory of idle channels
    if (topic.pending.capacity() > kKeptCapacity) std::vector<ToChannel>().swap(topic.pending);
}

bool LaneHub::mark(UserId user) {
    return for_each_of(user, [this](Subscriber& each) { each.mark_ = pass_; });
}

/// Everyone gets the one merged frame, except the authors of these events and users with exceptions, who get separate frames.
void LaneHub::flush_live(Topic& topic) {
    if (topic.live.empty()) return;
    ++pass_;
    bool exceptions = false;
    for (const ToChannel& task : topic.pending) {
        if (needs_own_frame(task) && mark(task.author)) exceptions = true;
        if (!task.exceptions) continue;
        for (const FrameException& each : *task.exceptions) exceptions = mark(each.user) || exceptions;
    }
    const FrameRef merged = merge(topic.pending);
    if (!exceptions) {
        for (Subscriber* subscriber : topic.live) subscriber->deliver(merged);
        return;
    }
    for (Subscriber* subscriber : topic.live) {
        if (subscriber->mark_ != pass_) {
            subscriber->deliver(merged);
        } else {
            for (const ToChannel& task : topic.pending) deliver_one(task, *subscriber);
        }
    }
}

void LaneHub::flush_held(Topic& topic, std::int64_t newest) {
    for (std::size_t i = 0; i < topic.held.size();) {
        Topic::Held& held = topic.held[i];
        if (held.holding) held.withheld = std::max(held.withheld, newest);
        for (const ToChannel& task : topic.pending) {
            const bool withhold = task.rev != 0 && (held.holding || task.rev <= held.floor);
            if (!withhold) deliver_one(task, *held.subscriber);
        }
        if (!held.holding && topic.last >= held.floor) {
            topic.make_live(*held.subscriber);
        } else {
            ++i;
        }
    }
}

}  // namespace cariosan::realtime
