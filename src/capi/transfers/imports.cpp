#include "capi/transfers/imports.hpp"

#include <string>
#include <utility>
#include <vector>

#include "capi/transfers/import_task.hpp"
#include "core/propagate.hpp"

namespace cariosan::capi {

Imports::Imports(Outputs& outputs) : outputs_(outputs) {}

Imports::~Imports() {
    cancel();
    finish();
}

Result<std::shared_ptr<ImportTask>> Imports::find(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(number);
    if (found == tasks_.end()) return not_found("import");
    return found->second;
}

Result<std::uint64_t> Imports::open(std::string_view options) {
    CARIOSAN_TRY(ImportRequest request, parse_import(options));
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= kMost) {
        return Error(ErrorCode::unavailable, "too many imports are open: at most " + std::to_string(kMost))
            .with("limit", static_cast<std::int64_t>(kMost));
    }
    CARIOSAN_TRY(auto task, ImportTask::make(std::move(request), last_ + 1, outputs_));
    tasks_.emplace(++last_, std::move(task));
    return last_;
}

Result<Done> Imports::push(std::uint64_t number, std::string_view bytes) {
    CARIOSAN_TRY(const auto task, find(number));
    return task->push(bytes);
}

Result<Done> Imports::run(std::uint64_t number, Engine& engine, TicketRef ticket) {
    // Held until it has begun, so that `cancel` and `finish` see it, or it sees them.
    const std::lock_guard running(mutex_);
    if (cancelled_) return Error(ErrorCode::unavailable, "the engine is closed");
    const auto found = tasks_.find(number);
    if (found == tasks_.end()) return not_found("import");
    return found->second->start(engine, std::move(ticket), [this, number] {
        std::shared_ptr<ImportTask> ended;
        {
            const std::lock_guard lock(mutex_);
            if (auto node = tasks_.extract(number)) ended = std::move(node.mapped());
        }
        if (ended) ended->join();  // its thread has queued its end, and does nothing more
    });
}

Result<Done> Imports::close(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(number);
    if (found == tasks_.end()) return not_found("import");
    if (found->second->started()) {
        found->second->cancel();
    } else {
        tasks_.erase(found);
    }
    return Done{};
}

void Imports::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const auto& [number, task] : tasks_) task->cancel();
}

void Imports::finish() {
    std::vector<std::shared_ptr<ImportTask>> running;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [number, task] : tasks_) running.push_back(task);
    }
    for (const auto& task : running) task->join();
}

}  // namespace cariosan::capi
