#include "core/content_types.hpp"

#include <algorithm>

namespace cariosan::core {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

/// Neither white space nor what separates types and their parameters.
bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view("/*,;\"").find(c) == std::string_view::npos;
    });
}

bool stands_for(std::string_view pattern, std::string_view type) {
    if (!pattern.ends_with("/*")) return same(pattern, type);
    const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
    return type.size() > prefix.size() && same(prefix, type.substr(0, prefix.size()));
}

}  // namespace

bool is_content_type_pattern(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !is_name(text.substr(0, slash))) return false;
    const std::string_view subtype = text.substr(slash + 1);
    return subtype == "*" || is_name(subtype);
}

bool allows_content_type(std::span<const std::string> patterns, std::string_view type) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) { return stands_for(pattern, type); });
}

}  // namespace cariosan::core
