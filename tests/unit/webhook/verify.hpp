/// Verifies like a receiver of webhooks, according to Standard Webhooks and to section 8 of the protocol.
#pragma once

#include <cariosan/crypto.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/webhook/signature.hpp"

namespace cariosan::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline std::string header_of(const Headers& headers, std::string_view name) {
    for (const auto& [header, value] : headers) {
        if (header == name) return value;
    }
    return "";
}

/// `webhook-signature` may contain several signatures of several versions, separated by spaces; one match is enough.
inline bool verify_standard(const Headers& headers, std::string_view body, std::string_view secret,
                            std::int64_t now, Crypto& crypto) {
    constexpr std::int64_t kTolerance = 300;
    const auto parsed = webhook::Secret::parse(secret);
    const std::int64_t at = std::atoll(header_of(headers, "webhook-timestamp").c_str());
    if (!parsed || std::llabs(now - at) > kTolerance) return false;
    const std::string expected =
        webhook::standard_signature(header_of(headers, "webhook-id"), at, body, parsed->bytes, crypto);
    const std::string given = " " + header_of(headers, "webhook-signature") + " ";
    return given.find(" " + expected + " ") != std::string::npos;
}

inline bool verify_body(const Headers& headers, std::string_view body, std::string_view secret,
                        Crypto& crypto) {
    return crypto.equal(header_of(headers, "X-Cariosan-Signature"),
                        webhook::body_signature(body, secret, crypto));
}

}  // namespace cariosan::test
