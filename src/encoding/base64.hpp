/// Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cariosan::encoding {

/// Section 4: with `+` and `/`, padded with `=` to a multiple of four characters.
std::string encode_base64(std::string_view bytes);

/// Absent for any text that `encode_base64` would not produce: other characters, line breaks, missing or wrong
/// padding, leftover bits. So the same bytes have only one text.
std::optional<std::string> decode_base64(std::string_view text);

/// Section 5 as RFC 7515 uses it: with `-` and `_`, without padding.
std::string encode_base64url(std::string_view bytes);

/// Absent for any text that `encode_base64url` would not produce.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace cariosan::encoding
