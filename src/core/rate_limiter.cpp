#include "core/rate_limiter.hpp"

#include <algorithm>
#include <string>

namespace cariosan::core {
namespace {

constexpr std::chrono::nanoseconds kGeneration = std::chrono::minutes(1);

}  // namespace

Error too_often(std::string_view what, const Pace& pace, std::chrono::nanoseconds wait) {
    std::string message = "too many " + std::string(what) + ": at most " + std::to_string(pace.count);
    message += pace.period == std::chrono::minutes(1) ? " a minute" : " a second";
    if (pace.held != pace.count) message += ", " + std::to_string(pace.held) + " at once";
    return Error(ErrorCode::rate_limited, std::move(message))
        .with("retry_after_ms", std::int64_t{std::chrono::ceil<std::chrono::milliseconds>(wait).count()})
        .with("limit", pace.held);
}

RateLimiter::RateLimiter(const Rates& rates, std::size_t max_buckets)
    : generation_size_(std::max<std::size_t>(1, max_buckets / (2 * kShards))) {
    const auto set = [&](RateKind kind, std::int64_t count, std::chrono::seconds period,
                         std::chrono::seconds held) {
        if (!rates.enabled || count <= 0) return;
        const auto interval = std::chrono::nanoseconds(period) / count;
        const std::int64_t tokens = count * (held / period);
        rates_[static_cast<std::size_t>(kind)] = {interval, interval * tokens, {count, period, tokens}};
    };
    using std::chrono::seconds;
    set(RateKind::send, rates.sends_per_minute, seconds(60), seconds(60));
    set(RateKind::write, rates.writes_per_minute, seconds(60), seconds(60));
    set(RateKind::read, rates.reads_per_second, seconds(1), seconds(2));
    set(RateKind::search, rates.searches_per_second, seconds(1), seconds(2));
}

Result<Done> RateLimiter::take(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
    const Rate& rate = rates_[static_cast<std::size_t>(kind)];
    if (rate.interval.count() == 0) return Done{};

    const BucketKey bucket_key{key, kind};
    Shard& shard = shards_[BucketHash{}(bucket_key) % kShards];
    std::chrono::nanoseconds missing{0};
    {
        const std::lock_guard lock(shard.mutex);
        FullAt& full_at = bucket(shard, bucket_key, now);
        const FullAt after = std::max(full_at, FullAt(now)) + rate.interval;
        missing = after - now - rate.capacity;
        if (missing.count() <= 0) {
            full_at = after;
            return Done{};
        }
    }
    constexpr std::string_view kNames[kRateKinds] = {"messages", "writes", "reads", "searches"};
    return too_often(kNames[static_cast<std::size_t>(kind)], rate.pace, missing);
}

void RateLimiter::charge(const RateKey& key, RateKind kind, std::int64_t tokens, std::chrono::milliseconds now) {
    const Rate& rate = rates_[static_cast<std::size_t>(kind)];
    if (rate.interval.count() == 0) return;
    const BucketKey bucket_key{key, kind};
    Shard& shard = shards_[BucketHash{}(bucket_key) % kShards];
    const std::lock_guard lock(shard.mutex);
    FullAt& full_at = bucket(shard, bucket_key, now);
    full_at = std::max(full_at, FullAt(now)) + tokens * rate.interval;
}

bool RateLimiter::has_spare(const RateKey& key, RateKind kind, std::chrono::milliseconds now) {
    const Rate& rate = rates_[static_cast<std::size_t>(kind)];
    if (rate.interval.count() == 0) return true;
    const BucketKey bucket_key{key, kind};
    Shard& shard = shards_[BucketHash{}(bucket_key) % kShards];
    const std::lock_guard lock(shard.mutex);
    return bucket(shard, bucket_key, now) - now < rate.capacity / 2;
}

std::size_t RateLimiter::size() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        total += shard.young.size() + shard.old.size();
    }
    return total;
}

RateLimiter::FullAt& RateLimiter::bucket(Shard& shard, const BucketKey& key, std::chrono::nanoseconds now) {
    if (now - shard.turned_at >= kGeneration) {
        // After two minutes the younger generation is as forgotten as the older one.
        if (now - shard.turned_at >= 2 * kGeneration) shard.young.clear();
        shard.old = std::exchange(shard.young, {});
        shard.turned_at = now;
    }
    if (const auto found = shard.young.find(key); found != shard.young.end()) return found->second;
    if (shard.young.size() >= generation_size_) {
        shard.old = std::exchange(shard.young, {});
        shard.turned_at = now;
    }
    FullAt full_at{0};
    if (const auto found = shard.old.find(key); found != shard.old.end()) {
        full_at = found->second;
        shard.old.erase(found);
    }
    return shard.young.emplace(key, full_at).first->second;
}

std::size_t RateLimiter::BucketHash::operator()(const BucketKey& bucket) const noexcept {
    const std::size_t workspace = std::hash<WorkspaceId>{}(bucket.key.workspace);
    const std::size_t user = std::hash<UserId>{}(bucket.key.user);
    return (workspace * 31 + user) * 31 + static_cast<std::size_t>(bucket.kind);
}

}  // namespace cariosan::core
