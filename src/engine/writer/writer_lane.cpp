#include "engine/writer/writer_lane.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "core/events/events_of.hpp"

namespace cariosan::engine {
namespace {

constexpr std::chrono::seconds kHousekeepingInterval{1};

bool leaves_push(const Mutation& mutation) {
    const auto* send = std::get_if<mutation::SendMessage>(&mutation);
    return send != nullptr && send->push;
}

}  // namespace

WriterLane::WriterLane(const WriterParts& parts, Place place)
    : parts_(parts), place_(place), thread_([this] { work(); }) {}

void WriterLane::push(std::span<PendingWrite> writes) {
    if (writes.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            if (waiting_.empty()) available_.notify_one();
            std::ranges::move(writes, std::back_inserter(waiting_));
            return;
        }
    }
    refuse(writes);
}

bool WriterLane::run_between_batches(std::function<bool()> step) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    new_steps_.push_back(std::move(step));
    available_.notify_one();
    return true;
}

void WriterLane::work() {
    bool housekeeping_left = false;
    while (wait_for_work(housekeeping_left)) {
        if (next_ < taken_.size()) commit();
        if (place_ == Place::first) {
            housekeeping_left = run_steps();
            housekeeping_left = maintain() || housekeeping_left;
        }
        parts_.deletions.tick();
        if (parts_.webhooks != nullptr) parts_.webhooks->tick();
        if (parts_.pushes != nullptr) parts_.pushes->tick();
    }
    steps_.clear();  // steps still waiting learn that they will not finish
    const std::lock_guard lock(mutex_);
    new_steps_.clear();
    refuse(waiting_);
    waiting_.clear();
}

/// Returns whether there is more to do at once. A full disk makes it fail every second for the same reason.
bool WriterLane::maintain() {
    const Result<bool> more = parts_.storage.maintain();
    std::string failure = more ? "" : more.error().message + more.error().cause;
    if (!more && failure != maintenance_failure_) {
        parts_.log.write(LogLevel::error, "storage.maintenance_failed",
                   {{"reason", more.error().message}, {"cause", more.error().cause}});
    }
    maintenance_failure_ = std::move(failure);
    return more && *more;
}

/// Returns false when the thread should end. Takes all waiting writes at once after the previous batch is committed.
bool WriterLane::wait_for_work(bool housekeeping_left) {
    if (next_ < taken_.size()) return true;
    taken_.clear();
    next_ = 0;
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return stopping_ || !waiting_.empty() || !new_steps_.empty(); };
    if (place_ == Place::further) {
        available_.wait(lock, ready);
    } else if (!housekeeping_left) {
        available_.wait_for(lock, kHousekeepingInterval, ready);
    }
    if (stopping_ && (!draining_ || waiting_.empty())) return false;
    taken_.swap(waiting_);
    std::ranges::move(new_steps_, std::back_inserter(steps_));
    new_steps_.clear();
    return true;
}

void WriterLane::commit() {
    const std::size_t end = std::min(taken_.size(), next_ + parts_.max_batch);
    batch_.clear();
    for (std::size_t i = next_; i < end; ++i) {
        batch_.push_back(std::move(taken_[i].planned.mutation));
        taken_[i].planning = {};
    }
    std::vector<Result<Committed>> results = commit_batch();
    note_failures(results);
    deliver(std::move(results));
    next_ = end;
}

/// Commits `batch_` and counts it.
std::vector<Result<Committed>> WriterLane::commit_batch() {
    Counters& counters = parts_.counters;
    const std::chrono::microseconds began = parts_.clock.elapsed_finely();
    for (std::size_t i = 0; i < batch_.size(); ++i) {
        const PendingWrite& write = taken_[next_ + i];
        if (!write.committed) counters.commit_wait.add(began - write.completion.submitted);
    }
    std::vector<Result<Committed>> results = parts_.storage.commit(batch_);
    counters.commit_time.add(parts_.clock.elapsed_finely() - began);
    counters.commit_batch.add(batch_.size());
    ++counters.commits;
    counters.mutations += batch_.size();
    return results;
}

/// One line per commit, however many mutations it had: they usually fail together.
void WriterLane::note_failures(const std::vector<Result<Committed>>& results) {
    const Error* first = nullptr;
    std::int64_t failed = 0;
    for (const Result<Committed>& result : results) {
        if (result || result.error().code != ErrorCode::unavailable) continue;
        if (first == nullptr) first = &result.error();
        ++failed;
    }
    if (first == nullptr) return parts_.write_check.committed();
    parts_.counters.commit_failures += static_cast<std::uint64_t>(failed);
    parts_.log.write(LogLevel::error, "commit.failed",
               {{"reason", first->message}, {"cause", first->cause}, {"mutations", failed}});
    parts_.write_check.failed(*first);
}

/// Drops cached names, publishes, then answers, each as one list.
void WriterLane::deliver(std::vector<Result<Committed>> results) {
    core::Loss loss;
    std::vector<EventRef> events = note_committed(results, loss);
    CompletionBatch done(parts_.callbacks);
    for (std::size_t i = 0; i < results.size(); ++i) {
        PendingWrite& write = taken_[next_ + i];
        --parts_.counters.queued_commands;
        if (write.committed) {
            write.committed(std::move(results[i]));
        } else if (results[i]) {
            done.add(std::move(write.completion),
                     core::answer(std::move(write.planned), std::move(*results[i])));
        } else {
            done.add(std::move(write.completion), std::move(results[i]).error());
        }
    }
    parts_.dispatcher.publish(std::move(events), done.take_lanes());
    if (!loss.empty()) parts_.dispatcher.publish_lost(std::move(loss));
    done.flush();
}

/// Returns the events; adds to `loss` what may have happened.
std::vector<EventRef> WriterLane::note_committed(const std::vector<Result<Committed>>& results, core::Loss& loss) {
    std::vector<EventRef> events;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i]) {
            parts_.cache.forget(batch_[i], *results[i]);
            std::ranges::move(core::events_of(batch_[i], *results[i]), std::back_inserter(events));
            if (std::holds_alternative<mutation::DeleteUser>(batch_[i])) parts_.deletions.expect();
            if (results[i]->outbox && parts_.webhooks != nullptr) parts_.webhooks->expect();
            if (parts_.pushes != nullptr && leaves_push(batch_[i])) parts_.pushes->expect();
        } else if (results[i].error().code == ErrorCode::unavailable) {
            // It may have taken effect: unknown until the channels are compared.
            if (results[i].error().detail("outcome") != nullptr) core::add_to_loss(batch_[i], loss);
        }
    }
    parts_.counters.events += events.size();
    return events;
}

/// Runs each step once; returns whether some must run again.
bool WriterLane::run_steps() {
    std::erase_if(steps_, [](std::function<bool()>& step) { return step(); });
    return !steps_.empty();
}

void WriterLane::refuse(std::span<PendingWrite> writes) {
    CompletionBatch refused(parts_.callbacks);
    for (PendingWrite& write : writes) {
        --parts_.counters.queued_commands;
        if (write.committed) {
            write.committed(closing());
        } else {
            refused.add(std::move(write.completion), closing());
        }
    }
    refused.flush();
}

void WriterLane::stop(bool drain) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    draining_ = drain;
    available_.notify_all();
}

}  // namespace cariosan::engine
