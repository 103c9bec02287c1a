#pragma once

#include <cariosan/event_bus.hpp>
#include <cariosan/events.hpp>
#include <vector>

namespace cariosan::core {

inline BusTopic topic_of(ChannelId id) { return {BusTopic::Kind::channel, id.uuid}; }
inline BusTopic topic_of(UserId id) { return {BusTopic::Kind::user, id.uuid}; }
inline BusTopic topic_of(WorkspaceId id) { return {BusTopic::Kind::workspace, id.uuid}; }

/// Where other nodes hear of the event. A node hears the channels its sessions are in, its users and their workspaces. Nothing:
/// it is none of theirs.
std::vector<BusTopic> topics_of(const Event& event);

}  // namespace cariosan::core
