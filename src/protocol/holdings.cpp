#include "protocol/holdings.hpp"

#include <algorithm>

namespace cariosan::protocol {

class LaneHoldings::Entry final : public Holding {
  public:
    Entry(LaneHoldings& lane, std::function<void()> drop) : lane_(lane), drop_(std::move(drop)) {}
    ~Entry() override { lane_.resize(*this, 0); }

    /// `resize` may destroy this object, so nothing may follow it.
    void resize(std::size_t bytes) override { lane_.resize(*this, static_cast<std::int64_t>(bytes)); }

  private:
    friend class LaneHoldings;

    LaneHoldings& lane_;
    std::function<void()> drop_;  ///< empty once called
    std::int64_t bytes_ = 0;
};

HeldTotal::Places::iterator HeldTotal::join(LaneHoldings& lane, const realtime::LaneQueueRef& queue) {
    const std::lock_guard lock(mutex_);
    places_.emplace_back();
    places_.back().lane = &lane;
    places_.back().queue = queue;
    return std::prev(places_.end());
}

void HeldTotal::leave(Places::iterator place) {
    const std::lock_guard lock(mutex_);
    places_.erase(place);
}

bool HeldTotal::leads(const Place& place) {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::max_element(places_, {}, [](const Place& each) { return each.largest.load(); });
    if (first->largest <= place.largest) return true;
    if (first->asked.exchange(true)) return false;
    // The task runs on that lane's thread or not at all, because a lane outlives the tasks in its queue.
    first->queue->push(realtime::Complete{[lane = first->lane, &asked = first->asked] {
        asked = false;
        lane->relieve();
    }});
    return false;
}

LaneHoldings::LaneHoldings(HeldTotal& total, const realtime::LaneQueueRef& queue)
    : total_(total), place_(total.join(*this, queue)) {}

LaneHoldings::~LaneHoldings() { total_.leave(place_); }

std::unique_ptr<Holding> LaneHoldings::hold(std::function<void()> drop) {
    return std::make_unique<Entry>(*this, std::move(drop));
}

void LaneHoldings::resize(Entry& entry, std::int64_t bytes) {
    if (bytes == entry.bytes_) return;
    const bool grows = bytes > entry.bytes_;
    total_.bytes_ += bytes - entry.bytes_;
    if (entry.drop_) {
        if (entry.bytes_ > 0) by_size_.erase({entry.bytes_, &entry});
        if (bytes > 0) by_size_.insert({bytes, &entry});
        publish();
    }
    entry.bytes_ = bytes;
    if (grows) relieve();
}

void LaneHoldings::publish() { place_->largest = by_size_.empty() ? 0 : by_size_.rbegin()->first; }

void LaneHoldings::relieve() {
    while (total_.exceeded() && !by_size_.empty() && total_.leads(*place_)) {
        const auto largest = std::prev(by_size_.end());
        // Bytes that it does not drop stay counted, but it is asked only once.
        const auto drop = std::exchange(largest->second->drop_, nullptr);
        by_size_.erase(largest);
        publish();
        drop();
    }
}

}  // namespace cariosan::protocol
