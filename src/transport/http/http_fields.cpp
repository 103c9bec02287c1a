#include <algorithm>
#include <cstdint>

#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

bool equal_fold(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool has_token(const std::vector<HttpHeader>& headers, std::string_view name,
               std::string_view token) noexcept {
    for (const HttpHeader& header : headers) {
        if (!equal_fold(header.name, name)) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            if (equal_fold(trim(rest.substr(0, comma)), token)) return true;
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return false;
}

std::size_t count_headers(const std::vector<HttpHeader>& headers, std::string_view name) noexcept {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(),
                      [name](const HttpHeader& header) { return equal_fold(header.name, name); }));
}

std::string_view only_header(const std::vector<HttpHeader>& headers, std::string_view name) noexcept {
    if (count_headers(headers, name) != 1) return {};
    for (const HttpHeader& header : headers) {
        if (equal_fold(header.name, name)) return trim(header.value);
    }
    return {};
}

bool is_token(std::string_view name) noexcept {
    constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               kSymbols.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view value) noexcept {
    return std::all_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
    });
}

}  // namespace cariosan::transport
