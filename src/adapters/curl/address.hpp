/// Which addresses belong to the public internet: the barrier between a tenant's URL and our own network.
#pragma once

#include <cstdint>
#include <span>

namespace cariosan::curl {

/// Whether an address, 4 bytes of IPv4 or 16 of IPv6 in network order, is one of the public internet. By the
/// special-purpose registries of IANA: loopback, private, shared, link-local, multicast, reserved,
/// documentation and benchmarking addresses are not, nor is whatever carries an IPv4 address in an IPv6 one
/// (mapped, compatible, translated, 6to4, Teredo): an IPv4 destination is reached as such. Nor are the
/// addresses at which clouds serve metadata to their machines. Any other number of bytes is no address.
bool is_globally_routable(std::span<const std::uint8_t> address) noexcept;

}  // namespace cariosan::curl
