/// The head of a response (RFC 9112): no sockets, no clock.
#pragma once

#include <cariosan/http.hpp>
#include <ctime>
#include <string>
#include <string_view>

namespace cariosan::transport {

/// What the request and the connection say about how a response is sent.
struct ResponseFraming {
    bool http_1_1 = true;
    bool keep_alive = true;
    bool head_only = false;  ///< answers HEAD: the length is told, the body left out
};

/// Status line, fields and the empty line. `Content-Length`, `Date` and `Connection` are the transport's; such fields of
/// the response are left out, and so is any that could not be written without breaking the framing.
std::string response_head(const HttpResponse& response, const ResponseFraming& framing,
                          std::string_view date);

/// Whether a response with this status has a body at all.
bool status_has_body(int status) noexcept;

/// The standard phrase of a status, or "Status".
std::string_view reason_phrase(int status) noexcept;

/// A time as `Date` carries it (RFC 9110, section 5.6.7).
std::string http_date(std::time_t time);

}  // namespace cariosan::transport
