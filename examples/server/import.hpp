/// Brings the messages of a file into a workspace. Section 13 of the protocol.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"

namespace cariosan::server {

struct ImportOptions {
    std::string path;
    WorkspaceId workspace;
    std::string source;  ///< see `is_import_source`
    bool verbose = false;
};

/// Reads the file twice: for its users and channels, then for its messages, which are submitted in the order of the
/// file with at most 512 unanswered, but a reply to a later line once that line is stored. A second run adds nothing. Answers whether every line is in the database.
bool import_file(Engine& engine, const ImportOptions& options, Console& console);

}  // namespace cariosan::server
