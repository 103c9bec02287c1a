#include "protocol/rest/client_address.hpp"

#include "core/propagate.hpp"
#include "encoding/ascii.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {

std::optional<encoding::IpAddress> parse_address(std::string_view text) {
    text = encoding::trim_blanks(text);
    if (text.starts_with('[')) return encoding::parse_ip_address(text.substr(1, text.find(']') - 1));
    // One colon precedes a port; several mean an IPv6 address.
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        text = text.substr(0, colon);
    }
    return encoding::parse_ip_address(text);
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& ranges) {
    CARIOSAN_TRY(auto parsed, encoding::IpRanges::parse(ranges));
    TrustedProxies proxies;
    proxies.ranges_ = std::move(parsed);
    return proxies;
}

std::string TrustedProxies::client_key(const HttpRequest& request) const {
    auto client = parse_address(request.remote_address);
    if (!client) return request.remote_address;
    if (ranges_.contains(*client)) {
        // Each proxy appends its caller's address, so from the end the first untrusted address is the client; anything before
        // it may be forged.
        const auto forwarded = list_field(request, "X-Forwarded-For");
        for (auto each = forwarded.rbegin(); each != forwarded.rend(); ++each) {
            const auto address = parse_address(*each);
            if (!address) break;
            client = address;
            if (!ranges_.contains(*address)) break;
        }
    }
    const encoding::IpAddress network = encoding::client_network(*client);
    return {reinterpret_cast<const char*>(network.data()), network.size()};
}

std::string_view TrustedProxies::forwarded_host(const HttpRequest& request) const {
    const auto peer = parse_address(request.remote_address);
    if (!peer || !ranges_.contains(*peer)) return {};
    const auto hosts = list_field(request, "X-Forwarded-Host");
    return hosts.empty() ? std::string_view() : encoding::trim_blanks(hosts.back());
}

}  // namespace cariosan::protocol
