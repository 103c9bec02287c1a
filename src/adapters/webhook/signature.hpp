/// Secrets of webhooks, and the headers by which a receiver knows that a delivery is ours. Section 8 of the
/// protocol.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cariosan::webhook {

/// The key of one endpoint, shared with whoever receives. Not printed anywhere, and shown once.
struct Secret {
    std::string text{};  ///< `whsec_` and the base64 of the bytes
    std::string bytes{};

    /// A new one, of 32 random bytes.
    static Secret make(Crypto& crypto);
    /// One that `make` made; nothing for anything else, but for other lengths from 24 to 64 bytes, as
    /// Standard Webhooks allows.
    static std::optional<Secret> parse(std::string_view text);
};

/// One attempt to deliver an event.
struct Attempt {
    std::string_view event{};     ///< "message.created"
    std::string_view event_id{};  ///< "evt_…": the same for each attempt; no dot in it
    Timestamp at{};               ///< of this attempt; receivers refuse old ones. Whole seconds count
    std::string_view body{};      ///< exactly the bytes that are sent
};

/// All headers of a delivery but those that HTTP itself needs, `Content-Type` among them. Both signatures are
/// of this body: the one of `X-Cariosan-Signature` with the secret's text as key, the one of Standard
/// Webhooks with its bytes, over id, time and body.
std::vector<std::pair<std::string, std::string>> signed_headers(const Attempt& attempt, const Secret& secret,
                                                                Crypto& crypto);

/// "v1,<base64>": the signature of Standard Webhooks. `key` is the secret's bytes.
std::string standard_signature(std::string_view id, std::int64_t seconds, std::string_view body,
                               std::string_view key, Crypto& crypto);

/// "sha256=<hex>": the HMAC of the raw body. `key` is the secret's text.
std::string body_signature(std::string_view body, std::string_view key, Crypto& crypto);

}  // namespace cariosan::webhook
