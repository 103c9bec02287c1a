#include "protocol/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "protocol/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr IpAddress kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

bool is_version_4(const IpAddress& address) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.begin() + kMappedBits / 8, address.begin());
}

std::optional<IpAddress> parse_bare(std::string_view text) {
    const std::string terminated(text.substr(0, text.find('%')));  // inet_pton wants a terminating zero
    IpAddress address = kMappedPrefix;
    if (inet_pton(AF_INET, terminated.c_str(), address.data() + kMappedBits / 8) == 1) return address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
    return std::nullopt;
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

std::optional<IpAddress> parse_address(std::string_view text) {
    text = trim(text);
    if (text.starts_with('[')) return parse_bare(text.substr(1, text.find(']') - 1));
    // One colon is a port; several are an address of version 6.
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        text = text.substr(0, colon);
    }
    return parse_bare(text);
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& ranges) {
    TrustedProxies proxies;
    for (const std::string& text : ranges) {
        const std::size_t slash = text.find('/');
        const auto base = parse_bare(std::string_view(text).substr(0, slash));
        const Error bad(ErrorCode::misuse, "not an address or a range such as 10.0.0.0/8: " + text);
        if (!base) return bad;
        const unsigned offset = is_version_4(*base) ? kMappedBits : 0;
        unsigned bits = 128 - offset;
        if (slash != std::string::npos) {
            const char* const begin = text.data() + slash + 1;
            const char* const end = text.data() + text.size();
            unsigned given = 0;
            const auto [stopped, error] = std::from_chars(begin, end, given);
            if (error != std::errc() || stopped != end || given > bits) return bad;
            bits = given;
        }
        proxies.ranges_.push_back({*base, bits + offset});
    }
    return proxies;
}

bool TrustedProxies::trusts(const IpAddress& address) const {
    return std::ranges::any_of(
        ranges_, [&](const Range& range) { return same_prefix(address, range.base, range.bits); });
}

std::string TrustedProxies::client_key(const HttpRequest& request) const {
    auto client = parse_address(request.remote_address);
    if (!client) return request.remote_address;
    if (trusts(*client)) {
        // Each proxy appends whom it was called by; what stands before the first untrusted one may be invented.
        const auto forwarded = list_field(request, "X-Forwarded-For");
        for (auto each = forwarded.rbegin(); each != forwarded.rend(); ++each) {
            const auto address = parse_address(*each);
            if (!address) break;
            client = address;
            if (!trusts(*address)) break;
        }
    }
    const auto counted = is_version_4(*client) ? client->size() : client->size() / 2;
    return {reinterpret_cast<const char*>(client->data()), counted};
}

}  // namespace cariosan::protocol
