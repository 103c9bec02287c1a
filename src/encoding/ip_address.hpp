/// IP addresses and ranges of them, from text (RFC 4291, RFC 4632).
#pragma once

#include <array>
#include <cariosan/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan::encoding {

/// Version 4 as mapped into version 6: one address has one value, however a socket or a header spells it.
using IpAddress = std::array<std::uint8_t, 16>;

/// An address, also with a zone ("fe80::1%eth0"), which is left out.
std::optional<IpAddress> parse_ip_address(std::string_view text);

/// What is counted as one client: an address of version 4, or a /64 of version 6, which one customer has to itself.
IpAddress client_network(const IpAddress& address);

/// Addresses and ranges such as "10.0.0.0/8". Immutable.
class IpRanges {
  public:
    /// `misuse` with the faulty entry.
    static Result<IpRanges> parse(const std::vector<std::string>& texts);

    bool contains(const IpAddress& address) const;

  private:
    struct Range {
        IpAddress base{};
        unsigned bits = 0;
    };
    std::vector<Range> ranges_;
};

}  // namespace cariosan::encoding
