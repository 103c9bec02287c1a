/// The log line of a request.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "engine/log.hpp"

namespace cariosan::protocol {

/// The logged fields. None is text written by a user; the path is left out because names in it may be private.
struct RequestLine {
    std::string_view method;  ///< of HTTP; "WS" for a frame, "CALL" for `Gateway::call` and `run`
    std::string_view route = {};  ///< as in the command table, or a command's name; empty: none was found
    std::string_view request_id = {};  ///< of HTTP
    int status = 0;                    ///< of HTTP
    std::optional<ErrorCode> code = {};                    ///< of a refusal
    std::optional<std::chrono::milliseconds> duration = {};  ///< unknown where the transport refuses a head
    WorkspaceId workspace = {};                            ///< nil until the caller is known
    UserId user = {};                                      ///< nil for a backend
    bool changes = false;                                  ///< the route does more than read
};

/// Writes "request.done": at `info` for changes and refusals, at `debug` for the rest. Costs one comparison if
/// that level is not logged.
void log_request(const engine::Log& log, const RequestLine& line);

}  // namespace cariosan::protocol
