/// Webhook secrets, and the headers by which a receiver verifies a delivery. Section 8 of the protocol.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/types.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::webhook {

/// The signing key of one endpoint, shared with its receiver. Never logged, and shown once.
struct Secret {
    std::string text{};  ///< `whsec_` and the base64 of the bytes
    std::string bytes{};

    /// A new secret of 32 random bytes.
    static Secret make(Crypto& crypto);
    /// Parses a secret made by `make`, or one of another length from 24 to 64 bytes, as Standard Webhooks allows. Anything
    /// else: absent.
    static std::optional<Secret> parse(std::string_view text);
};

/// One attempt to deliver an event.
struct Attempt {
    std::string_view event{};     ///< "message.created"
    std::string_view event_id{};  ///< "evt_…": the same for each attempt; contains no dot
    Timestamp at{};               ///< of this attempt, in whole seconds; receivers refuse old ones
    std::string_view body{};      ///< exactly the bytes sent
};

/// All headers of a delivery except those HTTP itself needs; includes `Content-Type`. Both signatures cover this body:
/// `X-Cariosan-Signature` is keyed with the text of the first secret, Standard Webhooks with the bytes, over id, time and body:
/// `webhook-signature` has one signature for each secret, separated by spaces. `secrets` must not be empty.
std::vector<std::pair<std::string, std::string>> signed_headers(const Attempt& attempt, std::span<const Secret> secrets,
                                                                Crypto& crypto);

/// "v1,<base64>": the Standard Webhooks signature. `key` is the bytes of the secret.
std::string standard_signature(std::string_view id, std::int64_t seconds, std::string_view body,
                               std::string_view key, Crypto& crypto);

/// "sha256=<hex>": the HMAC of the raw body. `key` is the text of the secret.
std::string body_signature(std::string_view body, std::string_view key, Crypto& crypto);

}  // namespace cariosan::webhook
