#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace cariosan::transport {

/// A node of an `IdleList`; connections that can be idle derive from it. Must be taken out before it is destroyed.
struct IdleNode {
    IdleNode* earlier = nullptr;
    IdleNode* later = nullptr;
    std::chrono::milliseconds idle_since{};
};

/// The connections of one thread that wait for a request, the idlest first. Used on that thread, except for `since`.
class IdleList {
  public:
    static constexpr std::chrono::milliseconds kNone{std::numeric_limits<std::int64_t>::max()};

    IdleList() { ends_.earlier = ends_.later = &ends_; }
    IdleList(const IdleList&) = delete;
    IdleList& operator=(const IdleList&) = delete;

    /// The connection is idle from now on; if it is already in the list, its idle time restarts.
    void add(IdleNode& node, std::chrono::milliseconds now) noexcept {
        unlink(node);
        node.idle_since = now;
        node.later = &ends_;
        node.earlier = ends_.earlier;
        ends_.earlier->later = &node;
        ends_.earlier = &node;
        publish();
    }

    void remove(IdleNode& node) noexcept {
        if (node.later == nullptr) return;
        unlink(node);
        publish();
    }

    /// Null if there is none.
    IdleNode* idlest() noexcept { return ends_.later == &ends_ ? nullptr : ends_.later; }

    /// Since when the idlest one has been idle; `kNone`: there is none. From any thread.
    std::chrono::milliseconds since() const noexcept { return std::chrono::milliseconds(since_.load(std::memory_order_relaxed)); }

  private:
    static void unlink(IdleNode& node) noexcept {
        if (node.later == nullptr) return;
        node.earlier->later = node.later;
        node.later->earlier = node.earlier;
        node.earlier = node.later = nullptr;
    }
    void publish() noexcept {
        const IdleNode* const first = idlest();
        since_.store((first == nullptr ? kNone : first->idle_since).count(), std::memory_order_relaxed);
    }

    IdleNode ends_;
    std::atomic<std::int64_t> since_{kNone.count()};
};

}  // namespace cariosan::transport
