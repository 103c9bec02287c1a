/// A bound for the whole process on the bytes held for clients. When it is exceeded, the largest holding is dropped.
#pragma once

#include <atomic>
#include <cariosan/session.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "realtime/lanes/lane_queue.hpp"

namespace cariosan::protocol {

class LaneHoldings;

/// The bytes of one kind held by all lanes. Thread-safe; must outlive the lanes.
class HeldTotal {
  public:
    explicit HeldTotal(std::size_t most) : most_(static_cast<std::int64_t>(most)) {}

    std::int64_t bytes() const noexcept { return bytes_; }

  private:
    friend class LaneHoldings;
    struct Place {
        LaneHoldings* lane = nullptr;
        realtime::LaneQueueRef queue;
        std::atomic<std::int64_t> largest{0};  ///< the size of the lane's largest holding
        std::atomic<bool> asked{false};
    };
    using Places = std::list<Place>;

    Places::iterator join(LaneHoldings& lane, const realtime::LaneQueueRef& queue);
    void leave(Places::iterator place);
    bool exceeded() const noexcept { return bytes_ > most_; }
    /// Whether this lane has the largest holding. If not, the lane that has it is asked to drop it.
    bool leads(const Place& place);

    const std::int64_t most_;
    std::atomic<std::int64_t> bytes_{0};
    std::mutex mutex_;
    Places places_;
};

/// The bytes held for clients in the whole process, by kind.
struct HeldTotals {
    HeldTotal requests;
    HeldTotal output;
};

/// One lane's part of a total, ordered by size. On the lane's thread.
class LaneHoldings {
  public:
    LaneHoldings(HeldTotal& total, const realtime::LaneQueueRef& queue);
    ~LaneHoldings();
    LaneHoldings(const LaneHoldings&) = delete;
    LaneHoldings& operator=(const LaneHoldings&) = delete;

    std::unique_ptr<Holding> hold(std::function<void()> drop);
    /// The bound for all lanes together.
    std::size_t bound() const noexcept { return static_cast<std::size_t>(total_.most_); }
    /// Drops the largest holdings while the total exceeds the bound, or asks other lanes to.
    void relieve();

  private:
    class Entry;

    void resize(Entry& entry, std::int64_t bytes);
    void publish();

    HeldTotal& total_;
    const HeldTotal::Places::iterator place_;
    std::set<std::pair<std::int64_t, Entry*>> by_size_;  ///< the non-empty ones that were not asked to drop yet
};

}  // namespace cariosan::protocol
