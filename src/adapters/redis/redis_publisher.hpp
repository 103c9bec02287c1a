#pragma once

#include <cariosan/event_bus.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "adapters/redis/bus_names.hpp"
#include "adapters/redis/redis_link.hpp"

namespace cariosan::redis {

/// Publishes batches, each as one write. What cannot be sent within a second, and what was sent and not answered when the
/// connection broke, may be missing elsewhere: as soon as Redis is back, the other nodes are told of which topics.
///
/// Bound: `kMostBytes` of messages waiting or unanswered, `kMostTopics` topics to tell about, beyond that all.
class Publisher final : private LinkUser {
  public:
    static constexpr std::size_t kMostBytes = 16 << 20;
    static constexpr std::size_t kMostTopics = 10'000;
    static constexpr std::chrono::milliseconds kOldest{1'000};  ///< waiting for a connection

    Publisher(LinkSettings settings, const BusNames& names, std::uint64_t sender)
        : names_(names), sender_(sender), link_(std::move(settings), *this) {}
    ~Publisher() override { stop(); }

    void start() { link_.start(); }
    /// Waits briefly until everything is sent. After that nothing is published.
    void stop() { link_.stop(std::chrono::milliseconds(250)); }
    void publish(std::span<const BusMessage> messages);
    bool is_up() const { return link_.is_up(); }

  private:
    struct Batch {
        std::string commands{};
        std::vector<BusTopic> topics{};
        bool tells_all = false;  ///< says that anything may be missing
        std::size_t answers = 0;
        std::size_t bytes = 0;
        Link::Time at{};
    };

    Batch encode(std::span<const BusMessage> messages);
    void add_losses();
    void send_waiting();
    void miss(Batch& batch);
    void drop_old();

    void connected() override;
    void received(Reply reply) override;
    void received_all() override;
    void quiet() override;
    void disconnected() override;
    bool is_settled() const override;

    const BusNames& names_;
    const std::uint64_t sender_;
    mutable std::mutex mutex_;
    std::uint64_t last_number_ = 0;
    std::deque<Batch> waiting_;  ///< for a connection
    std::deque<Batch> sent_;     ///< without their commands
    std::size_t bytes_ = 0;      ///< of both
    std::unordered_set<BusTopic> missed_;
    bool missed_all_ = false;
    Link link_;
};

}  // namespace cariosan::redis
