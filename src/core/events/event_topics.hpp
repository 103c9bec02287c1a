#pragma once

#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <vector>

namespace cariosan::core {

inline BusTopic topic_of(ChannelId id) { return {BusTopic::Kind::channel, id.uuid}; }
inline BusTopic topic_of(UserId id) { return {BusTopic::Kind::user, id.uuid}; }
inline BusTopic topic_of(WorkspaceId id) { return {BusTopic::Kind::workspace, id.uuid}; }

/// The topics through which other nodes get the event. A node subscribes to the channels of its sessions, their users and their
/// workspaces. Empty if the event is not sent to other nodes.
std::vector<BusTopic> topics_of(const Event& event);

}  // namespace cariosan::core
