#include "adapters/objects/url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "encoding/ascii.hpp"
#include "encoding/percent.hpp"

namespace cariosan::objects {
namespace {

constexpr std::size_t kMaxBaseUrlBytes = 1024;

bool consists_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

/// A name, or an IPv4 address. Labels may hold underscores: names inside a cluster of containers do.
bool is_host_name(std::string_view host) {
    if (host.size() > 253 || !consists_of(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")) return false;
    return !host.starts_with('.') && !host.ends_with('.') && host.find("..") == std::string_view::npos;
}

bool is_bracketed_ipv6(std::string_view host) {
    return host.size() > 4 && host.starts_with('[') && host.ends_with(']') &&
           consists_of(host.substr(1, host.size() - 2), "0123456789abcdef:.");
}

/// The port with its colon, empty where it says nothing; nothing where it is none.
std::optional<std::string> parse_port(std::string_view text, std::string_view scheme) {
    if (text.empty()) return std::string();
    text.remove_prefix(1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
    if (port == (scheme == "https" ? 443 : 80)) return std::string();
    return ":" + std::to_string(port);
}

std::optional<std::string> parse_authority(std::string_view text, std::string_view scheme) {
    const std::string lower = encoding::to_lower_ascii(text);
    const std::size_t host_end = lower.starts_with('[') ? lower.find(']') : lower.find(':');
    std::size_t colon = lower.size();
    if (host_end != std::string::npos) colon = lower.starts_with('[') ? host_end + 1 : host_end;
    const std::string host = lower.substr(0, colon);
    if (!is_host_name(host) && !is_bracketed_ipv6(host)) return std::nullopt;
    if (colon < lower.size() && lower[colon] != ':') return std::nullopt;
    const auto port = parse_port(std::string_view(lower).substr(colon), scheme);
    return port ? std::optional(host + *port) : std::nullopt;
}

bool is_path(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view segment = path.substr(0, path.find('/'));
        if (segment.empty() || segment == "." || segment == ".." || !encoding::percent_decode(segment))
            return false;
        path.remove_prefix(segment.size());
    }
    return true;
}

}  // namespace

std::optional<BaseUrl> parse_base_url(std::string_view text) {
    const std::size_t scheme_end = text.find("://");
    if (text.size() > kMaxBaseUrlBytes || scheme_end == std::string_view::npos) return std::nullopt;
    BaseUrl url{.scheme = encoding::to_lower_ascii(text.substr(0, scheme_end))};
    if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
    text.remove_prefix(scheme_end + 3);

    const std::size_t path_start = std::min(text.find('/'), text.size());
    const auto authority = parse_authority(text.substr(0, path_start), url.scheme);
    std::string_view path = text.substr(path_start);
    if (path.ends_with('/')) path.remove_suffix(1);
    if (!authority || !is_path(path)) return std::nullopt;
    url.authority = *authority;
    url.path = path;
    return url;
}

}  // namespace cariosan::objects
