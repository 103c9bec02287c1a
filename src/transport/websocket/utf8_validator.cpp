#include "transport/websocket/utf8_validator.hpp"

#include <cstddef>
#include <cstring>

namespace cariosan::transport {

bool Utf8Validator::begin(std::uint8_t lead) noexcept {
    low_ = 0x80;
    high_ = 0xbf;
    if (lead < 0x80) return true;
    if (lead < 0xc2 || lead > 0xf4) return false;  // 0x80–0xc1 are continuation bytes or overlong
    if (lead < 0xe0) {
        remaining_ = 1;
    } else if (lead < 0xf0) {
        remaining_ = 2;
        if (lead == 0xe0) low_ = 0xa0;
        if (lead == 0xed) high_ = 0x9f;
    } else {
        remaining_ = 3;
        if (lead == 0xf0) low_ = 0x90;
        if (lead == 0xf4) high_ = 0x8f;
    }
    return true;
}

bool Utf8Validator::feed(std::string_view bytes) noexcept {
    constexpr std::uint64_t kHighBits = 0x8080808080808080U;
    const char* position = bytes.data();
    const char* const end = position + bytes.size();
    while (position != end) {
        // Most messages are mostly ASCII, which goes eight bytes at a time.
        while (remaining_ == 0 && end - position >= 8) {
            std::uint64_t word;
            std::memcpy(&word, position, sizeof word);
            if ((word & kHighBits) != 0) break;
            position += 8;
        }
        if (position == end) break;
        const auto byte = static_cast<std::uint8_t>(*position++);
        if (remaining_ == 0) {
            if (!begin(byte)) return false;
            continue;
        }
        if (byte < low_ || byte > high_) return false;
        low_ = 0x80;
        high_ = 0xbf;
        --remaining_;
    }
    return true;
}

}  // namespace cariosan::transport
