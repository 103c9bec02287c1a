#include "protocol/files/byte_range.hpp"

#include <algorithm>
#include <charconv>

#include "encoding/ascii.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

std::optional<std::uint64_t> position(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end != text.data() + text.size()) return std::nullopt;
    return error == std::errc::result_out_of_range ? UINT64_MAX : value;
}

}  // namespace

RangeAsked range_asked(const HttpRequest& request, std::uint64_t size, std::string_view tag) {
    const RangeAsked whole{.is_part = false, .range = ByteRange{0, size}};
    constexpr std::string_view kUnit = "bytes=";
    if (count_fields(request, "Range") != 1) return whole;
    std::string_view text = encoding::trim_blanks(*request.header("Range"));
    const auto condition = request.header("If-Range");
    if (condition && encoding::trim_blanks(*condition) != tag) return whole;
    if (!encoding::equal_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return whole;
    text.remove_prefix(kUnit.size());
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return whole;
    const auto first = position(text.substr(0, dash));
    const auto last = position(text.substr(dash + 1));
    if ((!first && dash > 0) || (!last && dash + 1 < text.size()) || (!first && !last)) return whole;
    if (!first) {
        const std::uint64_t length = std::min(*last, size);
        return {.is_part = true, .range = length == 0 ? std::nullopt : std::optional(ByteRange{size - length, length})};
    }
    if (last && *last < *first) return whole;
    if (*first >= size) return {.is_part = true, .range = std::nullopt};
    return {.is_part = true, .range = ByteRange{*first, std::min(last.value_or(UINT64_MAX), size - 1) - *first + 1}};
}

bool is_known_to_client(const HttpRequest& request, std::string_view tag) {
    return std::ranges::any_of(list_field(request, "If-None-Match"), [&](std::string_view known) {
        if (known.starts_with("W/")) known.remove_prefix(2);
        return known == "*" || known == tag;
    });
}

}  // namespace cariosan::protocol
