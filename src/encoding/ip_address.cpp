#include "encoding/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace cariosan::encoding {
namespace {

constexpr IpAddress kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kAddressBits = 128;

bool is_version_4(const IpAddress& address) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.begin() + kMappedBits / 8, address.begin());
}

bool same_prefix(const IpAddress& left, const IpAddress& right, unsigned bits) {
    const unsigned whole = bits / 8;
    if (!std::equal(left.begin(), left.begin() + whole, right.begin())) return false;
    const unsigned rest = bits % 8;
    if (rest == 0) return true;
    const unsigned mask = 0xffU << (8 - rest);
    return ((left[whole] ^ right[whole]) & mask) == 0;
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
    const std::string terminated(text.substr(0, text.find('%')));  // inet_pton needs a terminating zero
    IpAddress address = kMappedPrefix;
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedBits / 8) == 1) return address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    return std::nullopt;
}

IpAddress client_network(const IpAddress& address) {
    IpAddress network = address;
    if (!is_version_4(address)) std::fill(network.begin() + network.size() / 2, network.end(), std::uint8_t{0});
    return network;
}

Result<IpRanges> IpRanges::parse(const std::vector<std::string>& texts) {
    IpRanges ranges;
    for (const std::string& text : texts) {
        const std::size_t slash = text.find('/');
        const auto base = parse_ip_address(std::string_view(text).substr(0, slash));
        const Error bad(ErrorCode::misuse, "not an address or a range such as 10.0.0.0/8: " + text);
        if (!base) return bad;
        const unsigned offset = is_version_4(*base) ? kMappedBits : 0;
        unsigned bits = kAddressBits - offset;
        if (slash != std::string::npos) {
            const char* const begin = text.data() + slash + 1;
            const char* const end = text.data() + text.size();
            unsigned given = 0;
            const auto [stopped, error] = std::from_chars(begin, end, given);
            if (error != std::errc() || stopped != end || given > bits) return bad;
            bits = given;
        }
        ranges.ranges_.push_back({*base, bits + offset});
    }
    return ranges;
}

bool IpRanges::contains(const IpAddress& address) const {
    return std::ranges::any_of(
        ranges_, [&](const Range& range) { return same_prefix(address, range.base, range.bits); });
}

}  // namespace cariosan::encoding
