/// How the server identifies itself to push services (RFC 8292).
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan::webpush {

/// Reads the private key from PEM, or from base64url of its 32 bytes; space around it is ignored. As `Crypto::load_p256_key`.
Result<std::shared_ptr<P256Key>> read_vapid_key(std::string_view text, Crypto& crypto);

/// Whom a push service writes to when something is wrong: an address with `mailto:`, or an `https` URL.
bool is_vapid_subject(std::string_view text) noexcept;

/// The value of `Authorization` for an origin, valid until `expires`, in seconds since 1970.
Result<std::string> vapid_authorization(P256Key& key, std::string_view origin, std::string_view subject, std::int64_t expires);

}  // namespace cariosan::webpush
