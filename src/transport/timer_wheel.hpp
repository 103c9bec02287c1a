#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cariosan::transport {

/// A deadline in a wheel. Objects with a deadline derive from it, so that arming allocates nothing. Must be cancelled or have
/// expired before it is destroyed.
struct TimerNode {
    TimerNode* previous = nullptr;
    TimerNode* next = nullptr;
    std::uint64_t tick = 0;

    bool armed() const noexcept { return next != nullptr; }
};

/// The deadlines of one thread, in whole ticks. Arming, cancelling and expiring take constant time. The owner decides how long a
/// tick is and advances the time.
class TimerWheel {
  public:
    TimerWheel() {
        for (TimerNode& slot : slots_) slot.previous = slot.next = &slot;
    }
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Expires when `advance` reaches `tick`, or at the next tick if that has passed. Moves a node that is already armed.
    void schedule(TimerNode& node, std::uint64_t tick) noexcept {
        cancel(node);
        node.tick = std::max(tick, now_ + 1);
        link(slots_[node.tick % kSlots], node);
        ++armed_;
    }

    void cancel(TimerNode& node) noexcept {
        if (!node.armed()) return;
        unlink(node);
        --armed_;
    }

    /// Advances the time and calls `expired(node)` for each node that has expired; it may schedule and cancel any node.
    template <class Expired>
    void advance(std::uint64_t now, Expired&& expired) {
        if (now <= now_) return;
        TimerNode due;
        due.previous = due.next = &due;
        // One full turn visits every slot.
        const std::uint64_t first = now - now_ >= kSlots ? now - kSlots + 1 : now_ + 1;
        for (std::uint64_t tick = first; tick <= now; ++tick) collect(slots_[tick % kSlots], now, due);
        now_ = now;
        while (due.next != &due) {
            TimerNode& node = *due.next;
            cancel(node);
            expired(node);
        }
    }

    bool empty() const noexcept { return armed_ == 0; }

  private:
    static constexpr std::size_t kSlots = 256;

    static void link(TimerNode& head, TimerNode& node) noexcept {
        node.previous = head.previous;
        node.next = &head;
        head.previous->next = &node;
        head.previous = &node;
    }
    static void unlink(TimerNode& node) noexcept {
        node.previous->next = node.next;
        node.next->previous = node.previous;
        node.previous = node.next = nullptr;
    }
    static void collect(TimerNode& slot, std::uint64_t now, TimerNode& due) noexcept {
        for (TimerNode* node = slot.next; node != &slot;) {
            TimerNode* const following = node->next;
            if (node->tick <= now) {
                unlink(*node);
                link(due, *node);
            }
            node = following;
        }
    }

    std::array<TimerNode, kSlots> slots_;
    std::uint64_t now_ = 0;
    std::size_t armed_ = 0;
};

}  // namespace cariosan::transport
