/// Which web pages may use the API: CORS for REST (Fetch standard) and `Origin` for WebSocket (RFC 6455, section 10.2).
#pragma once

#include <cariosan/http.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::protocol {

/// The origins that may use the API. Immutable.
class Origins {
  public:
    /// "*" allows all, "https://*.example.com" all subdomains.
    explicit Origins(std::vector<std::string> allowed);

    /// Adds the CORS headers for the request's origin to its response; none if that origin is not listed. If all are
    /// allowed, the headers do not depend on it.
    void decorate(const HttpRequest& request, HttpResponse& response) const;

    /// If this is a preflight request from a listed origin, adds the headers that only its answer needs; `decorate` adds the rest.
    /// `methods` is the value of `Allow`.
    void answer_preflight(const HttpRequest& request, const std::string& methods, HttpResponse& response) const;

    /// Whether a WebSocket may be opened: without `Origin` (not a browser), from the same origin, or from a listed one.
    /// `forwarded_host`: the host a trusted proxy was asked for; empty: unknown.
    bool admits_socket(const HttpRequest& request, std::string_view forwarded_host) const;

  private:
    bool listed(std::string_view origin) const;
    /// The origin of the requesting page, if there is exactly one and it is listed.
    std::optional<std::string_view> listed_page(const HttpRequest& request) const;

    std::vector<std::string> allowed_;
    bool any_ = false;
};

}  // namespace cariosan::protocol
