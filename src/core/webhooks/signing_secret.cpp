#include "core/webhooks/signing_secret.hpp"

#include <array>
#include <cstdint>

#include "core/messages/request_hash.hpp"
#include "core/propagate.hpp"
#include "encoding/base64.hpp"

namespace cariosan::core {
namespace {

template <class Request>
Result<std::optional<mutation::RequestKey>> keyed(const Request& request, const std::optional<std::string>& key,
                                                  Context& context) {
    if (!key) return std::optional<mutation::RequestKey>();
    CARIOSAN_TRY(const auto hash, hash_request(request.workspace, encode_request(request), context));
    return std::optional(mutation::RequestKey{.text = *key, .hash = hash});
}

}  // namespace

std::string make_signing_secret(Crypto& crypto) {
    std::array<std::uint8_t, 32> key{};
    crypto.random(key);
    return "whsec_" + encoding::encode_base64({reinterpret_cast<const char*>(key.data()), key.size()});
}

void check_request_key(Fields& fields, const std::optional<std::string>& key, const Limits& limits) {
    if (key) fields.key("idempotency_key", *key, limits.idempotency_key_bytes);
}

Result<std::optional<mutation::RequestKey>> make_request_key(const mutation::CreateWebhook& create,
                                                             const std::optional<std::string>& key, Context& context) {
    return keyed(create, key, context);
}

Result<std::optional<mutation::RequestKey>> make_request_key(const mutation::RotateWebhookSecret& rotate,
                                                             const std::optional<std::string>& key, Context& context) {
    return keyed(rotate, key, context);
}

}  // namespace cariosan::core
