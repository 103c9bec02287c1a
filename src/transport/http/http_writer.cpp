#include "transport/http/http_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "encoding/ascii.hpp"
#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

namespace {

bool belongs_to_transport(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 5> kOurs = {"Content-Length", "Date", "Connection", "Keep-Alive",
                                                       "Transfer-Encoding"};
    return std::any_of(kOurs.begin(), kOurs.end(),
                       [&](std::string_view ours) { return encoding::equal_ignoring_case(ours, name); });
}

}  // namespace

bool status_has_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Status";
    }
}

std::string http_date(std::time_t time) {
    constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm utc{};
    if (gmtime_r(&time, &utc) == nullptr) return "Thu, 01 Jan 1970 00:00:00 GMT";
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                       kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                       utc.tm_min, utc.tm_sec);
}

std::string response_head(const HttpResponse& response, const ResponseFraming& framing,
                          std::string_view date) {
    const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
    for (const HttpHeader& header : response.headers) {
        if (!is_token(header.name) || !is_field_value(header.value) || belongs_to_transport(header.name))
            continue;
        fmt::format_to(std::back_inserter(head), "{}: {}\r\n", header.name, header.value);
    }
    if (framing.body_end == BodyEnd::last_chunk) {
        head += "Transfer-Encoding: chunked\r\n";
    } else if (framing.body_end == BodyEnd::length && status_has_body(status)) {
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.length.value_or(response.body.size()));
    }
    fmt::format_to(std::back_inserter(head), "Date: {}\r\n", date);
    // A 426 has an `Upgrade` field, which must then be listed in `Connection` too (RFC 9110, section 7.8).
    if (status == 426) head += "Connection: Upgrade\r\n";
    if (!framing.keep_alive) {
        head += "Connection: close\r\n";
    } else if (framing.idle_limit.count() > 0) {
        fmt::format_to(std::back_inserter(head), "Connection: keep-alive\r\nKeep-Alive: timeout={}\r\n",
                       framing.idle_limit.count());
    } else if (!framing.http_1_1) {
        head += "Connection: keep-alive\r\n";
    }
    head += "\r\n";
    return head;
}

std::string chunk_of(std::string_view part) {
    if (part.empty()) return {};
    return fmt::format("{:x}\r\n{}\r\n", part.size(), part);
}

}  // namespace cariosan::transport
