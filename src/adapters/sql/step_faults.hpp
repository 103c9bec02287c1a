/// Makes steps of a database fail on purpose, for tests.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace cariosan::sql {

/// Shared by the connections of one storage, from all their threads.
class StepFaults {
  public:
    explicit StepFaults(std::function<bool(std::int64_t)> fails) : fails_(std::move(fails)) {}
    /// Whether the next step should fail.
    bool next() { return fails_ && fails_(1 + count_.fetch_add(1, std::memory_order_relaxed)); }

  private:
    std::function<bool(std::int64_t)> fails_;
    std::atomic<std::int64_t> count_{0};
};

}  // namespace cariosan::sql
