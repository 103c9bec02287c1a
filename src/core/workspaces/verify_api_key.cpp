#include <vector>

#include "core/access.hpp"
#include "core/propagate.hpp"
#include "core/workspaces/api_keys.hpp"

namespace cariosan::core {
namespace {

/// None of our keys or secrets is longer.
constexpr std::size_t kLongest = 255;

std::string_view as_text(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<Outcome> read(const VerifyApiKey& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY_DONE(authorize<VerifyApiKey>(caller, context));
    const Error refused(ErrorCode::unauthorized, "the API key or its secret is wrong");
    if (command.api_key.size() > kLongest || command.api_secret.size() > kLongest) return refused;

    CARIOSAN_TRY(auto stored, context.reader.workspaces().find_api_key(command.api_key));
    // Hashes and compares even for an unknown key, and with every secret of a known one, so that the timing reveals as little
    // as possible.
    const Digest given = hash_secret(command.api_secret, context);
    const std::vector<StoredSecret> secrets = stored ? stored->secrets : std::vector<StoredSecret>(1);
    bool right = false;
    for (const StoredSecret& secret : secrets) {
        const bool equal = context.crypto.equal(as_text(given), as_text(secret.hash));
        right = right || (equal && (!secret.expires_at || *secret.expires_at > context.now));
    }
    if (!right || !stored) return refused;
    return Outcome{.answer = std::move(stored->workspace)};
}

}  // namespace cariosan::core
