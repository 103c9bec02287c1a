#pragma once

#include <cariosan/event_bus.hpp>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "adapters/redis/bus_names.hpp"
#include "adapters/redis/redis_link.hpp"
#include "adapters/redis/redis_publisher.hpp"

namespace cariosan::redis {

/// The receiving half of a bus: subscriptions, and what they bring.
///
/// Bound: the topics subscribed to, and `kMostUnsent` bytes of changes to them; beyond that it connects anew and subscribes to
/// what is wanted then.
class Subscriber final : private LinkUser {
  public:
    static constexpr std::size_t kMostUnsent = 64 << 20;

    Subscriber(LinkSettings settings, const BusNames& names, std::uint64_t self)
        : names_(names), self_(self), link_(std::move(settings), *this) {}
    ~Subscriber() override { stop(); }

    void start(BusListener& listener);
    void stop() { link_.stop(std::chrono::milliseconds(0)); }
    void change(std::span<const BusTopic> topics, bool is_wanted);
    bool is_up() const { return link_.is_up(); }

  private:
    void subscribe_to(std::string_view verb, std::span<const BusTopic> topics, std::string& commands) const;
    void take_message(std::string_view channel, std::string_view message);
    void take_losses(std::string_view topics);

    void connected() override;
    void received(Reply reply) override;
    void received_all() override;
    void quiet() override;
    void disconnected() override;
    bool is_settled() const override { return true; }

    const BusNames& names_;
    const std::uint64_t self_;
    BusListener* listener_ = nullptr;  // set before the thread begins

    std::mutex mutex_;
    std::unordered_set<BusTopic> wanted_;
    bool is_subscribing_ = false;  ///< `connected` has asked for all that is wanted

    // Only on the link's thread: what goes to the listener next.
    std::vector<BusBytes> messages_;
    std::vector<BusTopic> standing_;
    std::vector<BusTopic> lost_;
    bool lost_all_ = false;
    Envelope last_;  ///< of the latest message

    Link link_;
};

class RedisBus final : public EventBus {
  public:
    RedisBus(const LinkSettings& settings, const std::string& prefix, std::uint64_t self);

    void start(BusListener& listener) override;
    void stop() override;
    void subscribe(std::span<const BusTopic> topics) override { subscriber_.change(topics, true); }
    void unsubscribe(std::span<const BusTopic> topics) override { subscriber_.change(topics, false); }
    void publish(std::span<const BusMessage> messages) override { publisher_.publish(messages); }
    bool is_away() const override { return !publisher_.is_up() || !subscriber_.is_up(); }

  private:
    const BusNames names_;
    Publisher publisher_;
    Subscriber subscriber_;
};

}  // namespace cariosan::redis
