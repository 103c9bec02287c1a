/// All data of a workspace, or of a user, as JSON lines on a console.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Prints what `cariosan/export.hpp` exports: one object per line. `user` empty: the whole workspace.
Result<Done> print_export(Gateway& gateway, WorkspaceId workspace, const std::string& user, Console& console);

}  // namespace cariosan::server
