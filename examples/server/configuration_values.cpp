#include "configuration_values.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace cariosan::server {

namespace {

/// The number of bits in an address of this family; absent if the text is not one.
std::optional<std::int64_t> address_bits(const std::string& text) {
    in6_addr buffer{};
    if (inet_pton(AF_INET, text.c_str(), &buffer) == 1) return 32;
    if (inet_pton(AF_INET6, text.c_str(), &buffer) == 1) return 128;
    return std::nullopt;
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (value < low || value > high) return std::nullopt;
    return value;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::seconds(0);
    if (text.size() < 2) return std::nullopt;
    constexpr std::int64_t kMost = 1'000'000;
    const auto count = parse_number(text.substr(0, text.size() - 1), 0, kMost);
    if (!count) return std::nullopt;
    switch (text.back()) {
        case 's': return std::chrono::seconds(*count);
        case 'm': return std::chrono::minutes(*count);
        case 'h': return std::chrono::hours(*count);
        case 'd': return std::chrono::hours(24 * *count);
        default: return std::nullopt;
    }
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
    if (text == "debug") return LogLevel::debug;
    if (text == "info") return LogLevel::info;
    if (text == "warning") return LogLevel::warning;
    if (text == "error") return LogLevel::error;
    return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view item = text.substr(0, comma);
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
        if (!item.empty()) items.emplace_back(item);
        if (comma == text.size()) return items;
        text.remove_prefix(comma + 1);
    }
}

bool is_address(const std::string& text) { return address_bits(text).has_value(); }

bool is_address_range(const std::string& text) {
    const std::size_t slash = text.find('/');
    const auto bits = address_bits(text.substr(0, slash));
    if (!bits) return false;
    return slash == std::string::npos || parse_number(std::string_view(text).substr(slash + 1), 0, *bits);
}

bool is_origin(std::string_view text) {
    if (text == "*") return true;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    const auto scheme = text.substr(0, colon);
    if (!std::all_of(scheme.begin(), scheme.end(), is_host_character)) return false;
    std::string_view host = text.substr(colon + 3);
    const bool of_subdomains = host.starts_with("*.");
    if (of_subdomains) host.remove_prefix(2);
    const std::size_t port = host.rfind(':');
    if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) {
        if (!parse_number(host.substr(port + 1), 1, 65535)) return false;
        host = host.substr(0, port);
    }
    if (!of_subdomains && host.size() > 2 && host.front() == '[' && host.back() == ']') {
        return is_address(std::string(host.substr(1, host.size() - 2)));
    }
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

bool is_token_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_media_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    const auto is_name = [](std::string_view name) {
        return !name.empty() && is_token_text(name) && name.find_first_of("/*,;\"") == std::string_view::npos;
    };
    const std::string_view subtype = text.substr(slash + 1);
    return is_name(text.substr(0, slash)) && (subtype == "*" || is_name(subtype));
}

std::optional<std::string> path_fault(std::string_view path) {
    if (path.empty()) return "names no file";
    if (path.back() == '/') return "names a folder";
    if (path.size() >= 2 && path.substr(0, 2) == "//" && path.substr(0, 3) != "///") {
        return "has a host name where a path should be";
    }
    return std::nullopt;
}

}  // namespace cariosan::server
