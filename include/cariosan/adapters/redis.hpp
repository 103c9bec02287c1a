/// Joins the engines of several processes through Redis or Valkey: what they send each other, and what they count together.
/// Part of `cariosan::redis`.
///
/// ```cpp
/// auto redis = cariosan::open_redis({.url = "redis://cache.internal:6379/0"});
/// auto engine = cariosan::Engine::open({.storage = …, .event_bus = (*redis)->event_bus(),
///                                       .coordination = (*redis)->coordination()});
/// ```
#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/error.hpp>
#include <cariosan/event_bus.hpp>
#include <memory>
#include <string>

namespace cariosan {

struct RedisOptions {
    /// `redis://[[user:]password@]host[:port][/database]`, or `unix:[[user:]password@]/path/to/socket[?db=database]`. Reserved
    /// characters of user and password are percent-encoded. `rediss://` (TLS) is `misuse`: this build has no TLS for Redis.
    std::string url{};
    /// Begins every key and every pub/sub channel, so that several deployments can share one Redis. 1 to 64 bytes of
    /// letters, digits, `-`, `_`, `.` and `:`.
    std::string prefix = "cariosan";
    /// Told when a connection is lost, refused or back. Called on threads of this adapter, never with a password.
    LogSink log{};
};

/// One Redis as the nodes of a deployment use it. Thread-safe. The objects it creates may outlive it.
class Redis {
  public:
    virtual ~Redis() = default;

    /// The bus of one engine: publishes and subscribes over two connections, each with a thread. Connects in `start`. Messages
    /// older than one second that could not be sent are dropped, and the other nodes are told which topics these had (`lost`).
    virtual std::shared_ptr<EventBus> event_bus() = 0;
    /// The coordination of one engine: one connection with a thread. A call waits for Redis for at most a tenth of a second,
    /// and not at all while Redis is known to be away.
    virtual std::shared_ptr<Coordination> coordination() = 0;
};

/// `misuse` if the URL or the prefix is not valid; the message never shows the URL. Does not connect: Redis may be away now, come
/// later, and go again.
Result<std::shared_ptr<Redis>> open_redis(RedisOptions options);

}  // namespace cariosan
