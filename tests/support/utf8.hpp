/// One character as text.
#pragma once

#include <utf8proc.h>

#include <cstddef>
#include <string>

namespace cariosan::test {

/// `point` is no surrogate.
inline std::string utf8_of(char32_t point) {
    utf8proc_uint8_t bytes[4];
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

}  // namespace cariosan::test
