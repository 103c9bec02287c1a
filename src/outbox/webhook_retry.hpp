/// What an endpoint's answer means, and when to retry. Section 8 of the protocol.
#pragma once

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

/// How long to wait after `failed_attempts` (1 and up) that ended in `retry`: 30 s, 2 min, 10 min, 1 h, 6 h,
/// each up to a fifth shorter or longer by `random` (uniform over its whole range). Absent after the sixth:
/// the delivery has failed.
std::optional<std::chrono::milliseconds> retry_delay(std::int64_t failed_attempts, std::uint32_t random) noexcept;

}  // namespace cariosan::outbox
