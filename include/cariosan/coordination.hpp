/// What the engines (nodes) that share one storage count together, and what needs no storage: whose connections are where, and
/// who has sent how much. Implemented by an adapter: `adapters/memory.hpp` joins engines of one process.
///
/// Everything here is a lease: a node that ends without a word is forgotten when its leases have run out. While the service
/// behind an adapter is away, each node counts for itself (`Metrics::coordination_away`).
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cariosan {

/// One connection of a user to this node.
struct NodeConnection {
    UserId user{};
    std::uint64_t id = 0;                       ///< unique on this node
    std::chrono::milliseconds silent_for{0};    ///< since its client's last sign of life
};

struct ConnectionLimit {
    std::size_t most = 5;                              ///< of one user, on all nodes
    std::chrono::milliseconds silent_enough{35'000};   ///< who has been silent longer gives way to a new one
};

/// Tokens that a node has given out to somebody, such as a user's sends.
struct TokensTaken {
    Uuid owner{};           ///< whose bucket
    std::uint8_t kind = 0;  ///< which of the owner's
    std::chrono::nanoseconds interval{0};  ///< in which one token comes back
    std::int64_t tokens = 0;
};

/// One node's part in what is counted together. Thread-safe. Calls may wait for a network, at most a tenth of a second, so the
/// engine makes them on its reader threads and on one of its own, never on a thread of sessions or of the writer.
class Coordination {
  public:
    /// How long a place or a sign of presence lasts without being renewed; `renew` comes at least every third of it.
    static constexpr std::chrono::milliseconds kLease{30'000};

    virtual ~Coordination() = default;

    /// Takes a place among its user's connections; until `disconnect` or the end of its lease. At the limit the connection
    /// silent longest gives way, if it is silent enough: its node learns it from `renew`. False: there is no place. True while
    /// the service is away.
    virtual bool connect(const NodeConnection& connection, const ConnectionLimit& limit) = 0;
    /// Gives the place back. The user stays present by this node until `absent`.
    virtual void disconnect(std::span<const NodeConnection> connections) = 0;
    /// Renews the leases of these, which are all this node has. One that is not known any more is entered anew. Answers the
    /// ids of those that gave way.
    virtual std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) = 0;

    /// The users are no longer present by this node. Answers for each whether it still is by another, or by a connection. Of
    /// two nodes that say so at once, one is answered false. False while the service is away.
    virtual std::vector<bool> absent(std::span<const UserId> users) = 0;
    /// For each whether it is present by any node. False while the service is away.
    virtual std::vector<bool> present(std::span<const UserId> users) = 0;

    /// Adds what this node gave out since the last call to the buckets of all nodes. Answers for each how long it takes until
    /// the bucket is full again: what others gave out is owed here too. Zeros while the service is away.
    virtual std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) = 0;

    /// The node ends: all its places and signs of presence are given back.
    virtual void leave() = 0;

    /// Whether the service behind it does not answer now.
    virtual bool is_away() const = 0;
};

}  // namespace cariosan
