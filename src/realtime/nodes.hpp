#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <vector>

namespace cariosan::realtime {

/// The nodes that share this one's storage, as the hub sees them; implemented by the engine over an `EventBus`.
/// Called on the dispatcher's thread.
class Nodes {
  public:
    virtual ~Nodes() = default;
    /// Subscribes to a topic: from `Hub::standing` on, what other nodes publish to it comes to `Hub::publish`.
    virtual void hear(const BusTopic& topic) = 0;
    virtual void stop_hearing(const BusTopic& topic) = 0;
    /// Publishes something that was not committed to the other nodes.
    virtual void tell(const Event& event) = 0;

    /// Whether connections and presence are counted together with the other nodes; if not, the rest of this is not called.
    virtual bool coordinates() const = 0;
    /// See `Coordination`. None of them waits.
    virtual void disconnect(const NodeConnection& connection) = 0;
    /// Answered by `Hub::gave_way`.
    virtual void renew(std::vector<NodeConnection> connections) = 0;
    /// Answered by `Hub::absent`.
    virtual void absent(std::vector<UserId> users) = 0;
};

}  // namespace cariosan::realtime
