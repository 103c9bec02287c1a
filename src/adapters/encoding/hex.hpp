/// Bytes as lower-case hexadecimal text.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace cariosan::encoding {

std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace cariosan::encoding
