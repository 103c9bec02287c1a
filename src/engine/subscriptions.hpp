#pragma once

#include <atomic>
#include <cariosan/engine.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/events/loss.hpp"
#include "engine/engine_counters.hpp"
#include "engine/threads/callback_queue.hpp"

namespace cariosan::engine {

/// One host subscription: a bounded queue of events, emptied by the callback thread.
class SubscriptionQueue : public std::enable_shared_from_this<SubscriptionQueue> {
  public:
    static constexpr std::size_t kMaxEvents = 10'000;
    static constexpr std::size_t kMaxBytes = std::size_t{16} << 20U;

    SubscriptionQueue(WorkspaceId workspace, std::function<void(const EventRef&)> callback, CallbackQueue& callbacks,
                    Counters& counters)
        : workspace_(workspace), callback_(std::move(callback)), callbacks_(callbacks), counters_(counters) {}

    WorkspaceId workspace() const noexcept { return workspace_; }

    /// Queues the event, or, over the bound, drops all that is queued and keeps one `EventsLost` instead.
    void push(const EventRef& event);
    /// Drops everything, as if over the bound.
    void push_lost();

    /// After this the callback is not called again; waits for a call running on another thread.
    void end();

  private:
    void overflow(const EventRef& event);
    void note_lost(ChannelId channel);
    void schedule();
    void run();

    const WorkspaceId workspace_;
    const std::function<void(const EventRef&)> callback_;
    CallbackQueue& callbacks_;
    Counters& counters_;

    std::mutex mutex_;
    std::deque<EventRef> events_;
    std::size_t bytes_ = 0;
    bool scheduled_ = false;
    bool lost_ = false;             // since the last run; `lost_channels_` or all
    bool lost_all_ = false;
    std::vector<ChannelId> lost_channels_;

    std::mutex running_;            // held while the callback runs
    std::atomic<bool> ended_{false};
};

/// All subscriptions of an engine.
class Subscriptions {
  public:
    Subscriptions(CallbackQueue& callbacks, Counters& counters) : callbacks_(callbacks), counters_(counters) {}

    /// A queue that gets no events before `add`.
    std::shared_ptr<SubscriptionQueue> make(WorkspaceId workspace, std::function<void(const EventRef&)> callback);

    // On the dispatcher's thread.
    void add(const std::shared_ptr<SubscriptionQueue>& queue);
    void publish(const EventRef& event);
    void publish_lost(const core::Loss& loss);

  private:
    CallbackQueue& callbacks_;
    Counters& counters_;
    std::unordered_map<WorkspaceId, std::vector<std::weak_ptr<SubscriptionQueue>>> queues_;
};

}  // namespace cariosan::engine
