#include <cariosan/session.hpp>

namespace cariosan {
namespace {

// RFC 6455, section 5.2: an unmasked text message in one frame.
constexpr char kFinalText = '\x81';
constexpr std::size_t kLongest7 = 125;
constexpr std::size_t kLongest16 = 0xffff;
constexpr unsigned char kMarker16 = 126;
constexpr unsigned char kMarker64 = 127;

void append_big_endian(std::string& out, std::size_t value, unsigned bytes) {
    while (bytes-- > 0) out += static_cast<char>((value >> (8 * bytes)) & 0xffU);
}

std::size_t read_big_endian(std::string_view text) {
    std::size_t value = 0;
    for (const char c : text) value = (value << 8U) | static_cast<unsigned char>(c);
    return value;
}

}  // namespace

FrameRef make_frame(std::string_view payload) {
    auto frame = std::make_shared<Frame>();
    std::string& bytes = frame->bytes;
    bytes.reserve(payload.size() + 10);
    bytes += kFinalText;
    if (payload.size() <= kLongest7) {
        bytes += static_cast<char>(payload.size());
    } else if (payload.size() <= kLongest16) {
        bytes += static_cast<char>(kMarker16);
        append_big_endian(bytes, payload.size(), 2);
    } else {
        bytes += static_cast<char>(kMarker64);
        append_big_endian(bytes, payload.size(), 8);
    }
    bytes += payload;
    return frame;
}

std::vector<std::string_view> payloads(const Frame& frame) {
    std::vector<std::string_view> found;
    std::string_view rest = frame.bytes;
    while (rest.size() >= 2) {
        const auto marker = static_cast<unsigned char>(rest[1]);
        const std::size_t length_bytes = marker == kMarker16 ? 2 : marker == kMarker64 ? 8 : 0;
        const std::size_t header = 2 + length_bytes;
        if (rest.size() < header) break;
        const std::size_t length = length_bytes == 0 ? marker : read_big_endian(rest.substr(2, length_bytes));
        if (length > rest.size() - header) break;
        found.push_back(rest.substr(header, length));
        rest.remove_prefix(header + length);
    }
    return found;
}

}  // namespace cariosan
