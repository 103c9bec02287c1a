#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "core/events/loss.hpp"
#include "engine/engine_counters.hpp"
#include "engine/subscriptions.hpp"
#include "engine/threads/completion.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::engine {

class NodeLink;

/// The thread after the commit: delivers events to subscriptions and to the hub, which runs on this thread.
///
/// Bound: `kMaxEvents` events may wait. The writer never waits for this thread: events over the bound are dropped and recovered
/// from storage. Every feed is compared with it, and subscriptions get `EventsLost`.
class Dispatcher {
  public:
    static constexpr std::size_t kMaxEvents = 65'536;

    Dispatcher(Clock& clock, Subscriptions& subscriptions, Counters& counters);
    /// `stop` must have been called.
    ~Dispatcher() = default;

    /// From any thread: events in the order of their commits, followed by the answers to the commands that caused them:
    /// a lane gets both at once, so that a connection is written to once. Answers are never dropped.
    void publish(std::vector<EventRef> events, std::vector<LaneAnswers> answers = {});
    /// From any thread: events published by other nodes, for the hub only.
    void receive(std::span<const BusBytes> messages);
    /// These events are lost. Takes effect after everything published before.
    void publish_lost(core::Loss loss);

    /// From any thread: the queue gets events published from now on.
    void subscribe(std::shared_ptr<SubscriptionQueue> queue);

    /// From any thread: `call` runs on this thread with the hub, after everything published before. Does nothing without a hub.
    void with_hub(std::function<void(realtime::Hub&)> call);
    /// Like `with_hub`, but waits until it has run. Also runs (with null) if there is no hub.
    void set_hub(std::unique_ptr<realtime::Hub> hub);
    /// From now on, events also go to the other nodes. The link must live until `stop` has returned.
    void set_nodes(NodeLink& nodes);

    /// Delivers what is queued, then ends the thread.
    void stop();
    bool owns_this_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

  private:
    /// Events of this node or, as bytes, of others.
    template <class Event>
    struct Published {
        std::vector<Event> events;
        std::chrono::microseconds at;  ///< by `Clock::elapsed_finely`
    };
    using Task = std::variant<Published<EventRef>, std::vector<LaneAnswers>, Published<BusBytes>, core::Loss,
                              std::function<void()>>;

    bool push(Task task);
    bool has_room(std::size_t events);
    void queue(std::vector<EventRef> events, std::vector<LaneAnswers> answers);
    void work();
    void count_fan_out(const std::vector<Task>& tasks);
    void perform(const Published<EventRef>& published);
    void perform(std::vector<LaneAnswers>& answers);
    void perform(const Published<BusBytes>& messages);
    void perform(const core::Loss& loss);
    void perform(const std::function<void()>& call) { call(); }

    Clock& clock_;
    Subscriptions& subscriptions_;
    Counters& counters_;
    std::unique_ptr<realtime::Hub> hub_;  // used only on the thread, like `nodes_`
    NodeLink* nodes_ = nullptr;           // null: this is the only node

    std::mutex mutex_;
    std::condition_variable available_;
    std::vector<Task> tasks_;
    std::size_t waiting_events_ = 0;
    bool lost_ = false;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace cariosan::engine
