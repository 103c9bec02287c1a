/// All data of a workspace as JSON lines.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Prints one object per line, page by page: the workspace, its users, then each channel with its members and messages,
/// oldest first. Each line is `{"kind", …}` with the object as a backend gets it (section 4 of the protocol); members have
/// an additional `channel_id`. Changes made while the export runs may or may not be included.
Result<Done> export_workspace(Gateway& gateway, WorkspaceId workspace, Console& console);

/// Prints everything stored about one user, one object per line, like `GET /v1/users/{user}/export`.
Result<Done> export_user(Gateway& gateway, WorkspaceId workspace, const std::string& user, Console& console);

}  // namespace cariosan::server
