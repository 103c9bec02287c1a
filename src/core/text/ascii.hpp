#pragma once

namespace cariosan::core {

/// The small letter of an ASCII capital; everything else as it is, whatever the locale.
constexpr char lower_ascii(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace cariosan::core
