/// Who may do how much per second: token buckets in bounded memory.
#pragma once

#include <array>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace cariosan::core {

/// What is counted; each kind has a bucket of its own.
enum class RateKind : std::uint8_t { send, write, read, search };
inline constexpr std::size_t kRateKinds = 4;

/// What a bucket allows: `count` a period, `held` at once.
struct Pace {
    std::int64_t count = 0;
    std::chrono::seconds period{1};  ///< a second or a minute
    std::int64_t held = 0;
};

/// `rate_limited`, with the rate that is in force in the text, `details.retry_after_ms` and `details.limit`. `what` is what there
/// were too many of.
Error too_often(std::string_view what, const Pace& pace, std::chrono::nanoseconds wait);

/// Whose bucket it is.
struct RateKey {
    WorkspaceId workspace;
    UserId user;
    bool operator==(const RateKey&) const = default;
};

/// Token buckets per key and kind. Thread-safe.
///
/// A bucket that nobody touched for a minute is full, and a full bucket need not be kept: buckets live in two
/// generations, and the older one is dropped each minute. When more keys are active than `max_buckets`,
/// generations are dropped sooner, so that memory stays bounded and some of the keys silent longest get a
/// full bucket early.
class RateLimiter {
  public:
    explicit RateLimiter(const Rates& rates, std::size_t max_buckets = 262'144);

    /// Takes one token, or answers `rate_limited` with `details.retry_after_ms` (and takes none). `now` is
    /// `Clock::elapsed()`.
    Result<Done> take(const RateKey& key, RateKind kind, std::chrono::milliseconds now);

    /// Takes `tokens` for what is done already, whether they are there or not: what is missing is owed, and holds up
    /// whoever asks next.
    void charge(const RateKey& key, RateKind kind, std::int64_t tokens, std::chrono::milliseconds now);

    /// Whether more than half of the bucket is there: what works in the background leaves the rest to its user.
    bool has_spare(const RateKey& key, RateKind kind, std::chrono::milliseconds now);

    /// How many buckets are kept now.
    std::size_t size() const;

  private:
    /// A bucket as one time: when it will be full again.
    using FullAt = std::chrono::nanoseconds;

    struct Rate {
        std::chrono::nanoseconds interval{0};  ///< between two tokens; 0: no limit
        std::chrono::nanoseconds capacity{0};  ///< what a full bucket holds, as the time it takes to fill
        Pace pace;
    };
    struct BucketKey {
        RateKey key;
        RateKind kind = RateKind::read;
        bool operator==(const BucketKey&) const = default;
    };
    struct BucketHash {
        std::size_t operator()(const BucketKey& bucket) const noexcept;
    };
    using Buckets = std::unordered_map<BucketKey, FullAt, BucketHash>;
    struct Shard {
        mutable std::mutex mutex;
        Buckets young;
        Buckets old;
        std::chrono::nanoseconds turned_at{0};
    };
    static constexpr std::size_t kShards = 16;

    FullAt& bucket(Shard& shard, const BucketKey& key, std::chrono::nanoseconds now);

    std::array<Rate, kRateKinds> rates_;
    std::size_t generation_size_;
    std::array<Shard, kShards> shards_;
};

}  // namespace cariosan::core
