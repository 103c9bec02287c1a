/// The key pairs that open a workspace. Section 2 of the protocol.
#pragma once

#include <cariosan/types.hpp>
#include <string>

#include "core/use_case.hpp"

namespace cariosan::core {

/// The workspace with a new key pair: a public key of 128 random bits, a secret of 256.
WorkspaceCredentials make_credentials(const Workspace& workspace, Context& context);

/// The workspace with a new secret for a public key that it has.
WorkspaceCredentials make_credentials(const Workspace& workspace, std::string api_key, Context& context);

/// What is kept of a secret.
Digest hash_secret(std::string_view secret, Context& context);

}  // namespace cariosan::core
