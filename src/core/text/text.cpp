#include "core/text/text.hpp"

#include <cstdint>

namespace cariosan::core {
namespace {

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

bool has_control(std::string_view text) noexcept {
    const std::uint8_t* bytes = bytes_of(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7F) return true;
        if (bytes[i] == 0xC2 && i + 1 < text.size() && bytes[i + 1] < 0xA0) return true;
    }
    return false;
}

std::size_t count_code_points(std::string_view text) noexcept {
    std::size_t count = 0;
    for (const char c : text) {
        if (!is_continuation(static_cast<std::uint8_t>(c))) ++count;
    }
    return count;
}

std::string_view cut_code_points(std::string_view text, std::size_t count) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_continuation(static_cast<std::uint8_t>(text[i]))) continue;
        if (count == 0) return text.substr(0, i);
        --count;
    }
    return text;
}

}  // namespace cariosan::core
