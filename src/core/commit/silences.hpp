/// Users who may not write: in one channel, or in the whole workspace.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// Silences a user in the whole workspace; an existing silence that ends later stays.
void silence_at_least(BatchRows& rows, WorkspaceId workspace, UserId user, Timestamp until, Timestamp at);

}  // namespace cariosan::commit
