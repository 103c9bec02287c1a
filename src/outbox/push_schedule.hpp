/// When a push that the service did not accept is retried.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cariosan::outbox {

/// How long to wait after `failed_attempts` (1 and up): 10 seconds, doubling each time, up to a fifth shorter or
/// longer by `random` (uniform over its whole range), and never less than `retry_after`. Absent after the seventh: a
/// notification that is twenty minutes late is useless.
std::optional<std::chrono::milliseconds> push_retry_delay(std::int64_t failed_attempts,
                                                          std::chrono::milliseconds retry_after, std::uint32_t random);

}  // namespace cariosan::outbox
