/// Percent-encoding (RFC 3986, section 2.1) in its one strict form: every byte but the unreserved characters
/// `A-Z a-z 0-9 - . _ ~` becomes `%` and two upper-case hexadecimal digits. So one text of bytes has one
/// encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cariosan::encoding {

std::string percent_encode(std::string_view bytes);

/// As `percent_encode`, but `/` stays: the path of a URL from a key with slashes in it.
std::string percent_encode_path(std::string_view path);

/// Nothing for whatever `percent_encode` would not have made: raw reserved or other bytes, encoded unreserved
/// ones, lower-case digits, a `%` without two digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace cariosan::encoding
