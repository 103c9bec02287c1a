/// Who may do how much per second (section 3.4 of the protocol).
#pragma once

#include <array>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "core/rates/token_buckets.hpp"

namespace cariosan::core {

/// What is counted; each kind has a bucket of its own.
enum class RateKind : std::uint8_t { send, write, read, search };
inline constexpr std::size_t kRateKinds = 4;

/// The owner of a bucket.
struct RateKey {
    WorkspaceId workspace;
    UserId user;
    bool operator==(const RateKey&) const = default;
};

struct RateKeyHash {
    std::size_t operator()(const RateKey& key) const noexcept {
        return std::hash<WorkspaceId>{}(key.workspace) * 31 + std::hash<UserId>{}(key.user);
    }
};

/// The buckets of all users. Thread-safe. `now` is `Clock::elapsed()`.
class RateLimiter {
  public:
    explicit RateLimiter(const Rates& rates, std::size_t max_buckets = 524'288);

    /// Takes one token, or returns `rate_limited` with `details.retry_after_ms` (and takes none).
    Result<Done> take(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
        return buckets_of(kind).take(key, now);
    }
    /// Takes `tokens` for work already done, even if they are not available: missing ones are owed, and delay the next caller.
    void charge(const RateKey& key, RateKind kind, std::int64_t tokens, std::chrono::milliseconds now) {
        buckets_of(kind).charge(key, tokens, now);
    }
    /// The tokens above half of the bucket: background work leaves the rest to its user.
    std::int64_t spare(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
        return buckets_of(kind).spare(key, now);
    }

    /// How many buckets are in memory now.
    std::size_t size() const;

  private:
    using Buckets = TokenBuckets<RateKey, RateKeyHash>;
    Buckets& buckets_of(RateKind kind) { return buckets_[static_cast<std::size_t>(kind)]; }

    std::array<Buckets, kRateKinds> buckets_;  // in the order of `RateKind`
};

}  // namespace cariosan::core
