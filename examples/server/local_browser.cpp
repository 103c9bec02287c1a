#include "local_browser.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cariosan::server {

namespace {

/// Prefixes of headers that only browsers send, or that describe the request itself (RFC 9110; Fetch; client hints).
constexpr std::array<std::string_view, 4> kClientPrefixes = {"accept", "content-", "if-", "sec-"};

constexpr std::array<std::string_view, 25> kClientNames = {
    "authorization", "cache-control", "connection", "cookie",      "device-memory", "dnt",
    "downlink",      "dpr",           "ect",        "host",        "keep-alive",    "origin",
    "pragma",        "priority",      "purpose",    "range",       "referer",       "rtt",
    "save-data",     "te",            "upgrade",    "user-agent",  "viewport-width", "width",
    "x-requested-with"};

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_of_client(std::string_view name) {
    if (name == "upgrade-insecure-requests") return true;
    return std::ranges::find(kClientNames, name) != kClientNames.end() ||
           std::ranges::any_of(kClientPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_loopback_v4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

/// Also true for IPv4 addresses mapped to IPv6, as dual-stack sockets report them.
bool is_loopback_peer(const std::string& text) {
    if (is_loopback_v4(text)) return true;
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

/// "host" or "host:port" with a loopback host.
bool is_loopback_authority(std::string_view authority) {
    constexpr std::size_t kMostDigits = 5;
    const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    if (colon != std::string_view::npos) {
        const std::string_view port = authority.substr(colon + 1);
        const bool digits = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
        if (port.empty() || port.size() > kMostDigits || !digits) return false;
    }
    const std::string host = lower_case(authority.substr(0, colon));
    return host == "localhost" || host == "[::1]" || is_loopback_v4(host);
}

/// `url` is an origin, or a URL with a path.
bool is_loopback_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!url.starts_with(scheme)) continue;
        url.remove_prefix(scheme.size());
        return is_loopback_authority(url.substr(0, url.find_first_of("/?#")));
    }
    return false;
}

bool is_sound(std::string_view name, std::string_view value) {
    if (name == "host") return is_loopback_authority(value);
    if (name == "origin" || name == "referer") return is_loopback_url(value);
    if (name == "sec-fetch-site") return value == "none" || value == "same-origin" || value == "same-site";
    return is_of_client(name);
}

}  // namespace

bool is_for_loopback_host(const HttpRequest& request) {
    return request.header("Host") && std::ranges::all_of(request.headers, [](const HttpHeader& header) {
               return lower_case(header.name) != "host" || is_loopback_authority(header.value);
           });
}

bool is_local_browser(const HttpRequest& request) {
    return is_loopback_peer(request.remote_address) && is_for_loopback_host(request) &&
           std::ranges::all_of(request.headers, [](const HttpHeader& header) {
               return is_sound(lower_case(header.name), header.value);
           });
}

}  // namespace cariosan::server
