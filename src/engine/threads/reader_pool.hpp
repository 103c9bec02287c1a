#pragma once

#include <cariosan/storage.hpp>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "engine/engine_counters.hpp"
#include "engine/moderator_desk.hpp"
#include "engine/threads/at_once.hpp"
#include "engine/threads/job_queue.hpp"
#include "engine/threads/use_case_tools.hpp"
#include "engine/writer/writer.hpp"

namespace cariosan::engine {

/// How many tasks may wait for a pool, and how many of them one snapshot serves.
struct PoolLimits {
    std::size_t waiting = std::numeric_limits<std::size_t>::max();
    std::size_t tasks_per_snapshot = JobQueue::kTasksPerSnapshot;
};

/// Reader threads: each runs commands as far as a snapshot allows, and passes mutations to the writer. Where no command needs
/// one, no snapshot is begun. A read whose caller is gone is not started.
class ReaderPool {
  public:
    using Pushed = JobQueue::Pushed;

    /// `desk` is null if the host has no moderator.
    ReaderPool(const UseCaseTools& tools, AtOnce& at_once, Writer& writer, ModeratorDesk* desk, CallbackQueue& callbacks,
               Counters& counters, std::vector<std::unique_ptr<Reader>> readers, PoolLimits limits = {});
    /// `stop` must have been called.
    ~ReaderPool() = default;

    /// `closed` once stopped. A task that is not accepted is left untouched.
    Pushed push(ReadTask& task, std::optional<std::size_t> reader) { return queue_.push(task, reader); }
    std::size_t size() const noexcept { return readers_.size(); }

    /// Ends the threads after their current tasks; waiting tasks are answered `unavailable`. Call it once.
    void stop();
    bool owns_this_thread() const;

  private:
    void work(std::size_t index);
    void drop_abandoned(std::vector<ReadTask>& tasks, CompletionBatch& done);
    bool plan_at_once(ReadTask& task, std::vector<PendingWrite>& writes);
    void perform(ReadTask& task, const Result<Done>& begun, Reader& reader, core::PlanCache::Ticket ticket,
                 CompletionBatch& done, std::vector<PendingWrite>& writes);
    void perform(Job& job, Reader& reader, core::PlanCache::Ticket ticket, CompletionBatch& done,
                 std::vector<PendingWrite>& writes);

    const UseCaseTools& tools_;
    AtOnce& at_once_;
    Writer& writer_;
    ModeratorDesk* const desk_;
    CallbackQueue& callbacks_;
    Counters& counters_;
    std::vector<std::unique_ptr<Reader>> readers_;
    JobQueue queue_;
    std::vector<std::thread> threads_;
};

}  // namespace cariosan::engine
