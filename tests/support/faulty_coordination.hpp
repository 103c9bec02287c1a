#pragma once

#include <atomic>
#include <cariosan/coordination.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cariosan::test {

/// A node's coordination whose service can be away, as the network to it can: then nothing reaches it, and the answers are those
/// that `Coordination` promises.
class FaultyCoordination final : public Coordination {
  public:
    explicit FaultyCoordination(std::shared_ptr<Coordination> inner) : inner_(std::move(inner)) {}

    void cut() { away_ = true; }
    void heal() { away_ = false; }

    bool connect(const NodeConnection& connection, const ConnectionLimit& limit) override {
        return away_ || inner_->connect(connection, limit);
    }
    void disconnect(std::span<const NodeConnection> connections) override {
        if (!away_) inner_->disconnect(connections);
    }
    std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) override {
        return away_ ? std::vector<std::uint64_t>() : inner_->renew(connections);
    }
    std::vector<bool> absent(std::span<const UserId> users) override {
        return away_ ? std::vector<bool>(users.size()) : inner_->absent(users);
    }
    std::vector<bool> present(std::span<const UserId> users) override {
        return away_ ? std::vector<bool>(users.size()) : inner_->present(users);
    }
    std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) override {
        return away_ ? std::vector<std::chrono::nanoseconds>(taken.size()) : inner_->take(taken);
    }
    std::vector<std::vector<Marked>> mark(std::span<const Mark> marks) override {
        return away_ ? std::vector<std::vector<Marked>>(marks.size()) : inner_->mark(marks);
    }
    void leave() override {
        if (!away_) inner_->leave();
    }
    bool is_away() const override { return away_ || inner_->is_away(); }

  private:
    std::shared_ptr<Coordination> inner_;
    std::atomic<bool> away_{false};
};

}  // namespace cariosan::test
