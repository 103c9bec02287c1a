/// The API key pair with which the demo page shows what a workspace's backend can do.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

namespace cariosan::server {

/// "pk_…:sk_…" of this workspace: the pair kept in the file at `path` (mode 0600), or, where that opens the workspace no
/// more, a new one, kept there. Pairs that were there before work on for 30 days. An empty path keeps nothing. Waits for
/// the engine.
Result<std::string> provide_demo_key(Engine& engine, WorkspaceId workspace, const std::string& path);

}  // namespace cariosan::server
