#include "core/rates/rate_limiter.hpp"

#include <numeric>
#include <utility>

namespace cariosan::core {
namespace {

Pace per_minute(const Rates& rates, std::int64_t count) {
    return {.count = rates.enabled ? count : 0, .period = std::chrono::minutes(1), .held = count};
}
Pace per_second(const Rates& rates, std::int64_t count) {
    return {.count = rates.enabled ? count : 0, .period = std::chrono::seconds(1), .held = 2 * count};
}

}  // namespace

RateLimiter::RateLimiter(const Rates& rates, std::size_t max_buckets, std::function<void()> lease_used)
    : buckets_{Buckets("messages", per_minute(rates, rates.sends_per_minute), max_buckets / kRateKinds),
               Buckets("writes", per_minute(rates, rates.writes_per_minute), max_buckets / kRateKinds),
               Buckets("reads", per_second(rates, rates.reads_per_second), max_buckets / kRateKinds),
               Buckets("searches", per_second(rates, rates.searches_per_second), max_buckets / kRateKinds)},
      unreported_(lease_used ? std::make_unique<UnreportedTokens>(std::move(lease_used)) : nullptr) {}

void RateLimiter::note(const RateKey& key, RateKind kind, std::int64_t tokens) {
    const Pace& pace = buckets_of(kind).pace();
    if (pace.is_limit()) unreported_->add(key, kind, tokens, UnreportedTokens::lease_of(pace.held));
}

RateReport RateLimiter::report() {
    RateReport report;
    unreported_->take_all([&](const RateKey& key, RateKind kind, std::int64_t tokens) {
        report.keys.push_back(key);
        report.taken.push_back({.owner = key.user.uuid,
                                .kind = static_cast<std::uint8_t>(kind),
                                .interval = buckets_of(kind).pace().interval(),
                                .tokens = tokens});
    });
    return report;
}

void RateLimiter::learn(const RateReport& report, std::span<const std::chrono::nanoseconds> full_in,
                        std::chrono::milliseconds now) {
    for (std::size_t i = 0; i < full_in.size(); ++i) {
        const RateKey& key = report.keys[i];
        const auto kind = static_cast<RateKind>(report.taken[i].kind);
        // The answer does not include what was taken since the report.
        const std::int64_t since = unreported_->of(key, kind);
        buckets_of(kind).owe(key, full_in[i] + since * report.taken[i].interval, now);
    }
}

std::size_t RateLimiter::size() const {
    return std::accumulate(buckets_.begin(), buckets_.end(), std::size_t{0},
                           [](std::size_t total, const Buckets& each) { return total + each.size(); });
}

}  // namespace cariosan::core
