/// The key pairs that open a workspace. Section 2 of the protocol.
#pragma once

#include <cariosan/types.hpp>

#include "core/use_case.hpp"

namespace cariosan::core {

/// A new key pair for the workspace: 128 random bits name it, 256 keep it.
WorkspaceCredentials make_credentials(const Workspace& workspace, Context& context);

/// What is kept of a secret.
Digest hash_secret(std::string_view secret, Context& context);

}  // namespace cariosan::core
