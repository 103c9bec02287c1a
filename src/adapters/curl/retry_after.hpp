/// How long an answer asks to wait.
#pragma once

#include <cariosan/types.hpp>
#include <chrono>
#include <optional>
#include <string_view>

namespace cariosan::curl {

/// A Retry-After of RFC 9110, section 10.2.3: seconds, or a date in the form of its section 5.6.7
/// (IMF-fixdate). Between 1 second and 1 hour, whatever it says; absent for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view header, Timestamp now);

}  // namespace cariosan::curl
