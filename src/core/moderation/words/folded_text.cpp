#include "core/moderation/words/folded_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/text/digits.hpp"
#include "core/text/visible_text.hpp"

namespace cariosan::core::moderation {
namespace {

void append_decomposed(std::vector<FoldedCharacter>& out, utf8proc_int32_t character, Span source) {
    // The longest decomposition there is has 18 characters.
    std::array<utf8proc_int32_t, 32> parts{};
    constexpr auto kFold = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                          UTF8PROC_STRIPMARK);
    int boundary = 0;
    const bool unseen = is_default_ignorable(static_cast<char32_t>(character));
    const auto count = unseen ? 0 : utf8proc_decompose_char(character, parts.data(), std::ssize(parts), kFold, &boundary);
    const auto kept = static_cast<std::size_t>(std::clamp<utf8proc_ssize_t>(count, 0, std::ssize(parts)));
    if (kept == 0 && !out.empty()) out.back().source.end = source.end;
    for (std::size_t i = 0; i < kept; ++i) {
        out.push_back({with_ascii_digit(static_cast<char32_t>(parts[i])), source, false});
    }
}

}  // namespace

std::vector<FoldedCharacter> fold(std::string_view text) {
    std::vector<FoldedCharacter> out;
    out.reserve(text.size());
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = static_cast<std::uint32_t>(at);
        if (bytes[at] < 0x80) {
            const bool upper = bytes[at] >= 'A' && bytes[at] <= 'Z';
            out.push_back({static_cast<char32_t>(upper ? bytes[at] + ('a' - 'A') : bytes[at]), {begin, begin + 1}, upper});
            ++at;
            continue;
        }
        utf8proc_int32_t character = 0;
        const auto left = static_cast<utf8proc_ssize_t>(text.size() - at);
        at += static_cast<std::size_t>(std::max<utf8proc_ssize_t>(1, utf8proc_iterate(bytes + at, left, &character)));
        append_decomposed(out, character, {begin, static_cast<std::uint32_t>(at)});
    }
    return out;
}

bool is_space(char32_t character) noexcept {
    if (character < 0x80) return character == ' ' || (character >= '\t' && character <= '\r');
    return character == 0x85 || character == 0x2028 || character == 0x2029 || character == 0x3000;
}

}  // namespace cariosan::core::moderation
