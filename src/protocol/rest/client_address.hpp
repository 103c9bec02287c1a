/// Who a request comes from when proxies stand before us.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/ip_address.hpp"

namespace cariosan::protocol {

/// An address as it stands in a header field: also with a port ("192.0.2.1:80", "[2001:db8::1]:80") or a zone.
std::optional<encoding::IpAddress> parse_address(std::string_view text);

/// Addresses and ranges whose `X-Forwarded-*` fields are believed. Immutable.
class TrustedProxies {
  public:
    /// `misuse` with the faulty entry.
    static Result<TrustedProxies> parse(const std::vector<std::string>& ranges);

    /// The client's address as a key for counting: the nearest address that is not a trusted proxy. Addresses of
    /// version 6 count by /64, which is what one client has to itself.
    std::string client_key(const HttpRequest& request) const;

    /// The host that a browser has asked for where a trusted proxy says so in `X-Forwarded-Host`; else empty. Of several the
    /// last is the nearest proxy's word.
    std::string_view forwarded_host(const HttpRequest& request) const;

  private:
    encoding::IpRanges ranges_;
};

}  // namespace cariosan::protocol
