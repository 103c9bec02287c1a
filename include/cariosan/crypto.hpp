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

/// A private key on the curve P-256. It owns the key and never shows it. May be called from several threads at once:
/// implementations must be thread-safe.
class P256Key {
  public:
    virtual ~P256Key() = default;
    /// The public key as an uncompressed point: 65 bytes, a 4 and both coordinates (SEC 1, section 2.3.3).
    virtual std::string public_key() const = 0;
    /// ECDSA with SHA-256, the algorithm `ES256` of RFC 7518, section 3.4: 64 bytes, `r` and `s`. Each call has another
    /// signature. `internal` if the library fails.
    virtual Result<std::string> sign(std::string_view data) = 0;
    /// ECDH: the 32 bytes that both sides can compute. `validation_error` if `peer` is not a point of the curve in the form
    /// that `public_key` has, `internal` if the library fails.
    virtual Result<std::string> agree(std::string_view peer) = 0;
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
    /// Reads a private key on the curve P-256: its 32 bytes, or PEM (PKCS #8 or SEC 1, not encrypted). `validation_error` for
    /// anything else; the message never quotes the key. Needed for Web Push alone, as `seal_aes_128_gcm` is, so an
    /// implementation may leave both out: then the answer is `unavailable`.
    virtual Result<std::shared_ptr<P256Key>> load_p256_key(std::string_view key) {
        static_cast<void>(key);
        return Error(ErrorCode::unavailable, "this Crypto has no keys on P-256");
    }
    /// AES-128-GCM (NIST SP 800-38D) without additional data: what is sealed, followed by the tag of 16 bytes. `misuse` unless
    /// `key` has 16 bytes and `nonce` 12. The same key and nonce must never be used twice.
    virtual Result<std::string> seal_aes_128_gcm(std::string_view key, std::string_view nonce, std::string_view plain) {
        static_cast<void>(key);
        static_cast<void>(nonce);
        static_cast<void>(plain);
        return Error(ErrorCode::unavailable, "this Crypto does not encrypt");
    }
};

}  // namespace cariosan
