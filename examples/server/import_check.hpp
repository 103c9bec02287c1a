/// A pass over a file to import: which of the lines that are replied to could be stored.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"
#include "import_entry.hpp"
#include "import_replies.hpp"

namespace cariosan::server {

/// Asks the engine about each line that `replies` asks for, changes nothing, and judges. Does not read the file if
/// nothing is asked. Fails where the engine or the file cannot go on, and when the command is cancelled.
Result<Done> check_import_replies(Engine& engine, WorkspaceId workspace, const std::string& path,
                                  const ImportEntries& entries, ImportReplies& replies, Console& console);

}  // namespace cariosan::server
