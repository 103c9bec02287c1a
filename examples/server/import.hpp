/// Imports the messages of a file into a workspace. Section 13 of the protocol.
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

/// Reads the file for its users and channels, then for its messages, which are submitted in order, with at most 512
/// unanswered. If there are replies before their parents, reads it once more to find out which of these can be stored.
/// Takes time proportional to the file. Holds the names of distinct users, channels and members, at most 100 bytes per
/// reply, and a few lines of up to 1 MiB. A second run adds nothing that the first one stored, even if the first was
/// interrupted. Returns whether every line is in the database.
bool import_file(Engine& engine, const ImportOptions& options, Console& console);

}  // namespace cariosan::server
