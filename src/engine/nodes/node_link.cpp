#include "engine/nodes/node_link.hpp"

#include <memory>
#include <string>
#include <utility>

#include "core/events/event_codec.hpp"
#include "core/events/event_topics.hpp"

namespace cariosan::engine {

bool SeenNumbers::take(std::uint64_t number) {
    if (number > highest_) {
        if (number - highest_ >= kWindow) {
            seen_.reset();
        } else {
            for (std::uint64_t each = highest_ + 1; each < number; ++each) seen_.reset(each % kWindow);
        }
        highest_ = number;
    } else if (highest_ - number >= kWindow) {
        return true;
    } else if (seen_.test(number % kWindow)) {
        return false;
    }
    seen_.set(number % kWindow);
    return true;
}

NodeLink::NodeLink(EventBus& bus, Uuid node, Dispatcher& dispatcher, Counters& counters, Coordinator* coordinator,
                   core::PlanCache& cache, MissedChannels::Read read)
    : bus_(bus),
      node_(node),
      dispatcher_(dispatcher),
      counters_(counters),
      coordinator_(coordinator),
      cache_(cache),
      missed_(std::move(read), dispatcher, counters) {}

void NodeLink::start() {
    dispatcher_.set_nodes(*this);
    bus_.start(*this);
    missed_.start();
}

void NodeLink::change(const BusTopic& topic, bool subscribed) {
    // Keep the order: a topic may be subscribed, unsubscribed and subscribed again.
    if (subscribed != changed_to_subscribed_) flush();
    changed_to_subscribed_ = subscribed;
    changed_.push_back(topic);
}

void NodeLink::broadcast(const Event& event) {
    std::vector<BusTopic> topics = core::topics_of(event);
    if (topics.empty()) return;
    messages_.push_back({std::move(topics),
                         std::make_shared<const std::string>(core::encode_event(node_, ++last_number_, event))});
}

void NodeLink::disconnect(const NodeConnection& connection) {
    coordinator_->post([connection](Coordination& coordination) { coordination.disconnect({&connection, 1}); });
}

void NodeLink::renew(std::vector<NodeConnection> connections) {
    coordinator_->post([this, connections = std::move(connections)](Coordination& coordination) {
        std::vector<std::uint64_t> replaced = coordination.renew(connections);
        if (replaced.empty()) return;
        dispatcher_.with_hub([replaced = std::move(replaced)](realtime::Hub& hub) { hub.replaced(replaced); });
    });
}

void NodeLink::absent(std::vector<UserId> users) {
    coordinator_->post([this, users = std::move(users)](Coordination& coordination) {
        dispatcher_.with_hub([users, elsewhere = coordination.absent(users)](realtime::Hub& hub) {
            hub.absent(users, elsewhere);
        });
    });
}

void NodeLink::present(std::vector<UserId> users) {
    coordinator_->post([this, users = std::move(users)](Coordination& coordination) {
        dispatcher_.with_hub([users, answers = coordination.present(users)](realtime::Hub& hub) { hub.present(users, answers); });
    });
}

void NodeLink::flush() {
    if (!changed_.empty()) {
        if (changed_to_subscribed_) {
            bus_.subscribe(changed_);
        } else {
            bus_.unsubscribe(changed_);
        }
        changed_.clear();
    }
    if (messages_.empty()) return;
    counters_.bus_published += messages_.size();
    bus_.publish(messages_);
    messages_.clear();
}

std::optional<Event> NodeLink::read(std::string_view bytes) {
    std::optional<core::SentEvent> sent = core::decode_event(bytes);
    if (!sent) {
        ++counters_.bus_unreadable;
        return std::nullopt;
    }
    if (sent->node == node_) return std::nullopt;
    // Forget all nodes, since some are gone: at worst a transient event is shown twice.
    if (seen_.size() >= kMostNodes && !seen_.contains(sent->node)) seen_.clear();
    if (!seen_[sent->node].take(sent->number)) return std::nullopt;
    ++counters_.bus_received;
    cache_.forget(sent->event);
    return std::move(sent->event);
}

void NodeLink::received(std::span<const BusBytes> messages) { dispatcher_.receive(messages); }

void NodeLink::subscribed(std::span<const BusTopic> topics) {
    for (const BusTopic& topic : topics) {
        if (topic.kind == BusTopic::Kind::workspace) cache_.forget_workspace(WorkspaceId{topic.id});
    }
    dispatcher_.with_hub([topics = std::vector<BusTopic>(topics.begin(), topics.end())](realtime::Hub& hub) {
        hub.subscribed(topics);
    });
}

void NodeLink::lost(std::span<const BusTopic> topics) {
    core::Loss loss;
    for (const BusTopic& topic : topics) {
        switch (topic.kind) {
            case BusTopic::Kind::channel: loss.channels.emplace_back(WorkspaceId{}, ChannelId{topic.id}); break;
            case BusTopic::Kind::user: loss.users.emplace_back(UserId{topic.id}); break;
            case BusTopic::Kind::workspace:
                loss.workspaces.push_back(WorkspaceId{topic.id});
                cache_.forget_workspace(WorkspaceId{topic.id});
                break;
        }
    }
    dispatcher_.with_hub([loss = std::move(loss)](realtime::Hub& hub) { hub.lost(loss); });
}

void NodeLink::lost_all() {
    cache_.forget_workspaces();
    dispatcher_.with_hub([](realtime::Hub& hub) { hub.lost({.all = true}); });
}

}  // namespace cariosan::engine
