#include "core/rates/rate_limiter.hpp"

#include <numeric>

namespace cariosan::core {
namespace {

Pace per_minute(const Rates& rates, std::int64_t count) {
    return {.count = rates.enabled ? count : 0, .period = std::chrono::minutes(1), .held = count};
}
Pace per_second(const Rates& rates, std::int64_t count) {
    return {.count = rates.enabled ? count : 0, .period = std::chrono::seconds(1), .held = 2 * count};
}

}  // namespace

RateLimiter::RateLimiter(const Rates& rates, std::size_t max_buckets)
    : buckets_{Buckets("messages", per_minute(rates, rates.sends_per_minute), max_buckets / kRateKinds),
               Buckets("writes", per_minute(rates, rates.writes_per_minute), max_buckets / kRateKinds),
               Buckets("reads", per_second(rates, rates.reads_per_second), max_buckets / kRateKinds),
               Buckets("searches", per_second(rates, rates.searches_per_second), max_buckets / kRateKinds)} {}

std::size_t RateLimiter::size() const {
    return std::accumulate(buckets_.begin(), buckets_.end(), std::size_t{0},
                           [](std::size_t total, const Buckets& each) { return total + each.size(); });
}

}  // namespace cariosan::core
