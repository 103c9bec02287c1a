#include "outbox/webhook_retry.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace cariosan::outbox {

Verdict judge_status(int status) noexcept {
    if (status >= 200 && status < 300) return Verdict::delivered;
    if (status == 410) return Verdict::disable;
    if (status == 408 || status == 429) return Verdict::retry;
    if (status >= 300 && status < 500) return Verdict::failed;
    return Verdict::retry;
}

std::optional<std::chrono::milliseconds> retry_delay(std::int64_t failed_attempts, std::uint32_t random) noexcept {
    if (failed_attempts < 1 || static_cast<std::size_t>(failed_attempts) > kRetryDelays.size())
        return std::nullopt;
    const std::int64_t plain = kRetryDelays[static_cast<std::size_t>(failed_attempts) - 1].count();
    const std::int64_t fifth = plain / 5;
    constexpr std::int64_t kRange = std::numeric_limits<std::uint32_t>::max();
    return std::chrono::milliseconds(plain - fifth + 2 * fifth * random / kRange);
}

}  // namespace cariosan::outbox
