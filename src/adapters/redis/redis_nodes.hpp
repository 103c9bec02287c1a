#pragma once

#include <cariosan/adapters/redis.hpp>
#include <cariosan/clock.hpp>
#include <chrono>
#include <memory>

#include "adapters/redis/redis_url.hpp"

namespace cariosan::redis {

/// How long a call to `Coordination` may wait.
inline constexpr std::chrono::milliseconds kPatience{100};

/// What `open_redis` returns. Tests give a clock, which then decides when leases end, and more patience.
std::shared_ptr<Redis> make_redis(Address address, RedisOptions options, std::shared_ptr<Clock> clock = nullptr,
                                  std::chrono::milliseconds patience = kPatience);

}  // namespace cariosan::redis
