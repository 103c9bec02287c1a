#include "core/access.hpp"
#include "core/api_keys.hpp"

namespace cariosan::core {
namespace {

/// No key and no secret of ours is longer.
constexpr std::size_t kLongest = 255;

std::string_view as_text(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<Outcome> read(const VerifyApiKey& command, const Caller& caller, Context& context) {
    const auto actor = authorize<VerifyApiKey>(caller, context);
    if (!actor) return actor.error();
    const Error refused(ErrorCode::unauthorized, "the API key or its secret is wrong");
    if (command.api_key.size() > kLongest || command.api_secret.size() > kLongest) return refused;

    auto stored = context.reader.workspaces().find_api_key(command.api_key);
    if (!stored) return std::move(stored).error();
    // An unknown key is hashed and compared all the same, so that it takes as long as a wrong secret.
    const Digest given = hash_secret(command.api_secret, context);
    const Digest wanted = *stored ? (*stored)->secret_hash : Digest{};
    if (!context.crypto.equal(as_text(given), as_text(wanted)) || !*stored) return refused;
    if ((*stored)->expires_at && *(*stored)->expires_at <= context.now) return refused;
    return Outcome{.answer = std::move((*stored)->workspace)};
}

}  // namespace cariosan::core
