#include "core/text/web_url.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/text/visible_text.hpp"
#include "encoding/ascii.hpp"

namespace cariosan::core {
namespace {

/// Characters that must be quoted in URLs and log lines.
constexpr std::string_view kNeverInUrls = " \"<>\\^`{|}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (encoding::lower_ascii(c) >= 'a' && encoding::lower_ascii(c) <= 'f'); }
bool is_letter(char c) { return encoding::lower_ascii(c) >= 'a' && encoding::lower_ascii(c) <= 'z'; }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, encoding::lower_ascii);
}

/// Removes and returns what comes before the first separator; removes the separator too.
std::string_view take_part(std::string_view& text, char separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    return part;
}

/// No signs or leading zeros.
std::optional<int> number_of(std::string_view digits, int most) {
    constexpr std::size_t kMostDigits = 5;
    if (digits.empty() || digits.size() > kMostDigits || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    int number = 0;
    for (const char c : digits) number = number * 10 + (c - '0');
    return number <= most ? std::optional(number) : std::nullopt;
}

bool is_ipv4(std::string_view text) {
    if (std::ranges::count(text, '.') != 3) return false;
    for (int i = 0; i < 4; ++i) {
        if (!number_of(take_part(text, '.'), 255)) return false;
    }
    return true;
}

/// The number of 16-bit groups in the text; absent if it is not a list of them. The last may be an IPv4 address, which
/// counts as two, if `may_end_in_ipv4`.
std::optional<int> count_groups(std::string_view text, bool may_end_in_ipv4) {
    constexpr std::size_t kMostHexDigits = 4;
    if (text.empty()) return 0;
    int groups = 0;
    while (true) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        const bool last = colon == std::string_view::npos;
        if (last && may_end_in_ipv4 && is_ipv4(group)) return groups + 2;
        if (group.empty() || group.size() > kMostHexDigits || !std::ranges::all_of(group, is_hex)) return std::nullopt;
        ++groups;
        if (last) return groups;
        text.remove_prefix(colon + 1);
    }
}

bool is_ipv6(std::string_view text) {
    constexpr int kGroups = 8;
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) return count_groups(text, true) == kGroups;
    const auto before = count_groups(text.substr(0, gap), false);
    const auto after = count_groups(text.substr(gap + 2), true);
    return before && after && *before + *after < kGroups;
}

bool is_label(std::string_view label) {
    constexpr std::size_t kLongestLabel = 63;
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

/// Whether some programs would read it as a number: "127", "0x7f".
bool is_numeric(std::string_view label) {
    if (std::ranges::all_of(label, is_digit)) return true;
    return starts_with_ignoring_case(label, "0x") && std::ranges::all_of(label.substr(2), is_hex);
}

bool is_host(std::string_view host) {
    constexpr std::size_t kLongestHost = 253;
    if (host.starts_with('[')) return host.ends_with(']') && is_ipv6(host.substr(1, host.size() - 2));
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > kLongestHost) return false;
    if (is_numeric(host.substr(host.rfind('.') + 1))) return is_ipv4(host);
    for (std::string_view rest = host;;) {
        const std::size_t dot = rest.find('.');
        if (!is_label(rest.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        rest.remove_prefix(dot + 1);
    }
}

UrlFault judge_authority(std::string_view authority) {
    if (authority.find('@') != std::string_view::npos) return UrlFault::user;
    const std::size_t colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    if (!is_host(authority.substr(0, colon))) return UrlFault::host;
    if (colon == std::string_view::npos) return UrlFault::none;
    const auto port = number_of(authority.substr(colon + 1), 65535);
    return port && *port > 0 ? UrlFault::none : UrlFault::port;
}

}  // namespace

UrlFault judge_web_url(std::string_view text) noexcept {
    if (text.find_first_of(kNeverInUrls) != std::string_view::npos || has_invisible(text)) return UrlFault::form;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!starts_with_ignoring_case(text, scheme)) continue;
        text.remove_prefix(scheme.size());
        return judge_authority(text.substr(0, text.find_first_of("/?#")));
    }
    return UrlFault::form;
}

}  // namespace cariosan::core
