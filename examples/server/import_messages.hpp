/// The last pass over an import file: its messages.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"
#include "import_entry.hpp"
#include "import_replies.hpp"
#include "import_report.hpp"

namespace cariosan::server {

/// Submits the messages in the order of the file. A reply that comes before its parent is first stored without it, and
/// linked after the last line; until then only its place in the file is held, in 24 bytes. Returns whether the whole file
/// was read and each line was stored or reported.
bool import_messages(Engine& engine, WorkspaceId workspace, const std::string& path, const ImportEntries& entries,
                     const ImportReplies& replies, ImportReport& report, Console& console);

}  // namespace cariosan::server
