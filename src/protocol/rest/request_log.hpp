/// The line of the log that tells what became of a request.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "engine/log.hpp"

namespace cariosan::protocol {

/// What is told. Nothing of it is text that a user wrote; the path is not told, because names in it may be private.
struct RequestLine {
    std::string_view method;  ///< of HTTP; "WS" for a frame, "CALL" for `Gateway::call` and `run`
    std::string_view route = {};  ///< as the table of commands writes it, or a command's name; empty: none was found
    std::string_view request_id = {};  ///< of HTTP
    int status = 0;                    ///< of HTTP
    std::optional<ErrorCode> code = {};                    ///< of a refusal
    std::optional<std::chrono::milliseconds> duration = {};  ///< unknown where the transport refuses a head
    WorkspaceId workspace = {};                            ///< nil until the caller is known
    UserId user = {};                                      ///< nil for a backend
    bool changes = false;                                  ///< the route is for more than reading
};

/// Writes "request.done": at `info` for what changes something or is refused, at `debug` for the rest. Costs a comparison
/// where that level is not logged.
void log_request(const engine::Log& log, const RequestLine& line);

}  // namespace cariosan::protocol
