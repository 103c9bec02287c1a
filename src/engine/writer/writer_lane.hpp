#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/events/loss.hpp"
#include "core/cache/plan_cache.hpp"
#include "engine/deletions.hpp"
#include "engine/engine_counters.hpp"
#include "engine/log.hpp"
#include "engine/threads/dispatcher.hpp"
#include "engine/writer/pending_write.hpp"
#include "engine/writer/write_check.hpp"
#include "outbox/push_worker.hpp"
#include "outbox/webhook_worker.hpp"

namespace cariosan::engine {

/// The parts a lane works with; borrowed, except for the bound. All may be used by several threads at once.
struct WriterParts {
    Storage& storage;
    Dispatcher& dispatcher;
    CallbackQueue& callbacks;
    Counters& counters;
    Clock& clock;
    const Log& log;
    std::size_t max_batch;
    WriteCheck& write_check;
    Deletions& deletions;
    outbox::WebhookWorker* webhooks;  ///< null: none are delivered
    outbox::PushWorker* pushes;       ///< null: messages are not pushed
    core::PlanCache& cache;
};

/// A writing thread. It commits all waiting writes together, up to `max_batch`, so that one fsync serves many and a lone sender
/// does not wait; then it publishes, then it answers. The first lane also does the work between commits.
class WriterLane {
  public:
    enum class Place : bool { first, further };

    WriterLane(const WriterParts& parts, Place place);
    /// `stop` must have been called.
    ~WriterLane() = default;
    WriterLane(const WriterLane&) = delete;
    WriterLane& operator=(const WriterLane&) = delete;

    /// Moves the writes from there, in order. After `stop` they are answered `unavailable`.
    void push(std::span<PendingWrite> writes);

    /// First lane only: as `Writer::run_between_batches`.
    bool run_between_batches(std::function<bool()> step);

    /// Starts nothing new; commits what waits only with `drain`. `join` waits for the end.
    void stop(bool drain);
    void join() { thread_.join(); }
    bool owns_this_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

  private:
    void work();
    bool wait_for_work(bool housekeeping_left);
    void commit();
    bool maintain();
    std::vector<Result<Committed>> commit_batch();
    void deliver(std::vector<Result<Committed>> results);
    std::vector<EventRef> note_committed(const std::vector<Result<Committed>>& results, core::Loss& loss);
    void note_failures(const std::vector<Result<Committed>>& results);
    bool run_steps();
    void refuse(std::span<PendingWrite> writes);

    const WriterParts parts_;
    const Place place_;

    std::mutex mutex_;
    std::condition_variable available_;
    std::vector<PendingWrite> waiting_;
    std::vector<std::function<bool()>> new_steps_;
    bool stopping_ = false;
    bool draining_ = false;

    // Used on the lane's thread only.
    std::vector<PendingWrite> taken_;
    std::size_t next_ = 0;  // index in `taken_` of the next write to commit
    std::vector<Mutation> batch_;
    std::vector<std::function<bool()>> steps_;
    std::string maintenance_failure_;  ///< of the last attempt, so that each failure is logged once

    std::thread thread_;
};

}  // namespace cariosan::engine
