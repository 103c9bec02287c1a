#include "nodes.hpp"

#ifdef CARIOSAN_SERVER_REDIS
#include <cariosan/adapters/redis.hpp>
#endif

namespace cariosan::server {

#ifdef CARIOSAN_SERVER_REDIS
Result<Nodes> join_nodes(const std::string& redis_url, Log& log) {
    if (redis_url.empty()) return Nodes{};
    auto redis = open_redis({.url = redis_url, .log = log.sink()});
    if (!redis) {
        Error error = redis.error();
        error.message = "CARIOS_REDIS_URL: " + error.message;
        return error;
    }
    return Nodes{.event_bus = (*redis)->event_bus(), .coordination = (*redis)->coordination()};
}
#else
Result<Nodes> join_nodes(const std::string&, Log&) { return Nodes{}; }
#endif

}  // namespace cariosan::server
