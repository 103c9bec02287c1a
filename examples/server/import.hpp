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

/// Reads the file for its users and channels, then for its messages, which are submitted in the order of the file with at most
/// 512 unanswered; if replies stand before their parents, also to find out which of these can be stored. Takes time in proportion to the file. Holds its distinct users, channels
/// and members by name, at most 100 bytes a reply, and some lines of up to 1 MiB. A second run adds nothing, also after one
/// that was cut. Answers whether every line is in the database.
bool import_file(Engine& engine, const ImportOptions& options, Console& console);

}  // namespace cariosan::server
