#include <algorithm>
#include <cstdint>

#include "encoding/ascii.hpp"
#include "transport/http/http_parser.hpp"

namespace cariosan::transport {

bool has_token(const std::vector<HttpHeader>& headers, std::string_view name,
               std::string_view token) noexcept {
    for (const HttpHeader& header : headers) {
        if (!encoding::equal_ignoring_case(header.name, name)) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            if (encoding::equal_ignoring_case(encoding::trim_blanks(rest.substr(0, comma)), token)) return true;
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return false;
}

std::size_t count_headers(const std::vector<HttpHeader>& headers, std::string_view name) noexcept {
    return static_cast<std::size_t>(
        std::count_if(headers.begin(), headers.end(),
                      [name](const HttpHeader& header) { return encoding::equal_ignoring_case(header.name, name); }));
}

std::string_view only_header(const std::vector<HttpHeader>& headers, std::string_view name) noexcept {
    if (count_headers(headers, name) != 1) return {};
    for (const HttpHeader& header : headers) {
        if (encoding::equal_ignoring_case(header.name, name)) return encoding::trim_blanks(header.value);
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
