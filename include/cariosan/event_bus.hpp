/// How the engines (nodes) that share one storage send each other what they committed. Implemented by an adapter:
/// `adapters/memory.hpp` joins engines of one process.
///
/// The bus is a hint, the storage is the truth. A bus may lose messages, repeat them and deliver them in any order: a
/// receiver puts durable events in order by their `rev` and reads what is missing from storage. So a bus needs no
/// acknowledgements and no history, and a node that was away asks for nothing.
#pragma once

#include <cariosan/types.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cariosan {

/// Where messages are published: a channel, a user (for what only nodes with sessions of that user need), or a workspace.
struct BusTopic {
    enum class Kind : std::uint8_t { channel, user, workspace };
    Kind kind = Kind::channel;
    Uuid id{};

    auto operator<=>(const BusTopic&) const = default;
};

/// One message. Opaque to the bus: the engine makes and reads it, in an encoding that names its version.
using BusBytes = std::shared_ptr<const std::string>;

struct BusMessage {
    std::vector<BusTopic> topics;  ///< at least one; a node subscribed to several of them may get the message several times
    BusBytes bytes;
};

/// The node's end of the bus: the engine. Its functions may be called on any thread, several at once, and also from
/// within a call to the bus. They return quickly, never throw and never call the bus.
class BusListener {
  public:
    virtual ~BusListener() = default;

    /// Messages of topics this node is subscribed to, possibly its own too.
    virtual void received(std::span<const BusBytes> messages) = 0;
    /// From now on, what is published to these topics arrives (as far as a bus promises anything). Called once for each
    /// `subscribe`, and again after reconnecting.
    virtual void subscribed(std::span<const BusTopic> topics) = 0;
    /// Messages of these topics may have been lost. Called after the loss: reading storage from now on
    /// finds what was published.
    virtual void lost(std::span<const BusTopic> topics) = 0;
    /// Like `lost`, but for all topics this node is subscribed to.
    virtual void lost_all() = 0;
};

/// One node's connection to the bus. Thread-safe. No call blocks on the network: whatever must be sent is queued, and
/// dropped if the queue is full.
class EventBus {
  public:
    virtual ~EventBus() = default;

    /// Starts delivering to `listener`, which must live until `stop` has returned. Once, before any other call.
    virtual void start(BusListener& listener) = 0;
    /// Ends delivery: when it returns, no function of the listener is running and none is called again. What was
    /// published may still be sent. Not from within a function of the listener.
    virtual void stop() = 0;

    /// Subscribes to these topics; `subscribed` follows, at once for topics already subscribed to. Bound: as many topics as
    /// the node's sessions have channels and users.
    virtual void subscribe(std::span<const BusTopic> topics) = 0;
    /// Unsubscribes from them. A few messages may still arrive.
    virtual void unsubscribe(std::span<const BusTopic> topics) = 0;

    /// Sends a batch, at once if the bus can. Dropped if the bus is unreachable or too slow: the nodes that miss it
    /// notice by `rev`, or get `lost`.
    virtual void publish(std::span<const BusMessage> messages) = 0;

    /// Whether the service behind it is unreachable now: then nodes learn of each other's events from storage only.
    virtual bool is_away() const { return false; }
};

}  // namespace cariosan

template <>
struct std::hash<cariosan::BusTopic> {
    std::size_t operator()(const cariosan::BusTopic& topic) const noexcept {
        return std::hash<cariosan::Uuid>{}(topic.id) * 3 + static_cast<std::size_t>(topic.kind);
    }
};
