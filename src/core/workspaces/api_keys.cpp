#include "core/workspaces/api_keys.hpp"

#include <array>
#include <utility>

#include "encoding/hex.hpp"

namespace cariosan::core {

WorkspaceCredentials make_credentials(const Workspace& workspace, Context& context) {
    std::array<std::uint8_t, 16> name{};
    context.crypto.random(name);
    return make_credentials(workspace, (workspace.test ? "pk_test_" : "pk_live_") + encoding::to_hex(name), context);
}

WorkspaceCredentials make_credentials(const Workspace& workspace, std::string api_key, Context& context) {
    std::array<std::uint8_t, 32> secret{};
    context.crypto.random(secret);
    WorkspaceCredentials credentials;
    static_cast<Workspace&>(credentials) = workspace;
    credentials.api_key = std::move(api_key);
    credentials.api_secret = "sk_" + encoding::to_hex(secret);
    return credentials;
}

Digest hash_secret(std::string_view secret, Context& context) { return context.crypto.sha256(secret); }

}  // namespace cariosan::core
