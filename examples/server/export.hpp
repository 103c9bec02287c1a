/// All data of a workspace as JSON lines.
#pragma once

#include <cariosan/engine.hpp>
#include <cariosan/http.hpp>
#include <string>

#include "console.hpp"

namespace cariosan::server {

/// Prints one object per line, page by page: the workspace, its users, then each channel with its members and its
/// messages, oldest first. Each is `{"kind", …}` with the thing as section 4 of the protocol shows it to the backend;
/// members have a `channel_id` besides. What changes while the export runs may be in it or not.
Result<Done> export_workspace(Gateway& gateway, WorkspaceId workspace, Console& console);

/// Prints all that is stored about one user, one object per line, as `GET /v1/users/{user}/export` does.
Result<Done> export_user(Gateway& gateway, WorkspaceId workspace, const std::string& user, Console& console);

}  // namespace cariosan::server
