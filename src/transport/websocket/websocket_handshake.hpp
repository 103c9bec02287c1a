/// The opening handshake of a WebSocket (RFC 6455, section 4.2), as functions of a parsed request.
#pragma once

#include <cariosan/http.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

/// The path of WebSockets; section 2 of the protocol.
inline constexpr std::string_view kWebSocketPath = "/v1/ws";

/// Whether this is `GET /v1/ws`, with or without a query: such requests are upgraded or refused, not routed.
bool is_websocket_target(const HttpRequest& request) noexcept;

/// Why an upgrade is refused before the gateway is asked.
struct HandshakeFault {
    int status = 400;  ///< 400, or 426 if an upgrade or another version is required
    std::string message;
};

/// Absent if the request is a valid handshake of version 13.
std::optional<HandshakeFault> check_handshake(const ParsedRequest& parsed);

/// The value of `Sec-WebSocket-Accept` for a key; empty if the digest cannot be computed.
std::string websocket_accept(std::string_view key);

/// The complete 101 response to a valid handshake. `subprotocol` and `extensions` may be empty.
std::string switching_protocols(const HttpRequest& request, std::string_view subprotocol, std::string_view extensions = {});

}  // namespace cariosan::transport
