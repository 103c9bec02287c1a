#include "realtime/lane_hub.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace cariosan::realtime {
namespace {

/// What bounds the reading of unread counts, however many wait for them: so many sessions of a lane a second.
constexpr std::size_t kUnreadPerTick = 200;

template <class T>
void erase_unordered(std::vector<T>& list, typename std::vector<T>::iterator position) {
    if (position == list.end()) return;
    if (position != list.end() - 1) *position = std::move(list.back());
    list.pop_back();
}

Topic::Held* find_held(Topic& topic, const Subscriber& subscriber) {
    const auto found = std::ranges::find(topic.held, &subscriber, &Topic::Held::subscriber);
    return found == topic.held.end() ? nullptr : &*found;
}

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

LaneHub::LaneHub(LaneQueueRef queue) : queue_(std::move(queue)) {}

LaneHub::~LaneHub() {
    assert(all_.empty());
    queue_->close();
}

void LaneHub::add(Subscriber& subscriber) {
    subscriber.index_ = static_cast<std::uint32_t>(all_.size());
    all_.push_back(&subscriber);
    by_id_.emplace(subscriber.handle().id, &subscriber);
}

void LaneHub::remove(Subscriber& subscriber) {
    for (Topic* topic : subscriber.topics_) {
        erase_unordered(topic->live, std::ranges::find(topic->live, &subscriber));
        erase_unordered(topic->held, std::ranges::find(topic->held, &subscriber, &Topic::Held::subscriber));
        erase_if_empty(*topic);
    }
    subscriber.topics_.clear();
    if (const auto user = users_.find(subscriber.handle().user); user != users_.end()) {
        erase_unordered(user->second.list, std::ranges::find(user->second.list, &subscriber));
        if (user->second.list.empty()) users_.erase(user);
    }
    all_.back()->index_ = subscriber.index_;
    all_[subscriber.index_] = all_.back();
    all_.pop_back();
    by_id_.erase(subscriber.handle().id);
    unread_.forget(subscriber.handle().id);
    floors_.erase(subscriber.handle().id);
}

void LaneHub::run() {
    tasks_.clear();
    const bool overrun = queue_->take(tasks_);
    if (overrun) {
        for (Subscriber* subscriber : all_) subscriber->end(close_code::kSlow, "too much was waiting", 0);
    }
    for (LaneTask& task : tasks_) {
        const bool keeps_order_alone = std::holds_alternative<ToChannel>(task) || std::holds_alternative<ToUsers>(task) ||
                                      std::holds_alternative<MarkUnread>(task);
        if (!keeps_order_alone) flush();
        std::visit([this](auto& each) { perform(each); }, task);
    }
    flush();
    tasks_.clear();
    constexpr std::size_t kKeptCapacity = 4096;
    if (tasks_.capacity() > kKeptCapacity) std::vector<LaneTask>().swap(tasks_);
}

void LaneHub::tick() {
    for (Subscriber* subscriber : all_) subscriber->tick();
    tell_unread();
}

void LaneHub::tell_unread() {
    for (const ChannelId channel : std::exchange(unread_channels_, {})) {
        Topic* topic = find(channel);
        if (topic == nullptr) continue;
        topic->unread_moved = false;
        for (const Subscriber* subscriber : topic->live) unread_.mark(subscriber->handle().id, channel);
        for (const Topic::Held& held : topic->held) unread_.mark(held.subscriber->handle().id, channel);
    }
    for (const auto& [session, channel] : unread_.take(kUnreadPerTick)) {
        const auto found = by_id_.find(session);
        if (found != by_id_.end()) found->second->unread_moved(channel);
    }
}

void LaneHub::perform(Complete& task) { task.run(); }

void LaneHub::perform(ToChannel& task) {
    Topic* topic = find(task.channel);
    if (topic == nullptr) return;
    if (topic->pending.empty()) dirty_.push_back(topic);
    topic->pending.push_back(std::move(task));
}

void LaneHub::perform(MarkUnread& task) {
    const auto found = users_.find(task.user);
    if (found == users_.end()) return;
    for (const Subscriber* subscriber : found->second.list) unread_.mark(subscriber->handle().id, task.channel);
}

void LaneHub::perform(ToUsers& task) {
    for (const UserId user : task.users) {
        const auto found = users_.find(user);
        if (found == users_.end()) continue;
        for (Subscriber* subscriber : found->second.list) subscriber->deliver(task.frame);
    }
}

void LaneHub::perform(ToChannels& task) {
    ++pass_;
    const auto once = [&](Subscriber& subscriber) {
        if (std::exchange(subscriber.mark_, pass_) != pass_) subscriber.deliver(task.frame);
    };
    for (const ChannelId channel : task.channels) {
        Topic* topic = find(channel);
        if (topic == nullptr) continue;
        for (Subscriber* subscriber : topic->live) once(*subscriber);
        for (const Topic::Held& held : topic->held) once(*held.subscriber);
    }
    for (const UserId user : task.users) {
        const auto found = users_.find(user);
        if (found == users_.end()) continue;
        for (Subscriber* subscriber : found->second.list) once(*subscriber);
    }
}

void LaneHub::perform(BlocksChanged& task) {
    const auto found = users_.find(task.change.user_id);
    if (found == users_.end()) return;
    for (Subscriber* subscriber : found->second.list) subscriber->blocks_changed(task.change, task.frame);
}

void LaneHub::perform(AdmitSession& task) {
    const auto found = by_id_.find(task.session);
    if (found == by_id_.end()) return;
    Subscriber& subscriber = *found->second;
    users_[subscriber.handle().user].list.push_back(&subscriber);
    subscriber.admitted_ = true;
    subscriber.topics_.reserve(task.channels.size());
    for (const ChannelId channel : task.channels) link(subscriber, channel);
    subscriber.ready(*task.start);
}

void LaneHub::perform(SubscribeUser& task) {
    const auto found = users_.find(task.user);
    if (found == users_.end()) return;
    for (Subscriber* subscriber : found->second.list) subscribe(*subscriber, task.channel, task.floor);
}

void LaneHub::perform(UnsubscribeUser& task) {
    const auto found = users_.find(task.user);
    Topic* topic = find(task.channel);
    if (found == users_.end() || topic == nullptr) return;
    for (Subscriber* subscriber : found->second.list) {
        const Topic::Held* held = find_held(*topic, *subscriber);
        if (held != nullptr && held->floor > topic->last) keep_floor(*subscriber, task.channel, held->floor);
        unsubscribe(*subscriber, *topic);
    }
    erase_if_empty(*topic);
}

void LaneHub::perform(DropChannel& task) {
    Topic* topic = find(task.channel);
    if (topic == nullptr) return;
    while (!topic->live.empty()) unsubscribe(*topic->live.back(), *topic);
    while (!topic->held.empty()) unsubscribe(*topic->held.back().subscriber, *topic);
    erase_if_empty(*topic);
}

void LaneHub::perform(ResyncChannel& task) {
    Topic* topic = find(task.channel);
    if (topic == nullptr) return;
    // `resync` holds the channel, which moves subscribers from one list to the other.
    const std::vector<Subscriber*> live = topic->live;
    for (Topic::Held& held : topic->held) {
        // Makes the read under way be repeated, and one that is over begin again.
        held.withheld = std::max(held.withheld, std::max(task.since + 1, held.floor + 1));
        if (!held.holding) held.subscriber->resync(task.channel, held.floor);
    }
    for (Subscriber* subscriber : live) subscriber->resync(task.channel, task.since);
}

void LaneHub::perform(CloseSession& task) {
    const auto found = by_id_.find(task.session);
    if (found != by_id_.end()) found->second->end(task.code, task.reason, task.retry_after_ms);
}

void LaneHub::perform(DrainSessions& task) {
    for (Subscriber* subscriber : all_) subscriber->draining(task.reconnect_after_ms);
}

void LaneHub::flush() {
    for (Topic* topic : dirty_) flush(*topic);
    dirty_.clear();
}

void LaneHub::flush(Topic& topic) {
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
    constexpr std::size_t kKeptCapacity = 4;  // an idle channel keeps next to nothing
    if (topic.pending.capacity() > kKeptCapacity) std::vector<ToChannel>().swap(topic.pending);
}

bool LaneHub::mark(UserId user) {
    const auto found = users_.find(user);
    if (found == users_.end()) return false;
    for (Subscriber* subscriber : found->second.list) subscriber->mark_ = pass_;
    return true;
}

/// Everyone gets the one merged frame, but the authors of these events and those for whom there are exceptions, who get
/// theirs one by one.
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
            topic.live.push_back(held.subscriber);
            erase_unordered(topic.held, topic.held.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

bool LaneHub::subscribed(const Subscriber& subscriber, ChannelId channel) const {
    const Topic* topic = find(channel);
    return topic != nullptr && std::ranges::find(subscriber.topics_, topic) != subscriber.topics_.end();
}

bool LaneHub::hold(Subscriber& subscriber, ChannelId channel) {
    Topic* topic = find(channel);
    if (topic == nullptr) return false;
    if (Topic::Held* held = find_held(*topic, subscriber)) {
        held->holding = true;
        return true;
    }
    const auto found = std::ranges::find(topic->live, &subscriber);
    if (found == topic->live.end()) return false;
    erase_unordered(topic->live, found);
    topic->held.push_back({.subscriber = &subscriber, .floor = 0, .withheld = 0, .holding = true});
    return true;
}

bool LaneHub::release(Subscriber& subscriber, ChannelId channel, std::int64_t rev) {
    if (!subscribed(subscriber, channel)) {
        keep_floor(subscriber, channel, rev);
        return true;
    }
    Topic* topic = find(channel);
    Topic::Held* held = find_held(*topic, subscriber);
    if (held == nullptr) return true;
    held->floor = std::max(held->floor, rev);
    if (held->withheld > held->floor) return false;
    held->holding = false;
    if (topic->last >= held->floor) {
        topic->live.push_back(&subscriber);
        erase_unordered(topic->held, topic->held.begin() + (held - topic->held.data()));
    }
    return true;
}

void LaneHub::subscribe(Subscriber& subscriber, ChannelId channel, std::int64_t floor) {
    if (subscribed(subscriber, channel)) return;
    link(subscriber, channel);
    floor = std::max(floor, take_floor(subscriber, channel));
    Topic& topic = *subscriber.topics_.back();
    if (topic.last < floor) {
        topic.live.pop_back();
        topic.held.push_back({.subscriber = &subscriber, .floor = floor, .withheld = 0, .holding = false});
    }
    subscriber.audience_changed(channel, true);
}

void LaneHub::keep_floor(const Subscriber& subscriber, ChannelId channel, std::int64_t floor) {
    std::vector<Floor>& floors = floors_[subscriber.handle().id];
    const auto found = std::ranges::find(floors, channel, &Floor::channel);
    if (found == floors.end()) {
        floors.push_back({channel, floor});
    } else {
        found->rev = std::max(found->rev, floor);
    }
}

std::int64_t LaneHub::take_floor(const Subscriber& subscriber, ChannelId channel) {
    const auto found = floors_.find(subscriber.handle().id);
    if (found == floors_.end()) return 0;
    std::vector<Floor>& floors = found->second;
    const auto floor = std::ranges::find(floors, channel, &Floor::channel);
    const std::int64_t rev = floor == floors.end() ? 0 : floor->rev;
    erase_unordered(floors, floor);
    if (floors.empty()) floors_.erase(found);
    return rev;
}

void LaneHub::link(Subscriber& subscriber, ChannelId channel) {
    Topic& topic = topics_[channel];
    topic.channel = channel;
    subscriber.topics_.push_back(&topic);
    topic.live.push_back(&subscriber);
}

void LaneHub::unsubscribe(Subscriber& subscriber, Topic& topic) {
    erase_unordered(subscriber.topics_, std::ranges::find(subscriber.topics_, &topic));
    erase_unordered(topic.live, std::ranges::find(topic.live, &subscriber));
    erase_unordered(topic.held, std::ranges::find(topic.held, &subscriber, &Topic::Held::subscriber));
    subscriber.audience_changed(topic.channel, false);
}

void LaneHub::erase_if_empty(Topic& topic) {
    if (!topic.empty()) return;
    std::erase(dirty_, &topic);
    topics_.erase(topic.channel);
}

const Topic* LaneHub::find(ChannelId channel) const {
    const auto found = topics_.find(channel);
    return found == topics_.end() ? nullptr : &found->second;
}

Topic* LaneHub::find(ChannelId channel) {
    const auto found = topics_.find(channel);
    return found == topics_.end() ? nullptr : &found->second;
}

}  // namespace cariosan::realtime
