// What is heard from other nodes: the channels with local sessions, the users they belong to, and their workspaces. An event
// of another node then takes the same way as one of this node, `publish`.
#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {

void Hub::hear(const BusTopic& topic) {
    if (nodes_ == nullptr) return;
    const auto [heard, is_new] = heard_.try_emplace(topic);
    ++heard->second;
    if (is_new) nodes_->hear(topic);
}

void Hub::stop_hearing(const BusTopic& topic) {
    if (nodes_ == nullptr) return;
    const auto heard = heard_.find(topic);
    if (heard == heard_.end() || --heard->second > 0) return;
    heard_.erase(heard);
    nodes_->stop_hearing(topic);
}

/// What was told before this, nobody has heard here: it is read.
void Hub::standing(std::span<const BusTopic> topics) {
    core::Loss unheard;
    for (const BusTopic& topic : topics) {
        if (topic.kind == BusTopic::Kind::channel) unheard.channels.emplace_back(WorkspaceId{}, ChannelId{topic.id});
        if (topic.kind == BusTopic::Kind::user) unheard.users.emplace_back(UserId{topic.id});
    }
    lost(unheard);
}

}  // namespace cariosan::realtime
