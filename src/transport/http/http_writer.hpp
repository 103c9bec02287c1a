/// The head of a response (RFC 9112): no sockets, no clock.
#pragma once

#include <cariosan/http.hpp>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace cariosan::transport {

/// How the end of a body is marked.
enum class BodyEnd : std::uint8_t { length, last_chunk, close };

/// How a response is sent, as determined by the request and the connection.
struct ResponseFraming {
    bool http_1_1 = true;
    bool keep_alive = true;
    std::chrono::seconds idle_limit{0};  ///< how long the connection is kept for another request; 0: not announced
    bool head_only = false;  ///< the answer to HEAD: with the length but without the body
    BodyEnd body_end = BodyEnd::length;
};

/// Status line, fields and the empty line. The transport sets `Content-Length`, `Date`, `Connection` and `Keep-Alive`; such fields
/// of the response are left out, as is any field that would break the framing.
std::string response_head(const HttpResponse& response, const ResponseFraming& framing,
                          std::string_view date);

/// A part of a body in the chunked coding (RFC 9112, section 7.1). Empty for an empty part, since an empty chunk would end the
/// body.
std::string chunk_of(std::string_view part);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// Whether a response with this status has a body at all.
bool status_has_body(int status) noexcept;

/// The standard phrase of a status, or "Status".
std::string_view reason_phrase(int status) noexcept;

/// A time in the format of `Date` (RFC 9110, section 5.6.7).
std::string http_date(std::time_t time);

}  // namespace cariosan::transport
