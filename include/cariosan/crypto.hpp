/// Hashing and randomness, injected: the engine itself links no crypto library. `adapters/openssl.hpp` has the usual one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace cariosan {

/// 32 bytes of SHA-256 or HMAC-SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// Called from any thread at once: implementations must be thread-safe.
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
};

}  // namespace cariosan
