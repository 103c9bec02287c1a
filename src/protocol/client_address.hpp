/// Who a request comes from when proxies stand before us.
#pragma once

#include <array>
#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::protocol {

/// An IP address; version 4 as mapped into version 6.
using IpAddress = std::array<std::uint8_t, 16>;

/// An address, also with a port ("192.0.2.1:80", "[2001:db8::1]:80") or a zone.
std::optional<IpAddress> parse_address(std::string_view text);

/// Addresses and ranges whose `X-Forwarded-For` is believed. Immutable.
class TrustedProxies {
  public:
    /// `misuse` with the faulty entry.
    static Result<TrustedProxies> parse(const std::vector<std::string>& ranges);

    /// The client's address as a key for counting: the nearest address that is not a trusted proxy. Addresses of
    /// version 6 count by /64, which is what one client has to itself.
    std::string client_key(const HttpRequest& request) const;

  private:
    struct Range {
        IpAddress base{};
        unsigned bits = 0;
    };
    bool trusts(const IpAddress& address) const;

    std::vector<Range> ranges_;
};

}  // namespace cariosan::protocol
