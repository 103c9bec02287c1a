/// How values are distributed, for /metrics.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cariosan::core {

/// The upper bounds of every duration's buckets, in microseconds: 100 us to 10 s.
inline constexpr std::array<std::uint64_t, 16> kDurationBounds{
    100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
/// Those of the size of a batch, in changes.
inline constexpr std::array<std::uint64_t, 9> kBatchBounds{1, 2, 4, 8, 16, 32, 64, 128, 256};

/// Counts values in fixed buckets. Thread-safe; adding one costs two relaxed additions, without lock or allocation.
class Histogram {
  public:
    static constexpr std::size_t kMostBounds = 16;

    /// What was added so far. A value added meanwhile may be in `counts` and not yet in `sum`.
    struct Counted {
        std::array<std::uint64_t, kMostBounds + 1> counts{};  ///< by bucket; the one after the last bound has the rest
        std::uint64_t total = 0;                              ///< of `counts`
        std::uint64_t sum = 0;                                ///< of the values
    };

    /// Of durations.
    Histogram() noexcept : Histogram(kDurationBounds) {}
    /// `bounds` ascend, are at most `kMostBounds`, and outlive this.
    explicit Histogram(std::span<const std::uint64_t> bounds) noexcept : bounds_(bounds) {}

    void add(std::uint64_t value) noexcept {
        const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
        counts_[bucket].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }
    /// For those with `kDurationBounds`. A negative one counts as none.
    void add(std::chrono::microseconds duration) noexcept {
        add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count())));
    }

    std::span<const std::uint64_t> bounds() const noexcept { return bounds_; }
    Counted counted() const noexcept {
        Counted now;
        for (std::size_t i = 0; i <= bounds_.size(); ++i) {
            now.counts[i] = counts_[i].load(std::memory_order_relaxed);
            now.total += now.counts[i];
        }
        now.sum = sum_.load(std::memory_order_relaxed);
        return now;
    }

  private:
    const std::span<const std::uint64_t> bounds_;
    std::array<std::atomic<std::uint64_t>, kMostBounds + 1> counts_{};
    std::atomic<std::uint64_t> sum_{0};
};

}  // namespace cariosan::core
