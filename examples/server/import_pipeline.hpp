/// Submits the messages of an import, many at a time, so that they share commits.
#pragma once

#include <cariosan/engine.hpp>

#include <deque>
#include <mutex>
#include <utility>

#include "in_flight.hpp"

namespace cariosan::server {

/// What is submitted is committed in that order. Answers come on the engine's callback thread and are put aside until the
/// thread of the command takes them; at most 512 messages are unanswered. `Item` is what the thread wants to know again.
template <class Item>
class ImportPipeline {
  public:
    ImportPipeline(Engine& engine, WorkspaceId workspace) : engine_(engine), backend_(Caller::backend(workspace)) {}
    ~ImportPipeline() { in_flight_.wait_until_empty(); }
    ImportPipeline(const ImportPipeline&) = delete;
    ImportPipeline& operator=(const ImportPipeline&) = delete;

    /// Waits for room.
    void submit(ImportMessage command, Item item) {
        in_flight_.enter();
        engine_.submit_any(backend_, std::move(command), [this, item = std::move(item)](Result<Outcome> outcome) mutable {
            {
                const std::lock_guard lock(mutex_);
                answered_.emplace_back(std::move(item), std::move(outcome));
            }
            in_flight_.leave();
        });
    }

    /// Calls `take(item, outcome)` for each answer that has come.
    template <class Take>
    void settle(Take&& take) {
        std::deque<std::pair<Item, Result<Outcome>>> answered;
        {
            const std::lock_guard lock(mutex_);
            answered.swap(answered_);
        }
        for (auto& [item, outcome] : answered) take(item, outcome);
    }

    /// Waits for the answers to all that was submitted, for `settle` to take them.
    void wait() { in_flight_.wait_until_empty(); }

  private:
    static constexpr std::size_t kMostInFlight = 512;

    Engine& engine_;
    const Caller backend_;
    std::mutex mutex_;
    std::deque<std::pair<Item, Result<Outcome>>> answered_;  ///< as many as were in flight since `settle`
    InFlight in_flight_{kMostInFlight};
};

}  // namespace cariosan::server
