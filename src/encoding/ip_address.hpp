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

/// Version 4 is stored as mapped to version 6, so that an address has one value, however a socket or a header spells it.
using IpAddress = std::array<std::uint8_t, 16>;

/// Parses an address; a zone ("fe80::1%eth0") is dropped.
std::optional<IpAddress> parse_ip_address(std::string_view text);

/// What counts as one client: an address of version 4, or a /64 of version 6, because one customer owns all of it.
IpAddress client_network(const IpAddress& address);

/// Addresses and ranges such as "10.0.0.0/8". Immutable.
class IpRanges {
  public:
    /// `misuse` with the invalid entry.
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
