/// The last pass over a file to import: its messages.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"
#include "import_entry.hpp"
#include "import_replies.hpp"
#include "import_report.hpp"

namespace cariosan::server {

/// Submits the messages in the order of the file. A reply that stands before its parent is stored without it, and gets it
/// when the file is through; until then it is held as a place in the file, in 24 bytes. Answers whether the file was read to
/// its end and everything in it was taken or reported.
bool import_messages(Engine& engine, WorkspaceId workspace, const std::string& path, const ImportEntries& entries,
                     const ImportReplies& replies, ImportReport& report, Console& console);

}  // namespace cariosan::server
