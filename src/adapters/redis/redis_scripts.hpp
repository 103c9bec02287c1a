#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cariosan::redis {

/// The scripts of `RedisCoordination`, each one atomic step in Redis. All take as their first argument the time in microseconds, or
/// nothing: then it is the time of Redis, so the nodes' clocks do not matter.
enum class Script : std::size_t { connect, disconnect, renew, gave_way, absent, present, take, mark, leave };

/// Their texts, in the order of `Script`.
std::vector<std::string> script_texts();

}  // namespace cariosan::redis
