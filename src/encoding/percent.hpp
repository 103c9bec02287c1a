/// Percent-encoding (RFC 3986, section 2.1) in one strict form: every byte except the unreserved characters
/// `A-Z a-z 0-9 - . _ ~` becomes `%` and two upper-case hexadecimal digits. So the same bytes have only one
/// encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cariosan::encoding {

std::string percent_encode(std::string_view bytes);

/// Like `percent_encode`, but keeps `/`, to make the path of a URL from a key with slashes.
std::string percent_encode_path(std::string_view path);

/// Absent for any text that `percent_encode` would not produce: raw reserved or other bytes, encoded unreserved
/// ones, lower-case digits, a `%` without two digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace cariosan::encoding
