#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/writer/writer_lane.hpp"

namespace cariosan::engine {

/// All writes go through here, on as many lanes as the storage can use. Writes to one channel go to one lane and so keep their
/// order; a lane that waits for a lock or the network holds up no other lane. Thread-safe.
class Writer {
  public:
    explicit Writer(const WriterParts& parts);

    /// Takes the writes, in order, and leaves the list empty. Bounded by the commands in flight. After `stop` they are answered
    /// `unavailable`.
    void push(std::vector<PendingWrite>& writes);
    void push(PendingWrite write);

    /// Runs `step` on the first lane's thread between batches, repeatedly until it returns true; false if stopped.
    bool run_between_batches(std::function<bool()> step) { return lanes_.front()->run_between_batches(std::move(step)); }

    /// Waits for the lanes to end. `drain`: they commit what waits first; otherwise it is answered `unavailable`.
    void stop(bool drain);
    bool owns_this_thread() const;

  private:
    WriterLane& lane_of(const PendingWrite& write) const;

    std::vector<std::unique_ptr<WriterLane>> lanes_;  ///< at least one
};

}  // namespace cariosan::engine
