#pragma once

#include <cariosan/event_bus.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace cariosan::memory {

class MemoryNodeBus;

/// Which node subscribes to which topic. Thread-safe.
class Exchange {
  public:
    void subscribe(const std::shared_ptr<MemoryNodeBus>& node, std::span<const BusTopic> topics);
    void unsubscribe(const MemoryNodeBus& node, std::span<const BusTopic> topics);
    void publish(std::span<const BusMessage> messages);

  private:
    using Nodes = std::vector<std::weak_ptr<MemoryNodeBus>>;  // few: one for each engine of the process

    std::mutex mutex_;
    std::unordered_map<BusTopic, Nodes> nodes_;  // none of the lists is empty
};

/// One node's end of an exchange.
class MemoryNodeBus final : public EventBus, public std::enable_shared_from_this<MemoryNodeBus> {
  public:
    explicit MemoryNodeBus(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

    void start(BusListener& listener) override;
    void stop() override;
    void subscribe(std::span<const BusTopic> topics) override;
    void unsubscribe(std::span<const BusTopic> topics) override;
    void publish(std::span<const BusMessage> messages) override { exchange_->publish(messages); }

    void deliver(std::span<const BusBytes> messages);

  private:
    const std::shared_ptr<Exchange> exchange_;
    std::mutex mutex_;  // held during the call of the listener, so that `stop` waits for it
    BusListener* listener_ = nullptr;
};

}  // namespace cariosan::memory
