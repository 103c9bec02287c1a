/// Submits the messages of an import with many in flight, so that they share commits.
#pragma once

#include <cariosan/engine.hpp>

#include <deque>
#include <mutex>
#include <utility>

#include "transfer/import/in_flight.hpp"

namespace cariosan::transfer {

/// Commits in the order of submission. Answers arrive on the engine's callback thread and are queued until the thread of
/// the command takes them; at most 512 messages are unanswered. `Item` is handed back with the answer.
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

    /// Calls `take(item, outcome)` for each answer that has arrived.
    template <class Take>
    void settle(Take&& take) {
        std::deque<std::pair<Item, Result<Outcome>>> answered;
        {
            const std::lock_guard lock(mutex_);
            answered.swap(answered_);
        }
        for (auto& [item, outcome] : answered) take(item, outcome);
    }

    /// Waits until everything submitted has been answered; `settle` then takes the answers.
    void wait() { in_flight_.wait_until_empty(); }

  private:
    static constexpr std::size_t kMostInFlight = 512;

    Engine& engine_;
    const Caller backend_;
    std::mutex mutex_;
    std::deque<std::pair<Item, Result<Outcome>>> answered_;  ///< at most as many as were submitted since the last `settle`
    InFlight in_flight_{kMostInFlight};
};

}  // namespace cariosan::transfer
