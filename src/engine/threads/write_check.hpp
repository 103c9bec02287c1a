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

/// Whether writes succeed, for those who ask without writing. What the last commit met is known; when that is more than a second
/// ago one small write is tried, for all who ask meanwhile. So whoever asks, however often, costs a write a second at most.
///
/// A commit that failed is made up for by such a write alone: a small one may still succeed on a disk that is too full for
/// others. Thread-safe; nothing here waits.
class WriteCheck {
  public:
    WriteCheck(Storage& storage, Writer& writer, Clock& clock, const Log& log)
        : storage_(storage), writer_(writer), clock_(clock), log_(log) {}

    using Answer = std::function<void(const Result<Done>&)>;
    /// `answer` is called once: before this returns, or on the writer's thread. While the disk holds up a write for more than
    /// five seconds, or too many wait, it is `unavailable`.
    void ask(Answer answer);

    // On the writer's thread, after each commit.
    void committed();
    void failed(const Error& error);

    /// The writer has ended: whoever waits is answered `unavailable`.
    void stop();

  private:
    struct Known {
        Result<Done> state;
        std::chrono::milliseconds at;
    };

    void probe();
    /// With `mutex_` held. Answers whether writes have begun to fail, or to succeed again.
    bool learn(Result<Done> state);
    void tell(const Result<Done>& state) const;
    void answer_all(const Result<Done>& state);

    Storage& storage_;
    Writer& writer_;
    Clock& clock_;
    const Log& log_;

    std::mutex mutex_;
    std::optional<Known> known_;
    std::vector<Answer> waiting_;  ///< for the one probe that is under way
    std::chrono::milliseconds asked_at_{0};
};

}  // namespace cariosan::engine
