#pragma once

#include <cariosan/mutations.hpp>
#include <cariosan/types.hpp>
#include <utility>
#include <vector>

namespace cariosan::core {

/// Events that will never come, by what they may have told: what is to be compared with storage.
struct Loss {
    bool all = false;  ///< nobody knows: everything
    std::vector<std::pair<WorkspaceId, ChannelId>> channels{};
    std::vector<UserId> users{};  ///< whose channels or blocks may be others now

    bool empty() const noexcept { return !all && channels.empty() && users.empty(); }
};

/// Adds what the mutation would change if it has taken effect and nobody was told.
void add_to_loss(const Mutation& mutation, Loss& loss);

}  // namespace cariosan::core
