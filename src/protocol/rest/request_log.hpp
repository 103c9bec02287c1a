/// The log lines of a request and of a WebSocket's end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/log.hpp"

namespace cariosan::protocol {

/// The logged fields. None is text written by a user; the path is left out because names in it may be private.
struct RequestLine {
    std::string_view method;  ///< of HTTP; "WS" for a frame, "CALL" for `Gateway::call` and `run`
    std::string_view route = {};  ///< as the table of commands writes it, or a frame's type or a command's name; empty: unknown
    std::string_view request_id = {};  ///< of HTTP
    int status = 0;                    ///< of HTTP
    const Error* error = nullptr;      ///< what is answered instead; its `cause` goes to the log alone
    std::optional<std::chrono::milliseconds> duration = {};  ///< unknown where the transport refuses a head
    WorkspaceId workspace = {};        ///< nil until the caller is known
    UserId user = {};                  ///< nil for a backend
    bool changes = false;              ///< the route is for more than reading
    std::string_view given_up = {};    ///< why there was no answer; empty: there was one
};

/// How a WebSocket conversation ended.
struct SocketEnd {
    std::optional<std::uint16_t> close_code;  ///< of the first close frame; nothing: there was none
    std::string_view cause;
    std::chrono::milliseconds duration;
    std::string_view request_id;  ///< of the upgrade
    WorkspaceId workspace;
    UserId user;
};

/// Writes "request.done": at `error` for what the server itself failed at, at `info` for what changes something or is
/// refused, at `debug` for the rest, as for a client that went away. Costs a comparison where that level is not logged.
void log_request(const engine::Log& log, const RequestLine& line);

/// Writes "websocket.closed".
void log_socket_end(const engine::Log& log, LogLevel level, const SocketEnd& end);

}  // namespace cariosan::protocol
