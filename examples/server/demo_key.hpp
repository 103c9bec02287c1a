/// The API key pair that the demo page uses to show what a workspace's backend can do.
#pragma once

#include <cariosan/engine.hpp>

#include <string>

namespace cariosan::server {

/// The "pk_…:sk_…" of this workspace: the pair stored in the file at `path` (mode 0600), or a new one, stored there, if
/// that one is no longer valid. Older pairs stay valid for 30 days. An empty path stores nothing. Waits for the engine.
Result<std::string> provide_demo_key(Engine& engine, WorkspaceId workspace, const std::string& path);

}  // namespace cariosan::server
