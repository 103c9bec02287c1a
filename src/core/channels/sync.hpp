#pragma once

#include <cariosan/sync_commands.hpp>

namespace cariosan::core {

/// Whether there is anything to show a client that waits for news. That others have read or received something which this
/// client is not shown, as in a large channel, is none.
bool has_news(const Sync& command, const Synced& answer);

}  // namespace cariosan::core
