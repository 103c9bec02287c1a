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
    std::string_view method;  ///< the HTTP method; "WS" for a frame, "CALL" for `Gateway::call` and `run`
    std::string_view route = {};  ///< as in the command table, or a frame's type or a command's name; empty: unknown
    std::string_view request_id = {};  ///< HTTP only
    std::string_view traceparent = {};  ///< HTTP only; empty: none, or not well-formed
    int status = 0;                    ///< HTTP only
    const Error* error = nullptr;      ///< null: success; its `cause` appears only in the log
    std::optional<std::chrono::microseconds> duration = {};  ///< unknown if the transport refused the head
    WorkspaceId workspace = {};        ///< nil until the caller is known
    UserId user = {};                  ///< nil for a backend
    bool changes = false;              ///< the route does more than read
    std::string_view command = {};     ///< its name in the command table; empty: none was run
    std::chrono::microseconds worked{0};  ///< how long it took, once everything was known that it needs
    std::string_view given_up = {};    ///< why there was no answer; empty: there was one
};

/// How a WebSocket conversation ended.
struct SocketEnd {
    std::optional<std::uint16_t> close_code;  ///< of the first close frame; absent: there was none
    std::string_view cause;
    std::chrono::milliseconds duration;
    std::string_view request_id;  ///< of the upgrade request
    WorkspaceId workspace;
    UserId user;
};

/// Writes "request.done": at `error` for failures of the server, at `info` for changes and refusals, at `debug` for the rest,
/// including clients that went away. Costs one comparison if that level is not logged. In addition "command.slow", at `warning`,
/// if a command took `Log::slow` or longer.
void log_request(const engine::Log& log, const RequestLine& line);

/// Writes "websocket.closed".
void log_socket_end(const engine::Log& log, LogLevel level, const SocketEnd& end);

}  // namespace cariosan::protocol
