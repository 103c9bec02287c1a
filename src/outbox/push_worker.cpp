#include "outbox/push_worker.hpp"

#include <algorithm>
#include <utility>

#include "outbox/push_schedule.hpp"

namespace cariosan::outbox {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostSends = 100;
constexpr std::size_t kMostJobs = 100;
/// The most targets waiting in memory, besides those of one more part.
constexpr std::size_t kMostWaiting = 500;
/// What a killed process had leased is free after this time. While jobs are held their leases are extended every `kExtendAfter`.
constexpr milliseconds kPushLease{15 * 1000};
constexpr milliseconds kExtendAfter{5 * 1000};
/// Beyond this age a notification is useless.
constexpr milliseconds kLifetime{24 * 60 * 60 * 1000};

Timestamp after(Timestamp time, milliseconds delay) { return {time.milliseconds + delay.count()}; }

}  // namespace

void PushWorker::tick() {
    std::unique_lock lock(mutex_);
    if (!stopped_ && !busy_ && !rows_.empty() && ports_.clock().elapsed() >= extend_at_) lease(0);
    advance();
    pump(lock);
}

/// Starts the next lease or read, unless one is in progress or enough targets are waiting.
void PushWorker::advance() {
    if (stopped_ || busy_ || waiting_ >= kMostWaiting || ports_.clock().elapsed() < paused_until_) return;
    if (!jobs_.empty()) return read_parts();
    if (rows_.size() >= kMostJobs) return;
    if (expected_.exchange(false) || is_due()) return lease(kMostJobs - rows_.size());
    if (ports_.clock().elapsed() >= look_at_) read_parts();
}

bool PushWorker::is_due() const {
    if (!next_due_) return false;
    const Timestamp now = ports_.clock().now();
    return *next_due_ <= now || *next_due_ > after(now, kPushLongestDelay);
}

/// Leases at most `more` jobs, and extends the leases of those that this worker holds.
void PushWorker::lease(std::size_t more) {
    busy_ = true;
    if (more > 0) next_due_.reset();
    extend_at_ = ports_.clock().elapsed() + kExtendAfter;
    const Timestamp now = ports_.clock().now();
    mutation::LeasePushJobs lease{.owner = owner_,
                                  .now = now,
                                  .until = after(now, kPushLease),
                                  .limit = static_cast<std::int64_t>(more),
                                  .held = {rows_.begin(), rows_.end()}};
    ports_.commit(std::move(lease), [self = shared_from_this()](const Result<Committed>& leased) { self->on_leased(leased); });
}

void PushWorker::on_leased(const Result<Committed>& leased) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    if (stopped_) return;
    if (!leased) {
        ports_.warn("push.delayed", leased.error().message);
        extend_at_ = {};
        next_due_ = after(ports_.clock().now(), milliseconds(1000));
        return;
    }
    const auto* list = std::get_if<LeasedPushJobs>(&leased->object);
    for (const PushJob& job : list != nullptr ? list->jobs : std::vector<PushJob>()) {
        // Skip a job that this worker is still working on although its lease has run out.
        if (rows_.insert(job.row).second) jobs_.push_back(job);
    }
    read_parts();
}

/// Runs even without jobs, since the same read finds out what is due next.
void PushWorker::read_parts() {
    busy_ = true;
    look_at_ = ports_.clock().elapsed() + ports_.look_anyway();
    ports_.read([self = shared_from_this()](const Result<Reader*>& reader) { self->on_read(reader); });
}

void PushWorker::on_read(const Result<Reader*>& reader) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    if (stopped_) return;
    std::optional<Error> failed;
    if (!reader) failed = reader.error();
    const Timestamp now = ports_.clock().now();
    while (!failed && !jobs_.empty() && waiting_ < kMostWaiting) {
        const PushJob job = jobs_.front();
        if (after(job.created_at, kLifetime) <= now) {
            jobs_.pop_front();
            ++counters_.failed;
            take_part(job, {});
            continue;
        }
        auto part = (*reader)->push().part(job.row, {.everyone = everyone_});
        if (!part) {
            failed = part.error();
            break;
        }
        jobs_.pop_front();
        take_part(job, *std::move(part));
    }
    if (!failed) {
        const auto backlog = (*reader)->push().backlog();
        if (backlog) {
            take_backlog(*backlog);
        } else {
            failed = backlog.error();
        }
    }
    if (failed) {
        ports_.warn("push.delayed", failed->message);
        expected_ = true;
        return;  // retried with the next tick
    }
    pump(lock);
    advance();
}

void PushWorker::take_part(const PushJob& job, PushPart part) {
    auto taken = std::make_shared<Part>();
    taken->job = job;
    taken->read = std::move(part);
    taken->open = taken->read.targets.size();
    taken->answered.resize(taken->open);
    if (taken->open == 0) return finish(taken);
    waiting_ += taken->open;
    under_way_.insert(taken);
    parts_.push_back(std::move(taken));
}

void PushWorker::take_backlog(const PushBacklog& backlog) {
    next_due_ = backlog.next_due;
    counters_.pending = static_cast<std::uint64_t>(std::max<std::int64_t>(backlog.pending, 0));
    if (backlog.pending >= kPushMaxPending) {
        if (!std::exchange(warned_of_backlog_, true)) {
            ports_.warn("push.backlog_full", "new messages are not pushed until there is room");
        }
    } else if (backlog.pending < kPushMaxPending / 2) {
        warned_of_backlog_ = false;
    }
}

bool PushWorker::may_send() const {
    return !stopped_ && waiting_ > 0 && in_flight_ < kMostSends && ports_.clock().elapsed() >= paused_until_;
}

/// Sends the waiting targets one by one. Answers may come before `send` returns, and on other threads; only one thread sends
/// at a time, and the others leave the work to it.
void PushWorker::pump(std::unique_lock<std::mutex>& lock) {
    if (pumping_) return;
    pumping_ = true;
    while (may_send()) {
        const PartRef part = parts_.front();
        const std::size_t target = part->sent++;
        if (part->sent == part->read.targets.size()) parts_.pop_front();
        --waiting_;
        ++in_flight_;
        PushCall call{.device_token = part->read.targets[target].token,
                      .sender_name = part->read.sender_name,
                      .channel = part->read.channel,
                      .message = part->read.message};
        lock.unlock();
        const std::chrono::microseconds began = ports_.clock().elapsed_finely();
        sender_.send(std::move(call), [weak = weak_from_this(), part, target, began](const PushAnswer& answer) {
            if (const auto self = weak.lock()) self->on_answer(part, target, began, answer);
        });
        lock.lock();
    }
    pumping_ = false;
    not_sending_.notify_all();
}

void PushWorker::on_answer(const PartRef& part, std::size_t target, std::chrono::microseconds began, const PushAnswer& answer) {
    std::unique_lock lock(mutex_);
    if (stopped_ || part->answered[target]) return;
    part->answered[target] = true;
    counters_.times[static_cast<std::size_t>(answer.outcome)].add(ports_.clock().elapsed_finely() - began);
    --in_flight_;
    judge(*part, target, answer);
    if (--part->open == 0) finish(part);
    pump(lock);
    advance();
}

void PushWorker::judge(Part& part, std::size_t target, const PushAnswer& answer) {
    const DeviceRow device = part.read.targets[target].device;
    switch (answer.outcome) {
        case PushOutcome::delivered: ++counters_.delivered; break;
        case PushOutcome::drop_token:
            ++counters_.dropped;
            part.gone.push_back(device);
            break;
        case PushOutcome::retry: part.retry.push_back(device); break;
        case PushOutcome::refused:
            ++counters_.failed;
            if (!std::exchange(part.refused, true)) ports_.warn("push.refused", answer.reason);
            break;
    }
    if (!answer.retry_after) return;
    const milliseconds wait = std::min(*answer.retry_after, kPushLongestDelay);
    part.retry_after = std::max(part.retry_after, wait);
    if (answer.pauses_all) paused_until_ = std::max(paused_until_, ports_.clock().elapsed() + wait);
}

void PushWorker::finish(const PartRef& part) {
    under_way_.erase(part);
    const std::int64_t attempts = part->job.attempts + 1;
    auto retry = std::move(part->retry);
    const auto delay = push_retry_delay(attempts, part->retry_after, ports_.random());
    if (!retry.empty() && !delay) {
        counters_.failed += retry.size();
        ports_.warn("push.given_up", "the service did not take it in all attempts");
        retry.clear();
    }
    counters_.retried += retry.size();
    commit_part(*part, std::move(retry), attempts, after(ports_.clock().now(), delay.value_or(milliseconds(0))));
}

void PushWorker::commit_part(const Part& part, std::vector<DeviceRow> retry, std::int64_t attempts, Timestamp retry_at) {
    mutation::FinishPushPart finish{.row = part.job.row,
                                    .owner = owner_,
                                    .next = part.read.next,
                                    .retry = std::move(retry),
                                    .attempts = attempts,
                                    .retry_at = retry_at,
                                    .gone = part.gone};
    ports_.commit(std::move(finish), [self = shared_from_this(), row = part.job.row](const Result<Committed>& finished) {
        self->on_finished(row, finished);
    });
}

void PushWorker::on_finished(std::int64_t row, const Result<Committed>& finished) {
    std::unique_lock lock(mutex_);
    rows_.erase(row);
    if (stopped_) return;
    // If the commit failed, the part is sent again when its lease ends.
    if (!finished) ports_.warn("push.delayed", finished.error().message);
    expected_ = true;  // the job may have another part, and there is room for other jobs
    advance();
}

void PushWorker::stop() {
    std::unique_lock lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    not_sending_.wait(lock, [this] { return !pumping_; });
    for (const PartRef& part : under_way_) {
        auto retry = std::move(part->retry);
        for (std::size_t i = 0; i < part->answered.size(); ++i) {
            if (!part->answered[i]) retry.push_back(part->read.targets[i].device);
        }
        commit_part(*part, std::move(retry), part->job.attempts, ports_.clock().now());
    }
    under_way_.clear();
    parts_.clear();
    jobs_.clear();
}

}  // namespace cariosan::outbox
