/// Input: the size limit in units of 16 bytes, the size of the pieces with a bit for compression, then bytes from a client. However they are split,
/// the parser must give the same result, and whatever it accepts must fulfil its promises.
#include "transport/websocket/websocket_frame.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/text/text.hpp"

using namespace cariosan::transport;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::string parse(std::string bytes, std::size_t limit, std::size_t max_compressed, std::size_t piece) {
    FrameParser parser(limit);
    parser.accept_compressed(max_compressed);
    std::string found;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        std::span<char> input = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
        while (true) {
            const FrameEvent event = parser.next(input);
            if (event.kind == FrameKind::none) break;
            found += std::to_string(static_cast<int>(event.kind)) + ":" + std::to_string(event.code) + ":";
            found.append(event.payload).append(event.compressed ? "\nz" : "\n");
            if (event.kind == FrameKind::violation) return found;
            if (event.compressed) {
                require(event.kind == FrameKind::text && event.payload.size() <= max_compressed);
            } else if (event.kind == FrameKind::text) {
                require(event.payload.size() <= limit && cariosan::core::is_utf8(event.payload));
            } else {
                require(event.payload.size() <= 125);
            }
            if (event.kind == FrameKind::close) {
                require(event.code == cariosan::close_code::kNoStatus || valid_close_code(event.code));
            }
        }
        require(input.empty());
    }
    return found + (parser.incomplete() ? "incomplete" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t limit = std::size_t{data[0]} * 16;
    const std::size_t piece = 1 + data[1] % 32;
    const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t max_compressed = (data[1] & 0x80) != 0 ? limit + 64 : 0;
    require(parse(bytes, limit, max_compressed, std::max<std::size_t>(bytes.size(), 1)) == parse(bytes, limit, max_compressed, piece));
    return 0;
}
