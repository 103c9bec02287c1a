// What the host asks of the storage itself: a backup, a new epoch, whether it works.
#include <future>
#include <utility>

#include "core/propagate.hpp"
#include "engine/engine_impl.hpp"

namespace cariosan::engine {

/// Runs `step` on the thread of the writer's first lane, between batches, until it returns true or fails. Waits for it.
Result<Done> EngineImpl::wait_for_step(const std::function<Result<bool>()>& step) {
    if (const auto refused = refuse_call()) return *refused;
    if (is_engine_thread()) return Error(ErrorCode::would_block, "called on a thread of the engine");
    std::promise<Result<Done>> promise;
    auto future = promise.get_future();
    // When the engine closes, the step may be destroyed before it finishes: then `ending` keeps the promise.
    auto ending = std::make_shared<std::promise<Result<Done>>>(std::move(promise));
    const bool taken = writer_.run_between_batches([step, ending]() mutable {
        Result<bool> finished = step();
        if (finished && !*finished) return false;
        ending->set_value(finished ? Result<Done>(Done{}) : Result<Done>(std::move(finished).error()));
        return true;
    });
    ending.reset();
    if (!taken) return closing();
    try {
        return future.get();
    } catch (const std::future_error&) {
        return Error(ErrorCode::unavailable, "the engine was closed before this was finished");
    }
}

Result<std::string> EngineImpl::rotate_epoch() {
    std::string epoch;
    CARIOSAN_TRY_DONE(wait_for_step([&]() -> Result<bool> {
        CARIOSAN_TRY(epoch, options_.storage->rotate_epoch());
        return true;
    }));
    return epoch;
}

Result<Done> EngineImpl::backup(const std::string& path, std::function<void(const BackupProgress&)> progress) {
    auto backup = std::make_shared<std::unique_ptr<Backup>>();
    return wait_for_step([this, backup, path, progress = std::move(progress)]() -> Result<bool> {
        if (!*backup) {
            CARIOSAN_TRY(*backup, options_.storage->begin_backup(path));
        }
        Result<BackupProgress> step = (*backup)->step();
        if (step && progress) progress(*step);
        if (step && !step->finished) return false;
        backup->reset();
        if (!step) return std::move(step).error();
        return true;
    });
}

Result<Done> EngineImpl::check() {
    if (const auto refused = refuse_call()) return *refused;
    if (is_engine_thread()) return Error(ErrorCode::would_block, "called on a thread of the engine");
    std::promise<Result<Done>> promise;
    auto future = promise.get_future();
    check_storage([&promise](const Result<Done>& result) { promise.set_value(result); });
    return future.get();
}

void EngineImpl::check_to(realtime::LaneQueueRef lane, std::function<void(Result<Done>)> done) {
    check_storage([lane = std::move(lane), done = std::move(done)](const Result<Done>& result) {
        lane->push(realtime::Complete{[done, result] { done(result); }});
    });
}

void EngineImpl::check_storage(WriteCheck::Answer answer) {
    read_internally([this, answer = std::move(answer)](const Result<Reader*>& reader) {
        const auto found = reader ? (*reader)->workspaces().list(std::nullopt, 1) : reader.error();
        if (!found) return answer(found.error());
        write_check_.ask(answer);
    });
}

}  // namespace cariosan::engine
