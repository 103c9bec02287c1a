#pragma once

#include <atomic>
#include <bitset>
#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/cache/plan_cache.hpp"
#include "engine/engine_counters.hpp"
#include "engine/nodes/missed_channels.hpp"
#include "engine/threads/coordinator.hpp"
#include "engine/threads/dispatcher.hpp"
#include "realtime/nodes.hpp"

namespace cariosan::engine {

/// Which messages of one node have been seen, in any order, by their numbers: it remembers the last `kWindow`. An older number
/// counts as new.
class SeenNumbers {
  public:
    static constexpr std::size_t kWindow = 4096;

    /// Marks the number as seen. True if it was not seen before.
    bool take(std::uint64_t number);

  private:
    std::bitset<kWindow> seen_;     // by number modulo kWindow
    std::uint64_t highest_ = 0;
};

/// Between the dispatcher and the bus: sends local events out and brings those of other nodes in. Everything but `BusListener`
/// is called on the dispatcher's thread.
class NodeLink final : public realtime::Nodes, private BusListener {
  public:
    /// `node` identifies this engine on the bus: a new id at each start. `coordinator`: null if nothing is counted across
    /// nodes.
    NodeLink(EventBus& bus, Uuid node, Dispatcher& dispatcher, Counters& counters, Coordinator* coordinator,
             core::PlanCache& cache, MissedChannels::Read read);
    /// From now on, messages go to the dispatcher.
    void start();
    /// After this, no message is passed on. Call it before the dispatcher ends.
    void stop() { bus_.stop(); }

    void subscribe(const BusTopic& topic) override { change(topic, true); }
    void unsubscribe(const BusTopic& topic) override { change(topic, false); }
    void broadcast(const Event& event) override;
    bool coordinates() const override { return coordinator_ != nullptr; }
    void disconnect(const NodeConnection& connection) override;
    void renew(std::vector<NodeConnection> connections) override;
    void absent(std::vector<UserId> users) override;
    void present(std::vector<UserId> users) override;
    /// Sends the bus everything collected since the last call, in one batch of each kind.
    void flush();
    /// Called a few times a second.
    void tick(std::chrono::milliseconds now) { missed_.tick(now, bus_.is_away()); }

    /// Another node's event. Absent if it is our own, already seen, or of another version.
    std::optional<Event> read(std::string_view bytes);
    /// Messages were dropped after they arrived.
    void dropped() { cache_.forget_workspaces(); }

  private:
    static constexpr std::size_t kMostNodes = 1024;

    void change(const BusTopic& topic, bool subscribed);

    void received(std::span<const BusBytes> messages) override;
    void subscribed(std::span<const BusTopic> topics) override;
    void lost(std::span<const BusTopic> topics) override;
    void lost_all() override;

    EventBus& bus_;
    const Uuid node_;
    Dispatcher& dispatcher_;
    Counters& counters_;
    Coordinator* const coordinator_;
    core::PlanCache& cache_;  ///< forgets what other nodes change
    MissedChannels missed_;
    std::uint64_t last_number_ = 0;
    std::vector<BusMessage> messages_;
    std::vector<BusTopic> changed_;  // either all subscribed or all unsubscribed
    bool changed_to_subscribed_ = true;
    std::unordered_map<Uuid, SeenNumbers> seen_;  // by node
};

}  // namespace cariosan::engine
