/// Rate limits: token buckets in bounded memory.
#pragma once

#include <algorithm>
#include <array>
#include <cariosan/error.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/cache/generations.hpp"

namespace cariosan::core {

/// What a bucket allows: `count` a period, `held` at once. A count of 0: no limit.
struct Pace {
    std::int64_t count = 0;
    std::chrono::seconds period{1};  ///< a second or a minute
    std::int64_t held = 0;

    bool is_limit() const noexcept { return count > 0; }
    /// Between two tokens.
    std::chrono::nanoseconds interval() const { return std::chrono::nanoseconds(period) / count; }
    /// How long an empty bucket takes to fill.
    std::chrono::nanoseconds fill_time() const { return interval() * held; }
};

/// `rate_limited`, with the rate in its text, `details.retry_after_ms` and `details.limit`. `what` names what exceeded the
/// rate.
Error too_often(std::string_view what, const Pace& pace, std::chrono::nanoseconds wait);

/// One bucket, initially full, stored as the time when it will be full again. `now` is `Clock::elapsed`; the pace must always
/// be the same.
class TokenBucket {
  public:
    using Time = std::chrono::nanoseconds;

    /// How long until there is a token; 0 or less: there is one.
    Time wait(const Pace& pace, Time now) const { return after(pace, 1, now) - now - pace.fill_time(); }
    /// Takes tokens even if they are not available: missing ones are owed.
    void charge(const Pace& pace, std::int64_t tokens, Time now) { full_at_ = after(pace, tokens, now); }
    /// It will be full at `full_at` or later.
    void owe(Time full_at) { full_at_ = std::max(full_at_, full_at); }
    /// Takes one token if available. Returns the same as `wait`.
    Time take(const Pace& pace, Time now) {
        const Time missing = wait(pace, now);
        if (missing.count() <= 0) charge(pace, 1, now);
        return missing;
    }
    /// How many tokens there are above half of the bucket; the last one may reach below the half.
    std::int64_t spare(const Pace& pace, Time now) const {
        const Time left = pace.fill_time() / 2 - std::max(full_at_ - now, Time(0));
        return std::max<std::int64_t>(0, (left + pace.interval() - Time(1)) / pace.interval());
    }

  private:
    Time after(const Pace& pace, std::int64_t tokens, Time now) const {
        return std::max(full_at_, now) + tokens * pace.interval();
    }

    Time full_at_{0};
};

/// A bucket for each key, all at the same pace. Thread-safe.
///
/// A bucket that has become full again need not be kept (`Generations`, whose lifetime is the time a bucket takes to fill). With
/// more active keys than `max_buckets`, some of the least recently used ones get a full bucket early.
template <class Key, class Hash = std::hash<Key>>
class TokenBuckets {
  public:
    /// `what` names the purpose of the tokens in the error.
    TokenBuckets(std::string_view what, const Pace& pace, std::size_t max_buckets)
        : what_(what), pace_(pace), generation_size_(max_buckets / (2 * kShards)) {}

    /// Takes a token, or answers `too_often` (and takes none).
    template <class Name>
    Result<Done> take(const Name& name, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return Done{};
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        return judge(bucket(shard, name, now).take(pace_, now));
    }
    /// Like `take`, but takes nothing.
    template <class Name>
    Result<Done> check(const Name& name, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return Done{};
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        const TokenBucket* found = shard.buckets.find(name);
        return found == nullptr ? Result<Done>(Done{}) : judge(found->wait(pace_, now));
    }
    /// Takes `tokens` for work already done: missing ones are owed, and delay the next caller.
    template <class Name>
    void charge(const Name& name, std::int64_t tokens, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return;
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        bucket(shard, name, now).charge(pace_, tokens, now);
    }
    /// The bucket will be full in `full_in` or later: other nodes take tokens too.
    template <class Name>
    void owe(const Name& name, std::chrono::nanoseconds full_in, std::chrono::milliseconds now) {
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        bucket(shard, name, now).owe(now + full_in);
    }
    /// How many tokens there are above half of the bucket: background work leaves the rest.
    template <class Name>
    std::int64_t spare(const Name& name, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return std::numeric_limits<std::int64_t>::max();
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        return bucket(shard, name, now).spare(pace_, now);
    }

    const Pace& pace() const noexcept { return pace_; }
    /// How many buckets are in memory now.
    std::size_t size() const {
        std::size_t total = 0;
        for (const Shard& shard : shards_) {
            const std::lock_guard lock(shard.mutex);
            total += shard.buckets.size();
        }
        return total;
    }

  private:
    using Time = TokenBucket::Time;
    struct Shard {
        mutable std::mutex mutex;
        Generations<Key, TokenBucket, Hash> buckets;
    };
    static constexpr std::size_t kShards = 16;

    Result<Done> judge(Time missing) const {
        if (missing.count() <= 0) return Done{};
        return too_often(what_, pace_, missing);
    }
    template <class Name>
    Shard& shard_of(const Name& name) {
        return shards_[Hash{}(name) % kShards];
    }
    template <class Name>
    TokenBucket& bucket(Shard& shard, const Name& name, Time now) {
        shard.buckets.expire(now, pace_.fill_time());
        return shard.buckets.use(name, generation_size_, now);
    }

    const std::string what_;
    const Pace pace_;
    const std::size_t generation_size_;
    std::array<Shard, kShards> shards_;
};

/// By name: an API key, an address.
struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using NamedTokenBuckets = TokenBuckets<std::string, NameHash>;

}  // namespace cariosan::core
