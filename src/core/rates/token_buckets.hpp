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
#include <unordered_map>
#include <utility>

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
/// A bucket that has become full again need not be kept: buckets live in two generations, and the older one is dropped when the
/// younger is as old as a bucket takes to fill. With more active keys than `max_buckets`, generations are dropped sooner:
/// memory stays bounded, and some of the least recently used keys get a full bucket early.
template <class Key, class Hash = std::hash<Key>>
class TokenBuckets {
  public:
    /// `what` names the purpose of the tokens in the error.
    TokenBuckets(std::string_view what, const Pace& pace, std::size_t max_buckets)
        : what_(what), pace_(pace), generation_size_(std::max<std::size_t>(1, max_buckets / (2 * kShards))) {}

    /// Takes a token, or answers `too_often` (and takes none).
    template <class Name>
    Result<Done> take(const Name& name, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return Done{};
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        return judge(bucket(shard, name, now).take(pace_, now));
    }
    /// The same as `take`, without taking.
    template <class Name>
    Result<Done> check(const Name& name, std::chrono::milliseconds now) {
        if (!pace_.is_limit()) return Done{};
        Shard& shard = shard_of(name);
        const std::lock_guard lock(shard.mutex);
        for (const Buckets* buckets : {&shard.young, &shard.old}) {
            if (const auto found = buckets->find(name); found != buckets->end()) {
                return judge(found->second.wait(pace_, now));
            }
        }
        return Done{};
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
            total += shard.young.size() + shard.old.size();
        }
        return total;
    }

  private:
    using Time = TokenBucket::Time;
    using Buckets = std::unordered_map<Key, TokenBucket, Hash, std::equal_to<>>;
    struct Shard {
        mutable std::mutex mutex;
        Buckets young;
        Buckets old;
        Time turned_at{0};
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
    static void turn(Shard& shard, Time now) {
        shard.old = std::exchange(shard.young, {});
        shard.turned_at = now;
    }
    template <class Name>
    TokenBucket& bucket(Shard& shard, const Name& name, Time now) {
        if (const Time age = now - shard.turned_at; age >= pace_.fill_time()) {
            // After twice that time the younger generation is as full as the older one.
            if (age >= 2 * pace_.fill_time()) shard.young.clear();
            turn(shard, now);
        }
        if (const auto found = shard.young.find(name); found != shard.young.end()) return found->second;
        if (shard.young.size() >= generation_size_) turn(shard, now);
        TokenBucket moved;
        if (const auto found = shard.old.find(name); found != shard.old.end()) {
            moved = found->second;
            shard.old.erase(found);
        }
        return shard.young.emplace(name, moved).first->second;
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
