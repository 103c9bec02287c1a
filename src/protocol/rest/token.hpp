/// User tokens: JWT (RFC 7519) signed with HS256 (RFC 7515, RFC 7518) and nothing else.
#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/types.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// The longest lifetime that may be requested.
inline constexpr std::chrono::seconds kMaxTokenLife = std::chrono::hours(24 * 365);
/// The clock skew that is tolerated between servers.
inline constexpr std::chrono::seconds kTokenLeeway{60};

/// The claims of a valid token.
struct TokenClaims {
    WorkspaceId workspace;
    UserId user;
    std::string external_id;      ///< as the token claims; compare it with storage
    std::int64_t expires_at = 0;  ///< seconds since 1970
    /// By `Clock::elapsed`: when the authorisation ends, including the leeway. The wall clock is read once, at verification;
    /// setting it later does not change the remaining time.
    std::chrono::milliseconds ends{0};
};

struct TokenKeys {
    std::string secret;
    std::string previous;  ///< also accepted; empty: none
    std::string issuer;
};

/// Makes and checks tokens. Thread-safe; `crypto` and `clock` must outlive it.
class Tokens {
  public:
    Tokens(TokenKeys keys, Crypto& crypto, Clock& clock)
        : keys_(std::move(keys)), crypto_(crypto), clock_(clock) {}

    struct Issued {
        std::string token;
        Timestamp expires_at;
    };
    Issued issue(WorkspaceId workspace, const User& user, std::chrono::seconds life) const;

    /// `UNAUTHORIZED` otherwise; `details.reason` is "expired" if that is the only fault.
    Result<TokenClaims> verify(std::string_view token) const;

    // `verify` in two steps.

    /// The payload of a token, if it is a compact JWS with our HS256 signature; no claim is checked.
    Result<std::string> signed_payload(std::string_view token) const;
    /// The claims of such a payload, if they are complete and valid now.
    Result<TokenClaims> claims_of(std::string_view payload) const;

  private:
    bool signed_by_us(std::string_view signed_part, std::string_view signature) const;

    TokenKeys keys_;
    Crypto& crypto_;
    Clock& clock_;
};

}  // namespace cariosan::protocol
