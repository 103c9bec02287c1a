#pragma once

#include <cariosan/engine.hpp>

#include <string>

#include "console.hpp"

namespace cariosan::server {

/// The workspace with this id or name; an empty reference means the only one there is. `not_found` if there is none,
/// `conflict` if several have the name. The message says what to do.
Result<Workspace> find_workspace(Engine& engine, const std::string& reference);

/// All workspaces, ordered by id.
Result<std::vector<Workspace>> all_workspaces(Engine& engine);

}  // namespace cariosan::server
