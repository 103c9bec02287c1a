#include "realtime/lanes/lane_hub.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace cariosan::realtime {
namespace {

/// Bounds the reads of unread counts: sessions of a lane per second.
constexpr std::size_t kUnreadPerTick = 200;

}  // namespace

LaneHub::LaneHub(LaneQueueRef queue) : queue_(std::move(queue)) {}

LaneHub::~LaneHub() {
    assert(by_id_.size() == 0);
    queue_->close();
}

void LaneHub::add(Subscriber& subscriber) { by_id_.insert(subscriber); }

void LaneHub::add_to_user(Subscriber& subscriber) {
    Subscriber* last = users_.find(subscriber.handle().user);
    if (last == nullptr) return users_.insert(subscriber);
    while (last->next_of_user_ != nullptr) last = last->next_of_user_;
    last->next_of_user_ = &subscriber;
}

void LaneHub::take_from_user(Subscriber& subscriber) {
    Subscriber* const next = std::exchange(subscriber.next_of_user_, nullptr);
    Subscriber* before = users_.find(subscriber.handle().user);
    if (before == &subscriber) {
        users_.erase(subscriber);
        if (next != nullptr) users_.insert(*next);
        return;
    }
    while (before->next_of_user_ != &subscriber) before = before->next_of_user_;
    before->next_of_user_ = next;
}

void LaneHub::remove(Subscriber& subscriber) {
    subscriber.places_.for_each([this](std::uint32_t slot, std::uint32_t place) {
        Topic& topic = topic_slots_[slot];
        topic.remove_at(place);
        erase_if_empty(topic);
    });
    subscriber.places_.clear();
    if (std::exchange(subscriber.admitted_, false)) take_from_user(subscriber);
    by_id_.erase(subscriber);
    unread_.forget(subscriber.handle().id);
    floors_.erase(subscriber.handle().id);
}

void LaneHub::run() {
    tasks_.clear();
    const bool overrun = queue_->take(tasks_);
    if (overrun) {
        by_id_.for_each([](Subscriber& each) { each.end(close_code::kSlow, "too much was waiting", 0); });
    }
    for (LaneTask& task : tasks_) {
        const bool keeps_order_alone = std::holds_alternative<ToChannel>(task) || std::holds_alternative<ToUsers>(task) ||
                                       std::holds_alternative<ToMembers>(task) || std::holds_alternative<MarkUnread>(task);
        if (!keeps_order_alone) flush();
        std::visit([this](auto& each) { perform(each); }, task);
    }
    flush();
    tasks_.clear();
    constexpr std::size_t kKeptCapacity = 4096;
    if (tasks_.capacity() > kKeptCapacity) std::vector<LaneTask>().swap(tasks_);
}

void LaneHub::tick() {
    by_id_.for_each([](Subscriber& each) { each.tick(); });
    send_unread();
}

void LaneHub::send_unread() {
    for (const ChannelId channel : std::exchange(unread_channels_, {})) {
        Topic* topic = find(channel);
        if (topic == nullptr) continue;
        topic->unread_moved = false;
        for (const Subscriber* subscriber : topic->live) mark_unread(*subscriber, channel);
        for (const Topic::Held& held : topic->held) mark_unread(*held.subscriber, channel);
    }
    for (const auto& [session, channel] : unread_.take(kUnreadPerTick)) {
        Subscriber* const subscriber = by_id_.find(session);
        if (subscriber != nullptr && !subscriber->unread_moved(channel)) unread_.mark(session, channel);
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
    for_each_of(task.user, [&](const Subscriber& each) { mark_unread(each, task.channel); });
}

void LaneHub::perform(ToUsers& task) {
    for (const UserId user : task.users) for_each_of(user, [&](Subscriber& each) { each.deliver(task.frame); });
}

void LaneHub::perform(ToMembers& task) {
    Topic* topic = find(task.channel);
    if (topic == nullptr) return;
    flush(*topic);
    for (const UserId user : task.users) for_each_of(user, [&](Subscriber& each) { deliver_ahead(each, *topic, task); });
}

/// A session that is reading the channel learns of the event by reading, as of any durable event.
void LaneHub::deliver_ahead(Subscriber& subscriber, Topic& topic, const ToMembers& task) {
    if (!topic.has(subscriber)) return;
    Topic::Held* held = topic.find_held(subscriber);
    if (held == nullptr) held = &topic.hold(subscriber);
    if (held->holding) {
        held->withheld = std::max(held->withheld, task.rev);
    } else if (held->floor < task.rev) {
        held->floor = task.rev;
        subscriber.deliver(task.frame);
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
    for (const UserId user : task.users) for_each_of(user, once);
}

void LaneHub::perform(BlocksChanged& task) {
    for_each_of(task.change.user_id, [&](Subscriber& each) { each.blocks_changed(task.change, task.frame); });
}

void LaneHub::perform(PreferencesMoved& task) {
    for_each_of(task.change.user_id, [&](Subscriber& each) { each.preferences_changed(task.channel, task.change.preferences); });
}

void LaneHub::perform(AdmitSession& task) {
    Subscriber* const found = by_id_.find(task.session);
    if (found == nullptr) return;
    Subscriber& subscriber = *found;
    if (!std::exchange(subscriber.admitted_, true)) add_to_user(subscriber);
    subscriber.places_.reserve(task.channels.size());
    for (const ChannelId channel : task.channels) link(subscriber, channel);
    subscriber.ready(*task.start);
}

void LaneHub::perform(SubscribeUser& task) {
    for_each_of(task.user, [&](Subscriber& each) {
        subscribe(each, task.channel);
        if (task.by_reading) read(each, *find(task.channel));
    });
}

void LaneHub::perform(UnsubscribeUser& task) {
    Topic* topic = find(task.channel);
    for_each_of(task.user, [&](Subscriber& each) {
        if (topic == nullptr || !topic->has(each)) {
            if (!task.by_reading) return;
            mark_unread(each, task.channel);
            return each.resync(task.channel, 0);
        }
        if (task.by_reading) read(each, *topic);
        const Topic::Held* held = topic->find_held(each);
        if (held != nullptr && held->floor > topic->last) keep_floor(each, task.channel, held->floor);
        unsubscribe(each, *topic);
    });
    if (topic != nullptr) erase_if_empty(*topic);
}

/// Makes the session read the channel from the start, or from the revision it has. A session that is already reading it needs no
/// request: `audience_changed` makes it read again.
void LaneHub::read(Subscriber& subscriber, Topic& topic) {
    const Topic::Held* held = topic.find_held(subscriber);
    if (held != nullptr && held->holding) return;
    subscriber.resync(topic.channel, held != nullptr ? held->floor : 0);
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
    topic->last = std::max(topic->last, task.rev);
    // Repairs carry no counts.
    if (!std::exchange(topic->unread_moved, true)) unread_channels_.push_back(task.channel);
    // A copy: `resync` holds the channel, which moves subscribers from `live` to `held`.
    const std::vector<Subscriber*> live = topic->live;
    for (Topic::Held& held : topic->held) {
        if (held.holding) {
            // Its read must reach this revision. If no read is in progress, it was answered that the user is not a member, which
            // may be outdated.
            held.withheld = std::max(held.withheld, task.rev);
            held.subscriber->resync(task.channel, 0);
        } else if (held.floor < task.rev) {
            held.subscriber->resync(task.channel, held.floor);
        }
    }
    for (Subscriber* subscriber : live) subscriber->resync(task.channel, task.since);
}

void LaneHub::perform(CloseSession& task) {
    Subscriber* const subscriber = by_id_.find(task.session);
    if (subscriber != nullptr) subscriber->end(task.code, task.reason, task.retry_after_ms);
}

void LaneHub::perform(DrainSessions& task) {
    by_id_.for_each([&](Subscriber& each) { each.draining(task.reconnect_after_ms); });
}

bool LaneHub::subscribed(const Subscriber& subscriber, ChannelId channel) const {
    const Topic* topic = find(channel);
    return topic != nullptr && topic->has(subscriber);
}

bool LaneHub::hold(Subscriber& subscriber, ChannelId channel) {
    Topic* topic = find(channel);
    if (topic == nullptr || !topic->has(subscriber)) return false;
    Topic::Held* held = topic->find_held(subscriber);
    (held != nullptr ? *held : topic->hold(subscriber)).holding = true;
    return true;
}

bool LaneHub::release(Subscriber& subscriber, ChannelId channel, std::int64_t rev) {
    if (!subscribed(subscriber, channel)) {
        keep_floor(subscriber, channel, rev);
        return true;
    }
    Topic* topic = find(channel);
    Topic::Held* held = topic->find_held(subscriber);
    if (held == nullptr) return true;
    held->floor = std::max(held->floor, rev);
    if (held->withheld > held->floor) return false;
    held->holding = false;
    if (topic->last >= held->floor) topic->make_live(subscriber);
    return true;
}

void LaneHub::subscribe(Subscriber& subscriber, ChannelId channel) {
    if (subscribed(subscriber, channel)) return;
    Topic& topic = link(subscriber, channel);
    const std::int64_t floor = take_floor(subscriber, channel);
    if (topic.last < floor) topic.hold(subscriber).floor = floor;
    subscriber.audience_changed(channel, true);
}

void LaneHub::keep_floor(const Subscriber& subscriber, ChannelId channel, std::int64_t floor) {
    std::int64_t& kept = floors_[subscriber.handle().id][channel];
    kept = std::max(kept, floor);
}

std::int64_t LaneHub::take_floor(const Subscriber& subscriber, ChannelId channel) {
    const auto floors = floors_.find(subscriber.handle().id);
    if (floors == floors_.end()) return 0;
    const auto found = floors->second.find(channel);
    if (found == floors->second.end()) return 0;
    const std::int64_t rev = found->second;
    floors->second.erase(found);
    if (floors->second.empty()) floors_.erase(floors);
    return rev;
}

Topic& LaneHub::link(Subscriber& subscriber, ChannelId channel) {
    const auto [found, is_new] = topics_.try_emplace(channel);
    Topic& topic = found->second;
    if (is_new) {
        topic.channel = channel;
        topic.slot = topic_slots_.take(topic);
    }
    topic.add(subscriber);
    return topic;
}

void LaneHub::unsubscribe(Subscriber& subscriber, Topic& topic) {
    if (!topic.has(subscriber)) return;
    topic.remove(subscriber);
    // What was unread there counts no more.
    mark_unread(subscriber, topic.channel);
    subscriber.audience_changed(topic.channel, false);
}

/// Its frames were delivered before the last subscriber left: changes of the audience flush first.
void LaneHub::erase_if_empty(Topic& topic) {
    if (!topic.empty()) return;
    assert(topic.pending.empty());
    topic_slots_.give_back(topic.slot);
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
