#pragma once

#include <cariosan/storage.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/use_case.hpp"
#include "engine/deletions.hpp"
#include "engine/engine_counters.hpp"
#include "engine/log.hpp"
#include "engine/threads/completion.hpp"
#include "engine/threads/dispatcher.hpp"
#include "engine/threads/readers_turn.hpp"
#include "engine/threads/write_check.hpp"
#include "outbox/push_worker.hpp"
#include "outbox/webhook_worker.hpp"

namespace cariosan::engine {

/// A mutation waiting to be committed, and who waits for it: a command, or with `committed` the engine itself, which
/// is called on the writer's thread.
struct PendingWrite {
    core::PlannedMutation planned;
    Completion completion;
    std::function<void(Result<Committed>)> committed{};
    ReadersTurn turn{};  ///< ends when the writer takes it, before anybody is answered
};

/// The one thread that writes. It takes all that waits, up to `max_batch`, as one commit, so that one fsync serves many
/// and a lone sender waits for nothing; then it publishes, then it answers.
class Writer {
  public:
    Writer(Storage& storage, Dispatcher& dispatcher, CallbackQueue& callbacks, Counters& counters, const Log& log,
           std::size_t max_batch, WriteCheck& write_check, Deletions& deletions, outbox::WebhookWorker* webhooks,
           outbox::PushWorker* pushes, core::PlanCache& cache);
    /// `stop` must have been called.
    ~Writer() = default;

    /// Takes the writes, in order, and leaves the list empty. Bounded by the commands in flight. After `stop` they are
    /// answered `unavailable`.
    void push(std::vector<PendingWrite>& writes);

    /// Runs `step` on the writer's thread between batches, again and again until it answers true; false if stopped.
    bool run_between_batches(std::function<bool()> step);

    /// `drain`: commits what waits first; otherwise it is answered `unavailable`.
    void stop(bool drain);
    bool owns_this_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

  private:
    void work();
    bool wait_for_work(bool housekeeping_left);
    void commit();
    bool maintain();
    void deliver(std::vector<Result<Committed>> results);
    void note_failures(const std::vector<Result<Committed>>& results);
    bool run_steps();
    void refuse(std::vector<PendingWrite>& writes);

    Storage& storage_;
    Dispatcher& dispatcher_;
    CallbackQueue& callbacks_;
    Counters& counters_;
    const Log& log_;
    const std::size_t max_batch_;
    WriteCheck& write_check_;
    Deletions& deletions_;
    outbox::WebhookWorker* const webhooks_;  ///< null: none are delivered
    outbox::PushWorker* const pushes_;       ///< null: messages are not pushed
    core::PlanCache& cache_;

    std::mutex mutex_;
    std::condition_variable available_;
    std::vector<PendingWrite> waiting_;
    std::vector<std::function<bool()>> new_steps_;
    bool stopping_ = false;
    bool draining_ = false;

    // Of the writer's thread alone.
    std::vector<PendingWrite> taken_;
    std::size_t next_ = 0;  // of `taken_`, not yet committed
    std::vector<Mutation> batch_;
    std::vector<std::function<bool()>> steps_;
    std::string maintenance_failure_;  ///< of the last turn, so that each failure is logged once

    std::thread thread_;
};

}  // namespace cariosan::engine
