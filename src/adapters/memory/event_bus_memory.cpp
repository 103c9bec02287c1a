#include "adapters/memory/event_bus_memory.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::memory {

void Exchange::subscribe(const std::shared_ptr<MemoryNodeBus>& node, std::span<const BusTopic> topics) {
    const std::lock_guard lock(mutex_);
    for (const BusTopic& topic : topics) {
        Nodes& nodes = nodes_[topic];
        const bool known = std::ranges::any_of(nodes, [&](const auto& each) { return each.lock() == node; });
        if (!known) nodes.push_back(node);
    }
}

void Exchange::unsubscribe(const MemoryNodeBus& node, std::span<const BusTopic> topics) {
    const std::lock_guard lock(mutex_);
    for (const BusTopic& topic : topics) {
        const auto found = nodes_.find(topic);
        if (found == nodes_.end()) continue;
        // Also removes nodes that no longer exist.
        std::erase_if(found->second, [&](const auto& each) {
            const auto other = each.lock();
            return other == nullptr || other.get() == &node;
        });
        if (found->second.empty()) nodes_.erase(found);
    }
}

void Exchange::publish(std::span<const BusMessage> messages) {
    std::vector<std::pair<std::shared_ptr<MemoryNodeBus>, std::vector<BusBytes>>> batches;
    {
        const std::lock_guard lock(mutex_);
        for (const BusMessage& message : messages) {
            for (const BusTopic& topic : message.topics) {
                const auto found = nodes_.find(topic);
                if (found == nodes_.end()) continue;
                for (const auto& each : found->second) {
                    auto node = each.lock();
                    if (node == nullptr) continue;
                    auto batch = std::ranges::find(batches, node, [](const auto& pair) { return pair.first; });
                    if (batch == batches.end()) {
                        batches.emplace_back(std::move(node), std::vector<BusBytes>());
                        batch = std::prev(batches.end());
                    }
                    // A node subscribed to several of its topics gets it once.
                    const bool repeated = !batch->second.empty() && batch->second.back() == message.bytes;
                    if (!repeated) batch->second.push_back(message.bytes);
                }
            }
        }
    }
    for (const auto& [node, batch] : batches) node->deliver(batch);
}

void MemoryNodeBus::start(BusListener& listener) {
    const std::lock_guard lock(mutex_);
    listener_ = &listener;
}

void MemoryNodeBus::stop() {
    const std::lock_guard lock(mutex_);
    listener_ = nullptr;
}

void MemoryNodeBus::subscribe(std::span<const BusTopic> topics) {
    exchange_->subscribe(shared_from_this(), topics);
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr) listener_->subscribed(topics);
}

void MemoryNodeBus::unsubscribe(std::span<const BusTopic> topics) { exchange_->unsubscribe(*this, topics); }

void MemoryNodeBus::deliver(std::span<const BusBytes> messages) {
    const std::lock_guard lock(mutex_);
    if (listener_ != nullptr) listener_->received(messages);
}

}  // namespace cariosan::memory
