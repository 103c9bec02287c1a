#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/engine_counters.hpp"
#include "engine/log.hpp"
#include "engine/threads/job_queue.hpp"

namespace cariosan::engine {

class Writer;

/// Removes what deleted users leave behind: their memberships, and the messages of those to be erased. It reads the remaining
/// work from storage and turns it into ordinary mutations, a bounded number at a time between everyone else's, so their events
/// take the usual path. It reads the next ones once the previous ones are committed. Storage remembers unfinished work, which
/// continues after a restart.
///
/// Thread-safe; nothing here waits.
class Deletions {
  public:
    using Read = std::function<void(InternalRead)>;
    Deletions(Read read, Writer& writer, Clock& clock, Counters& counters, const Log& log)
        : read_(std::move(read)), writer_(writer), clock_(clock), counters_(counters), log_(log) {}

    /// A user may have been deleted: call at the start, and with each deletion. The next `tick` sees it.
    void expect() noexcept { expected_ = true; }
    /// Call about once a second, and after each batch. Starts work, or retries what failed.
    void tick();
    /// Starts nothing new.
    void stop() noexcept { stopping_ = true; }

  private:
    /// The next mutations to commit.
    struct Step {
        bool idle = false;  ///< no work is left
        std::vector<Mutation> mutations;
        PendingDeletion of;
        RecordPosition reached;  ///< the position in the messages of `of` after `mutations`
    };

    void begin_step();
    Result<Step> next_step(Reader& reader) const;
    Result<bool> add_memberships(Reader& reader, Step& step, Timestamp now) const;
    Result<Done> add_messages(Reader& reader, Step& step, Timestamp now) const;
    void commit(Step step);
    void end_step(const Step& step, bool failed);
    void rest();

    const Read read_;
    Writer& writer_;
    Clock& clock_;
    Counters& counters_;
    const Log& log_;
    std::atomic<bool> expected_{false};
    std::atomic<bool> running_{false};
    std::atomic<bool> stopping_{false};

    // The user of the step in progress.
    UserId current_;
    RecordPosition reached_;  ///< this user's messages up to here are blank
};

}  // namespace cariosan::engine
