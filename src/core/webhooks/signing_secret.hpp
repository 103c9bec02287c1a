/// New secrets of webhooks, and the keys under which they are asked for.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/mutations.hpp>
#include <optional>
#include <string>

#include "core/text/fields.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

/// In the form of Standard Webhooks: a prefix, and the key in base64.
std::string make_signing_secret(Crypto& crypto);

void check_request_key(Fields& fields, const std::optional<std::string>& key, const Limits& limits);

/// The key with the hash of the request, if there is one. Two requests for the same have the same hash.
Result<std::optional<mutation::RequestKey>> make_request_key(const mutation::CreateWebhook& create,
                                                             const std::optional<std::string>& key, Context& context);
Result<std::optional<mutation::RequestKey>> make_request_key(const mutation::RotateWebhookSecret& rotate,
                                                             const std::optional<std::string>& key, Context& context);

}  // namespace cariosan::core
