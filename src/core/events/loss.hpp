#pragma once

#include <cariosan/mutations.hpp>
#include <cariosan/types.hpp>
#include <utility>
#include <vector>

namespace cariosan::core {

/// What lost events may have concerned, and so must be compared with storage.
struct Loss {
    bool all = false;  ///< unknown: everything
    std::vector<std::pair<WorkspaceId, ChannelId>> channels{};
    std::vector<UserId> users{};  ///< their channels or blocks may have changed
    std::vector<WorkspaceId> workspaces{};  ///< their users may have been deleted

    bool empty() const noexcept { return !all && channels.empty() && users.empty() && workspaces.empty(); }
};

/// Adds what the mutation would change, in case it took effect without its events.
void add_to_loss(const Mutation& mutation, Loss& loss);

}  // namespace cariosan::core
