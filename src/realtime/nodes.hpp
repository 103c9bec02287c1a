#pragma once

#include <cariosan/coordination.hpp>
#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <vector>

namespace cariosan::realtime {

/// The hub's connection to the nodes that share its storage; the engine implements it over an `EventBus`. Called on the
/// dispatcher's thread.
class Nodes {
  public:
    virtual ~Nodes() = default;
    /// Subscribes to a topic. Once `Hub::subscribed` is called, what other nodes publish to it reaches `Hub::publish`.
    virtual void subscribe(const BusTopic& topic) = 0;
    virtual void unsubscribe(const BusTopic& topic) = 0;
    /// Sends an event that is not durable (typing, presence) to the other nodes.
    virtual void broadcast(const Event& event) = 0;

    /// Whether connections and presence are counted across nodes; if not, the functions below are not called.
    virtual bool coordinates() const = 0;
    // Like those of `Coordination`, but none of them blocks.
    virtual void disconnect(const NodeConnection& connection) = 0;
    /// Answered by `Hub::replaced`.
    virtual void renew(std::vector<NodeConnection> connections) = 0;
    /// Answered by `Hub::absent`.
    virtual void absent(std::vector<UserId> users) = 0;
    /// Answered by `Hub::present`.
    virtual void present(std::vector<UserId> users) = 0;
};

}  // namespace cariosan::realtime
