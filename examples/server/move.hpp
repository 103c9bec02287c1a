/// `cariosan-server migrate-storage`: moves the data from SQLite to PostgreSQL.
#pragma once

#include <string>

#include "console.hpp"

namespace cariosan::server {

struct MoveCommand {
    std::string from;   ///< sqlite:PATH
    std::string to;     ///< postgres://…: may contain a password, so never shown
    bool json = false;  ///< print the report as a JSON object
};

/// Runs it and returns its exit code.
int run_move(const MoveCommand& command, Console& console);

}  // namespace cariosan::server
