#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/storage.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "engine/threads/completion.hpp"
#include "engine/threads/writes_in_planning.hpp"

namespace cariosan::engine {

/// A command waiting for a reader.
struct Job {
    Caller caller;
    Command command;
    Completion completion;
    bool metered = true;  ///< false: its rates are already charged
    WriteInPlanning planning{};  ///< for a write: later writes of its caller wait for it
    bool at_once = false;        ///< it only waits for its turn: when that comes, `AtOnce` may plan it
};
/// A read by the engine itself. It gets a reader inside a snapshot, or the error that prevented it.
using InternalRead = std::function<void(Result<Reader*>)>;

using ReadTask = std::variant<Job, InternalRead>;

/// The commands and reads waiting for the reader threads. Writes of one caller go to one reader, so that they stay in
/// order; reads go to whichever is free. At most `capacity` tasks wait.
class JobQueue {
  public:
    static constexpr std::size_t kTasksPerSnapshot = 16;
    enum class Pushed : std::uint8_t { taken, full, closed };

    JobQueue(std::size_t readers, std::size_t capacity, std::size_t tasks_per_snapshot);

    /// `reader`: the one that must run it, or any. A task that is not accepted is left untouched.
    Pushed push(ReadTask& task, std::optional<std::size_t> reader);

    /// Waits for tasks for this reader and takes a few of them. After `close` it takes none and returns false.
    bool pop(std::size_t reader, std::vector<ReadTask>& tasks);

    /// Ends all waiting and returns the remaining tasks.
    std::vector<ReadTask> close();

  private:
    struct Waiter {
        std::deque<ReadTask> own;
        std::condition_variable available;
        bool idle = false;
    };

    const std::size_t capacity_;
    const std::size_t tasks_per_snapshot_;
    std::mutex mutex_;
    std::size_t waiting_ = 0;
    std::vector<Waiter> waiters_;  // its size never changes
    std::deque<ReadTask> shared_;
    bool closed_ = false;
};

}  // namespace cariosan::engine
