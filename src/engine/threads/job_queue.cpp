#include "engine/threads/job_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cariosan::engine {
namespace {

void take(std::deque<ReadTask>& from, std::size_t count, std::vector<ReadTask>& to) {
    count = std::min(count, from.size());
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(end));
    from.erase(from.begin(), end);
}

}  // namespace

JobQueue::JobQueue(std::size_t readers, std::size_t capacity, std::size_t tasks_per_snapshot)
    : capacity_(capacity), tasks_per_snapshot_(tasks_per_snapshot), waiters_(readers) {}

JobQueue::Pushed JobQueue::push(ReadTask& task, std::optional<std::size_t> reader) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Pushed::closed;
    if (waiting_ >= capacity_) return Pushed::full;
    ++waiting_;
    if (reader) {
        Waiter& waiter = waiters_[*reader];
        waiter.own.push_back(std::move(task));
        if (waiter.idle) waiter.available.notify_one();
        return Pushed::taken;
    }
    shared_.push_back(std::move(task));
    const auto idle = std::ranges::find_if(waiters_, &Waiter::idle);
    if (idle != waiters_.end()) {
        idle->idle = false;  // so that the next push wakes another one
        idle->available.notify_one();
    }
    return Pushed::taken;
}

bool JobQueue::pop(std::size_t reader, std::vector<ReadTask>& tasks) {
    tasks.clear();
    std::unique_lock lock(mutex_);
    Waiter& self = waiters_[reader];
    while (!closed_ && self.own.empty() && shared_.empty()) {
        self.idle = true;
        self.available.wait(lock);
    }
    self.idle = false;
    if (closed_) return false;
    take(self.own, tasks_per_snapshot_, tasks);
    // Takes only a fair share of the shared tasks and leaves the rest to the other readers.
    const std::size_t fair = (shared_.size() + waiters_.size() - 1) / waiters_.size();
    take(shared_, std::min(fair, tasks_per_snapshot_), tasks);
    waiting_ -= tasks.size();
    return true;
}

std::vector<ReadTask> JobQueue::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::vector<ReadTask> left;
    for (Waiter& waiter : waiters_) {
        take(waiter.own, waiter.own.size(), left);
        waiter.available.notify_all();
    }
    take(shared_, shared_.size(), left);
    waiting_ = 0;
    return left;
}

}  // namespace cariosan::engine
