#include "engine/threads/reader_pool.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cariosan::engine {
namespace {

/// Ends a snapshot when it goes out of scope.
class SnapshotScope {
  public:
    explicit SnapshotScope(Reader& reader) : reader_(reader), begun_(reader.begin()) {}
    ~SnapshotScope() {
        if (begun_) reader_.end();
    }
    SnapshotScope(const SnapshotScope&) = delete;
    SnapshotScope& operator=(const SnapshotScope&) = delete;
    const Result<Done>& begun() const noexcept { return begun_; }

  private:
    Reader& reader_;
    Result<Done> begun_;
};

}  // namespace

ReaderPool::ReaderPool(const UseCaseTools& tools, AtOnce& at_once, Writer& writer, ModeratorDesk* desk, CallbackQueue& callbacks,
                       Counters& counters, std::vector<std::unique_ptr<Reader>> readers, PoolLimits limits)
    : tools_(tools),
      at_once_(at_once),
      writer_(writer),
      desk_(desk),
      callbacks_(callbacks),
      counters_(counters),
      readers_(std::move(readers)),
      queue_(readers_.size(), limits.waiting, limits.tasks_per_snapshot) {
    for (std::size_t index = 0; index < readers_.size(); ++index) {
        threads_.emplace_back([this, index] { work(index); });
    }
}

void ReaderPool::work(std::size_t index) {
    Reader& reader = *readers_[index];
    CompletionBatch done(callbacks_);
    std::vector<ReadTask> tasks;
    std::vector<PendingWrite> writes;
    // Every task was queued before the snapshot begins, so each sees what its caller knows to be committed.
    while (queue_.pop(index, tasks)) {
        drop_abandoned(tasks, done);
        if (tasks.empty()) {
            done.flush();
            continue;
        }
        const core::PlanCache::Ticket ticket = tools_.cache.ticket(tools_.clock.elapsed());
        std::optional<SnapshotScope> snapshot;
        for (ReadTask& task : tasks) {
            if (plan_at_once(task, writes)) continue;
            if (!snapshot) snapshot.emplace(reader);
            perform(task, snapshot->begun(), reader, ticket, done, writes);
        }
        if (desk_ != nullptr) {
            desk_->take(writes, done);
        } else {
            writer_.push(writes);
        }
        done.flush();
    }
}

/// Writes are not dropped: one may belong to a sequence whose order matters.
void ReaderPool::drop_abandoned(std::vector<ReadTask>& tasks, CompletionBatch& done) {
    std::erase_if(tasks, [&](ReadTask& task) {
        Job* const job = std::get_if<Job>(&task);
        if (job == nullptr || !job->completion.abandoned() || core::writes(job->command)) return false;
        --counters_.queued_commands;
        ++counters_.commands_abandoned;
        done.add(std::move(job->completion), nobody_waits());
        return true;
    });
}

/// A job that only waited for its turn. Returns whether it was planned.
bool ReaderPool::plan_at_once(ReadTask& task, std::vector<PendingWrite>& writes) {
    Job* const job = std::get_if<Job>(&task);
    if (job == nullptr || !job->at_once) return false;
    auto write = at_once_.plan(job->caller, job->command, job->completion);
    if (!write) return false;
    write->planning = std::move(job->planning);
    writes.push_back(*std::move(write));
    return true;
}

void ReaderPool::perform(ReadTask& task, const Result<Done>& begun, Reader& reader, core::PlanCache::Ticket ticket,
                         CompletionBatch& done, std::vector<PendingWrite>& writes) {
    if (auto* read = std::get_if<InternalRead>(&task)) {
        (*read)(begun ? Result<Reader*>(&reader) : Result<Reader*>(begun.error()));
    } else if (begun) {
        perform(std::get<Job>(task), reader, ticket, done, writes);
    } else {
        --counters_.queued_commands;
        done.add(std::move(std::get<Job>(task).completion), begun.error());
    }
}

void ReaderPool::perform(Job& job, Reader& reader, core::PlanCache::Ticket ticket, CompletionBatch& done,
                         std::vector<PendingWrite>& writes) {
    const std::string epoch = tools_.storage.epoch();
    core::Context context = context_of(tools_, reader, job.metered ? tools_.rates : tools_.no_rates, epoch);
    if (core::fits_cache(job.command)) {
        context.cache = &tools_.cache;
        context.ticket = ticket;
    }
    const bool searches = std::holds_alternative<SearchMessages>(job.command);
    const auto began = searches ? tools_.clock.elapsed_finely() : std::chrono::microseconds(0);
    Result<core::Plan> plan = core::plan(job.command, job.caller, context);
    if (searches) counters_.search_time.add(tools_.clock.elapsed_finely() - began);
    if (plan && std::holds_alternative<core::PlannedMutation>(*plan)) {
        writes.push_back({std::get<core::PlannedMutation>(std::move(*plan)), std::move(job.completion), {}, std::move(job.planning)});
        return;
    }
    job.planning = {};
    --counters_.queued_commands;
    if (plan) {
        done.add(std::move(job.completion), std::get<Outcome>(std::move(*plan)));
    } else {
        done.add(std::move(job.completion), std::move(plan).error());
    }
}

void ReaderPool::stop() {
    CompletionBatch refused(callbacks_);
    for (ReadTask& task : queue_.close()) {
        if (auto* read = std::get_if<InternalRead>(&task)) {
            (*read)(closing());
        } else {
            --counters_.queued_commands;
            refused.add(std::move(std::get<Job>(task).completion), closing());
        }
    }
    refused.flush();
    for (std::thread& thread : threads_) thread.join();
}

bool ReaderPool::owns_this_thread() const {
    return std::ranges::any_of(threads_, [](const std::thread& t) { return t.get_id() == std::this_thread::get_id(); });
}

}  // namespace cariosan::engine
