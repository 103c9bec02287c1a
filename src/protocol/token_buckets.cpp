#include "protocol/token_buckets.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::protocol {

TokenBuckets::TokenBuckets(std::string_view what, const core::Pace& pace, std::size_t max_buckets)
    : what_(what),
      pace_(pace),
      interval_(pace.count > 0 ? Time(pace.period) / pace.count : Time(0)),
      fill_time_(interval_ * pace.held),
      generation_size_(std::max<std::size_t>(1, max_buckets / 2)) {}

void TokenBuckets::turn(Time now) {
    const Time age = now - turned_at_;
    if (age < fill_time_ && young_.size() < generation_size_) return;
    // Twice as long: the younger generation is as full as the older one.
    if (age >= 2 * fill_time_) young_.clear();
    old_ = std::exchange(young_, {});
    turned_at_ = now;
}

TokenBuckets::Time TokenBuckets::full_at(std::string_view name) const {
    if (const auto found = young_.find(name); found != young_.end()) return found->second;
    const auto found = old_.find(name);
    return found != old_.end() ? found->second : Time(0);
}

Result<Done> TokenBuckets::judge(Time after, Time now) const {
    const Time missing = after - now - fill_time_;
    if (missing.count() <= 0) return Done{};
    return core::too_often(what_, pace_, missing);
}

Result<Done> TokenBuckets::take(std::string_view name, std::chrono::milliseconds now) {
    if (interval_.count() == 0) return Done{};
    const std::lock_guard lock(mutex_);
    turn(now);
    const Time after = std::max(full_at(name), Time(now)) + interval_;
    auto allowed = judge(after, now);
    if (allowed) young_.insert_or_assign(std::string(name), after);
    return allowed;
}

Result<Done> TokenBuckets::check(std::string_view name, std::chrono::milliseconds now) const {
    if (interval_.count() == 0) return Done{};
    const std::lock_guard lock(mutex_);
    return judge(std::max(full_at(name), Time(now)) + interval_, now);
}

std::size_t TokenBuckets::size() const {
    const std::lock_guard lock(mutex_);
    return young_.size() + old_.size();
}

}  // namespace cariosan::protocol
