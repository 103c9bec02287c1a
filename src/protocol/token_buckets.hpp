/// How often something may be done, by name: an API key, an address.
#pragma once

#include <cariosan/error.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/rate_limiter.hpp"

namespace cariosan::protocol {

/// Token buckets that start full. Thread-safe.
///
/// A bucket that has been left alone until it is full again need not be kept: buckets live in two generations, and the
/// older one is dropped when the younger one is as old as a bucket takes to fill. When more names are active than
/// `max_buckets`, generations are dropped sooner: memory stays bounded, and some names get a full bucket early.
class TokenBuckets {
  public:
    /// A bucket gets `pace.count` new tokens per period and holds `pace.held`; a count of 0: no limit. `what` they are for is
    /// said to whom there is none left for.
    TokenBuckets(std::string_view what, const core::Pace& pace, std::size_t max_buckets = 65'536);

    /// Takes a token, or answers `rate_limited` with `details.retry_after_ms` and `details.limit` (and takes none).
    Result<Done> take(std::string_view name, std::chrono::milliseconds now);
    /// As `take`, without taking.
    Result<Done> check(std::string_view name, std::chrono::milliseconds now) const;

    std::size_t size() const;

  private:
    using Time = std::chrono::nanoseconds;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    /// A bucket as one time: when it will be full again.
    using Buckets = std::unordered_map<std::string, Time, Hash, std::equal_to<>>;

    void turn(Time now);
    Time full_at(std::string_view name) const;
    Result<Done> judge(Time after, Time now) const;

    const std::string what_;
    const core::Pace pace_;
    const Time interval_;
    const Time fill_time_;
    const std::size_t generation_size_;
    mutable std::mutex mutex_;
    Buckets young_;
    Buckets old_;
    Time turned_at_{0};
};

}  // namespace cariosan::protocol
