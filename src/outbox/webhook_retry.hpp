/// What an endpoint's answer means, and when to retry. Section 8 of the protocol.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace cariosan::outbox {

enum class Verdict : std::uint8_t {
    delivered,  ///< 2xx
    retry,      ///< 408, 429, 5xx, and no answer at all
    failed,     ///< final: 3xx (redirects are not followed) and the other 4xx
    disable,    ///< 410: final, and the endpoint wants no more deliveries
};

/// `status` is 0 if there was no answer: refused, reset, timed out, an invalid certificate.
Verdict judge_status(int status) noexcept;

/// The waits after the first failed attempt, the second and so on.
inline constexpr std::array<std::chrono::milliseconds, 5> kRetryDelays = {
    std::chrono::seconds(30), std::chrono::minutes(2), std::chrono::minutes(10), std::chrono::hours(1), std::chrono::hours(6)};

/// How long to wait after `failed_attempts` (1 and up) that ended in `retry`: `kRetryDelays`,
/// each up to a fifth shorter or longer by `random` (uniform over its whole range). Absent after the sixth:
/// the delivery has failed.
std::optional<std::chrono::milliseconds> retry_delay(std::int64_t failed_attempts, std::uint32_t random) noexcept;

}  // namespace cariosan::outbox
