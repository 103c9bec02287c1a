#include "engine/subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::engine {
namespace {

constexpr std::size_t kMaxLostChannels = 1'000;

/// Roughly the memory an event holds.
std::size_t weight(const Event& event) {
    constexpr std::size_t kBase = 512;
    if (const auto* created = std::get_if<MessageCreated>(&event.body)) {
        return kBase + created->message.content.size() + created->message.metadata.size();
    }
    if (const auto* updated = std::get_if<MessageUpdated>(&event.body)) {
        return kBase + updated->message.content.size() + updated->message.metadata.size();
    }
    constexpr std::size_t kMember = 128;
    if (const auto* members = std::get_if<MembersEvent>(&event.body)) return kBase + members->members.size() * kMember;
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) return kBase + created->members.size() * kMember;
    if (const auto* lost = std::get_if<EventsLost>(&event.body)) return kBase + lost->channels.size() * sizeof(ChannelId);
    return kBase;
}

}  // namespace

void SubscriptionQueue::push(const EventRef& event) {
    const std::lock_guard lock(mutex_);
    const std::size_t added = weight(*event);
    if (lost_ || events_.size() >= kMaxEvents || bytes_ + added > kMaxBytes) {
        overflow(event);
    } else {
        bytes_ += added;
        events_.push_back(event);
    }
    schedule();
}

void SubscriptionQueue::push_lost() {
    const std::lock_guard lock(mutex_);
    counters_.events_lost += events_.size();
    events_.clear();
    bytes_ = 0;
    lost_ = true;
    lost_all_ = true;
    schedule();
}

/// Drops all events until the callback has received `EventsLost`: what it reads then is newer than any of them.
void SubscriptionQueue::overflow(const EventRef& event) {
    const auto note = [this](const EventRef& each) {
        ++counters_.events_lost;
        if (const auto* lost = std::get_if<EventsLost>(&each->body)) {
            for (const ChannelId channel : lost->channels) note_lost(channel);
        } else if (!each->channel.is_nil()) {
            note_lost(each->channel);
        }
    };
    for (const EventRef& each : events_) note(each);
    note(event);
    events_.clear();
    bytes_ = 0;
    lost_ = true;
}

void SubscriptionQueue::note_lost(ChannelId channel) {
    if (lost_all_ || std::ranges::find(lost_channels_, channel) != lost_channels_.end()) return;
    lost_channels_.push_back(channel);
    lost_all_ = lost_channels_.size() > kMaxLostChannels;
}

void SubscriptionQueue::schedule() {
    if (std::exchange(scheduled_, true)) return;
    callbacks_.push([self = shared_from_this()] { self->run(); });
}

void SubscriptionQueue::run() {
    std::deque<EventRef> events;
    {
        const std::lock_guard lock(mutex_);
        events.swap(events_);
        bytes_ = 0;
        scheduled_ = false;
        if (std::exchange(lost_, false)) {
            auto event = std::make_shared<Event>();
            event->workspace = workspace_;
            event->body = EventsLost{lost_all_ ? std::vector<ChannelId>{} : std::move(lost_channels_), lost_all_};
            events.push_back(std::move(event));
            lost_channels_.clear();
            lost_all_ = false;
        }
    }
    for (const EventRef& event : events) {
        const std::lock_guard running(running_);
        if (ended_) return;
        callback_(event);
    }
}

void SubscriptionQueue::end() {
    ended_ = true;
    if (!callbacks_.on_this_thread()) const std::lock_guard wait(running_);
}

std::shared_ptr<SubscriptionQueue> Subscriptions::make(WorkspaceId workspace,
                                                     std::function<void(const EventRef&)> callback) {
    return std::make_shared<SubscriptionQueue>(workspace, std::move(callback), callbacks_, counters_);
}

void Subscriptions::add(const std::shared_ptr<SubscriptionQueue>& queue) { queues_[queue->workspace()].push_back(queue); }

void Subscriptions::publish(const EventRef& event) {
    if (std::holds_alternative<UserSilenced>(event->body)) return;      // for the hub only
    if (std::holds_alternative<UserSuspended>(event->body)) return;     // for the hub only
    if (std::holds_alternative<WorkspaceUpdated>(event->body)) return;  // for other nodes only
    const auto found = queues_.find(event->workspace);
    if (found == queues_.end()) return;
    std::erase_if(found->second, [&](const std::weak_ptr<SubscriptionQueue>& each) {
        const auto queue = each.lock();
        if (queue) queue->push(event);
        return queue == nullptr;
    });
    if (found->second.empty()) queues_.erase(found);
}

void Subscriptions::publish_lost(const core::Loss& loss) {
    if (loss.all) {
        for (auto& [workspace, queues] : queues_) {
            for (const auto& each : queues) {
                if (const auto queue = each.lock()) queue->push_lost();
            }
        }
        return;
    }
    std::unordered_map<WorkspaceId, std::vector<ChannelId>> channels;
    for (const auto& [workspace, channel] : loss.channels) channels[workspace].push_back(channel);
    for (auto& [workspace, lost] : channels) {
        auto event = std::make_shared<Event>();
        event->workspace = workspace;
        event->body = EventsLost{std::move(lost), false};
        publish(event);
    }
}

}  // namespace cariosan::engine
