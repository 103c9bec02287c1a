#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <limits>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include "core/use_case.hpp"
#include "engine/engine_counters.hpp"
#include "engine/moderator_desk.hpp"
#include "engine/threads/job_queue.hpp"
#include "engine/writer/writer.hpp"

namespace cariosan::engine {

/// The tools of every use case; shared by the readers, unchanged while they run.
struct UseCaseTools {
    Storage& storage;
    const Limits& limits;
    core::RateLimiter& rates;
    core::RateLimiter& no_rates;  ///< for what is not metered
    core::IdGenerator& ids;
    Crypto& crypto;
    core::MetadataCheck& metadata;
    const core::PresenceLookup& presence;
    core::moderation::RuleCache& rules;
    core::moderation::FloodCounter& floods;
    AttachmentStore* attachments;  ///< absent: not configured
    const std::vector<std::string>& attachment_types;
    Clock& clock;
    core::PlanCache& cache;
    bool push = false;  ///< messages are pushed
};

/// The context of one use case. `rates` and `epoch` outlive it.
core::Context context_of(const UseCaseTools& tools, Reader& reader, core::RateLimiter& rates, std::string_view epoch);

/// How many tasks may wait for a pool, and how many of them one snapshot serves.
struct PoolLimits {
    std::size_t waiting = std::numeric_limits<std::size_t>::max();
    std::size_t tasks_per_snapshot = JobQueue::kTasksPerSnapshot;
};

/// Reader threads: each runs commands as far as a snapshot allows, and passes mutations to the writer. A read whose
/// caller is gone is not started.
class ReaderPool {
  public:
    using Pushed = JobQueue::Pushed;

    /// `desk` is null if the host has no moderator.
    ReaderPool(UseCaseTools tools, Writer& writer, ModeratorDesk* desk, CallbackQueue& callbacks, Counters& counters,
               std::vector<std::unique_ptr<Reader>> readers, PoolLimits limits = {});
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
    void perform(Job& job, Reader& reader, core::PlanCache::Ticket ticket, CompletionBatch& done,
                 std::vector<PendingWrite>& writes);

    UseCaseTools tools_;
    Writer& writer_;
    ModeratorDesk* const desk_;
    CallbackQueue& callbacks_;
    Counters& counters_;
    std::vector<std::unique_ptr<Reader>> readers_;
    JobQueue queue_;
    std::vector<std::thread> threads_;
};

}  // namespace cariosan::engine
