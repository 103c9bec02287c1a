#include "adapters/webhook/signature.hpp"

#include <array>
#include <cstdint>

#include "encoding/base64.hpp"
#include "encoding/hex.hpp"

namespace cariosan::webhook {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMinSecretBytes = 24;
constexpr std::size_t kMaxSecretBytes = 64;

template <class Bytes>
std::string_view as_text(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Secret Secret::make(Crypto& crypto) {
    std::array<std::uint8_t, kSecretBytes> random{};
    crypto.random(random);
    return {std::string(kSecretPrefix) + encoding::encode_base64(as_text(random)),
            std::string(as_text(random))};
}

std::optional<Secret> Secret::parse(std::string_view text) {
    if (!text.starts_with(kSecretPrefix)) return std::nullopt;
    auto bytes = encoding::decode_base64(text.substr(kSecretPrefix.size()));
    if (!bytes || bytes->size() < kMinSecretBytes || bytes->size() > kMaxSecretBytes) return std::nullopt;
    return Secret{std::string(text), std::move(*bytes)};
}

std::string body_signature(std::string_view body, std::string_view key, Crypto& crypto) {
    return "sha256=" + encoding::to_hex(crypto.hmac_sha256(key, body));
}

std::string standard_signature(std::string_view id, std::int64_t seconds, std::string_view body,
                               std::string_view key, Crypto& crypto) {
    std::string content(id);
    content += '.';
    content += std::to_string(seconds);
    content += '.';
    content += body;
    return "v1," + encoding::encode_base64(as_text(crypto.hmac_sha256(key, content)));
}

std::vector<std::pair<std::string, std::string>> signed_headers(const Attempt& attempt, std::span<const Secret> secrets,
                                                                Crypto& crypto) {
    const std::int64_t seconds = attempt.at.milliseconds / 1000;
    std::string signatures;
    for (const Secret& secret : secrets) {
        if (!signatures.empty()) signatures += ' ';
        signatures += standard_signature(attempt.event_id, seconds, attempt.body, secret.bytes, crypto);
    }
    return {{"Content-Type", "application/json"},
            {"User-Agent", "Cariosan-Webhooks/1.0"},
            {"X-Cariosan-Event", std::string(attempt.event)},
            {"X-Cariosan-Event-Id", std::string(attempt.event_id)},
            {"X-Cariosan-Timestamp", std::to_string(seconds)},
            {"X-Cariosan-Signature", body_signature(attempt.body, secrets.front().text, crypto)},
            {"webhook-id", std::string(attempt.event_id)},
            {"webhook-timestamp", std::to_string(seconds)},
            {"webhook-signature", std::move(signatures)}};
}

}  // namespace cariosan::webhook
