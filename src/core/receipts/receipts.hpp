/// Whose read positions a viewer may see.
#pragma once

#include <cariosan/types.hpp>
#include <vector>

namespace cariosan::core {

/// While the workspace's read receipts are off, users see only their own read position.
inline void hide_reading(std::vector<Receipt>& receipts, const Workspace& workspace, UserId viewer) {
    if (workspace.read_receipts_enabled) return;
    for (Receipt& receipt : receipts) receipt.read_hidden = receipt.user_id != viewer;
}

}  // namespace cariosan::core
