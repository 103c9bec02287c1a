// Turns a presence batch into one frame for each connection that may see some of it.
#include <algorithm>
#include <utility>

#include "realtime/lanes/lane_hub.hpp"

namespace cariosan::realtime {
namespace {

FrameRef presence_frame(const PresenceBatch& batch, const std::vector<std::uint32_t>& changes) {
    std::size_t size = batch.head.size() + batch.tail.size();
    for (const std::uint32_t index : changes) size += batch.changes[index].text.size() + 1;
    std::string text;
    text.reserve(size);
    text += batch.head;
    for (const std::uint32_t index : changes) {
        if (text.size() > batch.head.size()) text += ',';
        text += batch.changes[index].text;
    }
    text += batch.tail;
    return make_frame(text);
}

}  // namespace

/// Collects the changes each connection gets from one batch.
class LaneHub::PresenceRound {
  public:
    explicit PresenceRound(const PresenceBatch& batch) : batch_(batch) {}

    /// Adds one change for the subscriber, once, however many paths lead to it.
    void add(Subscriber& subscriber, std::uint32_t change, std::uint64_t pass) {
        if (std::exchange(subscriber.mark_, pass) == pass) return;
        const PresenceBatch::Change& about = batch_.changes[change];
        const UserId viewer = subscriber.handle().user;
        if (viewer == about.user || std::ranges::binary_search(about.hidden_from, viewer)) return;
        if (subscriber.presence_place_ == 0) {
            recipients_.push_back({&subscriber, {}});
            subscriber.presence_place_ = static_cast<std::uint32_t>(recipients_.size());
        }
        recipients_[subscriber.presence_place_ - 1].changes.push_back(change);
    }

    /// Consecutive connections with the same changes share one frame.
    void offer() {
        FrameRef frame;
        const std::vector<std::uint32_t>* last = nullptr;
        for (Recipient& each : recipients_) {
            each.subscriber->presence_place_ = 0;
            if (last == nullptr || *last != each.changes) frame = presence_frame(batch_, each.changes);
            last = &each.changes;
            each.subscriber->offer(frame);
        }
    }

  private:
    struct Recipient {
        Subscriber* subscriber;
        std::vector<std::uint32_t> changes;  ///< indices into the batch
    };
    const PresenceBatch& batch_;
    std::vector<Recipient> recipients_;
};

void LaneHub::perform(ToPresence& task) {
    const PresenceBatch& batch = *task.batch;
    PresenceRound round(batch);
    for (std::uint32_t index = 0; index < batch.changes.size(); ++index) {
        ++pass_;
        for (const ChannelId channel : batch.changes[index].channels) {
            Topic* topic = find(channel);
            if (topic == nullptr) continue;
            for (Subscriber* subscriber : topic->live) round.add(*subscriber, index, pass_);
            for (const Topic::Held& held : topic->held) round.add(*held.subscriber, index, pass_);
        }
        for (const SessionId session : batch.changes[index].watchers) {
            Subscriber* const found = by_id_.find(session);
            if (found != nullptr && found->admitted_) round.add(*found, index, pass_);
        }
    }
    round.offer();
}

}  // namespace cariosan::realtime
