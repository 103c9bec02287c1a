#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/log.hpp"

namespace cariosan::engine {

class Writer;

/// Whether writes succeed, for health checks that do not write themselves. Uses the result of the last commit; if that is more
/// than a second old, one small write serves all checks that arrive in the meantime. So checks cost at most one write a second,
/// however many there are.
///
/// After a failed commit only such a probe counts as recovery: a small commit may still succeed on a disk too full for
/// others. Thread-safe; nothing here waits.
class WriteCheck {
  public:
    WriteCheck(Storage& storage, Writer& writer, Clock& clock, const Log& log)
        : storage_(storage), writer_(writer), clock_(clock), log_(log) {}

    using Answer = std::function<void(const Result<Done>&)>;
    /// `answer` is called once: before this returns, or on the writer's first lane. `unavailable` while a write
    /// hangs for more than five seconds, or too many checks wait.
    void ask(Answer answer);

    // Call on each lane of the writer, after each of its commits.
    void committed();
    void failed(const Error& error);

    /// The writer has ended: waiting checks get `unavailable`.
    void stop();

  private:
    struct Known {
        Result<Done> state;
        std::chrono::milliseconds at;
    };

    void probe();
    /// With `mutex_` held. Returns whether writes have begun to fail, or to succeed again.
    bool learn(Result<Done> state);
    void notify(const Result<Done>& state) const;
    void answer_all(const Result<Done>& state);

    Storage& storage_;
    Writer& writer_;
    Clock& clock_;
    const Log& log_;

    std::mutex mutex_;
    std::optional<Known> known_;
    std::vector<Answer> waiting_;  ///< for the probe in progress
    std::chrono::milliseconds asked_at_{0};
};

}  // namespace cariosan::engine
