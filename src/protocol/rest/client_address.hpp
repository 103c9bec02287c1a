/// The client's address, even behind proxies.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/ip_address.hpp"

namespace cariosan::protocol {

/// An address as written in a header field: possibly with a port ("192.0.2.1:80", "[2001:db8::1]:80") or a zone.
std::optional<encoding::IpAddress> parse_address(std::string_view text);

/// Addresses and ranges whose `X-Forwarded-*` fields are trusted. Immutable.
class TrustedProxies {
  public:
    /// `misuse` naming the invalid entry.
    static Result<TrustedProxies> parse(const std::vector<std::string>& ranges);

    /// The client's address as a key for rate limits: the nearest address that is not a trusted proxy. IPv6 addresses are
    /// reduced to their /64 prefix, which usually belongs to one client.
    std::string client_key(const HttpRequest& request) const;

    /// The host a browser asked for, from a trusted proxy's `X-Forwarded-Host`; otherwise empty. Of several values, the last
    /// one, which the nearest proxy has added.
    std::string_view forwarded_host(const HttpRequest& request) const;

  private:
    encoding::IpRanges ranges_;
};

}  // namespace cariosan::protocol
