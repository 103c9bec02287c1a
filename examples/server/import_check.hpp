/// A pass over an import file that finds out which parents of replies could be stored.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"
#include "import_entry.hpp"
#include "import_replies.hpp"

namespace cariosan::server {

/// Asks the engine, in dry runs, about each line that `replies` needs to know about, then calls `judge`. Does not read the
/// file if there is none. Fails if the engine or the file cannot continue, or if the command is cancelled.
Result<Done> check_import_replies(Engine& engine, WorkspaceId workspace, const std::string& path,
                                  const ImportEntries& entries, ImportReplies& replies, Console& console);

}  // namespace cariosan::server
