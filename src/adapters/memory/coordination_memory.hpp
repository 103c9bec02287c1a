#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cariosan::memory {

/// The counts of all nodes in the process. Thread-safe. Bound: the open connections and present users of all nodes, the buckets
/// that are not full, and the latest few marks of each `what` that still count.
class Counts {
  public:
    explicit Counts(std::shared_ptr<Clock> clock) : clock_(std::move(clock)) {}

    using Node = std::uint64_t;
    Node add_node();

    bool connect(Node node, const NodeConnection& connection, const ConnectionLimit& limit);
    void disconnect(Node node, std::span<const NodeConnection> connections);
    std::vector<std::uint64_t> renew(Node node, std::span<const NodeConnection> connections);
    std::vector<bool> absent(Node node, std::span<const UserId> users);
    std::vector<Present> present(std::span<const UserId> users);
    std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken);
    std::vector<std::vector<Marked>> mark(Node node, std::span<const Mark> marks);
    void leave(Node node);

  private:
    using Time = std::chrono::milliseconds;
    struct Place {
        Node node = 0;
        std::uint64_t id = 0;
        Time active{0};  ///< the client's last sign of life
        Time until{0};
    };
    struct Presence {
        Node node = 0;
        Time until{0};
    };
    struct UserEntry {
        std::vector<Place> places;       // few
        std::vector<Presence> presence;  // of nodes that have lost their last connection of the user
    };
    using Users = std::unordered_map<UserId, UserEntry>;
    struct BucketKey {
        Uuid owner;
        std::uint8_t kind = 0;
        bool operator==(const BucketKey&) const = default;
    };
    struct BucketHash {
        std::size_t operator()(const BucketKey& key) const noexcept {
            return std::hash<Uuid>{}(key.owner) * 31 + key.kind;
        }
    };

    struct MarkSet {
        Node node = 0;
        std::uint64_t which = 0;
        Time at{0};
        Time until{0};
    };

    Time now() const;
    void forget_marks(Time now);
    static void drop_expired(UserEntry& user, Time now);
    void drop_if_empty(Users::iterator user);
    void forget_full(std::chrono::nanoseconds now);

    const std::shared_ptr<Clock> clock_;
    std::mutex mutex_;
    Node last_node_ = 0;
    Users users_;
    std::unordered_map<BucketKey, std::chrono::nanoseconds, BucketHash> full_at_;
    std::size_t forget_at_ = 1024;
    std::unordered_map<Uuid, std::vector<MarkSet>> marks_;  // each list in order of arrival
    std::size_t forget_marks_at_ = 1024;
    /// Places given to other connections, until their nodes learn of it.
    std::vector<std::pair<Node, std::uint64_t>> replaced_;
};

/// One node's end of the counts.
class MemoryCoordination final : public Coordination {
  public:
    explicit MemoryCoordination(std::shared_ptr<Counts> counts) : counts_(std::move(counts)), node_(counts_->add_node()) {}

    bool connect(const NodeConnection& connection, const ConnectionLimit& limit) override {
        return counts_->connect(node_, connection, limit);
    }
    void disconnect(std::span<const NodeConnection> connections) override { counts_->disconnect(node_, connections); }
    std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) override {
        return counts_->renew(node_, connections);
    }
    std::vector<bool> absent(std::span<const UserId> users) override { return counts_->absent(node_, users); }
    std::vector<Present> present(std::span<const UserId> users) override { return counts_->present(users); }
    std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) override { return counts_->take(taken); }
    std::vector<std::vector<Marked>> mark(std::span<const Mark> marks) override { return counts_->mark(node_, marks); }
    void leave() override { counts_->leave(node_); }
    bool is_away() const override { return false; }

  private:
    const std::shared_ptr<Counts> counts_;
    const Counts::Node node_;
};

}  // namespace cariosan::memory
