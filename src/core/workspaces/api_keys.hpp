/// API key pairs of a workspace. Section 2 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <string>

#include "core/use_case.hpp"

namespace cariosan::core {

/// Adds a new key pair to the workspace: a public key of 128 random bits, a secret of 256.
WorkspaceCredentials make_credentials(const Workspace& workspace, Context& context);

/// Adds a new secret for an existing public key of the workspace.
WorkspaceCredentials make_credentials(const Workspace& workspace, std::string api_key, Context& context);

/// The stored form of a secret.
Digest hash_secret(std::string_view secret, Context& context);

}  // namespace cariosan::core
