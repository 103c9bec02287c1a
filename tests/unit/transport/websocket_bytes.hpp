/// Builds frames as a client sends them, and reads those of a server, for tests of the frame parser and of the server.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cariosan::test {

inline constexpr std::array<std::uint8_t, 4> kTestMask = {0x37, 0xfa, 0x21, 0x3d};

/// A frame whose length field has this size in bytes (0: the shortest).
inline std::string frame_bytes(std::uint8_t first, std::string_view payload, bool masked = true,
                               std::size_t length_bytes = 0) {
    if (length_bytes == 0) length_bytes = payload.size() < 126 ? 1 : payload.size() <= 0xffff ? 2 : 8;
    std::string frame(1, static_cast<char>(first));
    const std::uint8_t mask_bit = masked ? 0x80 : 0;
    if (length_bytes == 1) {
        frame.push_back(static_cast<char>(mask_bit | payload.size()));
    } else {
        frame.push_back(static_cast<char>(mask_bit | (length_bytes == 2 ? 126 : 127)));
        for (std::size_t i = length_bytes; i-- > 0;) {
            frame.push_back(static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i) & 0xff));
        }
    }
    if (!masked) return frame.append(payload);
    frame.append(reinterpret_cast<const char*>(kTestMask.data()), 4);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame.push_back(static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ kTestMask[i % 4]));
    }
    return frame;
}

inline std::string client_text(std::string_view payload) { return frame_bytes(0x81, payload); }

inline std::string client_close(std::uint16_t code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return frame_bytes(0x88, payload.append(reason));
}

}  // namespace cariosan::test
