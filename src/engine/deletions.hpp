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

/// Ends what deleted users leave behind: their memberships, and the messages of those that are erased. What is left
/// to be done is read from storage and becomes ordinary mutations, a bounded number at a time between everyone
/// else's, so that their events take the one way. The next ones are read when those before are committed. Storage
/// remembers what is unfinished: it is gone on with after a restart.
///
/// Thread-safe; nothing here waits.
class Deletions {
  public:
    using Read = std::function<void(InternalRead)>;
    Deletions(Read read, Writer& writer, Clock& clock, Counters& counters, const Log& log)
        : read_(std::move(read)), writer_(writer), clock_(clock), counters_(counters), log_(log) {}

    /// A user may have been deleted: at the start, and with each that is. Seen by the next `tick`.
    void expect() noexcept { expected_ = true; }
    /// About once a second, and after each batch. Begins, or tries again what has failed.
    void tick();
    /// Nothing new is begun.
    void stop() noexcept { stopping_ = true; }

  private:
    /// What is committed next.
    struct Step {
        bool idle = false;  ///< nothing is left of anybody
        std::vector<Mutation> mutations;
        PendingDeletion of;
        RecordPosition reached;  ///< by `mutations`, of the messages of `of`
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

    // Of the step in progress.
    UserId current_;
    RecordPosition reached_;  ///< its messages up to here are blank
};

}  // namespace cariosan::engine
