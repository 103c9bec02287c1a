#pragma once

#include <cariosan/mutations.hpp>
#include <cariosan/types.hpp>
#include <utility>
#include <vector>

namespace cariosan::core {

/// Events lost for good, by what they may have been about: what to compare with storage.
struct Loss {
    bool all = false;  ///< unknown: everything
    std::vector<std::pair<WorkspaceId, ChannelId>> channels{};
    std::vector<UserId> users{};  ///< whose channels or blocks may be others now
    std::vector<WorkspaceId> workspaces{};  ///< whose users may be deleted now

    bool empty() const noexcept { return !all && channels.empty() && users.empty() && workspaces.empty(); }
};

/// Adds what the mutation changes, in case it took effect without its events.
void add_to_loss(const Mutation& mutation, Loss& loss);

}  // namespace cariosan::core
