#include "realtime/lanes/lane_queue.hpp"

#include <utility>

namespace cariosan::realtime {

bool LaneQueue::append(LaneTask&& task) {
    const bool always = std::holds_alternative<Complete>(task);
    if (!always && tasks_.size() >= kMaxTasks) {
        overrun_ = true;
        return false;
    }
    tasks_.push_back(std::move(task));
    return true;
}

void LaneQueue::push(std::vector<LaneTask>& tasks) {
    std::vector<LaneTask> dropped;  // destroyed after the lock is released: tasks may own much
    const std::lock_guard lock(mutex_);
    if (closed_) {
        dropped.swap(tasks);
        return;
    }
    for (LaneTask& task : tasks) append(std::move(task));
    tasks.clear();
    if (!woken_) {
        woken_ = true;
        wake_();
    }
}

void LaneQueue::push(LaneTask task) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    append(std::move(task));
    if (!woken_) {
        woken_ = true;
        wake_();
    }
}

bool LaneQueue::take(std::vector<LaneTask>& tasks) {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    woken_ = false;
    return std::exchange(overrun_, false);
}

void LaneQueue::close() {
    std::vector<LaneTask> dropped;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.swap(tasks_);
}

}  // namespace cariosan::realtime
