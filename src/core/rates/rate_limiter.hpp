/// How much each user may do in a second or a minute (section 3.4 of the protocol).
#pragma once

#include <array>
#include <cariosan/coordination.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/rates/rate_kind.hpp"
#include "core/rates/token_buckets.hpp"
#include "core/rates/unreported_tokens.hpp"

namespace cariosan::core {

/// What this node has taken since its last report; `taken[i]` belongs to `keys[i]`.
struct RateReport {
    std::vector<RateKey> keys;
    std::vector<TokensTaken> taken;
};

/// The buckets of all users. Thread-safe. `now` is `Clock::elapsed()`.
///
/// When **shared** between nodes, each node has a bucket of its own, takes tokens from it without asking, reports them
/// (`report`) and learns what other nodes took (`learn`). So a user gets one budget on all nodes together, and on each node at
/// most a lease more (an eighth of the bucket, at least one token), besides what is taken before a report is answered. While the
/// service is away, each node counts its own.
class RateLimiter {
  public:
    static constexpr std::size_t kMostBuckets = 524'288;

    /// `lease_used`: the buckets are shared, and it is called when a report is due at once, on the thread that took; it must not
    /// wait. Null if not shared.
    explicit RateLimiter(const Rates& rates, std::size_t max_buckets = kMostBuckets, std::function<void()> lease_used = {});

    /// Takes one token, or returns `rate_limited` with `details.retry_after_ms` (and takes none).
    Result<Done> take(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
        Result<Done> taken = buckets_of(kind).take(key, now);
        if (unreported_ && taken) note(key, kind, 1);
        return taken;
    }
    /// Takes `tokens` for work already done, even if they are not available: the bucket may go into debt, which delays later calls.
    void charge(const RateKey& key, RateKind kind, std::int64_t tokens, std::chrono::milliseconds now) {
        buckets_of(kind).charge(key, tokens, now);
        if (unreported_) note(key, kind, tokens);
    }
    /// The tokens above half of the bucket: background work leaves the rest to its user.
    std::int64_t spare(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
        return buckets_of(kind).spare(key, now);
    }

    /// What to pass to `Coordination::take`. It counts as reported from now on.
    RateReport report();
    /// Takes the result of that `take`.
    void learn(const RateReport& report, std::span<const std::chrono::nanoseconds> full_in, std::chrono::milliseconds now);

    /// How many buckets are in memory now.
    std::size_t size() const;

  private:
    using Buckets = TokenBuckets<RateKey, RateKeyHash>;
    Buckets& buckets_of(RateKind kind) { return buckets_[static_cast<std::size_t>(kind)]; }
    void note(const RateKey& key, RateKind kind, std::int64_t tokens);

    std::array<Buckets, kRateKinds> buckets_;  // in the order of `RateKind`
    const std::unique_ptr<UnreportedTokens> unreported_;  // null: not shared
};

}  // namespace cariosan::core
