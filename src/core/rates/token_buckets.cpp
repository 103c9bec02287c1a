#include "core/rates/token_buckets.hpp"

namespace cariosan::core {

Error too_often(std::string_view what, const Pace& pace, std::chrono::nanoseconds wait) {
    std::string message = "too many " + std::string(what) + ": at most " + std::to_string(pace.count);
    message += pace.period == std::chrono::minutes(1) ? " a minute" : " a second";
    if (pace.held != pace.count) message += ", " + std::to_string(pace.held) + " at once";
    return Error(ErrorCode::rate_limited, std::move(message))
        .with("retry_after_ms", std::int64_t{std::chrono::ceil<std::chrono::milliseconds>(wait).count()})
        .with("limit", pace.held);
}

}  // namespace cariosan::core
