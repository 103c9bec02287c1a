#include "engine/threads/writer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "core/events/events_of.hpp"
#include "core/events/loss.hpp"

namespace cariosan::engine {
namespace {

constexpr std::chrono::seconds kHousekeepingInterval{1};

bool leaves_push(const Mutation& mutation) {
    const auto* send = std::get_if<mutation::SendMessage>(&mutation);
    return send != nullptr && send->push;
}

}  // namespace

Writer::Writer(Storage& storage, Dispatcher& dispatcher, CallbackQueue& callbacks, Counters& counters, const Log& log,
               std::size_t max_batch, WriteCheck& write_check, Deletions& deletions, outbox::WebhookWorker* webhooks,
               outbox::PushWorker* pushes, core::PlanCache& cache)
    : storage_(storage),
      dispatcher_(dispatcher),
      callbacks_(callbacks),
      counters_(counters),
      log_(log),
      max_batch_(max_batch),
      write_check_(write_check),
      deletions_(deletions),
      webhooks_(webhooks),
      pushes_(pushes),
      cache_(cache),
      thread_([this] { work(); }) {}

void Writer::push(std::vector<PendingWrite>& writes) {
    if (writes.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            if (waiting_.empty()) available_.notify_one();
            std::ranges::move(writes, std::back_inserter(waiting_));
            writes.clear();
            return;
        }
    }
    refuse(writes);
}

bool Writer::run_between_batches(std::function<bool()> step) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    new_steps_.push_back(std::move(step));
    available_.notify_one();
    return true;
}

void Writer::work() {
    bool housekeeping_left = false;
    while (wait_for_work(housekeeping_left)) {
        if (next_ < taken_.size()) commit();
        housekeeping_left = run_steps();
        housekeeping_left = maintain() || housekeeping_left;
        deletions_.tick();
        if (webhooks_ != nullptr) webhooks_->tick();
        if (pushes_ != nullptr) pushes_->tick();
    }
    steps_.clear();  // those waiting for one learn that it will not be finished
    const std::lock_guard lock(mutex_);
    new_steps_.clear();
    refuse(waiting_);
}

/// Answers whether there is more to do at once. While a disk is full it fails each second for the same reason.
bool Writer::maintain() {
    const Result<bool> more = storage_.maintain();
    std::string failure = more ? "" : more.error().message + more.error().cause;
    if (!more && failure != maintenance_failure_) {
        log_.write(LogLevel::error, "storage.maintenance_failed",
                   {{"reason", more.error().message}, {"cause", more.error().cause}});
    }
    maintenance_failure_ = std::move(failure);
    return more && *more;
}

/// Answers false when the thread should end. Everything that waits is taken in one go once the last lot is committed.
bool Writer::wait_for_work(bool housekeeping_left) {
    if (next_ < taken_.size()) return true;
    taken_.clear();
    next_ = 0;
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return stopping_ || !waiting_.empty() || !new_steps_.empty(); };
    if (!housekeeping_left) available_.wait_for(lock, kHousekeepingInterval, ready);
    if (stopping_ && (!draining_ || waiting_.empty())) return false;
    taken_.swap(waiting_);
    std::ranges::move(new_steps_, std::back_inserter(steps_));
    new_steps_.clear();
    return true;
}

void Writer::commit() {
    const std::size_t end = std::min(taken_.size(), next_ + max_batch_);
    batch_.clear();
    for (std::size_t i = next_; i < end; ++i) {
        batch_.push_back(std::move(taken_[i].planned.mutation));
        taken_[i].turn = {};
    }
    std::vector<Result<Committed>> results = storage_.commit(batch_);
    ++counters_.commits;
    counters_.mutations += batch_.size();
    note_failures(results);
    deliver(std::move(results));
    next_ = end;
}

/// One line for a commit, however many were in it: they mostly fail together.
void Writer::note_failures(const std::vector<Result<Committed>>& results) {
    const Error* first = nullptr;
    std::int64_t failed = 0;
    for (const Result<Committed>& result : results) {
        if (result || result.error().code != ErrorCode::unavailable) continue;
        if (first == nullptr) first = &result.error();
        ++failed;
    }
    if (first == nullptr) return write_check_.committed();
    counters_.commit_failures += static_cast<std::uint64_t>(failed);
    log_.write(LogLevel::error, "commit.failed",
               {{"reason", first->message}, {"cause", first->cause}, {"mutations", failed}});
    write_check_.failed(*first);
}

/// Forgets what is no longer so, publishes, then answers, each in one list.
void Writer::deliver(std::vector<Result<Committed>> results) {
    std::vector<EventRef> events;
    core::Loss loss;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i]) {
            cache_.forget(batch_[i], *results[i]);
            std::ranges::move(core::events_of(batch_[i], *results[i]), std::back_inserter(events));
            if (std::holds_alternative<mutation::DeleteUser>(batch_[i])) deletions_.expect();
            if (results[i]->outbox && webhooks_ != nullptr) webhooks_->expect();
            if (pushes_ != nullptr && leaves_push(batch_[i])) pushes_->expect();
        } else if (results[i].error().code == ErrorCode::unavailable) {
            // It may have taken effect: this is unknown until the channels are compared.
            if (results[i].error().detail("outcome") != nullptr) core::add_to_loss(batch_[i], loss);
        }
    }
    counters_.events += events.size();
    if (!events.empty()) dispatcher_.publish(std::move(events));
    if (!loss.empty()) dispatcher_.publish_lost(std::move(loss));

    CompletionBatch done(callbacks_);
    for (std::size_t i = 0; i < results.size(); ++i) {
        PendingWrite& write = taken_[next_ + i];
        --counters_.queued_commands;
        if (write.committed) {
            write.committed(std::move(results[i]));
        } else if (results[i]) {
            done.add(std::move(write.completion),
                     core::answer(std::move(write.planned), std::move(*results[i])));
        } else {
            done.add(std::move(write.completion), std::move(results[i]).error());
        }
    }
    done.flush();
}

/// Runs each step once; answers whether some want to be run again.
bool Writer::run_steps() {
    std::erase_if(steps_, [](std::function<bool()>& step) { return step(); });
    return !steps_.empty();
}

void Writer::refuse(std::vector<PendingWrite>& writes) {
    CompletionBatch refused(callbacks_);
    for (PendingWrite& write : writes) {
        --counters_.queued_commands;
        if (write.committed) {
            write.committed(closing());
        } else {
            refused.add(std::move(write.completion), closing());
        }
    }
    writes.clear();
    refused.flush();
}

void Writer::stop(bool drain) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        draining_ = drain;
        available_.notify_all();
    }
    thread_.join();
}

}  // namespace cariosan::engine
