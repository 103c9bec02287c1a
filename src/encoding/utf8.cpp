#include "encoding/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cariosan::encoding {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

/// The lowest and highest second byte allowed after a lead byte, and how many bytes follow it in all (table 3-7 of the Unicode
/// standard). These bounds reject overlong forms, surrogates and everything above U+10FFFF.
struct Sequence {
    std::size_t following;
    std::uint8_t low;
    std::uint8_t high;
};

constexpr Sequence sequence_of(std::uint8_t lead) {
    if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
    if (lead == 0xE0) return {2, 0xA0, 0xBF};
    if (lead == 0xED) return {2, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
    if (lead == 0xF0) return {3, 0x90, 0xBF};
    if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
    if (lead == 0xF4) return {3, 0x80, 0x8F};
    return {0, 0, 0};
}

/// The length of the multi-byte character at the front, or 0 if there is none.
std::size_t character_length(const std::uint8_t* bytes, std::size_t available) {
    const Sequence sequence = sequence_of(bytes[0]);
    if (sequence.following == 0 || available <= sequence.following) return 0;
    if (bytes[1] < sequence.low || bytes[1] > sequence.high) return 0;
    for (std::size_t i = 2; i <= sequence.following; ++i) {
        if (!is_continuation(bytes[i])) return 0;
    }
    return sequence.following + 1;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    const std::uint8_t* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.size() - at >= sizeof(std::uint64_t)) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, bytes + at, sizeof eight);
            if ((eight & kHighBits) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        if (bytes[at] < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = character_length(bytes + at, text.size() - at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool has_nul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

}  // namespace cariosan::encoding
