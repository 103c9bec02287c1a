#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/threads/callback_queue.hpp"
#include "realtime/lanes/lane_queue.hpp"

namespace cariosan::engine {

/// The error for callers still waiting when the engine ends.
inline Error closing() { return {ErrorCode::unavailable, "the engine is closing"}; }

/// The error for commands that were never started because the caller is gone.
inline Error nobody_waits() { return {ErrorCode::unavailable, "nobody waits for the answer"}; }

/// Expires when the caller no longer waits for the answer; absent: it always waits.
using Asker = std::optional<std::weak_ptr<const void>>;

/// How to deliver a command's answer, and on which thread.
struct Completion {
    enum class Where : std::uint8_t {
        callback_thread,  ///< the engine's, or the host's in `Engine::poll`
        lane,             ///< the thread of `lane`
        here,             ///< on the thread that finishes it; `done` only wakes a waiting thread
    };
    Where where = Where::callback_thread;
    std::function<void(Result<Outcome>)> done;
    realtime::LaneQueueRef lane;
    Asker asker{};
    std::chrono::microseconds submitted{0};  ///< by `Clock::elapsed_finely`

    /// Whether the caller no longer waits. Once true it stays true; from any thread.
    bool abandoned() const noexcept { return asker && asker->expired(); }
};

/// Answers for one lane, in order.
struct LaneAnswers {
    realtime::LaneQueueRef lane;
    std::vector<realtime::LaneTask> tasks;
};

/// Collects finished completions and hands them over as one list per receiving thread.
class CompletionBatch {
  public:
    explicit CompletionBatch(CallbackQueue& callbacks) : callbacks_(callbacks) {}

    void add(Completion completion, Result<Outcome> result);
    /// Those for lanes, for someone else to hand over.
    std::vector<LaneAnswers> take_lanes() { return std::exchange(lanes_, {}); }
    void flush();

  private:
    CallbackQueue& callbacks_;
    std::vector<std::function<void()>> calls_;
    std::vector<LaneAnswers> lanes_;
    std::vector<std::function<void()>> here_;
};

}  // namespace cariosan::engine
