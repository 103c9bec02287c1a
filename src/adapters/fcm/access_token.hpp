/// From an assertion to the token that opens FCM: one request to the account's `token_uri` (RFC 7523, section
/// 2.1).
#pragma once

#include <cariosan/error.hpp>
#include <chrono>
#include <string>
#include <string_view>

namespace cariosan::fcm {

/// The body of the request, `application/x-www-form-urlencoded`.
std::string token_request_body(std::string_view assertion);

/// Holds a secret: never printed or logged.
struct AccessToken {
    std::string value{};
    /// How long after the request it should be used: less than it is valid, so that it cannot expire in transit.
    std::chrono::seconds fresh_for{};
};

/// The answer; `status` is 0 if there was none. `unavailable` with a line for the log: retryable for 408, 429, 5xx, no answer,
/// and anything no token server would answer; not if the account is refused.
Result<AccessToken> parse_token_answer(int status, std::string_view body);

}  // namespace cariosan::fcm
