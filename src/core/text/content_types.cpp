#include "core/text/content_types.hpp"

#include <algorithm>

#include "encoding/ascii.hpp"

namespace cariosan::core {
namespace {

/// A token (RFC 9110, section 5.6.2) without "*", which means all subtypes.
bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view("()<>@,;:\\\"/[]?={}*").find(c) == std::string_view::npos;
    });
}

/// Between quotes, without escapes.
bool is_quoted(std::string_view text) {
    return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') &&
           std::ranges::all_of(text.substr(1, text.size() - 2),
                               [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

std::string_view without_spaces(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// The type and subtype, without the parameters.
std::string_view essence_of(std::string_view type) { return without_spaces(type.substr(0, type.find(';'))); }

bool is_type(std::string_view text) {
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_parameter(std::string_view text) {
    const std::size_t sign = text.find('=');
    if (sign == std::string_view::npos || !is_name(text.substr(0, sign))) return false;
    const std::string_view value = text.substr(sign + 1);
    return is_name(value) || is_quoted(value);
}

bool stands_for(std::string_view pattern, std::string_view type) {
    if (!pattern.ends_with("/*")) return encoding::equal_ignoring_case(pattern, type);
    const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
    return type.size() > prefix.size() && encoding::equal_ignoring_case(prefix, type.substr(0, prefix.size()));
}

}  // namespace

bool is_content_type_pattern(std::string_view text) {
    return is_type(text) || (text.ends_with("/*") && is_name(text.substr(0, text.size() - 2)));
}

bool is_content_type(std::string_view text) {
    if (!is_type(essence_of(text)) || text.starts_with(' ')) return false;
    for (std::size_t semicolon = text.find(';'); semicolon != std::string_view::npos; semicolon = text.find(';')) {
        text.remove_prefix(semicolon + 1);
        if (!is_parameter(without_spaces(text.substr(0, text.find(';'))))) return false;
    }
    return true;
}

bool allows_content_type(std::span<const std::string> patterns, std::string_view type) {
    return std::ranges::any_of(patterns,
                               [&](const std::string& pattern) { return stands_for(pattern, essence_of(type)); });
}

}  // namespace cariosan::core
