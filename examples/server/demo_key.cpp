#include "demo_key.hpp"

#include <chrono>
#include <optional>

#include "secret_file.hpp"

namespace cariosan::server {

namespace {

constexpr std::chrono::hours kKeepOld{24 * 30};

bool opens(Engine& engine, WorkspaceId workspace, const std::string& pair) {
    const std::size_t colon = pair.find(':');
    if (colon == std::string::npos) return false;
    const auto found =
        engine.run(Caller::host(),
                   VerifyApiKey{.api_key = pair.substr(0, colon), .api_secret = pair.substr(colon + 1)});
    return found && found->id == workspace;
}

}  // namespace

Result<std::string> provide_demo_key(Engine& engine, WorkspaceId workspace, const std::string& path) {
    if (!path.empty()) {
        auto kept = read_secret(path);
        if (!kept) return kept.error();
        if (*kept && opens(engine, workspace, **kept)) return **std::move(kept);
    }
    auto made = engine.run(Caller::host(), RotateSecret{.workspace = workspace, .keep_old = kKeepOld});
    if (!made) return made.error();
    std::string pair = made->api_key + ":" + made->api_secret;
    if (!path.empty()) {
        if (auto written = replace_secret(path, pair); !written) return written.error();
    }
    return pair;
}

}  // namespace cariosan::server
