/// What every text must pass before it is stored, and cuts that never split a character.
#pragma once

#include <cstddef>
#include <string_view>

#include "encoding/utf8.hpp"

namespace cariosan::core {

using encoding::has_nul;
using encoding::is_utf8;

/// Whether it contains a control character: U+0000–U+001F, U+007F–U+009F. `text` is UTF-8.
bool has_control(std::string_view text) noexcept;

/// The number of code points. `text` is UTF-8.
std::size_t count_code_points(std::string_view text) noexcept;

/// The first `count` code points, or all if there are fewer. `text` is UTF-8.
std::string_view cut_code_points(std::string_view text, std::size_t count) noexcept;

}  // namespace cariosan::core
