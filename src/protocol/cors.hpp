/// Which web pages may talk to us: CORS for REST (Fetch standard) and `Origin` for WebSocket (RFC 6455, section 10.2).
#pragma once

#include <cariosan/http.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::protocol {

/// Immutable.
class Origins {
  public:
    /// "*" allows all.
    explicit Origins(std::vector<std::string> allowed);

    /// Adds the CORS headers for the request's origin to its response; none if that origin is not listed.
    void decorate(const HttpRequest& request, HttpResponse& response) const;

    /// Whether this is a preflight.
    static bool is_preflight(const HttpRequest& request);
    /// The further headers of a preflight's answer; `decorate` adds the rest. `methods` is what `Allow` says.
    static void answer_preflight(const std::string& methods, HttpResponse& response);

    /// Whether a WebSocket may be opened: no `Origin` (not a browser), same origin, or a listed one.
    bool admits_socket(const HttpRequest& request) const;

  private:
    bool listed(std::string_view origin) const;

    std::vector<std::string> allowed_;
    bool any_ = false;
};

}  // namespace cariosan::protocol
