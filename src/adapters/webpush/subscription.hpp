/// A browser's subscription, as it registers it: the device token of a browser.
#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <string_view>

namespace cariosan::webpush {

/// Whoever knows it can send to the browser: never printed or logged.
struct Subscription {
    std::string endpoint{};    ///< where to post
    std::string origin{};      ///< of the endpoint: scheme, host and, if it is not the usual one, port
    std::string public_key{};  ///< the browser's: 65 bytes, not yet known to be a point of the curve
    std::string auth{};        ///< the secret of 16 bytes that both sides share
};

/// Whether a device token is meant to be a subscription; no token of another service begins like one.
bool is_subscription(std::string_view device_token) noexcept;

/// The JSON that browsers make of a subscription: `{"endpoint","keys":{"p256dh","auth"}}`, other members ignored. Endpoints are
/// `https`, with a host name in lower case and without user or fragment, at most 2,048 bytes; with `allow_http` also `http`.
/// `validation_error` with a line that quotes nothing.
Result<Subscription> parse_subscription(std::string_view device_token, bool allow_http);

}  // namespace cariosan::webpush
