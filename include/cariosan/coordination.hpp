/// What the engines (nodes) that share one storage count together without storing it: where each user's connections are, and
/// how much each user has sent. Implemented by an adapter: `adapters/memory.hpp` joins engines of one process.
///
/// Everything here is a lease: a node that dies silently is forgotten when its leases expire. While the service behind an
/// adapter is away, each node counts for itself (`Metrics::coordination_away`).
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
    std::chrono::milliseconds silent_for{0};    ///< since the last sign of life from its client
};

struct ConnectionLimit {
    std::size_t most = 5;                              ///< of one user, on all nodes
    std::chrono::milliseconds silent_enough{35'000};   ///< a connection silent for longer gives way to a new one
};

/// Whether a user is present on any node.
enum class Present : std::uint8_t { no, yes, unknown };

/// Something that counts for a while on all nodes, such as a text that a user has repeated.
struct Mark {
    Uuid what{};                          ///< what is counted
    std::uint64_t which = 0;              ///< identifies the mark among those of `what`; setting it twice counts once
    std::chrono::milliseconds age{0};     ///< how long ago it was set
    std::chrono::milliseconds window{0};  ///< how long it counts
};
/// A mark set by another node.
struct Marked {
    std::uint64_t which = 0;
    std::chrono::milliseconds age{0};
};

/// Tokens that a node has taken from a bucket, such as a user's sends.
struct TokensTaken {
    Uuid owner{};           ///< whose bucket
    std::uint8_t kind = 0;  ///< which of the owner's
    std::chrono::nanoseconds interval{0};  ///< one token is added per interval
    std::int64_t tokens = 0;               ///< negative: returned
};

/// One node's access to the shared counts. Thread-safe. Calls may wait for a network, at most a tenth of a second, so the
/// engine makes them on its reader threads and on one dedicated thread, never on a session or writer thread.
class Coordination {
  public:
    /// How long a place or a presence mark lasts without renewal; `renew` is called at least every third of it.
    static constexpr std::chrono::milliseconds kLease{15'000};

    virtual ~Coordination() = default;

    /// Takes a place among the user's connections until `disconnect` or the end of its lease. At the limit, the connection
    /// silent longest gives way if it has been silent long enough; its node learns this from `renew`. False if there is no place.
    /// True while the service is away.
    virtual bool connect(const NodeConnection& connection, const ConnectionLimit& limit) = 0;
    /// Gives the places back. The users stay present on this node until `absent`.
    virtual void disconnect(std::span<const NodeConnection> connections) = 0;
    /// Renews the leases of these connections, which must be all this node has. An unknown one is added again. Returns the ids
    /// of those that gave way.
    virtual std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) = 0;

    /// Reports that the users are no longer present on this node. Returns for each whether they are still present on another, or
    /// have a connection. If two nodes report the same user at once, one of them gets false. False while the service is away.
    virtual std::vector<bool> absent(std::span<const UserId> users) = 0;
    /// For each, whether they are present on any node. `unknown` while the service is away, or if it has not answered in time.
    virtual std::vector<Present> present(std::span<const UserId> users) = 0;

    /// Adds the tokens this node took since the last call to the shared buckets, at most 65,536 entries. Returns for each how
    /// long until the bucket is full again, counting what other nodes took. Zeros while the service is away.
    virtual std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) = 0;

    /// Sets these marks. Returns for each the marks that other nodes have set for the same `what` and that still count: the
    /// latest first, at most `kMostMarks`. None while the service is away.
    virtual std::vector<std::vector<Marked>> mark(std::span<const Mark> marks) = 0;
    static constexpr std::size_t kMostMarks = 100;

    /// The node leaves: all its places and presence marks are given back. Its tokens and marks still count.
    virtual void leave() = 0;

    /// Whether the service behind it is unreachable now.
    virtual bool is_away() const = 0;
};

}  // namespace cariosan
