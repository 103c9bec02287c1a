/// Bytes as lower-case hexadecimal text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cariosan::encoding {

std::string to_hex(std::span<const std::uint8_t> bytes);

/// Reads exactly `out.size()` bytes; false if the text is anything else.
bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace cariosan::encoding
