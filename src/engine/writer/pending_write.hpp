#pragma once

#include <cariosan/storage.hpp>
#include <functional>

#include "core/use_case.hpp"
#include "engine/threads/completion.hpp"
#include "engine/threads/writes_in_planning.hpp"

namespace cariosan::engine {

/// A mutation waiting to be committed, and who waits for it: a command or, with `committed`, the engine itself, which is called
/// on the lane's thread.
struct PendingWrite {
    core::PlannedMutation planned;
    Completion completion;
    std::function<void(Result<Committed>)> committed{};
    WriteInPlanning planning{};  ///< ends when a lane takes it, before any answer
};

}  // namespace cariosan::engine
