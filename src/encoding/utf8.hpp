/// What every text must be before it is stored: strict UTF-8 (RFC 3629).
#pragma once

#include <string_view>

namespace cariosan::encoding {

/// Whether `text` is UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF, nothing cut off. NUL is
/// allowed.
bool is_utf8(std::string_view text) noexcept;

/// Whether it contains a NUL byte.
bool has_nul(std::string_view text) noexcept;

}  // namespace cariosan::encoding
