/// Base64 with the URL alphabet and without padding (RFC 4648, section 5; RFC 7515, section 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cariosan::protocol {

std::string encode_base64url(std::string_view bytes);

/// Nothing for whatever `encode_base64url` would not have made: padding, other characters, bits left over.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace cariosan::protocol
