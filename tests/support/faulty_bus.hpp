#pragma once

#include <algorithm>
#include <atomic>
#include <cariosan/event_bus.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace cariosan::test {

/// What a `FaultyBus` does to published messages, in percent.
struct BusFaults {
    unsigned lost = 0;
    unsigned repeated = 0;
    unsigned held_back = 0;  ///< until a later one was sent, so that they arrive out of order
};

/// A bus that loses, repeats and reorders according to its seed, and reports it only with `report_loss`.
class FaultyBus final : public EventBus {
  public:
    FaultyBus(std::shared_ptr<EventBus> inner, BusFaults faults, unsigned seed)
        : inner_(std::move(inner)), faults_(faults), random_(seed) {}

    void start(BusListener& listener) override {
        listener_ = &listener;
        inner_->start(listener);
    }
    void stop() override { inner_->stop(); }
    void subscribe(std::span<const BusTopic> topics) override { inner_->subscribe(topics); }
    void unsubscribe(std::span<const BusTopic> topics) override { inner_->unsubscribe(topics); }

    bool is_away() const override { return inner_->is_away(); }

    void publish(std::span<const BusMessage> messages) override {
        std::vector<BusMessage> sent;
        {
            const std::lock_guard lock(mutex_);
            std::vector<BusMessage> late = std::exchange(held_back_, {});
            for (const BusMessage& message : messages) {
                if (happens(faults_.lost)) {
                    ++lost;
                } else if (happens(faults_.held_back)) {
                    held_back_.push_back(message);
                    ++reordered;
                } else {
                    sent.push_back(message);
                }
                if (happens(faults_.repeated)) {
                    held_back_.push_back(message);
                    ++repeated;
                }
            }
            std::shuffle(late.begin(), late.end(), random_);
            sent.insert(sent.end(), late.begin(), late.end());
        }
        // One by one, so that each receiver gets them in this order.
        for (const BusMessage& message : sent) inner_->publish({&message, 1});
    }

    /// From now on nothing arrives.
    void cut() {
        const std::lock_guard lock(mutex_);
        faults_ = {.lost = 100};
    }
    /// From now on there are no faults. Messages held back are sent.
    void heal() {
        {
            const std::lock_guard lock(mutex_);
            faults_ = {};
        }
        publish({});
    }

    /// As after a connection that was away: anything may have been lost until now. Between `start` and `stop`.
    void report_loss() { listener_->lost_all(); }

    std::atomic<std::size_t> lost{0};
    std::atomic<std::size_t> repeated{0};
    std::atomic<std::size_t> reordered{0};

  private:
    bool happens(unsigned percent) { return random_() % 100 < percent; }

    const std::shared_ptr<EventBus> inner_;
    BusListener* listener_ = nullptr;
    std::mutex mutex_;
    BusFaults faults_;
    std::mt19937 random_;
    std::vector<BusMessage> held_back_;
};

}  // namespace cariosan::test
