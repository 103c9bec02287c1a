/// Hashing, signing and randomness, injected: the engine itself links no crypto library.
/// `adapters/openssl.hpp` has the usual one.
#pragma once

#include <array>
#include <cariosan/error.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cariosan {

/// 32 bytes of SHA-256 or HMAC-SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// A private RSA key that signs with RSASSA-PKCS1-v1_5 and SHA-256: the algorithm `RS256` of RFC 7518,
/// section 3.3. It owns the key and never shows it. May be called from several threads at once: implementations must be
/// thread-safe.
class Rs256Key {
  public:
    virtual ~Rs256Key() = default;
    /// The signature, as long as the key's modulus. The same data has the same signature. `internal` if the
    /// library fails.
    virtual Result<std::string> sign(std::string_view data) = 0;
};

/// May be called from several threads at once: implementations must be thread-safe.
class Crypto {
  public:
    virtual ~Crypto() = default;
    /// SHA-256 (FIPS 180-4).
    virtual Digest sha256(std::string_view data) = 0;
    /// HMAC-SHA-256 (RFC 2104). Keys of any length.
    virtual Digest hmac_sha256(std::string_view key, std::string_view data) = 0;
    /// Compares in time that depends only on the lengths. Different lengths are unequal.
    virtual bool equal(std::string_view left, std::string_view right) = 0;
    /// Fills `out` with cryptographically secure random bytes.
    virtual void random(std::span<std::uint8_t> out) = 0;
    /// Reads a private key in PEM (PKCS #8 or PKCS #1, not encrypted). `validation_error` for anything else,
    /// and for an RSA key below 2,048 bits; the message never quotes the text. Needed for push alone, so an
    /// implementation may leave it out: then the answer is `unavailable`.
    virtual Result<std::shared_ptr<Rs256Key>> load_rs256_key(std::string_view pem) {
        static_cast<void>(pem);
        return Error(ErrorCode::unavailable, "this Crypto does not sign with RS256");
    }
};

}  // namespace cariosan
