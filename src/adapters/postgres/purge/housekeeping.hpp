/// What is removed when: deleted things soon, what has expired once a minute. One node at a time, whichever is first.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "adapters/postgres/pg_writer.hpp"

namespace cariosan::postgres {

/// Used by one thread at a time.
class Housekeeping {
  public:
    /// `now` is what expiries are compared with; null: the database's time.
    Housekeeping(std::shared_ptr<Clock> clock, std::function<Timestamp()> now) : clock_(std::move(clock)), now_(std::move(now)) {}

    /// Takes bounded time. Returns whether there is more to do at once.
    Result<bool> step(Writer& writer);

  private:
    using Step = bool (*)(Connection&, Timestamp);
    struct Job {
        Step step;
        std::chrono::milliseconds interval;
        std::chrono::milliseconds due{0};
    };

    Result<bool> run(Writer& writer, Job& job);

    std::shared_ptr<Clock> clock_;
    std::function<Timestamp()> now_;
    std::vector<Job> jobs_ = all_jobs();

    static std::vector<Job> all_jobs();
};

}  // namespace cariosan::postgres
